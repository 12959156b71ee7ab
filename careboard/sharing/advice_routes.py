"""The safeguarding action record: advice received from authorities."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.services.queries import service_choices
from careboard.sharing import advice as service
from careboard.sharing import advice_queries, communication_queries
from careboard.sharing.advice_forms import AdviceForm
from careboard.sharing.blueprint import blueprint

RECORDS = Permission.RECORD_COMMUNICATION
OUTCOME_TONES = {
    "awaited": "warn",
    "section_42": "bad",
    "other_enquiry": "bad",
    "advice_only": "info",
    "no_further_action": "good",
}


@blueprint.app_context_processor
def advice_words():
    """How advice is spoken of."""
    return {
        "advice_words": service.OUTCOME_WORDS,
        "advice_kinds": service.KIND_WORDS,
        "advice_tones": OUTCOME_TONES,
    }


@blueprint.get("/advice")
@requires(Permission.READ)
def advice_records():
    filters = Filters(request.args)
    return render_template(
        "sharing/advice_records.html",
        found=advice_queries.records(
            actor=g.actor,
            page=filters.page,
            service_id=filters.identity("service"),
            outcome=filters.choice("outcome", service.OUTCOME_WORDS),
        ),
        asked=filters.asked,
        problems=filters.problems,
        services=[(one.id, one.name) for one in service_choices(actor=g.actor)],
    )


@blueprint.get("/advice/<uuid:advice_id>")
@requires(Permission.READ)
def advice(advice_id: UUID):
    return render_template(
        "sharing/advice.html", found=advice_queries.whole(actor=g.actor, advice_id=advice_id)
    )


@blueprint.get("/communications/<uuid:communication_id>/advice")
@requires(RECORDS)
def new_advice(communication_id: UUID):
    follows = _follows()
    form = AdviceForm(formdata=None, received_on=g.actor.today)
    if follows is not None:
        before = follows.row.PartnerAdvice
        for name in ("kind", "authority", "authority_reference"):
            form[name].data = getattr(before, name)
    return _page(form, communication_id, follows)


@blueprint.post("/communications/<uuid:communication_id>/advice")
@requires(RECORDS)
@commits
def record_advice(communication_id: UUID):
    form, follows = AdviceForm(), _follows()
    if form.validate_on_submit():
        try:
            advice_id = service.record(
                actor=g.actor,
                communication_id=communication_id,
                follows_id=follows and follows.row.PartnerAdvice.id,
                **form.values(),
            )
            flash("It is on the safeguarding action record.", "success")
            return redirect(url_for("sharing.advice", advice_id=advice_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _page(form, communication_id, follows, 422)


def _follows() -> advice_queries.Whole | None:
    """The earlier record that the address names, which is brought up to date."""
    earlier = Filters(request.args).identity("follows")
    return earlier and advice_queries.whole(actor=g.actor, advice_id=earlier)


def _page(form: AdviceForm, communication_id: UUID, follows, status: int = 200):
    told = communication_queries.whole(actor=g.actor, communication_id=communication_id)
    g.actor.require(RECORDS, told.row.service_id)
    if not form.authority.data and request.method == "GET":
        form.authority.data = told.row.partner
    return render_template(
        "sharing/advice_form.html", form=form, told=told.row, follows=follows
    ), status

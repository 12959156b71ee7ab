"""The contract monitoring file, and a communication of it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.services.queries import service_choices
from careboard.sharing import communication_queries, communications
from careboard.sharing.blueprint import blueprint
from careboard.sharing.communication_forms import AnswerForm, CommunicationForm
from careboard.sharing.words import RECIPIENT_WORDS

RECORDS = Permission.RECORD_COMMUNICATION
ABOUT = {
    "decision": "Not on a sharing decision",
    "tracked": "Not on a tracked concern",
    "update": "Not on a recovery update",
    "pack": "No pack",
}


@blueprint.app_context_processor
def communication_words():
    """How communications are spoken of."""
    return {"told_words": communications}


@blueprint.get("/communications", endpoint="communications")
@requires(Permission.READ)
def communication_file():
    filters = Filters(request.args)
    wanted = communication_queries.FileFilter(
        service_id=filters.identity("service"),
        kind=filters.choice("kind", communication_queries.KINDS),
        partner_kind=filters.choice("partner", RECIPIENT_WORDS),
        text=filters.text("text"),
        unanswered=filters.flag("unanswered"),
    )
    return render_template(
        "sharing/communications.html",
        found=communication_queries.file(actor=g.actor, wanted=wanted, page=filters.page),
        asked=filters.asked,
        problems=filters.problems,
        services=[(one.id, one.name) for one in service_choices(actor=g.actor)],
        kinds=communication_queries.KINDS,
    )


@blueprint.get("/communications/new")
@requires(RECORDS)
def new_communication():
    asked = Filters(request.args)
    form = CommunicationForm(formdata=None, on=g.actor.today)
    form.service_id.data = asked.identity("service")
    for name in ABOUT:
        form[f"{name}_id"].data = asked.identity(name)
    return _page(form)


@blueprint.post("/communications/new")
@requires(RECORDS)
@commits
def record_communication():
    form = CommunicationForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            row_id = communications.record(actor=g.actor, **form.values())
            if form.answered.data:
                communications.answer(
                    actor=g.actor,
                    communication_id=row_id,
                    on=form.answered_on.data or form.on.data,
                    answered=form.answered.data,
                )
            flash("The communication is on the contract monitoring file.", "success")
            return redirect(url_for("sharing.communication", communication_id=row_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _page(form, 422)


@blueprint.get("/communications/<uuid:communication_id>")
@requires(Permission.READ)
def communication(communication_id: UUID):
    return _show(communication_id, AnswerForm(formdata=None, answered_on=g.actor.today))


@blueprint.post("/communications/<uuid:communication_id>/answers")
@requires(RECORDS)
@commits
def answer_communication(communication_id: UUID):
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            communications.answer(
                actor=g.actor,
                communication_id=communication_id,
                on=form.answered_on.data,
                answered=form.answered.data,
            )
            flash("The answer is kept.", "success")
            here = url_for("sharing.communication", communication_id=communication_id)
            return redirect(here, 303)
        except Invalid as error:
            show_error(form, error)
    return _show(communication_id, form, 422)


def _show(communication_id: UUID, form: AnswerForm, status: int = 200):
    found = communication_queries.whole(actor=g.actor, communication_id=communication_id)
    return render_template("sharing/communication.html", found=found, form=form), status


def _offer(form: CommunicationForm) -> None:
    form.service_id.offer(service_choices(actor=g.actor), "Choose a service")
    of_row = {}
    for kind, rows in communication_queries.about_choices(actor=g.actor).items():
        field = form[f"{kind}_id"]
        field.offer(rows, ABOUT[kind])
        of_row[field.name] = {row.id: row.service_id for row in rows}
    if form.service_id.data is None:
        known = [chosen[form[name].data] for name, chosen in of_row.items()
                 if form[name].data in chosen]  # fmt: skip
        form.service_id.data = next((one for one in known if one is not None), None)


def _page(form: CommunicationForm, status: int = 200):
    _offer(form)
    return render_template("sharing/communication_form.html", form=form), status

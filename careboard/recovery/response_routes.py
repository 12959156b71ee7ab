"""Addresses of responses: what has declined, and who answers it how."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.actions import sources
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.recovery import response_queries, response_service
from careboard.recovery.blueprint import blueprint
from careboard.recovery.response_forms import AnswerForm
from careboard.recovery.response_queries import RULE_NAMES, SHOWN, ResponseFilter
from careboard.recovery.response_service import KIND_WORDS
from careboard.services.filters import Filters
from careboard.vocabulary import DOMAIN_NAMES, DOMAINS, RATINGS, in_words

_SHOW_WORDS = {
    "unanswered": "Unanswered",
    "answered": "Answered",
    "not_needed": "No response needed",
    "closed": "Over",
    "all": "All",
}


@blueprint.get("/responses")
@requires(Permission.READ)
def responses():
    filters = Filters(request.args)
    wanted = ResponseFilter(
        service_id=filters.identity("service"),
        domain=filters.choice("domain", DOMAINS),
        rule=filters.choice("rule", RULE_NAMES),
        kind=filters.choice("kind", KIND_WORDS),
        show=filters.choice("show", SHOWN) or "standing",
        indicator_id=filters.identity("indicator"),
    )
    return render_template(
        "recovery/responses.html",
        found=response_queries.list_responses(actor=g.actor, wanted=wanted, page=filters.page),
        services=[(option.id, option.name) for option in sources.services(actor=g.actor)],
        domains=DOMAIN_NAMES,
        rules=RULE_NAMES,
        kinds=KIND_WORDS,
        shown=list(_SHOW_WORDS.items()),
        escalates_on=response_queries.escalates_on,
        asked=filters.asked,
        problems=filters.problems,
        subject_url=subject_url,
    )


@blueprint.get("/responses/<uuid:response_id>")
@requires(Permission.READ)
def response(response_id: UUID):
    whole = response_queries.response(actor=g.actor, response_id=response_id)
    form = None
    if _may_answer(whole):
        form = _offered(AnswerForm(formdata=None), whole)
        words = response_service.suggested(
            whole.row.Response, whole.row.indicator or whole.row.plan
        )
        form.outcome_measure.data, form.baseline.data = words["outcome_measure"], words["baseline"]
    return _response_page(whole, form)


@blueprint.post("/responses/<uuid:response_id>")
@requires(Permission.MANAGE_RECOVERY)
@commits
def answer_response(response_id: UUID):
    whole = response_queries.response(actor=g.actor, response_id=response_id)
    form = _offered(AnswerForm(), whole)
    if form.validate_on_submit():
        try:
            response_service.answer(
                actor=g.actor, response_id=response_id, decision=form.decision()
            )
            flash("The response is recorded.", "success")
            return redirect(url_for("recovery.response", response_id=response_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _response_page(whole, form, status=422)


def _may_answer(whole: response_queries.Whole) -> bool:
    manages = g.actor.may(Permission.MANAGE_RECOVERY)
    return manages and whole.row.Response.status == "open"


def _offered(form: AnswerForm, whole: response_queries.Whole) -> AnswerForm:
    one = whole.row.Response
    risk = response_service.risk_of(actor=g.actor, response=one)
    form.offer(
        owners=sources.owners(actor=g.actor, service_id=one.service_id),
        ratings=_ratings(risk and risk.rating),
        may_find_none=g.actor.may(Permission.RUN_GOVERNANCE_REVIEW),
    )
    return form


def _ratings(now: str | None) -> dict[str, str]:
    """The empty choice, and those that a decline may lead to."""
    above = RATINGS[RATINGS.index(now) + 1 :] if now else RATINGS
    words = f"Leave it as it is, {in_words(now)}" if now else "Choose its first rating"
    if not g.actor.may(Permission.RATE_RISK):
        above = ()
    return {"": words} | {rating: in_words(rating) for rating in above}


def _response_page(whole: response_queries.Whole, form: AnswerForm | None, *, status: int = 200):
    one = whole.row.Response
    return render_template(
        "recovery/response.html",
        row=whole.row,
        one=one,
        before=whole.before,
        rows=response_queries.rows_of(one),
        form=form,
        rules=RULE_NAMES,
        kinds=KIND_WORDS,
        escalates_on=response_queries.escalates_on(one),
        subject_url=subject_url(one),
        own=one.asked_id is not None and one.asked_id == g.actor.membership_id,
    ), status


def subject_url(one) -> str | None:
    """The page of what has declined."""
    if one.plan_id is not None:
        return url_for("recovery.plan", plan_id=one.plan_id)
    if "recovery.indicator" in current_app.view_functions:
        return url_for("recovery.indicator", indicator_id=one.indicator_id)
    return None

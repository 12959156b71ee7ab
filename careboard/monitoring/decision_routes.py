"""Addresses of triggers and of the decisions on them."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.actions import sources
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.monitoring import decisions, episode_queries, episode_rows, offers, reviews
from careboard.monitoring import trigger_queries as queries
from careboard.monitoring.blueprint import blueprint
from careboard.monitoring.decision_forms import ConfidenceForm, DecisionForm
from careboard.monitoring.entry import KIND_WORDS
from careboard.monitoring.links import kind_words, record_url
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.services.lists import Page
from careboard.services.queries import service_within_reach

SHOW_WORDS = {
    "undecided": "Awaiting a decision",
    "open": "All that stand",
    "closed": "Over",
    "all": "All",
}


@blueprint.get("/")
@requires(Permission.READ)
def index():
    actor = g.actor
    running = episode_rows.under_monitoring(actor=actor, on=actor.today)
    return render_template(
        "monitoring/index.html",
        undecided=queries.undecided(actor=actor),
        overdue=lambda row: queries.overdue_days(row, actor.today),
        rules=queries.rule_words(),
        episodes=[(one, reviews.due(one)) for one in running],
        closed=episode_queries.closed(actor=actor, page=Filters(request.args).page),
        kinds=KIND_WORDS,
    )


@blueprint.get("/triggers")
@requires(Permission.READ)
def triggers():
    filters = Filters(request.args)
    asked = queries.Asked(
        show=filters.choice("show", queries.SHOWN) or "open",
        service_id=filters.identity("service"),
        rule=filters.choice("rule", rules := queries.rule_words()),
    )
    rows, total = queries.triggers(actor=g.actor, asked=asked, page=filters.page)
    return render_template(
        "monitoring/triggers.html",
        found=Page(rows, filters.page, total),
        overdue=lambda row: queries.overdue_days(row, g.actor.today),
        rules=rules,
        shown=SHOW_WORDS,
        services=[(one.id, one.name) for one in sources.services(actor=g.actor)],
        asked=filters.asked,
        problems=filters.problems,
    )


@blueprint.get("/triggers/<uuid:trigger_id>")
@requires(Permission.READ)
def trigger(trigger_id: UUID):
    whole = queries.trigger(actor=g.actor, trigger_id=trigger_id)
    return render_template(
        "monitoring/trigger.html",
        row=whole.row,
        whole=whole,
        rule=offers.rule_of(whole.row.rule_code),
        rules=queries.rule_words(),
        rows_of=queries.rows_of,
        record_url=partial(record_url, service_id=whole.row.service_id),
        kind_words=kind_words,
    )


@blueprint.get("/decisions")
@requires(Permission.READ)
def decision_log():
    filters = Filters(request.args)
    return render_template(
        "monitoring/decisions.html",
        found=queries.decisions(
            actor=g.actor, service_id=filters.identity("service"), page=filters.page
        ),
        asked=filters.asked,
        words=decisions.DECISIONS,
        rules=queries.rule_words(),
        problems=filters.problems,
    )


@blueprint.get("/decide")
@requires(Permission.DECIDE_MONITORING)
def decide():
    service_id = Filters(request.args).identity("service")
    if service_id is None:
        services = [one for one in sources.services(actor=g.actor) if g.actor.reaches(one.id)]
        return render_template("monitoring/choose_service.html", services=services)
    offer = _offer(service_id)
    form = DecisionForm(formdata=None)
    offers.fill(form, offer, chosen=request.args.getlist("trigger"))
    return _decide_page(form, offer)


@blueprint.post("/decide")
@requires(Permission.DECIDE_MONITORING)
@commits
def record_decision():
    service_id = Filters(request.args).identity("service")
    offer, form = _offer(service_id or abort(404)), DecisionForm()
    offers.offer(form, offer)
    if form.validate_on_submit():
        try:
            return _decided(form, service_id)
        except Invalid as error:
            show_error(form, error)
    return _decide_page(form, offer, status=422)


def _decided(form: DecisionForm, service_id: UUID):
    starts = form.decision.data == "start"
    made = decisions.decide(
        actor=g.actor,
        service_id=service_id,
        decision=form.decision.data,
        reason=form.reason.data,
        trigger_ids=[UUID(chosen) for chosen in form.triggers.data or ()],
        entry=form.entry() if starts else None,
    )
    flash("Your decision and its reasons are recorded.", "success")
    if made.episode_id is None:
        return redirect(url_for("monitoring.index"), 303)
    return redirect(url_for("monitoring.episode", episode_id=made.episode_id), 303)


def _offer(service_id: UUID) -> offers.Offer:
    service = service_within_reach(actor=g.actor, service_id=service_id)
    g.actor.require(Permission.DECIDE_MONITORING, service_id)
    return offers.of_service(actor=g.actor, service=service)


def _decide_page(form: DecisionForm, offer: offers.Offer, *, status: int = 200):
    return render_template("monitoring/decide.html", form=form, offer=offer), status


@blueprint.get("/services/<uuid:service_id>/confidence")
@requires(Permission.READ)
def confidence(service_id: UUID):
    service = service_within_reach(actor=g.actor, service_id=service_id)
    return _confidence_page(ConfidenceForm(formdata=None), service)


@blueprint.post("/services/<uuid:service_id>/confidence")
@requires(Permission.READ)
@commits
def note_confidence(service_id: UUID):
    service, form = service_within_reach(actor=g.actor, service_id=service_id), ConfidenceForm()
    if form.validate_on_submit():
        try:
            decisions.note_lost_confidence(
                actor=g.actor, service_id=service_id, words=form.words.data
            )
            flash("Your note is recorded. The rules will suggest a decision from it.", "success")
            return redirect(url_for("services.show", service_id=service_id), 303)
        except Invalid as error:
            show_error(form, error)
    return _confidence_page(form, service, status=422)


def _confidence_page(form: ConfidenceForm, service, *, status: int = 200):
    may = g.actor.may(Permission.DECIDE_MONITORING) or g.actor.may(Permission.CHALLENGE)
    return render_template("monitoring/confidence.html", form=form, service=service, may=may), (
        status if may else 403
    )

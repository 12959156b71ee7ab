"""Addresses of decisions on sharing: the log, one decision, its form, the clock, oversight."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import abort, flash, g, redirect, render_template, request, url_for

from careboard.access import commits, requires
from careboard.errors import Invalid
from careboard.forms import show_error
from careboard.permissions import Permission
from careboard.services.filters import Filters
from careboard.services.queries import service_choices
from careboard.sharing import (
    control_check,
    control_check_queries,
    control_check_rule,
    decisions,
    subjects,
    thresholds,
    words,
)
from careboard.sharing import decision_queries as queries
from careboard.sharing.blueprint import blueprint
from careboard.sharing.decision_forms import DecisionForm, form_for

# The clock tells of so many days, unless asked for others: a quarter.
CLOCK_DAYS = timedelta(days=92)


@blueprint.context_processor
def sharing_words():
    """The words of sharing, and the address of what a decision is about."""
    shown = {code: title for code, (title, _) in queries.SHOWN.items()}
    return {"sharing_words": words, "subject_url": subject_url, "shown": shown}


def subject_url(kind: str, subject_id: UUID) -> str:
    """The page of a risk, trigger, concern or episode."""
    endpoint = {
        "risk": "risks.show",
        "trigger": "monitoring.trigger",
        "concern": "records.concern",
        "episode": "monitoring.episode",
    }[kind]
    return url_for(endpoint, **{f"{kind}_id": subject_id})


@blueprint.get("/")
@requires(Permission.READ)
def index():
    filters = Filters(request.args)
    asked = _asked(filters)
    return render_template(
        "sharing/index.html",
        found=queries.log(actor=g.actor, asked=asked, page=filters.page),
        undecided=queries.undecided(actor=g.actor, service_id=asked.service_id),
        services=_services(),
        asked=filters.asked,
        problems=filters.problems,
    )


@blueprint.get("/oversight")
@requires(Permission.READ)
def oversight():
    filters = Filters(request.args)
    asked = _asked(filters, safeguarding=True)
    return render_template(
        "sharing/oversight.html",
        found=queries.log(actor=g.actor, asked=asked, page=filters.page),
        services=_services(),
        asked=filters.asked,
        problems=filters.problems,
    )


@blueprint.get("/clock")
@requires(Permission.READ)
def clock():
    filters = Filters(request.args)
    until = filters.day("until") or g.actor.today
    since = filters.day("since") or until - CLOCK_DAYS
    found = queries.clock_of(
        actor=g.actor, since=since, until=until, service_id=filters.identity("service")
    )
    return render_template(
        "sharing/clock.html",
        found=found,
        since=since,
        until=until,
        services=_services(),
        asked=filters.asked,
        problems=filters.problems,
    )


@blueprint.get("/decisions/<uuid:decision_id>")
@requires(Permission.READ)
def decision(decision_id: UUID):
    line = queries.decision(actor=g.actor, decision_id=decision_id)
    return render_template(
        "sharing/decision.html",
        line=line,
        row=line.row,
        check=control_check_queries.latest(actor=g.actor, decision_id=decision_id),
        check_due=line.row.control_on and control_check_rule.due_on(line.row.control_on),
        check_words=control_check.OUTCOME_WORDS,
        check_tones=control_check.OUTCOME_TONES,
        considered=queries.considered(actor=g.actor, decision_id=decision_id),
        others=queries.of_subject(
            actor=g.actor, kind=line.row.kind, subject_id=line.row.subject_id
        ),
    )


@blueprint.get("/decisions/new")
@requires(Permission.DECIDE_SHARING)
def decide():
    about = _subject()
    standings = thresholds.standings(actor=g.actor, service_id=about.service_id)
    form = form_for(standings, formdata=None)
    form.begin(today=g.actor.today, standings=standings)
    return _decide_page(form, about, standings)


@blueprint.post("/decisions/new")
@requires(Permission.DECIDE_SHARING)
@commits
def record_decision():
    about = _subject()
    standings = thresholds.standings(actor=g.actor, service_id=about.service_id)
    form = form_for(standings)
    if form.validate_on_submit():
        try:
            return _decided(form, about, standings)
        except Invalid as error:
            show_error(form, error)
    return _decide_page(form, about, standings, status=422)


def _decided(form: DecisionForm, about: subjects.Subject, standings):
    decision_id = decisions.decide(
        actor=g.actor, kind=about.kind, subject_id=about.id, choice=form.choice(standings)
    )
    flash("Your decision and its reasons are recorded.", "success")
    return redirect(url_for("sharing.decision", decision_id=decision_id), 303)


def _decide_page(form: DecisionForm, about: subjects.Subject, standings, *, status: int = 200):
    return render_template(
        "sharing/decide.html",
        form=form,
        about=about,
        own=form.own(standings),
        before=queries.of_subject(actor=g.actor, kind=about.kind, subject_id=about.id),
    ), status


def _subject() -> subjects.Subject:
    """The one risk, trigger, concern or episode that the address names."""
    filters = Filters(request.args)
    named = [(kind, found) for kind in subjects.KINDS if (found := filters.identity(kind))]
    if len(named) != 1:
        abort(404)
    kind, subject_id = named[0]
    about = subjects.subject(actor=g.actor, kind=kind, subject_id=subject_id)
    g.actor.require(Permission.DECIDE_SHARING, about.service_id)
    return about


def _asked(filters: Filters, *, safeguarding: bool = False) -> queries.Asked:
    return queries.Asked(
        show=filters.choice("show", queries.SHOWN),
        service_id=filters.identity("service"),
        kind=filters.choice("kind", subjects.KINDS),
        subject_id=filters.identity("about"),
        since=filters.day("since"),
        until=filters.day("until"),
        safeguarding=safeguarding,
    )


def _services() -> list[tuple[UUID, str]]:
    return [(one.id, one.name) for one in service_choices(actor=g.actor)]

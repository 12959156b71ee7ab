"""An episode of enhanced monitoring as a pack: why it began, by which rule, and how it goes.

People appear by number alone, sentences of rules and notes stay inside.
Source: issue "Sharing with commissioners", Packs; step S2-3.5.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from careboard import clock
from careboard.clock import day_words
from careboard.db import load
from careboard.monitoring import episode_queries, return_queries
from careboard.monitoring.criteria import STATE_WORDS
from careboard.monitoring.episode_queries import Whole
from careboard.monitoring.models import MonitoringEpisode
from careboard.monitoring.paper import STATUS, WEEK_STATES
from careboard.monitoring.return_queries import WeekLine
from careboard.monitoring.reviews import DECISION_WORDS
from careboard.monitoring.trigger_queries import rule_words
from careboard.packs import evidence_lines, sources
from careboard.packs.content import Content, Section, Table
from careboard.tenancy import Actor
from careboard.vocabulary import in_words


def place(*, actor: Actor, subject_id: UUID) -> UUID:
    """The service of the episode."""
    return load(MonitoringEpisode, actor.org_id, subject_id).service_id


def draft(*, actor: Actor, subject_id: UUID) -> Content:
    """The episode as it stands today. Raises NotFound, Forbidden."""
    whole = episode_queries.whole(actor=actor, episode_id=subject_id)
    head = return_queries.head(actor=actor, episode_id=subject_id)
    weeks = return_queries.week_lines(actor=actor, heads=[head])[subject_id]
    row = whole.episode.row
    return Content(
        kind="episode",
        title=f"Enhanced monitoring {row.reference}: {row.service}",
        provider=actor.org_name,
        service=row.service,
        period_from=row.started_on,
        period_to=max(row.started_on, row.ended_on or actor.today),
        taken_at=clock.now().isoformat(timespec="seconds"),
        sections=(_state(whole), _began(whole), _criteria(whole), _actions(whole, actor.today),
                  _weeks(weeks), _reviews(whole)),
        evidence=evidence_lines.of_episode(actor=actor, episode_id=subject_id),
    )  # fmt: skip


def ready(*, actor: Actor, subject_id: UUID) -> None:
    """An episode may be published at any time; who publishes answers for what is said of it."""


def published(*, actor: Actor, subject_id: UUID, pack_id: UUID) -> None:
    """Nothing follows for the episode itself."""


def _state(whole: Whole) -> Section:
    one, row = whole.episode, whole.episode.row
    words = [
        f"{STATUS[row.status]}, since {_day(row.started_on)}; planned review "
        f"{_day(row.planned_review_on)}. The manager reports every {row.frequency_days} days.",
        f"What is required: {row.requires}",
    ]
    if row.status == "open":
        words.insert(1, f"Week {one.week} of {one.weeks}.")
    return Section("state", "How it stands", "\n".join(words))


def _began(whole: Whole) -> Section:
    rules = rule_words()
    rows = tuple(
        (one["reference"], rules.get(one["rule"], one["rule"]), _day(one["fired_on"]))
        for one in whole.triggers
    )
    began = _day(whole.decision["decided_on"]) if whole.decision else ""
    return Section(
        "began",
        "Why it began",
        f"Decided on {began}." if began else "",
        tables=(Table("Rules that had fired", ("Trigger", "Rule", "Fired"), rows),),
    )


def _criteria(whole: Whole) -> Section:
    one = whole.episode
    rows = tuple((each.words, STATE_WORDS[each.standing.state]) for each in one.criteria)
    return Section(
        "criteria",
        "Criteria for stepping down",
        f"{one.met} of {len(one.criteria)} are met.",
        tables=(Table("Criteria", ("Criterion", "State"), rows),),
    )


def _actions(whole: Whole, on: date) -> Section:
    rows = tuple(
        (one["reference"], _action_state(one, on), _day(one["due_on"])) for one in whole.actions
    )
    columns = ("Action", "State", "Due")
    return Section("actions", "Priority actions", tables=(Table("Actions", columns, rows),))


def _action_state(one, on: date) -> str:
    closed = one["status"] in ("verified", "cancelled")
    late = one["due_on"] is not None and one["due_on"] < on
    return "Overdue" if late and not closed else in_words(one["status"]).capitalize()


def _weeks(weeks: list[WeekLine]) -> Section:
    rows = tuple(
        (
            f"{line.week.number}: {_day(line.week.first)} to {_day(line.week.last)}",
            _day(line.handed.submitted_on) if line.handed else "–",
            WEEK_STATES[line.state],
            "Written" if line.report else "–",
        )
        for line in reversed(weeks)
    )
    columns = ("Week", "Returned", "State", "Report")
    return Section("weeks", "Week by week", tables=(Table("Weeks", columns, rows),))


def _reviews(whole: Whole) -> Section:
    rows = tuple(
        (
            _day(one["held_on"]),
            DECISION_WORDS[one["decision"]],
            f"{sum(kept['state'] == 'met' for kept in one['criteria'])} of {len(one['criteria'])}",
        )
        for one in reversed(whole.reviews)
    )
    columns = ("Held", "Decision", "Criteria met")
    return Section("reviews", "Reviews", tables=(Table("Reviews", columns, rows),))


def _day(day: date | None) -> str:
    return day_words(day) or "–"


sources.register(sources.Source("episode", place, draft, ready, published))

"""An episode at Alder House with its weekly returns, for tests: alice leads it, bob manages."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from uuid import UUID

import pytest

from careboard import clock
from careboard.actions.models import Action
from careboard.db import db
from careboard.monitoring import decisions, report_service, return_service
from careboard.monitoring.entry import Entry, Wanted
from careboard.risks.service import NewEvidence
from tests.reminders.duty_making import add
from tests.worlds import World

STARTED = date(2026, 10, 1)  # a Thursday: each week ends on a Wednesday
_numbers = itertools.count(1)


def on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """The calendar says that day from now on."""
    monkeypatch.setattr(clock, "_frozen", day)


def start(world: World, *, person: str = "alice", kind: str = "other", **changes) -> UUID:
    """Start an episode at Alder House today; returns its id."""
    house = world.service_id("Alder House")
    entry = Entry(
        **{
            "title": "Repeated falls in the lounge",
            "kind": kind,
            "requires": "A senior on every evening shift",
            "governance_lead_id": world.member_id("alice"),
            "manager_id": world.member_id("bob"),
            "planned_review_on": world.actor(person).today + timedelta(days=56),
            "criteria": [Wanted(words="Families say that evenings are calmer")],
            **changes,
        }
    )
    with world.acting(person) as actor:
        made = decisions.decide(
            actor=actor,
            service_id=house,
            decision="start",
            reason="Four concerns in two months",
            entry=entry,
        )
        episode_id = made.episode_id
        db.session.commit()
    return episode_id


def sheets(day: date, **changes) -> NewEvidence:
    values = {
        "title": "Handover sheets of the week",
        "kind": "care_records",
        "period_to": day,
        "source_link": "https://care.example/handover/40",
    }
    return NewEvidence(**values | changes)


def hand_in(world: World, episode_id: UUID, week: int = 1, person: str = "bob", **changes) -> UUID:
    """Hand a week's return in, with one item of evidence; returns its id."""
    with world.acting(person) as actor:
        values = {
            "statement": "A senior was on every evening shift",
            "narrative": "Two shifts were covered by the deputy.",
            "new": sheets(actor.today),
            **changes,
        }
        return_id = return_service.hand_in(actor=actor, episode_id=episode_id, week=week, **values)
        db.session.commit()
    return return_id


def report(world: World, episode_id: UUID, week: int = 1, person: str = "alice", **changes) -> UUID:
    """Report on a week; returns the report's id."""
    with world.acting(person) as actor:
        values = {"assessment": "Rota and handover agree.", "decision": "on_track", **changes}
        report_id = report_service.write_report(
            actor=actor, episode_id=episode_id, week=week, **values
        )
        db.session.commit()
    return report_id


def claim_of(world: World, return_id: UUID) -> UUID:
    return world.sql("SELECT claim_id FROM monitoring_return WHERE id = :id", id=return_id)[
        0
    ].claim_id


def priority_action(world: World, episode_id: UUID, **changes) -> UUID:
    """An open priority action of the episode, owned by rita."""
    values = {
        "reference": f"ACT-9{next(_numbers):03d}",
        "service_id": world.service_id("Alder House"),
        "episode_id": episode_id,
        "priority": True,
        "title": "Lounge never without staff after 18:00",
        "outcome_measure": "No fall in the lounge",
        "baseline": "4 in September",
        "evidence_required": "Deployment sheets",
        "owner_id": world.member_id("rita"),
        "due_on": STARTED + timedelta(days=5),
        "original_due_on": STARTED + timedelta(days=5),
        "status": "in_progress",
        "created_by_id": world.member_id("bob"),
        **changes,
    }
    return add(Action, **values)

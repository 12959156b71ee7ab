"""The counts and lists that figures, reviews and other pages rest on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from careboard.actions import lifecycle, queries
from careboard.actions.lateness import lateness
from careboard.db import db
from tests.actions.samples import add_action, add_finding, add_imported, complete

TODAY = date(2026, 11, 20)


def add_late(world, days: int, status: str = "open", **changes):
    due = TODAY - timedelta(days=days)
    return add_imported(world, reference=f"T-{days}-{status}", due_on=due, status=status, **changes)


def test_overdue_is_before_the_day_and_unfinished(world):
    for days in (0, 1, 7, 8, 28, 29, 300):
        add_late(world, days)
    for status in ("verified", "cancelled", "completed", "in_progress"):
        add_late(world, 10, status)
    add_imported(world, reference="T-none")
    with world.acting("alice") as actor:
        listed = [row.reference for row in queries.overdue_actions(actor=actor)]
        earlier = queries.overdue_actions(actor=actor, on=TODAY - timedelta(days=8))
    assert listed == ["T-300-open", "T-29-open", "T-28-open", "T-10-completed",
                      "T-10-in_progress", "T-8-open", "T-7-open", "T-1-open"]  # fmt: skip
    assert len(earlier) == 5


@pytest.mark.parametrize("days", [-1, 0, 1, 7, 8, 28, 29])
def test_words_and_bands_agree(days):
    late = lateness(due_on=TODAY - timedelta(days=days), status="open", on=TODAY)
    expected = {1: "1_to_7", 7: "1_to_7", 8: "8_to_28", 28: "8_to_28", 29: "over_28"}.get(days)
    assert late.band == expected
    assert late.overdue == (days > 0)
    assert not lateness(due_on=TODAY, status="verified", on=TODAY + timedelta(1)).overdue


def test_scope_and_service_narrow_every_list(world):
    add_late(world, 3)
    add_late(world, 4, service_id=world.service_id("Alder Lodge"))
    add_late(world, 5, "completed", service_id=world.service_id("Alder Lodge"))
    with world.acting("alice") as actor:
        overdue = queries.overdue_actions(actor=actor)
        lodge = next(row.service_id for row in overdue if "-4-" in row.reference)
        assert len(overdue) == 3
        assert len(queries.overdue_actions(actor=actor, service_id=lodge)) == 2
        assert len(queries.awaiting_verification(actor=actor)) == 1
    with world.acting("bob") as actor:
        assert [row.reference for row in queries.overdue_actions(actor=actor)] == ["T-3-open"]
        assert queries.awaiting_verification(actor=actor) == []
    with world.acting("charlie") as actor:
        assert queries.overdue_actions(actor=actor) == []


def test_returned_since(world):
    action_id = add_action(world)
    complete(world, action_id)
    with world.acting("vera") as actor:
        lifecycle.send_back(actor=actor, action_id=action_id, reason="No night sheets")
        db.session.commit()
    with world.acting("alice") as actor:
        found = queries.returned_since(actor=actor, since=datetime(2026, 11, 20, tzinfo=UTC))
        assert [(row.reference, row.reason) for row in found] == [("ACT-0001", "No night sheets")]
        later = queries.returned_since(actor=actor, since=datetime(2026, 11, 21, tzinfo=UTC))
        assert later == []


def test_actions_by_what_they_answer(world):
    finding = add_finding(world)
    action_id = add_action(world, audit_concern_id=finding)
    with world.acting("alice") as actor:
        found = queries.for_sources(actor=actor, audit_concern_ids=[finding], risk_ids=[action_id])
        assert [row.id for row in found[finding]] == [action_id]
        assert found[action_id] == []
        assert queries.for_sources(actor=actor) == {}

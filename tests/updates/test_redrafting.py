"""A draft is read again from the records: what changes, what does not, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from careboard.db import db
from careboard.packs.content import from_json, to_json
from careboard.tenancy import acting_for
from careboard.updates import drafting
from careboard.updates.models import RecoveryUpdate, UpdateSchedule
from tests.counting import statements
from tests.updates.drafts import (
    ANCHOR,
    action,
    at_nine,
    claim,
    drafted,
    evidence,
    indicator,
    scheduled,
    section,
    updates,
)

WEEKS = [(date(2026, 11, 8), 170, 200), (date(2026, 11, 15), 180, 200)]


def redrafted(day: date | None = None) -> bool:
    with acting_for("alder") as actor:
        row = db.session.scalars(db.select(RecoveryUpdate)).one()
        changed = drafting.redraft(actor=actor, update=row)
        db.session.commit()
    return changed


def test_drafting_again_changes_nothing_where_the_records_have_not(world, monkeypatch):
    scheduled(world)
    drafted()
    (before,) = updates(world)
    at_nine(monkeypatch, date(2026, 11, 21))
    assert redrafted() is False
    assert updates(world) == [before]


def test_drafting_again_brings_what_has_been_validated_since(world):
    indicator(world, *WEEKS)
    scheduled(world)
    drafted()
    (before,) = updates(world)
    claim(world)
    assert redrafted() is True
    (after,) = updates(world)
    assert after.content_sha256 != before.content_sha256
    assert section(from_json(after.content), "progress").figures[0].value == "90%"
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
    assert tags[-1] == "recovery_update:redrafted"


def test_the_audit_trail_has_ids_and_days_alone(world):
    action(world, title="Ring Mrs Edith Marlow")
    scheduled(world)
    drafted()
    rows = world.sql("SELECT tag, payload FROM audit_event WHERE tag ~ 'recovery_update'")
    assert [row.tag for row in rows] == ["recovery_update:drafted"]
    assert "Marlow" not in rows[0].payload


def test_it_costs_as_much_however_much_there_is(world):
    scheduled(world)
    with acting_for("alder") as actor, statements() as few:
        drafting.content(actor=actor, schedule_id=_schedule(), number=1, on=ANCHOR)
    for _ in range(12):
        indicator(world, *WEEKS)
        claim(world, evidence(world))
        action(world)
    with acting_for("alder") as actor, statements() as many:
        content = drafting.content(actor=actor, schedule_id=_schedule(), number=1, on=ANCHOR)
    assert len(section(content, "progress").figures) == 13
    assert len(many) <= len(few) + 1 <= 14
    assert replace(content, taken_at="") == replace(from_json(to_json(content)), taken_at="")


def _schedule():
    return db.session.scalars(db.select(UpdateSchedule.id)).one()

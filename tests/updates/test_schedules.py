"""The worker: each fortnight is there once, whoever was down; what nobody finished is missed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from careboard.commands import sweep
from careboard.db import db
from careboard.packs.content import from_json
from careboard.rules import triggers
from careboard.tenancy import acting_for
from careboard.updates import drafting, fortnights, schedules
from tests.counting import statements
from tests.updates.drafts import (
    ANCHOR,
    FORTNIGHT,
    at_nine,
    drafted,
    scheduled,
    section,
    tracked,
    updates,
)
from workers import context, ticks
from workers import updates as jobs_of_updates

LONDON = "Europe/London"


def nine(day: date) -> datetime:
    return fortnights.instant(day, LONDON)


def due(present: datetime) -> list:
    found = schedules.organisations_due(present)
    db.session.remove()
    return found


def test_nothing_is_due_before_nine_on_the_first_day(world):
    scheduled(world)
    assert due(nine(ANCHOR) - timedelta(seconds=1)) == []
    assert due(nine(ANCHOR)) == [world.org_id()]


def test_one_is_drafted_on_its_day_and_once(world):
    scheduled(world)
    assert drafted() == schedules.Made(drafted=1)
    assert drafted() == schedules.Made()
    (row,) = updates(world)
    assert (row.number, row.due_on, row.status, row.reference) == (1, ANCHOR, "draft", "RUP-0001")
    assert due(nine(ANCHOR)) == due(nine(ANCHOR + FORTNIGHT - timedelta(days=1))) == []
    assert due(nine(ANCHOR + FORTNIGHT)) == [world.org_id()]


def test_down_over_three_due_dates_catches_up_once(world, monkeypatch):
    scheduled(world)
    late = ANCHOR + 2 * FORTNIGHT + timedelta(days=3)
    at_nine(monkeypatch, late)
    assert drafted(late) == schedules.Made(drafted=1, missed=2)
    assert [(row.number, row.due_on, row.status) for row in updates(world)] == [
        (1, ANCHOR, "missed"),
        (2, ANCHOR + FORTNIGHT, "missed"),
        (3, ANCHOR + 2 * FORTNIGHT, "draft"),
    ]
    assert [row.content is None for row in updates(world)] == [True, True, False]
    assert drafted(late) == schedules.Made()


def test_what_was_not_published_before_the_next_fortnight_is_missed(world, monkeypatch):
    scheduled(world)
    drafted()
    at_nine(monkeypatch, ANCHOR + FORTNIGHT)
    assert drafted(ANCHOR + FORTNIGHT) == schedules.Made(drafted=1, missed=1)
    first, second = updates(world)
    assert (first.status, second.status) == ("missed", "draft")
    assert first.content is not None


def test_an_ended_schedule_and_one_that_begins_later_are_left_alone(world):
    scheduled(world, ANCHOR + FORTNIGHT)
    assert drafted() == schedules.Made()
    assert due(nine(ANCHOR)) == []


def test_several_concerns_have_their_own_fortnights(world):
    asked = {
        scheduled(world, required_assurance="Visits in time."): "Visits in time.",
        scheduled(world, ANCHOR - timedelta(days=10), required_assurance="Less agency."): (
            "Less agency."
        ),
    }
    assert drafted() == schedules.Made(drafted=2)
    for row in updates(world):
        assert asked[row.schedule_id] in section(from_json(row.content), "asked").words


def test_the_job_run_twice_has_one_effect(world, monkeypatch):
    monkeypatch.setattr(context, "application", lambda: world.app)
    scheduled(world, date(2026, 11, 1))
    org_id = str(world.org_id())
    for _ in range(2):
        jobs_of_updates.draft(org_id)
    assert [row.status for row in updates(world)] == ["missed", "draft"]


def test_the_tick_rings_for_who_is_due(world, monkeypatch):
    scheduled(world)
    rung = []
    monkeypatch.setattr(ticks.jobs, "waiting", lambda queue: False)
    monkeypatch.setattr(ticks.jobs, "ring", lambda queue, name, *args: rung.append((name, *args)))
    monkeypatch.setattr(ticks, "organisations_due", lambda: due(nine(ANCHOR)))
    ticks.ring_rounds()
    assert ("workers.updates.draft", str(world.org_id())) in rung


def test_killed_between_writing_and_committing_leaves_nothing(world):
    scheduled(world)
    with acting_for("alder") as actor:
        schedules.catch_up(actor=actor, present=nine(ANCHOR))
        db.session.rollback()
    assert updates(world) == []
    assert drafted() == schedules.Made(drafted=1)
    assert [row.reference for row in updates(world)] == ["RUP-0001"]


def test_two_workers_at_once_make_one(world, app):
    """The second waits for the first one's schedule and then finds its update there."""
    from threading import Thread

    scheduled(world)

    def work() -> None:
        with app.app_context():
            drafted()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.status for row in updates(world)] == ["draft"]


def test_birch_is_no_business_of_alder(world):
    scheduled(world, slug="birch")
    assert drafted() == schedules.Made()
    assert due(nine(ANCHOR)) == [world.org_id("birch")]
    drafted(slug="birch")
    assert updates(world) == []


def test_an_organisation_on_another_clock(world):
    scheduled(world)
    # The zone of an organisation is no column that the application may change.
    with acting_for("alder") as actor:
        tokyo = schedules.catch_up(
            actor=_in(actor, "Asia/Tokyo"), present=datetime(2026, 11, 20, 0, tzinfo=UTC)
        )
    assert tokyo == schedules.Made(drafted=1)


def _in(actor, zone: str):
    from dataclasses import replace

    return replace(actor, time_zone=zone)


_SAME = text("""
SELECT ((CAST(:present AS timestamptz) AT TIME ZONE 'Europe/London') - interval '9 hours')::date,
  CAST(:anchor AS date)
    + (((CAST(:present AS timestamptz) AT TIME ZONE 'Europe/London') - interval '9 hours')::date
      - CAST(:anchor AS date)) / 14 * 14
""")


def test_the_database_reckons_as_we_do(world):
    anchor = date(2026, 1, 5)

    @given(st.integers(0, 10 * 366 * 48))
    def agree(halves: int) -> None:
        present = datetime(2026, 1, 6, tzinfo=UTC) + timedelta(minutes=30 * halves)
        day, newest = db.session.execute(_SAME, {"present": present, "anchor": anchor}).one()
        assert day == fortnights.day_at(present, LONDON)
        assert newest == fortnights.day_of(anchor, fortnights.number_of(anchor, day))

    agree()


def test_one_more_update_costs_the_same(world):
    for _ in range(3):
        scheduled(world)
    with acting_for("alder") as actor, statements() as seen:
        schedules.catch_up(actor=actor, present=nine(ANCHOR))
        db.session.flush()
    assert len(seen) <= 3 * 20


# ---- What the database itself refuses


def refused(world, statement: str, **values) -> str:
    with acting_for("alder"), pytest.raises(DBAPIError) as caught:
        db.session.execute(text(statement), values)
    db.session.remove()
    return str(caught.value.orig)


def test_two_of_one_fortnight_are_refused(world):
    scheduled(world)
    drafted()
    again = (
        "INSERT INTO recovery_update (org_id, id, reference, schedule_id, number, due_on, status) "
        "SELECT org_id, gen_random_uuid(), 'RUP-9999', schedule_id, 9, due_on, 'missed' "
        "FROM recovery_update"
    )
    assert "uq_recovery_update_org_id_schedule_id_due_on" in refused(world, again)


@pytest.mark.parametrize("status", ["approved", "published"])
def test_no_step_is_skipped(world, status):
    scheduled(world)
    drafted()
    assert "from one step to the next" in refused(
        world, "UPDATE recovery_update SET status = :status", status=status
    )


def test_what_was_missed_is_never_taken_up_again(world, monkeypatch):
    scheduled(world)
    drafted()
    at_nine(monkeypatch, ANCHOR + FORTNIGHT)
    drafted(ANCHOR + FORTNIGHT)
    said = refused(world, "UPDATE recovery_update SET status = 'draft' WHERE number = 1")
    assert "at its end" in said
    assert "permission denied" in refused(world, "DELETE FROM recovery_update")


def test_only_every_fourteen_days(world):
    where = tracked(world)
    assert "every_days" in refused(
        world,
        "INSERT INTO update_schedule (org_id, id, tracked_id, anchor_on, every_days, "
        "started_by_id) SELECT org_id, gen_random_uuid(), :tracked, '2026-11-20', 7, lead_id "
        "FROM tracked_concern",
        tracked=where,
    )


def test_a_validated_update_keeps_its_figures(world):
    """Redrafting is refused by the service, and the database refuses what goes past it."""
    from careboard.errors import Conflict
    from careboard.updates.models import RecoveryUpdate

    scheduled(world)
    drafted()
    with acting_for("alder") as actor:
        row = db.session.scalars(db.select(RecoveryUpdate)).one()
        row.status = "validated"
        with pytest.raises(Conflict):
            drafting.redraft(actor=actor, update=row)
        db.session.rollback()


# ---- By hand


def test_a_sweep_of_a_day_drafts_as_at_nine_of_it(world, monkeypatch):
    scheduled(world)
    late = ANCHOR + FORTNIGHT
    assert sweep.SWEEPS["updates"](ANCHOR) == (
        "1 updates drafted in 1 organisations, 0 fortnights missed."
    )
    at_nine(monkeypatch, late)
    assert sweep.SWEEPS["updates"](late).startswith("1 updates drafted in 1 organisations, 1")
    assert sweep.SWEEPS["updates"](late).startswith("0 updates drafted in 0 organisations, 0")


def test_an_update_wakes_no_rule(world):
    scheduled(world)
    look_at_rules(world)
    assert world.org_id() not in waiting_for_rules()
    drafted()
    assert world.org_id() not in waiting_for_rules()


def waiting_for_rules() -> list:
    found = triggers.providers_to_evaluate()
    db.session.remove()
    return found


def look_at_rules(world) -> None:
    with acting_for("alder") as actor:
        triggers.look(actor=actor, on=actor.today)
        db.session.commit()

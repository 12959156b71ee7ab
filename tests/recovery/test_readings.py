"""Indicators, their targets and rebases, and readings by hand: recorded once, corrected openly."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.recovery import queries, readings, service
from careboard.recovery.entries import Amounts, Entry, Refused
from careboard.recovery.models import Indicator
from careboard.recovery.service import Shape, shape_of
from tests.recovery.making import FALLS, HOUSE, ON, ago, bring_reviews, opened

TODAY = date(2026, 11, 20)
STAFFING = shape_of("staffing_fill")


@pytest.fixture(autouse=True)
def _today(world, monkeypatch):
    monkeypatch.setattr("careboard.clock.today", lambda zone=None: TODAY)


def record(world, indicator_id, value=None, *, on=ON, person="rita", **amounts):
    with world.acting(person) as actor:
        found = readings.record_reading(
            actor=actor, indicator_id=indicator_id, on=on, amounts=Amounts(value, **amounts)
        )
        db.session.commit()
    return found


def correct(world, reading_id, value, *, reason="Counted again", person="rita", **more):
    with world.acting(person) as actor:
        readings.correct_reading(
            actor=actor, reading_id=reading_id, amounts=Amounts(value), reason=reason, **more
        )
        db.session.commit()


def stored(world):
    return world.sql("SELECT * FROM reading ORDER BY period_start")


def test_a_reading_stands_for_the_whole_of_its_period(world):
    falls = opened(world, FALLS)
    record(world, falls, 3, on=date(2026, 11, 18))
    row = stored(world)[0]
    assert (row.period_start, row.period_end) == (date(2026, 11, 16), date(2026, 11, 22))
    assert (row.value, row.entered_by_id) == (3, world.member_id("rita"))
    events = world.sql("SELECT tag FROM audit_event WHERE tag LIKE '%:%ed' ORDER BY seq")
    assert [e.tag for e in events][-2:] == ["indicator:opened", "reading:recorded"]


def test_the_same_value_again_changes_nothing_and_another_needs_a_correction(world):
    falls = opened(world, FALLS)
    first = record(world, falls, 3)
    assert len(stored(world)) == 1
    with pytest.raises(Invalid, match="Correct it, with a reason") as refused:
        record(world, falls, 4)
    assert refused.value.field == "value"
    house = world.service_id(HOUSE)
    with world.acting("rita") as rita:
        again = readings.record_readings(
            actor=rita,
            service_id=house,
            entries=[Entry(3, indicator_id=falls, on=ON)],
        )
    assert again == [] and stored(world)[0].id == first


def test_a_correction_keeps_what_was_said(world):
    reading = record(world, opened(world, FALLS), 3)
    correct(world, reading, 4)
    correct(world, reading, 5, reason="One more was found", person="bob")
    with world.acting("ben") as ben:
        versions = queries.history(actor=ben, reading_id=reading)
    told = [(v.number, v.value, v.by, v.reason) for v in versions]
    assert told == [
        (1, 3, "Rita", ""), (2, 4, "Rita", "Counted again"), (3, 5, "Bob", "One more was found"),
    ]  # fmt: skip
    assert stored(world)[0].value == 5
    event = world.sql("SELECT payload FROM audit_event WHERE tag = 'reading:corrected'")[0]
    assert "Counted" not in str(event.payload)


@pytest.mark.parametrize(
    ("value", "reason", "field"),
    [(3, "Counted again", "value"), (4, " ", "reason"), (None, "x", "value"), (-1, "x", "value"),
     (4, "Ring 07700 900123", "reason")],
)  # fmt: skip
def test_corrections_that_are_refused(world, value, reason, field):
    reading = record(world, opened(world, FALLS), 3)
    with pytest.raises(Invalid) as refused:
        correct(world, reading, value, reason=reason)
    assert refused.value.field == field and stored(world)[0].value == 3
    assert world.sql("SELECT count(*) FROM superseded_row")[0][0] == 0


def test_a_correction_of_what_somebody_else_has_corrected_since(world):
    reading = record(world, opened(world, FALLS), 3)
    seen = stored(world)[0].recorded_at
    correct(world, reading, 4, seen=seen)
    with pytest.raises(Conflict):
        correct(world, reading, 6, seen=seen)


def test_a_week_for_a_whole_service_at_once(world):
    falls, staffing = opened(world, FALLS), opened(world, STAFFING)
    checks = opened(world, Shape("Shift checks", "medicines", "count", "up", "day"))
    house = world.service_id(HOUSE)
    with world.acting("rita") as rita:
        lines = queries.sheet(actor=rita, service_id=house, on=ON)
    assert [line.indicator.name for line in lines] == [
        *["Shift checks"] * 7, "Falls at night", "Staffing hours filled",
    ]  # fmt: skip
    assert lines[0].period.start == date(2026, 11, 16) and lines[0].reading is None
    entries = [
        Entry(2, indicator_id=falls, on=ON),
        Entry(None, 410, 400, indicator_id=staffing, on=ON),
        *(Entry(3, indicator_id=checks, on=date(2026, 11, day)) for day in (16, 17)),
        Entry(indicator_id=checks, on=date(2026, 11, 18)),
    ]
    with world.acting("rita") as rita:
        new = readings.record_readings(actor=rita, service_id=house, entries=entries)
        db.session.commit()
    assert len(new) == len(stored(world)) == 4
    with world.acting("rita") as rita:
        after = queries.sheet(actor=rita, service_id=house, on=date(2026, 11, 25))
    assert [line.before for line in after if line.indicator.cadence == "week"] == [2, 102.5]


def test_a_sheet_says_all_that_is_wrong_and_keeps_nothing(world):
    falls, staffing = opened(world, FALLS), opened(world, STAFFING)
    house = world.service_id(HOUSE)
    with world.acting("rita") as rita, pytest.raises(Refused) as refused:
        readings.record_readings(
            actor=rita,
            service_id=house,
            entries=[
                Entry(2.5, indicator_id=falls, on=ON),
                Entry(None, 410, indicator_id=staffing, on=ON),
                Entry(3, indicator_id=falls, on=ago(0)),
                Entry(4, indicator_id=falls, on=ago(1)),
                Entry(1, indicator_id=falls, on=date(2026, 12, 1)),
            ],
        )
    assert refused.value.errors.keys() == {
        f"value-{falls}-2026-11-20", f"denominator-{staffing}-2026-11-20",
        f"value-{falls}-2026-11-14", f"on-{falls}-2026-12-01",
    }  # fmt: skip
    assert stored(world) == []


def test_who_may_record(world):
    falls = opened(world, FALLS)
    lodge = opened(world, FALLS, person="alice", where="Alder Lodge")
    for person in ("ben", "vera", "adam", "cora"):
        with pytest.raises(Forbidden):
            record(world, falls, 1, person=person)
    with pytest.raises(Forbidden):
        record(world, lodge, 1)
    with pytest.raises(NotFound):
        record(world, falls, 1, person="charlie")
    elsewhere = world.service_id("Alder Lodge")
    with world.acting("alice") as alice, pytest.raises(NotFound):
        readings.record_readings(
            actor=alice,
            service_id=elsewhere,
            entries=[Entry(1, indicator_id=falls, on=ON)],
        )
    reading = record(world, falls, 1)
    with pytest.raises(Forbidden):
        correct(world, reading, 2, person="ben")
    with pytest.raises(NotFound):
        correct(world, reading, 2, person="charlie")
    with world.acting("charlie") as charlie, pytest.raises(NotFound):
        queries.history(actor=charlie, reading_id=reading)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"domain": "weather"}, "domain"),
        ({"unit": "furlongs"}, "unit"),
        ({"good": "sideways"}, "good"),
        ({"cadence": "year"}, "cadence"),
        ({"measure": "no such"}, "measure"),
        ({"measure": "response_time", "computed": True}, "measure"),
        ({"computed": True}, "measure"),
        ({"baseline_value": 4.0}, "baseline_on"),
        ({"baseline_on": TODAY}, "baseline_value"),
    ],
)
def test_indicators_that_are_refused(world, change, field):
    with pytest.raises(Invalid) as refused:
        opened(world, dataclasses.replace(FALLS, **change))
    assert refused.value.field == field


def test_one_by_hand_and_one_computed_stand_side_by_side(world):
    opened(world, shape_of("reviews_on_time"))
    opened(world, shape_of("reviews_on_time", computed=True))
    for computed in (False, True):
        with pytest.raises(Invalid, match="already"):
            opened(world, shape_of("reviews_on_time", computed=computed))
    with world.acting("bob") as bob:
        found = queries.indicators(actor=bob)
    assert [(row.service, row.Indicator.reference) for row in found] == [
        (HOUSE, "IND-0001"), (HOUSE, "IND-0002"),
    ]  # fmt: skip


def test_points_of_readings_and_of_records_are_alike(world):
    falls = opened(world, FALLS)
    reviews = opened(world, shape_of("reviews_on_time", computed=True))
    reading = record(world, falls, 3, on=ago(7))
    bring_reviews(world, (ago(1), ago(1)), (ago(1), None))
    with world.acting("bob") as bob:
        own = [row.Indicator for row in queries.indicators(actor=bob)]
        points = queries.points(actor=bob, wanted=own, on=ON, count=3)
    assert [p.value for p in points[falls]] == [None, 3, None]
    assert points[falls][1].reading_id == reading
    assert [(p.value, p.small) for p in points[reviews]][-1] == (50, True)
    assert [p.period for p in points[falls]] == [p.period for p in points[reviews]]
    with pytest.raises(Invalid, match="computed"):
        record(world, reviews, 100)


def targets(world, indicator_id, *given):
    with world.acting("bob") as bob:
        for value, start, reason in given:
            service.set_target(
                actor=bob, indicator_id=indicator_id, value=value, effective_from=start,
                reason=reason,
            )  # fmt: skip
        db.session.commit()
        known = queries.targets(actor=bob, indicator_ids=[indicator_id])[indicator_id]
        return [(t.value, t.effective_from) for t in known], known


def test_targets_change_over_time(world):
    staffing = opened(world, STAFFING)
    start, later = date(2026, 9, 1), date(2026, 11, 1)
    told, known = targets(world, staffing, (90, start, ""), (95, later, "Agreed with the council"))
    assert told == [(90, start), (95, later)]
    at = [queries.target_on(known, day) for day in (date(2026, 8, 31), start, later)]
    assert [t and t.value for t in at] == [None, 90, 95]


def test_targets_that_are_refused(world):
    staffing = opened(world, STAFFING)
    targets(world, staffing, (90, None, ""))
    with pytest.raises(Invalid, match="why"):
        targets(world, staffing, (95, None, ""))
    with world.acting("bob") as bob:
        with pytest.raises(Invalid) as refused:
            service.set_target(
                actor=bob, indicator_id=staffing, value=95, reason="x", due_on=date(2020, 1, 1)
            )
        assert refused.value.field == "due_on"
        with pytest.raises(Invalid):
            service.set_target(actor=bob, indicator_id=staffing, value=-1, reason="x")
    with world.acting("rita") as rita, pytest.raises(Forbidden):
        service.set_target(actor=rita, indicator_id=staffing, value=95)
    with world.acting("charlie") as charlie, pytest.raises(NotFound):
        service.set_target(actor=charlie, indicator_id=staffing, value=95)


def test_a_change_of_process_is_noted_once_a_day_and_can_be_taken_back(world):
    falls = opened(world, FALLS)
    day = date(2026, 11, 4)
    with world.acting("bob") as bob:
        change = service.rebase(actor=bob, indicator_id=falls, on=day, reason="New night rota")
        with pytest.raises(Invalid, match="already"):
            service.rebase(actor=bob, indicator_id=falls, on=day, reason="Again")
        with pytest.raises(Invalid, match="happened"):
            service.rebase(actor=bob, indicator_id=falls, on=date(2026, 11, 21), reason="x")
        with pytest.raises(Invalid, match="changed"):
            service.rebase(actor=bob, indicator_id=falls, on=ago(0), reason=" ")
        noted = queries.rebases(actor=bob, indicator_ids=[falls])[falls]
        own = [row.Indicator for row in queries.indicators(actor=bob)]
        points = queries.points(actor=bob, wanted=own, on=ON, count=4)[falls]
        # The week of the change still holds days before it; the next one is the first after it.
        assert queries.rebase_at(points, noted) == [3]
        db.session.commit()
    with world.acting("bob") as bob:
        with pytest.raises(Invalid, match="why"):
            service.withdraw_rebase(actor=bob, rebase_id=change, reason="")
        service.withdraw_rebase(actor=bob, rebase_id=change, reason="It began in December")
        db.session.commit()
        assert queries.rebases(actor=bob, indicator_ids=[falls])[falls] == []
        service.rebase(actor=bob, indicator_id=falls, on=day, reason="It did begin then")
        with pytest.raises(Conflict):
            service.withdraw_rebase(actor=bob, rebase_id=change, reason="x")


# What the reading said, as a correction keeps it.
KEPT = """
INSERT INTO superseded_row (org_id, id, table_name, record_id, recorded_at, superseded_at, version)
SELECT org_id, gen_random_uuid(), 'reading', id, recorded_at, now(), to_jsonb(r) FROM reading r;
"""


def test_the_database_itself_refuses_what_must_not_be(world):
    falls = opened(world, FALLS)
    record(world, falls, 3)
    targets(world, falls, (2, None, ""))
    for statement, error in (
        ("UPDATE indicator_target SET value = 1", ProgrammingError),
        ("DELETE FROM rebase", ProgrammingError),
        ("DELETE FROM indicator", ProgrammingError),
        ("UPDATE reading SET value = 4", IntegrityError),
        ("UPDATE reading SET period_end = period_end", IntegrityError),
        ("DELETE FROM reading", IntegrityError),
        (KEPT + "UPDATE reading SET value = 'NaN'", IntegrityError),
        (KEPT + "UPDATE reading SET denominator = 0", IntegrityError),
        ("UPDATE indicator SET computed_by = 'other'", IntegrityError),
        ("UPDATE indicator SET baseline_on = '2026-01-01'", IntegrityError),
        ("UPDATE medicine_dose SET outcome = 'x'; UPDATE indicator SET unit = 'x'", IntegrityError),
    ):
        with world.acting("bob"), pytest.raises(error):
            db.session.execute(text(statement))


def test_a_person_of_one_service_sees_its_indicators_alone(world):
    opened(world, FALLS)
    opened(world, FALLS, person="alice", where="Alder Lodge")
    house, lodge = world.service_id(HOUSE), world.service_id("Alder Lodge")
    with world.acting("rita") as rita:
        assert [row.service for row in queries.indicators(actor=rita)] == [HOUSE]
        both = list(db.session.scalars(db.select(Indicator)))
        assert len(queries.points(actor=rita, wanted=both, on=ON)) == 1
        with pytest.raises(Forbidden):
            queries.sheet(actor=rita, service_id=lodge, on=ON)
    with world.acting("alice") as alice:
        assert len(queries.indicators(actor=alice)) == 2
        assert len(queries.indicators(actor=alice, service_ids=[house])) == 1

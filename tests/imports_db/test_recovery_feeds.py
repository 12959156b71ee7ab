"""Indicator readings, care reviews and medicine rounds: opened, superseded, kept, taken back."""

from __future__ import annotations

from datetime import date

import pytest

from careboard.db import db
from careboard.errors import Invalid
from careboard.imports import quarantine, service, undo
from careboard.recovery import queries, readings
from careboard.recovery.entries import Amounts
from careboard.recovery.importing import cadence_of
from careboard.recovery.service import Shape
from tests.imports_db.making import batch, bring, quarantined, receive
from tests.recovery.making import DOSES, FALLS, HOUSE, READINGS, REVIEWS, bring_doses, opened, text

WEEK = f"15/11/2026,{HOUSE},"
MEDICINES = WEEK + "Medicines compliance,193,200,{},%"


def bring_readings(world, *lines: str, **options):
    return bring(world, "indicator_readings", text(READINGS, lines), **options)


def outcome(world, batch_id) -> dict:
    told = batch(world, batch_id).report["outcome"]
    return {name: count for name, count in told.items() if count}


def take_back(world, batch_id) -> None:
    with world.acting("alice") as actor:
        undo.undo(actor=actor, batch_id=batch_id)
        db.session.commit()


def stored(world):
    return world.sql(
        "SELECT r.*, i.name, i.measure FROM reading r JOIN indicator i ON i.id = r.indicator_id "
        "ORDER BY i.name, r.period_start"
    )


def correct(world, value: float) -> None:
    reading = stored(world)[0].id
    with world.acting("alice") as actor:
        readings.correct_reading(
            actor=actor, reading_id=reading, amounts=Amounts(value), reason="Counted again"
        )
        db.session.commit()


def test_indicators_are_opened_without_baseline_target_or_owner(world):
    first = bring_readings(world, MEDICINES.format(96.5), WEEK + "Median response time,,,7,min")
    rows = world.sql("SELECT * FROM indicator ORDER BY name")
    told = [(r.reference, r.name, r.domain, r.unit, r.good, r.cadence) for r in rows]
    assert told == [
        ("IND-0002", "Median response time", "staffing", "minutes", "down", "week"),
        ("IND-0001", "Medicines compliance", "medicines", "percent", "up", "week"),
    ]
    assert all(r.opened_by_batch_id == first and r.active for r in rows)
    assert not any(r.baseline_value or r.review_owner_id for r in rows)
    reading = stored(world)[1]
    assert (reading.value, reading.numerator, reading.denominator) == (96.5, 193, 200)
    assert (reading.period_start, reading.period_end) == (date(2026, 11, 9), date(2026, 11, 15))
    assert (reading.batch_id, reading.row_no) == (first, 2)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Medicines compliance,193,200,0.965,%", 96.5),
        ("Medicines compliance,,,96.5%,%", 96.5),
        ("Staffing hours filled,451,440,102.5,%", 102.5),
        ("Median response time,,,0:14:00,min", 14),
        ("Median response time,,,14 min,min", 14),
        ("Median response time,,,0.5,hours", 30),
        ("Time to review discrepancies,,,36:30,hours", 36.5),
        ("Time to review discrepancies,,,90,minutes", 1.5),
        ("Medicines compliance,0,0,0,%", 0),
    ],
)
def test_values_come_in_the_indicators_own_unit(world, line, value):
    bring_readings(world, WEEK + line)
    assert stored(world)[0].value == value


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Medicines compliance,,,,%", "missing_required"),
        ("Medicines compliance,,,n/k,%", "bad_number"),
        ("Medicines compliance,,,99999999999,%", "out_of_range"),
        ("Weather,,,7,%", "unmapped_code"),
        (",,,7,%", "missing_required"),
    ],
)
def test_rows_that_wait(world, line, code):
    brought = bring_readings(world, MEDICINES.format(96.5), WEEK + line)
    rows = world.sql("SELECT row_no, code FROM quarantined_row")
    assert [tuple(row) for row in rows] == [(3, code)]
    assert batch(world, brought).accepted == 1


def test_a_later_file_supersedes_whatever_way_it_writes_the_week(world):
    bring_readings(world, MEDICINES.format(96.5))
    later = bring_readings(
        world, "2026-11-14,1-9,Medication compliance,190,200,95,%".replace("1-9", HOUSE)
    )
    assert outcome(world, later) == {"changed": 1}
    row = stored(world)[0]
    assert (row.value, row.numerator, row.batch_id) == (95, 190, later)
    with world.acting("alice") as actor:
        versions = queries.history(actor=actor, reading_id=row.id)
    assert [(v.number, v.value, v.source, v.row_no) for v in versions] == [
        (1, 96.5, "IMP-0001", 2), (2, 95, "IMP-0002", 2),
    ]  # fmt: skip
    take_back(world, later)
    assert stored(world)[0].value == 96.5


def test_of_two_rows_for_one_week_the_later_counts(world):
    days = ("01/11", "08/11", "14/11", "15/11")
    lines = [MEDICINES.format(95 + n).replace("15/11", day) for n, day in enumerate(days)]
    brought = bring_readings(world, *lines)
    assert outcome(world, brought) == {"new": 3}
    assert [row.value for row in stored(world)] == [95, 96, 98]
    kept = world.sql("SELECT version FROM superseded_row")[0].version
    assert kept["value"] == 97
    last = stored(world)[-1].id
    with world.acting("alice") as actor:
        versions = queries.history(actor=actor, reading_id=last)
    assert [version.value for version in versions] == [97, 98]


def test_what_somebody_corrected_is_no_longer_the_files(world):
    first = bring_readings(world, MEDICINES.format(96.5))
    correct(world, 97)
    later = bring_readings(world, MEDICINES.format(95))
    assert outcome(world, later) == {"kept": 1}
    assert stored(world)[0].value == 97
    with world.acting("alice") as actor, pytest.raises(Invalid, match="worked on"):
        undo.undo(actor=actor, batch_id=first)


def test_a_reading_by_hand_stands_before_a_file(world):
    indicator = opened(world, FALLS)
    with world.acting("bob") as bob:
        readings.record_reading(
            actor=bob, indicator_id=indicator, on=date(2026, 11, 15), amounts=Amounts(3)
        )
        db.session.commit()
    later = bring_readings(
        world, WEEK + "Falls at night,,,5,", "08/11/2026" + WEEK[10:] + "Falls at night,,,4,"
    )
    assert outcome(world, later) == {"new": 1, "kept": 1}
    assert [row.value for row in stored(world)] == [4, 3]


def test_an_indicator_of_ones_own_is_known_by_its_name_at_every_service(world):
    opened(world, Shape("Hydration charts complete", "records", "percent", "up", "month"))
    line = ",Hydration charts complete,9,10,90,%"
    bring_readings(world, f"30/11/2026,{HOUSE}{line}", f"30/11/2026,Alder Lodge{line}")
    rows = world.sql(
        "SELECT count(*), count(DISTINCT measure) FROM indicator WHERE unit = 'percent'"
    )
    assert tuple(rows[0]) == (2, 1)
    assert {(r.period_start.day, r.period_end.day) for r in stored(world)} == {(1, 30)}


def test_undoing_closes_the_indicators_it_had_opened_and_loading_takes_them_up(world):
    first = bring_readings(world, MEDICINES.format(96.5), WEEK + "Median response time,,,7,min")
    falls = opened(world, FALLS)
    take_back(world, first)
    closed = world.sql("SELECT id FROM indicator WHERE NOT active")
    assert len(closed) == 2 and falls not in {row.id for row in closed}
    again = bring_readings(world, MEDICINES.format(96.4), WEEK + "Median response time,,,7,min")
    rows = world.sql(
        "SELECT active, opened_by_batch_id FROM indicator WHERE measure <> 'falls at night'"
    )
    assert [tuple(row) for row in rows] == [(True, again)] * 2


def test_a_row_held_back_comes_in_once_it_is_right(world):
    brought = bring_readings(
        world, MEDICINES.format(96.5), WEEK + "Median response time,,,soon,min",
        "15/11/2026,Alder Lodge,Falls,,,2,",
    )  # fmt: skip
    rows = quarantined(world, brought)
    with world.acting("alice") as actor:
        quarantine.correct(actor=actor, row_id=rows[3], cells={"Value": "0:07:00"})
        db.session.commit()
    assert [row.value for row in stored(world)] == [7, 96.5]
    opened(world, Shape("Falls", "safety", "count", "down"))
    with world.acting("alice") as actor:
        assert quarantine.retry(actor=actor, batch_id=brought).loaded == 1
        db.session.commit()
    assert ("falls", 2) in {(row.measure, row.value) for row in stored(world)}


def test_a_row_held_back_does_not_undo_a_later_file(world):
    first = bring_readings(world, MEDICINES.format("soon"))
    later = bring_readings(world, MEDICINES.format(95))
    rows = quarantined(world, first)
    with world.acting("alice") as actor, pytest.raises(Invalid, match="A later version"):
        quarantine.correct(actor=actor, row_id=rows[2], cells={"Value": "96.5"})
    assert stored(world)[0].batch_id == later


@pytest.mark.parametrize(
    ("days", "cadence"),
    [((1,), "week"), ((1, 8, 15), "week"), ((1, 2, 3, 4), "day"), ((1, 29), "month"), ((), "week")],
)
def test_how_often_a_file_reads(days, cadence):
    assert cadence_of([date(2026, 11, day) for day in days]) == cadence


def test_each_system_has_codes_of_its_own(world):
    codes = ["T", "R", "C", "D", "E", "P", "M", "NR", "NT"]
    lines = [f"{n},{HOUSE},P1,01/11/2026 08:00,,{code},N,N,," for n, code in enumerate(codes)]
    receipt = receive(world, "emar", text(DOSES, lines))
    assert batch(world, receipt.batch_id).report["rejected_by_code"] == {"unmapped_code": 9}
    with world.acting("alice") as actor:
        named = service.receive(
            actor=actor, feed="emar", source="Log my Care, Alder", file_name="e.csv",
            content=text(DOSES, lines[:8] + lines[8:]).encode() + b"\n",
        )  # fmt: skip
        service.load_batch(actor=actor, batch_id=named.batch_id)
        db.session.commit()
    rows = world.sql("SELECT outcome FROM medicine_dose ORDER BY row_no")
    assert [row.outcome for row in rows] == [
        "given", "refused", "hospital", "leave", "refused", "prompted", "made_available",
        "not_required", "not_taken",
    ]  # fmt: skip


def test_a_map_gives_no_meaning_that_the_feed_does_not_have(world):
    receipt = receive(world, "emar", text(DOSES, [f"1,{HOUSE},P1,01/11/2026 08:00,,K,N,N,,"]))
    mapping = batch(world, receipt.batch_id).report["mapping"]
    mapping["codes"] = {"outcome": {"K": "missing_gven"}}
    with world.acting("alice") as actor:
        service.set_map(actor=actor, batch_id=receipt.batch_id, mapping=mapping)
        db.session.commit()
    assert batch(world, receipt.batch_id).report["rejected_by_code"] == {"unmapped_code": 1}


def test_doses_are_superseded_and_taken_back_row_by_row(world):
    first = bring_doses(world, (date(2026, 11, 1), "G"), (date(2026, 11, 1), ""))
    later = bring_doses(world, (date(2026, 11, 1), "G"), (date(2026, 11, 1), "D1"))
    assert outcome(world, later) == {"changed": 1, "unchanged": 1}
    with world.acting("alice") as actor, pytest.raises(Invalid, match="Undo IMP-0002 first"):
        undo.undo(actor=actor, batch_id=first)
    take_back(world, later)
    rows = world.sql("SELECT outcome, batch_id FROM medicine_dose ORDER BY row_no")
    assert [tuple(row) for row in rows] == [("given", first), (None, first)]
    take_back(world, first)
    assert world.sql("SELECT count(*) FROM medicine_dose")[0][0] == 0


def test_people_of_reviews_and_doses_are_known_by_hashes_alone(world):
    line = f"1,{HOUSE},Person One,01/11/2026 08:00,01/11/2026 08:05,G,Y,Y,Staff A,Staff B"
    bring(world, "emar", text(DOSES, [line]))
    bring(world, "reviews", text(REVIEWS, [f"1,{HOUSE},Person One,After fall,01/11/2026,,Y,2"]))
    dose = world.sql("SELECT * FROM medicine_dose")[0]
    review = world.sql("SELECT * FROM care_review")[0]
    assert dose.person_ref == review.person_ref
    assert all(len(ref) == 24 for ref in (dose.person_ref, dose.recorder_ref, dose.witness_ref))
    assert (dose.as_needed, dose.controlled) == (True, True)
    assert (review.high_risk, review.actions, review.completed_on) == (True, 2, None)

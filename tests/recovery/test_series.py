"""Each computed measure: counts, just does not, and says nothing where there is nothing to say."""

from __future__ import annotations

from datetime import date

import pytest

from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.recovery import series
from careboard.recovery.measure_rows import EVENTS, ROWS
from careboard.recovery.measures import MEASURES
from careboard.recovery.periods import Period
from tests.imports_db.making import actions, bring
from tests.recovery.making import (
    CONCERNS,
    DOSES,
    HOUSE,
    ON,
    ago,
    bring_doses,
    bring_reviews,
    text,
)

WEEK = Period(date(2026, 11, 9), date(2026, 11, 15))


def found(world, measure, *, where=HOUSE, person="alice", **options):
    """(value, numerator, denominator) of each period."""
    service_id = world.service_id(where)
    with world.acting(person) as actor:
        own = series.series(actor=actor, measures=[measure], on=ON, **options)[measure]
    return [(p.value, p.numerator, p.denominator) for p in own[service_id]]


def last(world, measure, **options):
    return found(world, measure, **options)[-1]


def test_every_computed_measure_stands_in_the_catalogue():
    assert set(ROWS) <= set(MEASURES) and set(EVENTS) <= set(ROWS)


def test_medicines_compliance_counts_scheduled_doses_with_a_valid_outcome(world):
    valid = ["G", "A1", "A3", "D3", "A0", "A4", "C2", "C5", "C1"]
    gaps = ["", "D1", "D10", "D11"]
    bring_doses(world, *((ago(1), code) for code in valid + gaps))
    assert last(world, "medicines_compliance") == (pytest.approx(100 * 9 / 13), 9, 13)
    assert last(world, "medicines_stock_outs") == (2, 2, 13)


def test_doses_as_needed_are_not_due(world):
    bring_doses(world, (ago(1), "D1"), (ago(1), "G"), prn="Y")
    assert last(world, "medicines_compliance") == (None, 0, 0)
    assert last(world, "medicines_stock_outs") == (None, 0, 0)


def test_a_dose_counts_on_its_local_day(world):
    # Half past midnight of a summer's Monday is still Sunday by the clock of the server.
    line = f"1,{HOUSE},P,05/10/2026 00:30,,G,N,N,,"
    bring(world, "emar", text(DOSES, [line]))
    weeks = found(world, "medicines_compliance")
    assert [place for place, week in enumerate(weeks) if week[2]] == [6]  # week from 5 October


@pytest.mark.parametrize(
    ("due", "done", "counted"),
    [(1, 1, (100, 1, 1)), (1, 0, (0, 0, 1)), (1, None, (0, 0, 1)), (-1, -1, (None, 0, 0))],
)
def test_reviews_are_on_time_by_their_due_date(world, due, done, counted):
    bring_reviews(world, (ago(due), None if done is None else ago(done)))
    assert last(world, "reviews_on_time") == counted


def test_days_weeks_and_months_of_the_same_reviews(world):
    bring_reviews(world, (ago(0), ago(0)), (ago(6), None), (ago(7), ago(8)), (ago(20), None))
    assert found(world, "reviews_on_time", count=4) == [
        (None, 0, 0), (0, 0, 1), (100, 1, 1), (50, 1, 2),
    ]  # fmt: skip
    month = found(world, "reviews_on_time", cadence="month", count=2)
    assert month == [(None, 0, 0), (0, 0, 1)]  # October; the present month is not over
    days = found(world, "reviews_on_time", cadence="day", count=6)
    assert days[0] == (100, 1, 1) and days[1:] == [(None, 0, 0)] * 5


ACTION = "ACT-{number:04d},{service},{source},Do it,Rita,{due:%d/%m/%Y},{status},"
HEAD = "Action ref,Service,Source record,Action,Owner,Due date,Status,Completed on\n"


def test_actions_are_closed_on_time_by_verification(world):
    rows = [
        ("Verified", ago(2), ago(1)),
        ("Verified", ago(0), ago(1)),
        ("Done awaiting verification", ago(2), ago(1)),
        ("Open", None, ago(1)),
        ("Cancelled", None, ago(1)),
        ("Verified", ago(9), ago(8)),
    ]
    lines = (
        f"ACT-{n:04d},{HOUSE},,Do it,Rita,{due:%d/%m/%Y},{status},"
        + (f"{done:%d/%m/%Y}" if done else "")
        for n, (status, done, due) in enumerate(rows, start=1)
    )
    bring(world, "actions", text(HEAD, lines))
    assert last(world, "action_closure") == (25, 1, 4)
    assert last(world, "review_action_closure") == (None, 0, 0)


def test_an_extended_action_counts_by_its_first_due_date(world):
    for due in (ago(1), ago(-30)):
        line = ACTION.format(number=1, service=HOUSE, source="", due=due, status="Open")
        bring(world, "actions", actions(line))
    assert last(world, "action_closure") == (0, 0, 1)


def test_actions_of_care_reviews_count_for_themselves(world):
    bring_reviews(world, (ago(30), ago(30)))
    lines = [
        f"ACT-0001,{HOUSE},RV-0,Do it,Rita,{ago(1):%d/%m/%Y},Verified,{ago(2):%d/%m/%Y}",
        f"ACT-0002,{HOUSE},AC-1,Do it,Rita,{ago(1):%d/%m/%Y},Open,",
    ]
    bring(world, "actions", text(HEAD, lines))
    assert last(world, "review_action_closure") == (100, 1, 1)
    assert last(world, "action_closure") == (50, 1, 2)


def answer(number, day, score, question="Support comes when needed", of=5):
    return f"F{number},{HOUSE},{day:%d/%m/%Y},Person,{question},{score},{of}"


def test_feedback_covers_28_days_to_the_end_of_its_week(world):
    lines = [
        answer(1, ago(0), 4),
        answer(2, ago(27), 5),
        answer(3, ago(28), 5),
        answer(4, ago(3), 3),
        answer(5, ago(3), 999),
        answer(6, ago(3), 8, of=10),
        answer(7, ago(3), 5, question="Treated with respect"),
    ]
    bring(world, "feedback", text(CONCERNS["feedback"], lines))
    assert last(world, "timely_support") == (75, 3, 4)
    assert last(world, "positive_feedback") == (80, 4, 5)
    assert last(world, "timely_support", cadence="month") == (100, 2, 2)  # October
    assert found(world, "timely_support", count=3)[0] == (100, 2, 2)


def test_a_point_of_feedback_tells_the_days_it_covers(world):
    service_id = world.service_id(HOUSE)
    with world.acting("alice") as actor:
        points = series.series(actor=actor, measures=["timely_support"], on=ON)
    point = points["timely_support"][service_id][-1]
    assert (point.period.start, point.period.days) == (ago(27), 28)


@pytest.mark.parametrize(
    ("feed", "measure", "line"),
    [
        ("complaints", "complaints", "{ref},{service},{day:%d/%m/%Y},Food,N"),
        ("incidents", "incidents", "{ref},{service},{day:%d/%m/%Y},Fall,Open"),
        ("safeguarding", "safeguarding_concerns", "{ref},{service},{day:%d/%m/%Y},Low level,Open,"),
    ],
)
def test_events_are_nought_only_while_the_register_speaks(world, feed, measure, line):
    assert last(world, measure) == (None, None, None)
    rows = [
        line.format(ref="A1", service=HOUSE, day=ago(20)),
        line.format(ref="A2", service=HOUSE, day=ago(15)),
        line.format(ref="A3", service="Alder Lodge", day=ago(8)),
    ]
    bring(world, feed, text(CONCERNS[feed], rows))
    weeks = [value for value, _, _ in found(world, measure, count=5)]
    assert weeks == [None, None, 2, 0, None]
    elsewhere = [value for value, _, _ in found(world, measure, count=5, where="Alder Homecare")]
    assert elsewhere == [None, None, 0, 0, None]


@pytest.mark.parametrize(
    ("raised", "closed", "counted"),
    [(28, 0, (100, 1, 1)), (29, 0, (0, 0, 1)), (28, None, (0, 0, 1)), (27, 20, (None, 0, 0))],
)
def test_safeguarding_is_to_be_concluded_in_28_days(world, raised, closed, counted):
    status, on = ("Open", "") if closed is None else ("Closed", f"{ago(closed):%d/%m/%Y}")
    line = f"S1,{HOUSE},{ago(raised):%d/%m/%Y},Low level,{status},{on}"
    bring(world, "safeguarding", text(CONCERNS["safeguarding"], [line]))
    assert last(world, "safeguarding_timeliness") == counted


def test_several_measures_come_in_as_few_statements_as_one(world):
    bring_reviews(world, (ago(1), ago(1)))
    seen = []
    with world.acting("alice") as actor:
        db.event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        own = series.series(actor=actor, measures=list(ROWS), on=ON, count=52)
    assert len(own) == len(ROWS) and all(len(points) == 3 for points in own.values())
    assert len([s for s in seen if "set_config" not in s]) == 3


def test_totals_over_any_stretch_of_days(world):
    bring_reviews(world, (ago(0), ago(0)), (ago(30), None), (ago(55), ago(55)), (ago(56), None))
    service_id = world.service_id(HOUSE)
    with world.acting("alice") as actor:
        period = Period(ago(55), ago(0))
        point = series.totals(actor=actor, measures=["reviews_on_time"], period=period)
    own = point["reviews_on_time"][service_id]
    assert (own.numerator, own.denominator) == (2, 3)


def test_a_point_opens_to_its_rows(world):
    bring_doses(world, (ago(1), "D1"), (ago(1), "G"), (ago(1), ""), (ago(9), "D1"))
    service_id = world.service_id(HOUSE)
    with world.acting("bob") as bob:
        given = {"measure": "medicines_compliance", "service_id": service_id, "period": WEEK}
        page = series.rows(actor=bob, **given)
        nothing = series.rows(actor=bob, **given, page=2)
    assert page.total == 3 and [row.counted for row in page.rows] == [False, False, True]
    assert {row.status for row in page.rows} == {"omitted", "no_entry", "given"}
    assert nothing.rows == []


def test_measures_that_are_not_computed_and_services_out_of_reach(world):
    lodge = world.service_id("Alder Lodge")
    with world.acting("bob") as bob:
        with pytest.raises(NotFound):
            series.series(actor=bob, measures=["response_time"], on=ON)
        with pytest.raises(Forbidden):
            series.rows(actor=bob, measure="incidents", service_id=lodge, period=WEEK)
        own = series.series(actor=bob, measures=["incidents"], on=ON)["incidents"]
        assert set(own) == set(bob.service_ids)
        asked = series.series(actor=bob, measures=["incidents"], on=ON, service_ids=[lodge])
        assert asked == {"incidents": {}}
        assert series.series(actor=bob, measures=[], on=ON) == {}


def test_a_stranger_sees_nothing_of_it(world):
    bring_reviews(world, (ago(1), ago(1)))
    house = world.service_id(HOUSE)
    with world.acting("charlie") as charlie:
        own = series.totals(
            actor=charlie, measures=["reviews_on_time"], period=WEEK, service_ids=[house]
        )
        assert own["reviews_on_time"][house].denominator == 0
        rows = series.rows(actor=charlie, measure="reviews_on_time", service_id=house, period=WEEK)
        assert rows.rows == []

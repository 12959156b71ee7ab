"""Values of a series and the targets of the articles: just met, just not, too little to say."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.recovery.periods import Period, full_periods
from careboard.recovery.points import GOALS, Point, both, holds, proportion, rolled, total

ON = date(2026, 11, 20)
WEEK = Period(date(2026, 11, 9), date(2026, 11, 15))


def weeks(*pairs):
    periods = full_periods(ON, "week", len(pairs))
    return [proportion(period, *pair) for period, pair in zip(periods, pairs, strict=True)]


@pytest.mark.parametrize(
    ("point", "unit", "words"),
    [
        (proportion(WEEK, 190, 200), "percent", "95% (190 of 200)"),
        (proportion(WEEK, 9, 10), "percent", "90% (9 of 10)"),
        (proportion(WEEK, 5, 9), "percent", "5 of 9 (small numbers)"),
        (proportion(WEEK, 0, 0), "percent", "no data"),
        (Point(WEEK, 14.0), "minutes", "14 minutes"),
        (Point(WEEK, 96.5), "percent", "96.5%"),
        (Point(WEEK, 6.0, 6, 200), "count", "6 of 200"),
        (Point(WEEK, 0.0), "count", "0"),
    ],
)
def test_a_point_in_words(point, unit, words):
    assert point.words(unit) == words


@pytest.mark.parametrize(
    ("pairs", "met"),
    [
        (((90, 100), (98, 100), (98, 100)), True),
        (((98, 100), (97, 100), (98, 100)), False),
        (((98, 100), (98, 100), (979, 1000)), False),
        (((98, 100),), None),
        (((98, 100), (0, 0)), None),
        (((98, 100), (9, 9)), None),
        ((), None),
    ],
)
def test_medicines_are_to_hold_for_two_weeks(pairs, met):
    goal = GOALS["medicines"]
    assert holds(weeks(*pairs), goal.target, good="up", periods=goal.periods) is met


def test_a_lower_value_can_be_the_better_one():
    assert holds([Point(WEEK, 2.0)], 2, good="down", periods=1) is True
    assert holds([Point(WEEK, 2.1)], 2, good="down", periods=1) is False


def test_both_measures_of_a_target_must_be_met():
    assert both(True, True) is True
    assert both(True, None) is None
    assert both(False, None) is False


def test_the_horizons_of_the_articles():
    start = date(2026, 9, 7)
    due = {name: (goal.due_on(start) - start).days for name, goal in GOALS.items()}
    assert due == {"medicines": 70, "care_reviews": 56, "timely_support": 70}


PAIRS = st.lists(
    st.integers(0, 50).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), max_size=12
)


@given(PAIRS, st.integers(1, 6))
def test_rolled_points_count_every_answer_of_their_window_once(pairs, count):
    points = weeks(*pairs)
    found = rolled(points, count)
    assert len(found) == max(0, len(points) - count + 1)
    for start, point in enumerate(found):
        own = points[start : start + count]
        assert (point.numerator, point.denominator) == (
            sum(p.numerator for p in own), sum(p.denominator for p in own),
        )  # fmt: skip
        assert (point.period.start, point.period.end) == (own[0].period.start, own[-1].period.end)
        assert (point.value is None) == (point.denominator == 0)
        assert point.value is None or 0 <= point.value <= 100


def test_a_total_of_nothing_has_no_value():
    assert total(WEEK, []).value is None

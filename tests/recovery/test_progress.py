"""Where a plan stands against its horizon, by arithmetic that can be read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.recovery.periods import Period
from careboard.recovery.plan_progress import (
    STATES,
    Goal,
    Horizon,
    Progress,
    expected,
    progress,
    whole,
)
from careboard.recovery.points import Point, proportion

START = date(2026, 9, 7)  # a Monday
UP = Goal(90, 98, "up", "%")
TEN = Horizon(START, 10)


def weeks(*values: float | None, first: date = START) -> list[Point]:
    starts = [first + timedelta(weeks=number) for number in range(len(values))]
    return [
        Point(Period(start, start + timedelta(days=6)), value)
        for start, value in zip(starts, values, strict=True)
    ]


def after(points: list[Point]) -> date:
    return points[-1].period.end


def stands(*values: float | None, goal: Goal = UP, horizon: Horizon = TEN) -> Progress:
    points = weeks(*values)
    return progress(goal, horizon, points, after(points))


def test_on_course_at_the_line_and_off_course_just_below_it():
    line = expected(UP, TEN, START + timedelta(days=20))  # the Sunday of the third week
    assert line == pytest.approx(90 + 8 * 20 / 70)
    assert stands(90, 91, line).state == "on_course"
    assert stands(90, 91, line - 0.01).state == "off_course"


def test_the_sentence_shows_its_arithmetic():
    found = stands(90, 91, 91.5)
    assert found.sentence == (
        "91.5% by the end of the period to 27 Sep 2026, in week 3 of 10. From 90% to 98%, the "
        "straight line is at 92.3% on that day, so it is off course."
    )
    assert (found.value, round(found.expected, 1)) == (91.5, 92.3)


def test_once_is_not_held_twice_running_is():
    once = stands(90, 91, 98)
    assert once.state == "on_course"
    assert "held when the next period meets it too" in once.sentence
    held = stands(90, 98, 98.5)
    assert held.state == "reached_and_held"
    assert held.sentence == "98% and 98.5% in two periods running; the target is 98% or more."
    assert stands(98, 97.9, 98).state == "on_course"


def test_after_the_horizon_only_held_counts():
    late = [95] * 10
    assert stands(*late, 98).state == "off_course"
    assert stands(*late, 98, 98).state == "reached_and_held"
    assert "The 10 weeks ended on 16 Nov 2026" in stands(*late, 97).sentence


def test_a_lower_figure_may_be_better():
    down = Goal(20, 0, "down", "")
    horizon = Horizon(START, 10)
    assert stands(20, 16, goal=down, horizon=horizon).state == "on_course"
    assert stands(20, 17, goal=down, horizon=horizon).state == "off_course"
    assert stands(20, 0, 0, goal=down, horizon=horizon).state == "reached_and_held"
    assert "0 or less" in stands(20, 0, 0, goal=down, horizon=horizon).sentence


def test_too_little_is_said_to_be_too_little():
    none = [proportion(point.period, 0, 0) for point in weeks(1, 1)]
    assert "No reading" in progress(UP, TEN, none, after(none)).sentence
    assert progress(UP, TEN, [], START).state == "not_enough_data"
    assert stands(90, None, None).state == "not_enough_data"
    # One period may still be to come in.
    assert stands(90, 97, None).state == "on_course"
    small = [proportion(point.period, 5, 6) for point in weeks(1, 1)]
    found = progress(UP, TEN, small, after(small))
    assert (found.state, "fewer than 10" in found.sentence) == ("not_enough_data", True)


def test_without_a_baseline_there_is_no_line_but_the_target_can_be_held():
    goal = Goal(None, 98, "up", "%")
    assert stands(95, goal=goal).state == "not_enough_data"
    assert "without a baseline" in stands(95, goal=goal).sentence
    assert stands(98, 99, goal=goal).state == "reached_and_held"


def test_what_was_before_the_plan_does_not_count():
    before = weeks(99, 99, first=START - timedelta(weeks=2))
    assert progress(UP, TEN, before, START).state == "not_enough_data"


def test_a_plan_stands_where_its_worst_goal_stands():
    states = [Progress(state, state) for state in reversed(STATES)]
    for number in range(1, len(states) + 1):
        assert whole(states[:number]).state == states[number - 1].state
    assert whole([]).state == "not_enough_data"


values = st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=16)
goals = st.tuples(st.floats(0, 100), st.floats(0, 100)).map(lambda pair: Goal(*pair, "up", "%"))


@given(values, goals, st.integers(1, 20))
def test_turning_the_good_direction_and_the_numbers_round_says_the_same(series, goal, horizon):
    turned = Goal(100 - goal.baseline, 100 - goal.target, "down", "%")
    one = stands(*series, goal=goal, horizon=Horizon(START, horizon))
    other = stands(
        *(None if value is None else 100 - value for value in series),
        goal=turned,
        horizon=Horizon(START, horizon),
    )
    edge = (one.value is not None) and any(
        mark is not None and abs(one.value - mark) < 1e-6 for mark in (one.expected, goal.target)
    )
    if not edge:  # a rounding on the very line may fall to either side
        assert one.state == other.state


@given(goals, st.integers(1, 104), st.integers(0, 800))
def test_the_line_goes_from_baseline_to_target_and_stays_there(goal, length, days):
    horizon = Horizon(START, length)
    low, high = sorted((goal.baseline, goal.target))
    assert low - 1e-9 <= expected(goal, horizon, START + timedelta(days=days)) <= high + 1e-9
    assert expected(goal, horizon, START) == pytest.approx(goal.baseline)
    assert expected(goal, horizon, horizon.due_on) == pytest.approx(goal.target)
    assert 1 <= horizon.week(START + timedelta(days=days)) <= length


@given(st.lists(st.floats(0, 100), min_size=2, max_size=12), goals)
def test_held_is_exactly_that_the_last_two_meet_the_target(series, goal):
    found = stands(*series, goal=goal, horizon=Horizon(START, 20))
    near = any(abs(value - goal.target) < 1e-6 for value in series[-2:])
    if not near:
        assert (found.state == "reached_and_held") == (min(series[-2:]) >= goal.target)


@given(values, goals)
def test_a_better_latest_reading_never_stands_worse(series, goal):
    if series[-1] is None:
        return
    worse = stands(*series, goal=goal)
    better = stands(*series[:-1], 100.0, goal=goal)
    order = ["not_enough_data", "off_course", "on_course", "reached_and_held"]
    assert order.index(better.state) >= order.index(worse.state)

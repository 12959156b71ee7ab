"""Where a plan stands against its horizon, by arithmetic that can be read. Pure.

A goal is on course while it is at or beyond the straight line from its baseline to its target;
reached and held once the last two periods meet the target. Source: S1-1 to S1-3 (targets within so
many weeks), rules N4-N7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from careboard.clock import day_words
from careboard.recovery.points import IMPROVEMENT, Point, holds
from careboard.trend import figure, meets
from careboard.vocabulary import in_words

State = Literal["reached_and_held", "on_course", "off_course", "not_enough_data"]
# The gravest first: a plan stands where the worst of its goals stands.
STATES: tuple[State, ...] = ("off_course", "not_enough_data", "on_course", "reached_and_held")
HELD = 2  # consecutive periods that meet the target
LATE = 2  # of the last periods, so many may lack a reading before there is too little to judge by


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: from `baseline` to `target`, `good` up or down."""

    baseline: float | None
    target: float
    good: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Horizon:
    """From the day a plan began to the day by which its target is to be met."""

    started_on: date
    weeks: int

    @property
    def due_on(self) -> date:
        return self.started_on + timedelta(weeks=self.weeks)

    def share(self, day: date) -> float:
        """How much of it is over at the end of that day, from 0 to 1."""
        return min(max((day - self.started_on).days / (7 * self.weeks), 0.0), 1.0)

    def week(self, day: date) -> int:
        """The number of the week that the day is in, the first being 1; at most `weeks`."""
        return min(max((day - self.started_on).days // 7 + 1, 1), self.weeks)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a goal, or a plan, stands; `sentence` shows the arithmetic. `expected` is where the
    goal should be by the latest reading, `value` that reading."""

    state: State
    sentence: str
    value: float | None = None
    expected: float | None = None


def expected(goal: Goal, horizon: Horizon, day: date) -> float | None:
    """Where the straight line from baseline to target is at the end of that day."""
    if goal.baseline is None:
        return None
    return goal.baseline + (goal.target - goal.baseline) * horizon.share(day)


def progress(goal: Goal, horizon: Horizon, points: Sequence[Point], on: date) -> Progress:
    """Where one goal stands on that day, by its points, the oldest first.

    Only periods that end after the plan began count. A period on small numbers is not judged.
    """
    own = [point for point in points if horizon.started_on < point.period.end <= on]
    told = _latest(own)
    say = _Words(goal, horizon)
    if told is None:
        return Progress("not_enough_data", say.nothing(own))
    latest = told[-1]
    due = expected(goal, horizon, latest.period.end)
    if holds(told, goal.target, good=goal.good, periods=HELD):
        return Progress("reached_and_held", say.held(told[-HELD:]), latest.value, due)
    if on > horizon.due_on:
        return Progress("off_course", say.over(latest), latest.value, due)
    if meets(latest.value, goal.target, IMPROVEMENT[goal.good]):
        return Progress("on_course", say.met_once(latest), latest.value, due)
    if due is None:
        return Progress("not_enough_data", say.without_baseline(latest), latest.value)
    state: State = "on_course" if meets(latest.value, due, IMPROVEMENT[goal.good]) else "off_course"
    return Progress(state, say.line(latest, due, state), latest.value, due)


def _latest(own: Sequence[Point]) -> list[Point] | None:
    """The points up to the latest one that can be judged, if that is recent enough."""
    for missing in range(LATE):
        end = len(own) - missing
        if end > 0 and own[end - 1].value is not None and not own[end - 1].small:
            return list(own[:end])
    return None


def whole(parts: Iterable[Progress]) -> Progress:
    """A plan of several goals stands where the worst of them stands, in that one's words."""
    found = sorted(parts, key=lambda part: STATES.index(part.state))
    if not found:
        return Progress(
            "not_enough_data", "No indicator is named as the measurable improvement yet."
        )
    return found[0]


@dataclass(frozen=True, slots=True)
class _Words:
    """The sentences, with every number that the state rests on."""

    goal: Goal
    horizon: Horizon

    def nothing(self, own: Sequence[Point]) -> str:
        if any(point.small and point.denominator for point in own):
            return "Too few in each period to judge by (fewer than 10)."
        return f"No reading of the last {LATE} periods since the plan began."

    def held(self, last: Sequence[Point]) -> str:
        values = " and ".join(self._say(point.value) for point in last)
        return f"{values} in two periods running; the target is {self._aim()}."

    def met_once(self, latest: Point) -> str:
        return (
            f"{self._say(latest.value)} in the period to {day_words(latest.period.end)} meets the "
            f"target of {self._aim()}; it is held when the next period meets it too."
        )

    def over(self, latest: Point) -> str:
        return (
            f"The {self.horizon.weeks} weeks ended on {day_words(self.horizon.due_on)} without two "
            f"periods running at {self._aim()}; the latest is {self._say(latest.value)}."
        )

    def without_baseline(self, latest: Point) -> str:
        return (
            f"{self._say(latest.value)} in the latest period; without a baseline there is no line "
            f"to the target of {self._aim()}."
        )

    def line(self, latest: Point, due: float, state: State) -> str:
        goal, horizon = self.goal, self.horizon
        week = horizon.week(latest.period.end)
        return (
            f"{self._say(latest.value)} by the end of the period to "
            f"{day_words(latest.period.end)}, in week {week} of {horizon.weeks}. From "
            f"{self._say(goal.baseline)} to {self._say(goal.target)}, the straight line is at "
            f"{self._say(due)} on that day, so it is {in_words(state)}."
        )

    def _aim(self) -> str:
        return f"{self._say(self.goal.target)} or {'more' if self.goal.good == 'up' else 'less'}"

    def _say(self, value: float | None) -> str:
        return "nothing" if value is None else figure(value, self.goal.unit)

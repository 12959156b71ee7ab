"""A value of a series, and what the recovery targets say of a series. Pure. Source: rules N4-N7."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from careboard.recovery.measures import SMALL
from careboard.recovery.periods import Period
from careboard.trend import figure, meets
from careboard.vocabulary import INDICATOR_UNITS

IMPROVEMENT = {"up": "increase", "down": "decrease"}


@dataclass(frozen=True, slots=True)
class Point:
    """What an indicator was in one period; `value` None: there is nothing to judge it by.

    `numerator` and `denominator` where it is a proportion. `reading_id` where it was read by hand
    or import; a computed one opens to its rows by `series.rows`.
    """

    period: Period
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    reading_id: UUID | None = None

    @property
    def small(self) -> bool:
        """Whether it rests on so few that a percentage says little. Source: rules 3.1."""
        return self.denominator is not None and self.denominator < SMALL

    @property
    def judged(self) -> float | None:
        """The value, where it rests on enough to be judged. Source: rules 3.1."""
        return None if self.small else self.value

    def words(self, unit: str) -> str:
        """`95% (190 of 200)`, `5 of 7 (small numbers)`, `14 minutes`, `no data`."""
        if self.value is None:
            return "no data"
        if self.denominator is None:
            return figure(self.value, INDICATOR_UNITS[unit])
        of = f"{figure(self.numerator or 0)} of {figure(self.denominator)}"
        if unit != "percent":
            return of
        if self.small:
            return f"{of} (small numbers)"
        return f"{figure(self.value, INDICATOR_UNITS[unit])} ({of})"


def proportion(period: Period, numerator: float, denominator: float) -> Point:
    """The point of a percentage; without anything in the denominator it has no value."""
    value = 100 * numerator / denominator if denominator else None
    return Point(period, value, numerator, denominator)


def total(period: Period, points: Iterable[Point]) -> Point:
    """Several proportions as one."""
    own = list(points)
    return proportion(
        period, sum(p.numerator or 0 for p in own), sum(p.denominator or 0 for p in own)
    )


def rolled(points: Sequence[Point], count: int) -> list[Point]:
    """Each proportion together with the ones before it, `count` in all; those without enough
    before them are left out. `count` 1: as they are."""
    if count == 1:
        return list(points)
    return [
        total(Period(points[end - count].period.start, points[end - 1].period.end), own)
        for end in range(count, len(points) + 1)
        if (own := points[end - count : end])
    ]


@dataclass(frozen=True, slots=True)
class Goal:
    """A target of the articles: within `days` of the start each measure meets `target`, in the
    last `periods` full periods or over all of the window (0)."""

    rule: str
    measures: tuple[str, ...]
    target: float
    days: int
    periods: int = 0

    def due_on(self, start: date) -> date:
        """The day on which it is to be met."""
        return start + timedelta(days=self.days)


GOALS = {
    "medicines": Goal("N4", ("medicines_compliance",), 98, 70, periods=2),
    "care_reviews": Goal("N5, N6", ("reviews_on_time", "review_action_closure"), 95, 56),
    "timely_support": Goal("N7", ("timely_support",), 85, 70, periods=1),
}


def holds(points: Sequence[Point], target: float, *, good: str, periods: int) -> bool | None:
    """Whether the last `periods` points all meet the target; None where one of them has no value
    or rests on small numbers, which is too little to say so."""
    last = points[len(points) - periods :] if len(points) >= periods else []
    if not last or any(point.value is None or point.small for point in last):
        return None
    return all(meets(point.value, target, IMPROVEMENT[good]) for point in last)


def both(*kept: bool | None) -> bool | None:
    """A target of several measures is met where each is; one missed misses it."""
    return False if False in kept else None if None in kept else True

"""Days, weeks (Monday to Sunday) and calendar months, as indicators are read. Source: rules 3.1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Cadence = Literal["day", "week", "month"]
CADENCES: tuple[Cadence, ...] = ("day", "week", "month")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of days, the first and the last included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


def period_of(day: date, cadence: Cadence) -> Period:
    """The day, week or month that the day is in."""
    if cadence == "day":
        return Period(day, day)
    if cadence == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6))
    first = day.replace(day=1)
    return Period(first, _next_month(first) - timedelta(days=1))


def before(period: Period, cadence: Cadence) -> Period:
    """The one before it."""
    return period_of(period.start - timedelta(days=1), cadence)


def after(period: Period, cadence: Cadence) -> Period:
    """The one after it."""
    return period_of(period.end + timedelta(days=1), cadence)


def last_full(on: date, cadence: Cadence) -> Period:
    """The latest one that is over by the end of that day."""
    current = period_of(on, cadence)
    return current if current.end <= on else before(current, cadence)


def full_periods(on: date, cadence: Cadence, count: int) -> list[Period]:
    """The last `count` that are over by the end of that day, oldest first."""
    found: list[Period] = []
    period = last_full(on, cadence)
    while len(found) < count:
        found.append(period)
        period = before(period, cadence)
    return found[::-1]


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)

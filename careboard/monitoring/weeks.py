"""The weeks of an episode, for each of which a return is due. Pure.

Source: rule N11 (weekly evidence reporting, on time within seven days); rule N14.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

WEEK = 7
# A return speaks of its week; it may be handed in so many days before it is due, so that one due
# on a Sunday can be made on the Friday before.
EARLY = 3

State = Literal["awaited", "due", "late", "unverified", "verified", "not_proved", "unsupported"]


@dataclass(frozen=True, slots=True)
class Week:
    """Week `number` of an episode, the first being 1; its return is due on the day after it."""

    number: int
    first: date
    last: date

    @property
    def due_on(self) -> date:
        return self.last + timedelta(days=1)

    @property
    def opens_on(self) -> date:
        """The first day on which its return may be handed in."""
        return self.due_on - timedelta(days=EARLY)


def week_of(started_on: date, number: int) -> Week:
    first = started_on + timedelta(days=WEEK * (number - 1))
    return Week(number, first, first + timedelta(days=WEEK - 1))


def weeks(started_on: date, until: date, ended_on: date | None = None) -> list[Week]:
    """The weeks that have begun by that day, oldest first; of an episode that ended, those whose
    return fell due before."""
    last = until if ended_on is None else min(until, ended_on - timedelta(days=WEEK))
    count = (last - started_on).days // WEEK + 1
    return [week_of(started_on, number) for number in range(1, max(count, 0) + 1)]


def state(
    week: Week,
    *,
    on: date,
    submitted: bool,
    outcome: str | None = None,
    unsupported: bool = False,
) -> State:
    """How a week's return stands; `outcome` and `unsupported` are of its claim's validation."""
    if unsupported:
        return "unsupported"
    if outcome is not None:
        return "not_proved" if outcome == "does_not_prove" else "verified"
    if submitted:
        return "unverified"
    if on > week.due_on:
        return "late"
    return "due" if on >= week.opens_on else "awaited"

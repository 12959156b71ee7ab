"""How often each forum sits, and when its next sitting is due: pure functions of dates.

Source: rule N14 (weekly: within 3 working days of the period's end; monthly: 10; quarterly: 20)
and rule N13 (fortnightly, one working day of grace).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from careboard.clock import add_working_days

_DAY = timedelta(days=1)
# A Monday from which fortnights are counted.
FIRST_FORTNIGHT = date(1970, 1, 5)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`grace`: working days after a period's end within which its sitting is on time.

    `per_service`: each service sits for itself; else the whole organisation does. `record`: the
    name that the articles give to the minutes.
    """

    period: str
    grace: int
    per_service: bool
    record: str


RHYTHMS = {
    "weekly_manager": Rhythm("week", 3, True, "service oversight note"),
    "weekly_monitoring": Rhythm("week", 3, True, "governance oversight note"),
    "monthly_governance": Rhythm("month", 10, False, "provider governance minutes"),
    "fortnightly_recovery": Rhythm("fortnight", 1, False, "governance minutes"),
    "quarterly_board": Rhythm("quarter", 20, False, "board assurance minutes"),
    "quarterly_safeguarding": Rhythm("quarter", 20, False, "safeguarding governance minutes"),
}
# The forums whose sittings are expected of every provider from its first day; the others once a
# rule puts them in use.
EXPECTED = ("monthly_governance", "quarterly_board", "weekly_manager")
# The governance groups that decide on ratings.
DECIDING = (
    "monthly_governance",
    "fortnightly_recovery",
    "quarterly_board",
    "quarterly_safeguarding",
)
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Period:
    """Both days are within the period."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a forum stands on a day.

    `state` is `not_held` (never yet, and no day set from which it is expected), `due` or
    `overdue`; `due_by` is the last day on which the sitting for the period that ends on
    `period_end` is on time.
    """

    state: str
    period_end: date
    due_by: date
    days_overdue: int


def period_containing(forum: str, day: date) -> Period:
    """The forum's week (from Monday), fortnight, calendar month or quarter with that day."""
    kind = RHYTHMS[forum].period
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6))
    if kind == "fortnight":
        first = day - timedelta(days=(day - FIRST_FORTNIGHT).days % 14)
        return Period(first, first + timedelta(days=13))
    months = 1 if kind == "month" else 3
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    after = first.month - 1 + months
    return Period(first, date(first.year + after // 12, after % 12 + 1, 1) - _DAY)


def due_by(forum: str, period_end: date) -> date:
    """The last day on which a sitting for the period that ended then is on time."""
    return add_working_days(period_end, RHYTHMS[forum].grace)


def was_on_time(forum: str, period_end: date, signed_on: date) -> bool:
    """Whether minutes signed that day were in time; early counts."""
    return signed_on <= due_by(forum, period_end)


def held_until(*, last_end: date | None, in_use_from: date | None) -> date | None:
    """The day up to which nothing is owed: the end of the last signed period, else the eve of the
    day on which the forum came into use; None without either."""
    if last_end is None and in_use_from is not None:
        return in_use_from - _DAY
    return last_end


def standing(forum: str, *, held_until: date | None, on: date) -> Standing:
    """When the next sitting is due, given `held_until` (None: never held)."""
    if held_until is None:
        end = period_to_review(forum, held_until=None, on=on).last
        return Standing("not_held", end, due_by(forum, end), 0)
    end = period_containing(forum, held_until + _DAY).last
    due = due_by(forum, end)
    late = max((on - due).days, 0)
    return Standing("overdue" if late else "due", end, due, late)


def period_to_review(forum: str, *, held_until: date | None, on: date) -> Period:
    """The period that a sitting opened that day looks back on.

    It begins where the last one ended, so that a missed week is caught up and not lost (a year at
    most), and ends with the latest period that is over, or else with the running one.
    """
    running = period_containing(forum, on)
    before = period_containing(forum, running.first - _DAY)
    if held_until is None:
        return before if on <= due_by(forum, before.last) else running
    first = held_until + _DAY
    last = max(period_containing(forum, first).last, before.last)
    return Period(max(first, last - _YEAR), last)

"""When sittings are due: weeks, months and bank holidays (rule N14)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careboard.reviews.cadence import (
    RHYTHMS,
    Period,
    Standing,
    due_by,
    period_containing,
    period_to_review,
    standing,
    was_on_time,
)
from careboard.vocabulary import FORUMS

WEEKLY, MONTHLY = "weekly_manager", "monthly_governance"
FRIDAY = date(2026, 11, 20)


def test_every_forum_has_a_rhythm():
    assert set(RHYTHMS) == set(FORUMS)


@pytest.mark.parametrize(
    ("forum", "day", "first", "last"),
    [
        (WEEKLY, FRIDAY, date(2026, 11, 16), date(2026, 11, 22)),
        (WEEKLY, date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 22)),
        (MONTHLY, date(2028, 2, 10), date(2028, 2, 1), date(2028, 2, 29)),
        (MONTHLY, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("quarterly_board", FRIDAY, date(2026, 10, 1), date(2026, 12, 31)),
        ("quarterly_board", date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31)),
    ],
)
def test_periods(forum, day, first, last):
    assert period_containing(forum, day) == Period(first, last)


def test_fortnights_follow_one_another():
    period = period_containing("fortnightly_recovery", FRIDAY)
    assert (period.last - period.first).days == 13
    assert period.first.weekday() == 0
    following = period_containing("fortnightly_recovery", period.last + timedelta(days=1))
    assert following.first == period.last + timedelta(days=1)


@pytest.mark.parametrize(
    ("forum", "end", "due"),
    [
        (WEEKLY, date(2026, 11, 15), date(2026, 11, 18)),
        # Christmas Day is a Friday and Boxing Day's holiday the Monday after.
        (WEEKLY, date(2026, 12, 27), date(2026, 12, 31)),
        (WEEKLY, date(2026, 4, 5), date(2026, 4, 9)),  # Easter Monday
        (MONTHLY, date(2026, 10, 31), date(2026, 11, 13)),
        (MONTHLY, date(2026, 12, 31), date(2027, 1, 15)),  # New Year's Day
        ("quarterly_board", date(2026, 9, 30), date(2026, 10, 28)),
    ],
)
def test_due_within_working_days_of_the_period_end(forum, end, due):
    assert due_by(forum, end) == due
    assert was_on_time(forum, end, due)
    assert not was_on_time(forum, end, due.replace(year=due.year + 1))


def test_early_is_on_time():
    assert was_on_time(WEEKLY, date(2026, 11, 22), FRIDAY)


def test_standing():
    held = standing(WEEKLY, held_until=date(2026, 11, 15), on=FRIDAY)
    assert held == Standing("due", date(2026, 11, 22), date(2026, 11, 25), 0)
    last_day = standing(WEEKLY, held_until=date(2026, 11, 15), on=date(2026, 11, 25))
    assert last_day.state == "due"
    missed = standing(WEEKLY, held_until=date(2026, 11, 8), on=FRIDAY)
    assert missed == Standing("overdue", date(2026, 11, 15), date(2026, 11, 18), 2)


def test_never_held_is_not_called_overdue():
    assert standing(MONTHLY, held_until=None, on=FRIDAY) == Standing(
        "not_held", date(2026, 11, 30), date(2026, 12, 14), 0
    )


@pytest.mark.parametrize(
    ("forum", "held_until", "on", "first", "last"),
    [
        # Never held: the last period while its sitting can be in time, else the running one.
        (WEEKLY, None, date(2026, 11, 18), date(2026, 11, 9), date(2026, 11, 15)),
        (WEEKLY, None, FRIDAY, date(2026, 11, 16), date(2026, 11, 22)),
        # Up to date: the running week.
        (WEEKLY, date(2026, 11, 15), FRIDAY, date(2026, 11, 16), date(2026, 11, 22)),
        # Four weeks missed: one sitting catches up.
        (WEEKLY, date(2026, 10, 18), FRIDAY, date(2026, 10, 19), date(2026, 11, 15)),
        # Already held for the running week: the next one.
        (WEEKLY, date(2026, 11, 22), FRIDAY, date(2026, 11, 23), date(2026, 11, 29)),
        (MONTHLY, date(2026, 9, 30), FRIDAY, date(2026, 10, 1), date(2026, 10, 31)),
        # A period that was ended by hand in mid-month is finished first.
        (MONTHLY, date(2026, 11, 10), FRIDAY, date(2026, 11, 11), date(2026, 11, 30)),
    ],
)
def test_the_period_that_a_sitting_reviews(forum, held_until, on, first, last):
    assert period_to_review(forum, held_until=held_until, on=on) == Period(first, last)

"""Fortnights: always nine by local time, every fourteenth day, none left out and none twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.updates import fortnights

LONDON = ZoneInfo("Europe/London")
TEN_YEARS = 3_653
DAYS = st.dates(date(2015, 1, 1), date(2045, 12, 31))


@given(DAYS)
def test_ten_years_of_them_are_at_nine_by_local_time_without_a_gap_or_a_double(anchor):
    found = fortnights.due(anchor, since=None, until=anchor + timedelta(days=TEN_YEARS))
    assert len(found) == TEN_YEARS // 14 + 1
    assert len(set(found)) == len(found)
    assert found[0] == anchor
    assert {after - before for before, after in pairwise(found)} == {timedelta(days=14)}
    local = [fortnights.instant(day, "Europe/London").astimezone(LONDON) for day in found]
    assert {(at.hour, at.minute, at.second) for at in local} == {(9, 0, 0)}
    assert [at.date() for at in local] == found


@given(DAYS, st.lists(st.integers(0, 200), max_size=12))
def test_asked_at_any_days_they_come_to_the_same(anchor, steps):
    """However the worker was down, what it finds over its rounds is each once, in order."""
    day, since, found = anchor - timedelta(days=20), None, []
    for step in steps:
        day += timedelta(days=step)
        own = fortnights.due(anchor, since=since, until=day)
        since = own[-1] if own else since
        found += own
    assert found == fortnights.due(anchor, since=None, until=day)


@given(DAYS, st.integers(0, 20_000))
def test_numbers_and_days_say_the_same(anchor, later):
    day = anchor + timedelta(days=later)
    number = fortnights.number_of(anchor, day)
    assert fortnights.day_of(anchor, number) <= day < fortnights.day_of(anchor, number + 1)
    assert fortnights.number_of(anchor, anchor - timedelta(days=1 + later)) == 0


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        (date(2026, 3, 28), 9),  # the day before the clocks go forward
        (date(2026, 3, 29), 8),  # the day on which they do, at one o'clock
        (date(2026, 10, 24), 8),
        (date(2026, 10, 25), 9),  # back again
        (date(2028, 2, 29), 9),
    ],
)
def test_the_clocks_change_the_instant_and_not_the_hour(day, utc):
    assert fortnights.instant(day, "Europe/London") == datetime(
        day.year, day.month, day.day, utc, tzinfo=UTC
    )


@given(DAYS)
def test_a_day_counts_from_its_nine_o_clock(day):
    at = fortnights.instant(day, "Europe/London")
    assert fortnights.day_at(at, "Europe/London") == day
    before = at - timedelta(microseconds=1)
    assert fortnights.day_at(before, "Europe/London") == day - timedelta(days=1)


def test_through_a_leap_day():
    found = fortnights.due(date(2028, 2, 16), since=None, until=date(2028, 3, 15))
    assert found == [date(2028, 2, 16), date(2028, 3, 1), date(2028, 3, 15)]

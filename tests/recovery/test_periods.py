"""Days, weeks and months: each day is in one, and they follow each other without a gap."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.recovery.periods import (
    CADENCES,
    Period,
    after,
    before,
    full_periods,
    last_full,
    period_of,
)

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(DAYS, st.sampled_from(CADENCES))
def test_every_day_is_in_one_period_and_none_is_left_out(day, cadence):
    period = period_of(day, cadence)
    assert period.start <= day <= period.end
    assert period_of(period.start, cadence) == period_of(period.end, cadence) == period
    assert before(after(period, cadence), cadence) == period
    assert after(period, cadence).start == period.end + timedelta(days=1)


@given(DAYS, st.sampled_from(CADENCES), st.integers(1, 30))
def test_full_periods_end_by_the_day_and_the_next_one_does_not(day, cadence, count):
    found = full_periods(day, cadence, count)
    assert len(found) == count and found == sorted(found)
    assert found[-1].end <= day < after(found[-1], cadence).end
    assert all(after(a, cadence) == b for a, b in zip(found, found[1:], strict=False))


@pytest.mark.parametrize(
    ("on", "cadence", "start", "end"),
    [
        (date(2026, 11, 20), "week", date(2026, 11, 9), date(2026, 11, 15)),
        (date(2026, 11, 15), "week", date(2026, 11, 9), date(2026, 11, 15)),
        (date(2026, 11, 30), "month", date(2026, 11, 1), date(2026, 11, 30)),
        (date(2027, 1, 30), "month", date(2026, 12, 1), date(2026, 12, 31)),
        (date(2028, 2, 29), "month", date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 11, 20), "day", date(2026, 11, 20), date(2026, 11, 20)),
    ],
)
def test_the_last_full_period(on, cadence, start, end):
    assert last_full(on, cadence) == Period(start, end)

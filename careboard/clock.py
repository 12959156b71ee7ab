"""Time: instants are UTC, days belong to an organisation's time zone.

Source: domain rules 3.1. Outside production CAREBOARD_TODAY freezes the calendar; the time of
day goes on.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LONDON = "Europe/London"
_frozen: date | None = None


def freeze(day: date | None) -> None:
    """Make `today` answer this day (None: the real one)."""
    global _frozen
    _frozen = day


def frozen_day() -> date | None:
    """The day that `today` is frozen on, if any."""
    return _frozen


def utc_now() -> datetime:
    """The real instant, whatever day the calendar is frozen on: for leases and heartbeats."""
    return datetime.now(UTC)


def now() -> datetime:
    """The present instant in UTC, on the frozen day where one is set."""
    instant = datetime.now(UTC)
    if _frozen is None:
        return instant
    return instant.replace(year=_frozen.year, month=_frozen.month, day=_frozen.day)


def today(time_zone: str = LONDON) -> date:
    """The calendar day in that zone."""
    return _frozen or datetime.now(ZoneInfo(time_zone)).date()


def day_words(day: date | None) -> str:
    """`20 Nov 2026`; empty for none."""
    return f"{day.day} {day:%b %Y}" if day else ""


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG", years=year)


def bank_holidays(first_year: int, last_year: int) -> list[date]:
    """Those of England in these years, both included."""
    years = range(first_year, last_year + 1)
    return [day for year in years for day in sorted(_bank_holidays(year))]


def is_working_day(day: date) -> bool:
    """Monday to Friday, less the bank holidays of England."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def next_working_day(day: date) -> date:
    """That day itself when it is a working day, else the first one after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The working day `count` working days after `day` (count ≥ 0)."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_days_between(since: date, until: date) -> int:
    """The working days after `since`, up to and with `until`; none when it is not later."""
    days = (since + timedelta(days=count) for count in range(1, (until - since).days + 1))
    return sum(is_working_day(day) for day in days)

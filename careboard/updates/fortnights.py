"""Fortnights by the calendar: every fourteenth civil day from an anchor, at nine by local time.

Pure. Days are counted, never seconds, so that no change of the clocks moves the hour. The database
function app.updates_due reckons the same. Source: issue "Sharing with commissioners", Recovery
updates; rule N13.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY_DAYS = 14
FORTNIGHT = timedelta(days=EVERY_DAYS)
HOUR = time(9)


def day_of(anchor: date, number: int) -> date:
    """The day of the fortnight with that number; the anchor's own is number 1."""
    return anchor + (number - 1) * FORTNIGHT


def number_of(anchor: date, day: date) -> int:
    """The number of the newest fortnight that has come on that day; 0 before the anchor."""
    return max(0, (day - anchor) // FORTNIGHT + 1)


def instant(day: date, zone: str) -> datetime:
    """When a fortnight falls due: nine o'clock of that day by the zone's own clock, in UTC."""
    return datetime.combine(day, HOUR, ZoneInfo(zone)).astimezone(UTC)


def day_at(present: datetime, zone: str) -> date:
    """The latest day whose nine o'clock has come in that zone; `present` is an instant."""
    local = present.astimezone(ZoneInfo(zone))
    return local.date() if local.time() >= HOUR else local.date() - timedelta(days=1)


def due(anchor: date, *, since: date | None, until: date) -> list[date]:
    """The days of the fortnights after `since` (None: from the first) up to and with `until`."""
    first = 1 if since is None else number_of(anchor, since) + 1
    return [day_of(anchor, number) for number in range(first, number_of(anchor, until) + 1)]

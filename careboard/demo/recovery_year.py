"""A year of weekly readings at three services, as the file that their system would export.

Alder House's medicines fall away in the last weeks; Rowan Court's care reviews have been brought
back to time; at Birch Homecare, North support comes sooner than it did.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from careboard.recovery.periods import last_full

WEEKS = 52


@dataclass(frozen=True, slots=True)
class Series:
    """`level` gives the mean of a week, so many weeks ago (0: the last full one); `spread` how far
    it varies. `of`: the denominator of a percentage."""

    place: str
    name: str
    unit: str
    level: Callable[[int], float]
    spread: float
    of: int = 0
    target: float | None = None


def _then(steady: float, *turns: tuple[int, float]) -> Callable[[int], float]:
    """Steady, then along straight lines through (weeks ago, level), the earliest first."""

    def level(ago: int) -> float:
        before, value = WEEKS, steady
        for weeks, reached in turns:
            if ago >= weeks:
                if weeks == turns[0][0]:
                    return steady
                return value + (reached - value) * (before - ago) / (before - weeks)
            before, value = weeks, reached
        return value

    return level


ALDER, ROWAN, BIRCH = "Alder House", "Rowan Court", "Birch Homecare, North"
SERIES = (
    Series(ALDER, "Medicines compliance", "%", _then(96.4, (15, 96.4), (10, 93.2), (0, 91.4)), 0.5,
           640, 98),
    Series(ALDER, "Time to review discrepancies", "hours", _then(46, (9, 46), (0, 71)), 5, 0, 72),
    Series(ALDER, "Competency checks in date", "%", _then(78, (10, 78), (0, 92)), 2, 25, 100),
    Series(ALDER, "Staffing hours filled", "%", lambda ago: 96.5, 0.9, 1480, 95),
    Series(ROWAN, "Care reviews on time", "%", _then(79, (8, 79), (2, 97)), 2.2, 40, 95),
    Series(ROWAN, "Actions from care reviews closed on time", "%", _then(74, (8, 74), (2, 97.5)),
           2, 40, 95),
    Series(ROWAN, "Care reviews overdue", "count", _then(9, (8, 9), (1, 1)), 1.1, 0, 0),
    Series(ROWAN, "Hours by agency staff", "%", lambda ago: 11.5, 1.2, 1260, 8),
    Series(BIRCH, "Positive feedback on timely support", "%", _then(66, (6, 66), (0, 78.5)), 1.6,
           48, 85),
    Series(BIRCH, "Median response time", "minutes", _then(19, (6, 19), (0, 13.5)), 0.9, 0, 12),
    Series(BIRCH, "Staffing hours filled", "%", lambda ago: 92, 1, 2100, 95),
    Series(BIRCH, "Actions closed on time", "%", lambda ago: 81, 4, 20, 95),
)  # fmt: skip
# Nobody has read this one for a month: what it said says nothing any more.
LEFT = {(ROWAN, "Hours by agency staff"): 4}


def readings(today: date) -> bytes:
    """The feed `indicator_readings` of the year up to today."""
    random, rows = Random("oakfield-readings"), []
    end = last_full(today, "week").end
    for one in SERIES:
        for ago in range(WEEKS - 1, -1, -1):
            value = max(one.level(ago) + random.uniform(-one.spread, one.spread), 0)
            if ago < LEFT.get((one.place, one.name), 0):
                continue
            day = f"{end - timedelta(weeks=ago):%d/%m/%Y}"
            if one.of:
                count = min(round(value * one.of / 100), one.of)
                shown = f"{100 * count / one.of:.1f}"
                rows.append((day, one.place, one.name, count, one.of, shown, one.unit))
            else:
                shown = f"{value:.0f}" if one.unit == "count" else f"{value:.1f}"
                rows.append((day, one.place, one.name, "", "", shown, one.unit))
    text = io.StringIO()
    header = ("Week ending", "Service", "Indicator", "Numerator", "Denominator", "Value", "Unit")
    csv.writer(text, lineterminator="\r\n").writerows([header, *rows])
    return text.getvalue().encode("utf-8-sig")

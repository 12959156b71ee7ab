"""Did it become less since controls began? Four weeks before against four weeks after. Pure.

Source: rule N12; step S3-1.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from careboard.recovery.periods import Period
from careboard.recovery.points import Point, total
from careboard.sharing.communication_models import LEAST_RECORDS

WINDOW = timedelta(days=28)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sides:
    """How many of how many, before and after; `before` and `after` are the days looked at."""

    before_count: int
    before_of: int
    after_count: int
    after_of: int

    @property
    def outcome(self) -> str:
        """reduced: at least a tenth less, relatively; not_reduced; too_little_data."""
        if min(self.before_of, self.after_of) < LEAST_RECORDS:
            return "too_little_data"
        if self.before_count + self.after_count == 0:
            return "too_little_data"
        reduced = 10 * self.after_count * self.before_of <= 9 * self.before_count * self.after_of
        return "reduced" if reduced else "not_reduced"

    @property
    def sentence(self) -> str:
        """`From 30 of 200 (15.0%) to 12 of 210 (5.7%): 62% less, relatively.`"""
        if not self.before_of or not self.after_of:
            side = "either side" if self.before_of == self.after_of else "one side"
            return f"Nothing was recorded on {side}: too little to say."
        told = f"From {_share(self.before_count, self.before_of)} to "
        told += _share(self.after_count, self.after_of)
        if self.outcome == "too_little_data":
            return f"{told}: too little to say."
        if self.before_count == 0:
            return f"{told}: there were none before."
        after, before = self.after_count * self.before_of, self.before_count * self.after_of
        if after == before:
            return f"{told}: as before."
        less = after < before
        percent = round(100 * abs(before - after) / before)
        return f"{told}: {percent}% {'less' if less else 'more'}, relatively."


def _share(count: int, of: int) -> str:
    if of < LEAST_RECORDS:
        return f"{count:,} of {of:,} (small numbers)"
    return f"{count:,} of {of:,} ({100 * count / of:.1f}%)"


def windows(control_on: date) -> tuple[Period, Period]:
    """The 28 days before controls began, and the 28 that begin with that day."""
    return (
        Period(control_on - WINDOW, control_on - DAY),
        Period(control_on, control_on + WINDOW - DAY),
    )


def due_on(control_on: date) -> date:
    """The first day on which the four weeks are over."""
    return control_on + WINDOW


def inside(points: Iterable[Point], window: Period) -> Point:
    """The points whose whole period lies within the window, as one proportion."""
    own = [
        point
        for point in points
        if window.start <= point.period.start and point.period.end <= window.end
        and point.denominator is not None
    ]  # fmt: skip
    return total(window, own)


def sides(before: Point, after: Point) -> Sides:
    """Two proportions as whole records."""
    return Sides(
        round(before.numerator or 0),
        round(before.denominator or 0),
        round(after.numerator or 0),
        round(after.denominator or 0),
    )

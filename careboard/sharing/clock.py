"""The clock of what is known inside: first identified, then decided, then told. Pure.

Source: DESIGN section 4, sharing decision; rules 3.3, uncertainty about threshold; S3, "why
communication happened when it did".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Literal

from careboard.clock import working_days_between

# A decision is due within so many working days of what is known; about safeguarding, of the next.
DECIDE_WITHIN = 5
DECIDE_SAFEGUARDING_WITHIN = 1

Late = Literal["deciding", "telling"]


@dataclass(frozen=True, slots=True)
class Times:
    """The days of one subject. `decided_on` None: undecided. `tell_by` None: nothing to be told.
    `told_on` is the first communication of the decision."""

    identified_on: date
    decided_on: date | None = None
    tell_by: date | None = None
    told_on: date | None = None
    safeguarding: bool = False

    def deciding(self, on: date) -> int:
        """Days from first identified to the decision, or to that day while there is none."""
        return ((self.decided_on or on) - self.identified_on).days

    def telling(self, on: date) -> int | None:
        """Days from the decision until somebody was told, or to that day; None where nobody is
        to be told, or nothing is decided."""
        if self.decided_on is None or (self.tell_by is None and self.told_on is None):
            return None
        return ((self.told_on or on) - self.decided_on).days

    def whole(self, on: date) -> int | None:
        """Days from first identified until somebody was told."""
        telling = self.telling(on)
        return None if telling is None else self.deciding(on) + telling

    def late(self, on: date) -> tuple[Late, ...]:
        """Which of the two took, or is taking, longer than it may."""
        within = DECIDE_SAFEGUARDING_WITHIN if self.safeguarding else DECIDE_WITHIN
        found: list[Late] = []
        if working_days_between(self.identified_on, self.decided_on or on) > within:
            found.append("deciding")
        if self.tell_by is not None and (self.told_on or on) > self.tell_by:
            found.append("telling")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took: how many there are, the middle and the longest, in days."""

    count: int
    middle: float | None
    longest: int | None


def spread(days: Iterable[int | None]) -> Spread:
    """Of those that are known."""
    known = [one for one in days if one is not None]
    return Spread(len(known), median(known), max(known)) if known else Spread(0, None, None)


@dataclass(frozen=True, slots=True)
class Report:
    """How long deciding and telling took. What is not told yet counts as late, not as long."""

    deciding: Spread
    telling: Spread
    whole: Spread


def report(times: Sequence[Times], on: date) -> Report:
    """Over decisions; `on` is the day of the report."""
    told = [one for one in times if one.told_on is not None]
    return Report(
        deciding=spread(one.deciding(on) for one in times if one.decided_on is not None),
        telling=spread(one.telling(on) for one in told),
        whole=spread(one.whole(on) for one in told),
    )

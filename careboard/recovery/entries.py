"""What people type for a reading, checked against its indicator. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from careboard.errors import Invalid
from careboard.recovery.measures import MEASURES
from careboard.recovery.periods import Cadence, Period, period_of

_LARGEST = 1e9
_PLACES = 4  # as the database keeps them
_ROUNDING = 0.06  # a percentage told to one place agrees with its counts


@dataclass(frozen=True, slots=True)
class Amounts:
    """A value, or a numerator and denominator that give it, or all three."""

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    note: str = ""

    @property
    def empty(self) -> bool:
        return self.value is None and self.numerator is None and self.denominator is None


@dataclass(frozen=True, slots=True)
class Entry(Amounts):
    """A reading as typed: of that indicator, for the day, week or month that `on` is in."""

    indicator_id: UUID = field(kw_only=True)
    on: date = field(kw_only=True)

    def at(self, part: str) -> str:
        """The form's name for one part of it: `value-<indicator>-<day>`."""
        return f"{part}-{self.indicator_id}-{self.on}"


class Refused(Invalid):
    """Some entries of a sheet are wrong, and none was recorded: {field: message}."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(next(iter(errors.values())), next(iter(errors)))
        self.errors = dict(errors)


class Measured(Protocol):
    """What an indicator must tell for its readings to be checked."""

    measure: str
    unit: str
    cadence: Cadence
    computed_by: str | None
    active: bool


def period_for(indicator: Measured, on: date, today: date) -> Period:
    """The period of a reading by hand. Raises Invalid (on, value)."""
    if indicator.computed_by is not None:
        raise Invalid("This is computed from your records, so it is not entered by hand.", "value")
    if not indicator.active:
        raise Invalid("This indicator is closed.", "value")
    period = period_of(on, indicator.cadence)
    if period.start > today:
        raise Invalid(f"This {indicator.cadence} has not begun yet.", "on")
    return period


def checked(indicator: Measured, given: Amounts) -> Amounts:
    """The amounts as they are kept, the value worked out where counts give it.

    Raises Invalid (value, numerator, denominator).
    """
    value, numerator, denominator = given.value, given.numerator, given.denominator
    if (numerator is None) != (denominator is None):
        lacking = "numerator" if numerator is None else "denominator"
        raise Invalid("Give both numbers, how many and of how many.", lacking)
    for part in ("value", "numerator", "denominator"):
        number = getattr(given, part)
        # Written so that what is not a number at all is refused as well.
        if number is not None and not abs(number) < _LARGEST:
            raise Invalid("This is not a number that can be kept.", part)
    if denominator is not None:
        _check_counts(indicator, numerator, denominator)
        if indicator.unit == "percent":
            value = _agreed(value, 100 * numerator / denominator)
    if value is None:
        raise Invalid("Enter a value.", "value")
    _check_value(indicator, value)
    return Amounts(round(value, _PLACES), _kept(numerator), _kept(denominator), given.note.strip())


def _check_counts(indicator: Measured, numerator: float, denominator: float) -> None:
    if denominator <= 0:
        raise Invalid("This must be more than nought. Leave it empty if nothing was due.",
                      "denominator")  # fmt: skip
    if numerator < 0:
        raise Invalid("This cannot be less than nought.", "numerator")
    if indicator.unit == "percent" and numerator > denominator and not _may_exceed(indicator):
        raise Invalid("This cannot be more than the number it is part of.", "numerator")


def _agreed(value: float | None, exact: float) -> float:
    if value is not None and abs(value - exact) > _ROUNDING:
        raise Invalid(f"The two numbers give {exact:.1f}%. Correct one of them.", "value")
    return exact


def _check_value(indicator: Measured, value: float) -> None:
    if value < 0 and indicator.unit != "score":
        raise Invalid("This cannot be less than nought.", "value")
    if indicator.unit == "percent" and value > 100 and not _may_exceed(indicator):
        raise Invalid("A percentage of this kind is at most 100.", "value")
    if indicator.unit == "count" and value != round(value):
        raise Invalid("A count is a whole number.", "value")


def _may_exceed(indicator: Measured) -> bool:
    measure = MEASURES.get(indicator.measure)
    return measure is not None and measure.may_exceed


def _kept(number: float | None) -> float | None:
    return None if number is None else round(number, _PLACES)

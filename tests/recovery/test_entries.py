"""What is typed for a reading: worked out, refused at the right field, never guessed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.errors import Invalid
from careboard.recovery.entries import Amounts, checked, period_for

TODAY = date(2026, 11, 20)


@dataclass
class Measured:
    measure: str = "falls"
    unit: str = "percent"
    cadence: str = "week"
    computed_by: str | None = None
    active: bool = True


@pytest.mark.parametrize(
    ("measured", "given", "value"),
    [
        (Measured(), Amounts(96.5), 96.5),
        (Measured(), Amounts(None, 193, 200), 96.5),
        (Measured(), Amounts(96.5, 193, 200), 96.5),
        (Measured(), Amounts(33.3, 1, 3), 33.3333),
        (Measured(), Amounts(0), 0),
        (Measured("staffing_fill"), Amounts(None, 450, 440), 102.2727),
        (Measured(unit="count"), Amounts(3), 3),
        (Measured(unit="minutes"), Amounts(7.5), 7.5),
        (Measured(unit="score"), Amounts(-2), -2),
        (Measured(unit="rate"), Amounts(4.2, 21, 5000), 4.2),
    ],
)
def test_what_is_kept(measured, given, value):
    assert checked(measured, given).value == value


@pytest.mark.parametrize(
    ("measured", "given", "field"),
    [
        (Measured(), Amounts(), "value"),
        (Measured(), Amounts(100.1), "value"),
        (Measured(), Amounts(-0.1), "value"),
        (Measured(), Amounts(96.5, 190, 200), "value"),
        (Measured(), Amounts(None, 193), "denominator"),
        (Measured(), Amounts(None, None, 200), "numerator"),
        (Measured(), Amounts(None, 0, 0), "denominator"),
        (Measured(), Amounts(None, -1, 10), "numerator"),
        (Measured(), Amounts(None, 11, 10), "numerator"),
        (Measured(unit="count"), Amounts(2.5), "value"),
        (Measured(unit="minutes"), Amounts(-1), "value"),
        (Measured(unit="rate"), Amounts(None, 21, 5000), "value"),
        (Measured(unit="score"), Amounts(math.nan), "value"),
        (Measured(unit="score"), Amounts(math.inf), "value"),
        (Measured(unit="score"), Amounts(1e9), "value"),
    ],
)
def test_what_is_refused(measured, given, field):
    with pytest.raises(Invalid) as refused:
        checked(measured, given)
    assert refused.value.field == field


@given(st.floats(allow_nan=True), st.floats(allow_nan=True), st.floats(allow_nan=True))
def test_whatever_is_typed_is_refused_or_kept_within_bounds(value, numerator, denominator):
    try:
        kept = checked(Measured(), Amounts(value, numerator, denominator))
    except Invalid as error:
        assert error.message and error.field
    else:
        assert 0 <= kept.value <= 100 and 0 <= kept.numerator <= kept.denominator


def test_a_period_must_have_begun():
    assert period_for(Measured(), TODAY, TODAY).end == date(2026, 11, 22)
    with pytest.raises(Invalid, match="not begun") as refused:
        period_for(Measured(), date(2026, 11, 23), TODAY)
    assert refused.value.field == "on"


def test_computed_and_closed_indicators_take_no_readings():
    with pytest.raises(Invalid, match="computed"):
        period_for(Measured(computed_by="incidents"), TODAY, TODAY)
    with pytest.raises(Invalid, match="closed"):
        period_for(Measured(active=False), TODAY, TODAY)

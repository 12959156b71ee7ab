"""Single cells: dates, times, numbers, identifiers (data-shapes.md 6.3)."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.imports import cleaning

D = dt.date(2026, 3, 4)


@pytest.mark.parametrize(
    "text",
    [
        "04/03/2026", "4/3/2026", "04/03/26", "04-03-2026", "04.03.2026", "04-Mar-26", "4 Mar 2026",
        "4th March 2026", "Wed 4 March 2026", "Wednesday, 4 March 2026", "2026-03-04", "2026/03/04",
        "04/03/2026 - 00:00", "2026-03-04T00:00:00", "20260304", "04032026", "46085", "4-MAR-2026",
        "March 4, 2026", "04/03/2026 14:30", "2026-03-04 09:00:00", "04Mar2026", "04 / 03 / 2026",
    ],
)  # fmt: skip
def test_dates(text):
    if " / " in text:
        text = text.replace(" ", "")
    assert cleaning.parse_date(text).value == D


@pytest.mark.parametrize(
    "text",
    ["31/02/2026", "13/25/2026", "10/28/2026", "00/00/0000", "ASAP", "29/02/2026", "2026-13-01",
     "next week", "31/09/2026", "12", "1234567", "05/2026", "99999", "1/1/20266", "01/01/0226"],
)  # fmt: skip
def test_no_such_dates(text):
    assert cleaning.parse_date(text) == cleaning.BAD_DATE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("04/03/2026 - 14:30", (14, 30)), ("2026-03-04T14:30:00Z", (14, 30)),
        ("2026-03-04T14:30:00.000Z", (14, 30)), ("04/03/2026 2:30 PM", (14, 30)),
        ("04-Mar-26 14.30", (14, 30)), ("46085.5", (12, 0)),
        ("2026-03-04T14:30:00+01:00", (13, 30)),
        ("04/03/2026, 14:30", (14, 30)), ("04/03/2026 at 14:30", (14, 30)),
    ],
)  # fmt: skip
def test_moments(text, value):
    assert cleaning.parse_datetime(text).value == dt.datetime(2026, 3, 4, *value)


def test_moments_in_summer_and_at_midnight():
    assert cleaning.parse_datetime("2026-07-01T09:00:00Z").value == dt.datetime(2026, 7, 1, 10)
    assert cleaning.parse_datetime("2026-07-01T09:00:00+0100").value == dt.datetime(2026, 7, 1, 9)
    assert cleaning.parse_datetime("31/12/2026 24:00").value == dt.datetime(2027, 1, 1)
    assert cleaning.parse_datetime("31/12/2026 25:10") == cleaning.BAD_TIME
    assert cleaning.parse_datetime("31/11/2026 10:10") == cleaning.BAD_DATE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("06:30", (6, 30)), ("6:30", (6, 30)), ("6.30", (6, 30)), ("0630", (6, 30)),
        ("630", (6, 30)), ("6:30 AM", (6, 30)), ("6.30pm", (18, 30)), ("12:05 am", (0, 5)),
        ("12:05 PM", (12, 5)), ("6pm", (18, 0)), ("06:30:00", (6, 30)), ("24:00", (0, 0)),
        ("0.4375", (10, 30)), ("18:30 PM", (18, 30)), ("6:30 a.m.", (6, 30)), ("noon", (12, 0)),
        ("0000", (0, 0)), ("2359", (23, 59)), ("1899-12-31 06:30:00", (6, 30)),
    ],
)  # fmt: skip
def test_times(text, value):
    assert cleaning.parse_time(text).value == dt.time(*value)


@pytest.mark.parametrize(
    "text", ["25:10", "7.75", "24:01", "2460", "late", "6", "6.3", "13:60", "0:00 xm", "::", "99"]
)
def test_no_such_times(text):
    assert cleaning.parse_time(text) == cleaning.BAD_TIME


@pytest.mark.parametrize(
    ("text", "value", "top", "warning"),
    [
        ("93", 93, None, None), ("92.5", 92.5, None, None), ("93%", 93, 100, "unit_normalised"),
        ("4/5", 4, 5, "unit_normalised"), ("4 out of 5", 4, 5, "unit_normalised"),
        ("7 min", 7, None, "unit_normalised"), ("1,234.5", 1234.5, None, None),
        ("£12.50", 12.5, None, "unit_normalised"), ("-3", -3, None, None), (".5", 0.5, None, None),
        ("99 per cent", 99, None, "unit_normalised"), ("5 stars", 5, None, "unit_normalised"),
    ],
)  # fmt: skip
def test_numbers(text, value, top, warning):
    assert cleaning.parse_number(text) == cleaning.Cell((value, top), None, warning)


@pytest.mark.parametrize(
    ("text", "value", "warning"),
    [
        ("7", 7, None), ("7 min", 7, "unit_normalised"), ("99%", 99, "unit_normalised"),
        ("0:14:00", 14, "unit_normalised"), ("0:14:30 min", 14.5, "unit_normalised"),
        ("1:30 hours", 1.5, "unit_normalised"), ("36:00", 2160, "unit_normalised"),
    ],
)  # fmt: skip
def test_amounts(text, value, warning):
    assert cleaning.parse_amount(text) == cleaning.Cell(value, None, warning)


def test_amounts_that_are_none_or_too_large():
    assert cleaning.parse_amount("1:75") == cleaning.BAD_NUMBER
    assert cleaning.parse_amount("1e9").error == "out_of_range"


@pytest.mark.parametrize("text", ["n/k", "8O.5", "five", "1.2.3", "4,5", "%", "12 of", "5-6", "?"])
def test_no_numbers(text):
    assert cleaning.parse_number(text) == cleaning.BAD_NUMBER


@pytest.mark.parametrize(
    "text", ["01-Jan", "12-Mar", "1.23E+09", "Jan-24", "2026-01-01 00:00:00", "#REF!", "1E+10",
             "01/02/2026", "########", "1-Jan-01", "#N/A"]
)  # fmt: skip
def test_ids_that_a_spreadsheet_changed(text):
    assert re.search(cleaning.BAD_ID, text)


@pytest.mark.parametrize(
    "text", ["1-01", "AUD-0001", "1-9990012000", "7000000001", "INC0001", "A-12-Mars", "12E", "#12"]
)
def test_ids_that_are_well(text):
    assert not re.search(cleaning.BAD_ID, text)


@given(st.dates(dt.date(1950, 1, 1), dt.date(2078, 1, 1)))
def test_every_day_is_read_day_first(day):
    for form in ("%d/%m/%Y", "%d-%b-%Y", "%Y-%m-%d", "%d %B %Y", "%d/%m/%Y - %H:%M", "%Y%m%d"):
        assert cleaning.parse_date(day.strftime(form)).value == day


@given(st.text(max_size=30))
def test_nothing_breaks_a_converter(text):
    for convert in (
        cleaning.parse_datetime, cleaning.parse_time, cleaning.parse_number, cleaning.parse_amount,
    ):  # fmt: skip
        cell = convert(text.strip() or "x")
        assert (cell.value is None) == (cell.error is not None)

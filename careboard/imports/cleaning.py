"""One cell at a time: what a piece of text means as a date, a time, a number or an identifier.

Each converter takes stripped, non-empty text and returns a Cell. They run on the distinct values
of a column, so they may be careful rather than quick.

Rule source: domain/data-shapes.md 6.3 points 4-6, 12, 13 and 15. Days come before months always:
a date is never guessed to be month first.
"""

import datetime as dt
import re
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
PLACEHOLDERS = {
    "", "n/a", "n.a.", "n.a", "na", "#n/a", "-", "--", "---", "–", "—", "null", "(null)", "nan",
    "(blank)", "not applicable",
}  # fmt: skip
FORMULA_START = r"^[\s\x00\u200b\ufeff]*[=+\-@＝＋－＠]|^[\t\r\n]"


class Cell(NamedTuple):
    """What a cell means: `value`, or `error` (a rejection code); `warning` is a warning code."""

    value: Any = None
    error: str | None = None
    warning: str | None = None


BAD_DATE = Cell(error="bad_date")
BAD_TIME = Cell(error="bad_time")
BAD_NUMBER = Cell(error="bad_number")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june",
            "jul july", "aug august", "sep sept september", "oct october", "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]?\s+", re.I)
_UK = re.compile(r"^(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"^(\d{4})([\-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_NAMED = re.compile(
    r"^(\d{1,2})(?:st|nd|rd|th)?[\s\-/.]*(?:of\s+)?([a-z]{3,9})\.?[\s\-/.,]*(\d{4}|\d{2})(?!\d)",
    re.I,
)
_US_NAMED = re.compile(r"^([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)", re.I)
_PACKED = re.compile(r"^(\d{8})(?=$|[T\s])")
_SERIAL = re.compile(r"^(\d{5})(?:[.](\d+))?$")
_OFFSET = re.compile(r"\s*(z|utc|gmt|bst|[+\-]\d{2}:?\d{2})$", re.I)
# Days 1 January 1970 to 31 December 2078: numbers below and above are not dates of care records.
_FIRST_SERIAL, _LAST_SERIAL = 25569, 65380


def parse_date(text: str) -> Cell:
    """Return Cell(date); a time of day after the date is read and left out."""
    moment = parse_datetime(text)
    if moment.value is None:
        return moment
    return moment._replace(value=moment.value.date())


def parse_datetime(text: str) -> Cell:
    """Return Cell(local naive datetime); a date alone is the start of its day.

    UTC and offsets are turned into London time. Error bad_date or bad_time, by the part that fails.
    """
    text = _WEEKDAY.sub("", text.strip())
    serial = _SERIAL.match(text)
    if serial:
        return _from_serial(text)
    day, rest = _split_date(text)
    if day is None:
        return BAD_DATE
    rest = re.sub(r"^(\s*[T,]\s*|\s+-\s+|\s*-\s*(?=\d{1,2}:)|\s+at\s+|\s+)", "", rest, flags=re.I)
    if not rest:
        return Cell(dt.datetime.combine(day, dt.time()))
    offset = _OFFSET.search(rest)
    clock = rest[: offset.start()] if offset else rest
    time = parse_time(clock.strip())
    if time.value is None:
        return BAD_TIME
    moment = dt.datetime.combine(day, time.value)
    if is_midnight_after(clock):
        moment += dt.timedelta(days=1)
    return Cell(_to_london(moment, offset[1].lower()) if offset else moment)


def _split_date(text: str) -> tuple[dt.date | None, str]:
    if found := _UK.match(text):
        return _day(found[4], int(found[3]), int(found[1])), text[found.end() :]
    if found := _ISO.match(text):
        return _day(found[1], int(found[3]), int(found[4])), text[found.end() :]
    if found := _NAMED.match(text):
        return _day(found[3], _MONTHS.get(found[2].lower(), 0), int(found[1])), text[found.end() :]
    if found := _US_NAMED.match(text):
        return _day(found[3], _MONTHS.get(found[1].lower(), 0), int(found[2])), text[found.end() :]
    if found := _PACKED.match(text):
        digits = found[1]
        # The two readings cannot both hold: 19 and 20 are no months.
        iso = _day(digits[:4], int(digits[4:6]), int(digits[6:]))
        return iso or _day(digits[4:], int(digits[2:4]), int(digits[:2])), text[found.end() :]
    return None, text


def _day(year: str, month: int, day: int) -> dt.date | None:
    number = int(year)
    if len(year) == 2:
        # Care records look at most two decades ahead.
        number += 2000 if number <= (dt.date.today().year % 100) + 20 else 1900
    if not 1900 <= number <= 2100:
        return None
    try:
        return dt.date(number, month, day)
    except ValueError:
        return None


def _from_serial(text: str) -> Cell:
    serial = float(text)
    if not _FIRST_SERIAL <= serial <= _LAST_SERIAL:
        return BAD_DATE
    # Spreadsheets count from 30 December 1899; a day's fraction is its time, to the second.
    seconds = round((serial - int(serial)) * 86_400)
    moment = dt.datetime(1899, 12, 30) + dt.timedelta(days=int(serial), seconds=seconds)
    return Cell(moment, warning="excel_serial")


def _to_london(moment: dt.datetime, offset: str) -> dt.datetime:
    if offset == "bst":
        shift = dt.timedelta(hours=1)
    elif offset in {"z", "utc", "gmt"}:
        shift = dt.timedelta()
    else:
        digits = offset.replace(":", "")
        shift = dt.timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
        shift = -shift if digits[0] == "-" else shift
    aware = (moment - shift).replace(tzinfo=dt.UTC)
    return aware.astimezone(LONDON).replace(tzinfo=None)


_CLOCK = re.compile(
    r"^(\d{1,2})(?:[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?)?\s*(a\.?m\.?|p\.?m\.?)?$", re.I
)


def parse_time(text: str) -> Cell:
    """Return Cell(time): 06:30, 6.30, 0630, 6:30 AM, 6pm, 24:00 (as 00:00), a day's fraction."""
    text = text.strip().rstrip("Zz").removesuffix(" hrs").removesuffix("hrs").strip()
    if text.lower() in {"noon", "midday"}:
        return Cell(dt.time(12))
    if re.fullmatch(r"0?\.\d{3,}", text):
        seconds = round(float(text) * 86_400)
        return Cell((dt.datetime.min + dt.timedelta(seconds=seconds)).time())
    if re.fullmatch(r"\d{3,4}", text):
        text = f"{text[:-2]}:{text[-2:]}"
    if found := _UK.match(text) or _ISO.match(text):
        # A spreadsheet shows a bare time as a moment of its first day.
        return parse_time(text[found.end() :].lstrip(" T")) if found[0] != text else BAD_TIME
    found = _CLOCK.match(text)
    if not found or not (found[2] or found[4]):
        return BAD_TIME
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if found[4] and found[2] is None and hour == 0:
        return BAD_TIME
    if found[4] and hour <= 12:
        hour = hour % 12 + (12 if found[4][0].lower() == "p" else 0)
    if (hour, minute, second) == (24, 0, 0):
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return BAD_TIME
    return Cell(dt.time(hour, minute, second))


def is_midnight_after(text: str) -> bool:
    """Return whether a time is 24:00, the end of its day rather than the start."""
    return bool(re.fullmatch(r"24[:.]?00([:.]00)?\s*(hrs)?", text.strip()))


_NUMBER = re.compile(r"^([+\-]?)\s*£?\s*(\d{1,3}(?:,\d{3})+|\d+)?(\.\d+)?$")
_UNIT = re.compile(r"^([+\-]?\s*£?[\d.,]+)\s*(%|per ?cent|pct|points?|pts?|marks?|stars?|beds?|"
                   r"places?|days?|hours?|hrs?|h|minutes?|mins?|min)\.?$", re.I)  # fmt: skip
_OUT_OF = re.compile(r"^([\d.,]+)\s*(?:/|\\|out of|of)\s*([\d.,]+)\.?$", re.I)


def parse_number(text: str) -> Cell:
    """Return Cell((value, maximum or None)); a unit or maximum beside it warns unit_normalised."""
    found = _OUT_OF.match(text)
    if found:
        value, top = _number(found[1]), _number(found[2])
        if value is None or not top:
            return BAD_NUMBER
        return Cell((value, top), warning="unit_normalised")
    unit = _UNIT.match(text)
    value = _number(unit[1] if unit else text)
    if value is None:
        return BAD_NUMBER
    warning = "unit_normalised" if unit or "£" in text else None
    return Cell((value, 100.0 if unit and unit[2] == "%" else None), warning=warning)


def _number(text: str) -> float | None:
    if re.fullmatch(r"[+\-]?\d+(\.\d+)?e[+\-]?\d{1,2}", text, re.I):
        return float(text)
    found = _NUMBER.match(text.strip())
    if not found or not (found[2] or found[3]):
        return None
    return float(found[1] + (found[2] or "0").replace(",", "") + (found[3] or ""))


_DURATION = re.compile(r"^(\d{1,4}):([0-5]\d)(?::([0-5]\d))?(?:\s+(.*))?$")
_LARGEST = 1e9


def parse_amount(text: str) -> Cell:
    """As `parse_number`, without a maximum; a duration (`0:14:00`, written before its unit) is
    told in minutes, or in hours where that is the unit, and warns unit_normalised."""
    found = _DURATION.match(text)
    if found:
        minutes = int(found[1]) * 60 + int(found[2]) + int(found[3] or 0) / 60
        hours = (found[4] or "").casefold().startswith("h")
        return Cell(round(minutes / 60 if hours else minutes, 4), warning="unit_normalised")
    cell = parse_number(text)
    if cell.value is None:
        return cell
    value = cell.value[0]
    return cell._replace(value=value) if abs(value) < _LARGEST else Cell(error="out_of_range")


# What a spreadsheet makes of 1-01, 12-03, 1234567890 or a failed formula.
BAD_ID = (
    r"(?i)^(\d{1,2}[-\s](jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
    r"([-\s]\d{2,4})?"
    r"|(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*[-\s]\d{2,4}"
    r"|[+\-]?\d+([.,]\d+)?e\+?\d+"
    r"|\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?"
    r"|\d{1,2}/\d{1,2}/\d{2,4}( \d{1,2}:\d{2}(:\d{2})?)?"
    r"|#+|#(ref|value|name|num|div/0|null|n/a)[!?]?)$"
)

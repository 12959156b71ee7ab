"""The sheet of readings as it is typed: its fields, and what was written in them.

Field names are those of `entries.Entry.at`: `value-<indicator>-<day>`, and so on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from wtforms import FloatField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import TextInput

from careboard.clock import day_words
from careboard.form_fields import one_line
from careboard.recovery.entries import Entry
from careboard.recovery.models import Indicator
from careboard.recovery.queries import Line

_NUMBER = re.compile(r"-?([0-9]{1,10}|[0-9]{1,3}(,[0-9]{3}){1,3})(\.[0-9]{1,4})?")
WRONG = "Write a number with at most four places, such as 82.5."
PARTS = ("numerator", "denominator", "value")


def number(written: str) -> float | None:
    """What was written as a number; empty is None.

    A percent sign is let pass, and so are commas between thousands. Raises ValueError, whose
    message tells what to write.
    """
    plain = one_line(written).removesuffix("%").rstrip()
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain):
        raise ValueError(WRONG)
    return float(plain.replace(",", ""))


def shown(value: float | None) -> str:
    """A number as a person would type it."""
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


class Amount(FloatField):
    """A number with as many places as a reading has; empty is None."""

    widget = TextInput()

    def __init__(self, label: str, required: str = "", **kwargs) -> None:
        rules = [InputRequired(required) if required else Optional()]
        super().__init__(label, rules, render_kw={"inputmode": "decimal", "size": 9}, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = number(valuelist[0]) if valuelist else None

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else shown(self.data)


@dataclass(frozen=True, slots=True)
class Box:
    """One field of a line, with what stands in it and what is wrong with it; `label` tells it from
    all others of the sheet."""

    part: str
    name: str
    label: str
    typed: str
    error: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line with its fields; those of a period that has a reading are `kept`, and typed no more
    unless they were sent."""

    line: Line
    boxes: Sequence[Box]
    kept: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a sheet. `errors` {field: message} in the order of the lines."""

    lines: Sequence[SheetLine]
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        """How many lines have no reading yet."""
        return sum(not one.kept for one in self.lines)

    @property
    def done(self) -> int:
        return len(self.lines) - self.missing

    def rows(self) -> Iterator[tuple[Indicator, list[SheetLine]]]:
        """Each indicator with its lines: seven of one that is read daily."""
        for _, own in groupby(self.lines, key=lambda one: one.line.indicator.id):
            lines = list(own)
            yield lines[0].line.indicator, lines

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """(field, whose it is, message) of everything that is wrong."""
        for one in self.lines:
            for box in one.boxes:
                if box.error:
                    yield box.name, box.label, box.error


def parts_of(indicator: Indicator) -> tuple[str, ...]:
    """What is typed for it: a proportion may be told by its two counts."""
    proportion = indicator.unit == "percent" or indicator.denominator_name
    return PARTS if proportion else ("value",)


def lay_out(
    lines: Sequence[Line],
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Sheet:
    """The sheet as it is shown, with what was typed and what is wrong with it."""
    typed, errors = typed or {}, errors or {}
    return Sheet([_shown(line, typed, errors) for line in lines], errors)


def read(lines: Sequence[Line], form: Mapping[str, str]) -> tuple[list[Entry], dict[str, str]]:
    """What the form says for those lines, and what is no number: {field: message}."""
    entries, errors = [], {}
    for line in lines:
        blank = _entry(line)
        amounts: dict[str, float | None] = {}
        for part in parts_of(line.indicator):
            name = blank.at(part)
            try:
                amounts[part] = number(form.get(name, ""))
            except ValueError as error:
                errors[name] = str(error)
        entries.append(Entry(**amounts, indicator_id=blank.indicator_id, on=blank.on))
    return entries, errors


def _entry(line: Line) -> Entry:
    return Entry(indicator_id=line.indicator.id, on=line.period.start)


def _shown(line: Line, typed: Mapping[str, str], errors: Mapping[str, str]) -> SheetLine:
    entry = _entry(line)
    boxes = []
    for part in parts_of(line.indicator):
        name = entry.at(part)
        label = f"{line.indicator.name}, {_when(line)}: {_words(line.indicator, part)}"
        boxes.append(Box(part, name, label, typed.get(name, ""), errors.get(name, "")))
    kept = line.reading is not None and not any(box.error for box in boxes)
    return SheetLine(line, boxes, kept)


def _when(line: Line) -> str:
    if line.indicator.cadence == "month":
        return f"{line.period.start:%B %Y}"
    end = line.period.end
    day = day_words(end)
    return day if line.indicator.cadence == "day" else f"week to {day}"


def _words(indicator: Indicator, part: str) -> str:
    return getattr(indicator, f"{part}_name", "") or part

"""Fields that forms of several features share: days, texts, choices of rows, the row's version."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from uuid import UUID

from flask import g, request
from wtforms import (
    DateField,
    DecimalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget, TextInput

from careboard.imports.privacy import scan

FIRST_YEAR, LAST_YEAR = 2000, 2100
_NUMBER = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,2})?")


def tidy(value: str | None) -> str:
    """Text that the database can hold, without blanks around it."""
    return (value or "").replace("\x00", "").replace("\r\n", "\n").strip()


def one_line(value: str | None) -> str:
    return " ".join(tidy(value).split())


def known_id(value: str | UUID | None) -> UUID | None:
    """None for nothing; what is no id raises ValueError, and so is refused as not a choice."""
    return UUID(str(value)) if value else None


class Day(DateField):
    """A calendar day between 2000 and 2100; empty is None."""

    def __init__(self, label: str, required: str = "", **kwargs) -> None:
        super().__init__(label, [InputRequired(required) if required else Optional()], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = date.fromisoformat(valuelist[0].strip())
        except ValueError:
            self.data = None
        if self.data is None or not FIRST_YEAR <= self.data.year <= LAST_YEAR:
            self.data = None
            raise ValueError("This is not a date. Write it as year-month-day, e.g. 2026-11-20.")


class Number(DecimalField):
    """A number with at most two places; empty is None. Commas and a percent sign are let pass."""

    def __init__(self, label: str, **kwargs) -> None:
        kwargs["render_kw"] = {"inputmode": "decimal"} | kwargs.get("render_kw", {})
        super().__init__(label, [Optional()], widget=TextInput(), places=None, **kwargs)

    def _value(self) -> str:
        """What was typed; of a number that is filled in, no needless zero."""
        shown = super()._value()
        return shown if self.raw_data else shown.removesuffix(".0")

    def process_formdata(self, valuelist: list[str]) -> None:
        written = one_line(valuelist[0]).replace(",", "").removesuffix("%") if valuelist else ""
        self.data = None
        if not written:
            return
        if not _NUMBER.fullmatch(written):
            raise ValueError("Write a number with at most two places, such as 82.5.")
        self.data = Decimal(written)


class Line(StringField):
    """One line of text."""

    def __init__(self, label: str, required: str = "", most: int = 300, **kwargs) -> None:
        super().__init__(label, _rules(required, most), [one_line], **kwargs)


class FreeText(TextAreaField):
    """Text in people's own words, read over for personal data before it is kept.

    What looks like a name, number or code is refused until the person takes it out or confirms
    that it is nobody's who is cared for; `held` then asks the page for that box. Source: DESIGN
    section 7, Privacy.
    """

    held = False

    def post_validate(self, form, validation_stopped: bool) -> None:
        if validation_stopped or not self.data or self.data == self.object_data:
            return
        found = scan(self.data)
        if not found:
            return
        if request.form.get(f"{self.name}-confirmed"):
            g.setdefault("confirmed_texts", []).append(self.name)
            return
        self.held = True
        shown = ", ".join(f"“{self.data[one.start : one.end].strip()}”" for one in found[:3])
        refusal = (
            f"{shown} may be personal data. CareBoard keeps no names, numbers or codes of people "
            "who are cared for: take it out, or tick the box."
        )
        self.errors = [*self.errors, refusal]


class Words(FreeText):
    """Some lines of text."""

    def __init__(self, label: str, required: str = "", most: int = 5_000, **kwargs) -> None:
        kwargs["render_kw"] = {"rows": 3} | kwargs.get("render_kw", {})
        super().__init__(label, _rules(required, most), [tidy], **kwargs)


class RowChoice(SelectField):
    """A choice among rows, by id; empty is None. Give the rows with `offer`."""

    def __init__(self, label: str, required: str = "", **kwargs) -> None:
        rules = [InputRequired(required)] if required else [Optional()]
        super().__init__(label, rules, coerce=known_id, choices={"": "–"}, **kwargs)
        # The templates' field macro goes by this name; so below.
        self.type = "SelectField"

    def offer(self, rows, nothing: str) -> None:
        """Rows with id and name; `nothing` are the words of the empty choice."""
        self.choices = {"": nothing} | {str(row.id): row.name for row in rows}


class Ticks(SelectMultipleField):
    """Several choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, *rules, **kwargs) -> None:
        super().__init__(label, rules, **kwargs)
        self.type = "SelectMultipleField"


class Version(IntegerField):
    """The version of the row that the person saw, carried along unseen."""

    def __init__(self, **kwargs) -> None:
        super().__init__("Version", [Optional()], widget=HiddenInput(), **kwargs)


def _rules(required: str, most: int) -> list:
    short = Length(max=most, message=f"Say it in at most {most:,} characters.")
    return [DataRequired(required), short] if required else [Optional(), short]

"""The form of a contract's threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField

from careboard.form_fields import Day, Line, Number, Words
from careboard.sharing.thresholds import WAY_WORDS, Facts


class ThresholdForm(FlaskForm):
    """`offer` first."""

    words = Line(
        "What is reached",
        "Say what must be reached.",
        most=300,
        description="For example: visits without a carer a day before they start.",
    )
    commissioner = Line("Commissioner or contract", most=200)
    measure = SelectField(
        "Indicator",
        default="",
        description="Its present value is then shown whenever somebody decides.",
    )
    number = Number("Reached at")
    way = SelectField("", default="", choices={"": "Direction"} | WAY_WORDS)
    unit = Line("Unit", most=40)
    in_use_from = Day("Holds from", "Say from which day it holds.")
    ends = BooleanField("From that day there is no such threshold any more")
    reason = Words("Why", "Say why the threshold is this.", most=2_000)

    def offer(self, measures: Mapping[str, str]) -> None:
        self.measure.choices = {"": "None: a matter of judgement"} | measures

    def begin(self, row: Any) -> None:
        """As the one that it replaces."""
        self.words.data, self.commissioner.data = row.words, row.commissioner
        self.measure.data, self.number.data = row.measure or "", row.number
        self.way.data, self.unit.data = row.way or "", row.unit

    def facts(self) -> Facts:
        return Facts(
            words=self.words.data,
            reason=self.reason.data or "",
            in_use_from=self.in_use_from.data,
            commissioner=self.commissioner.data or "",
            measure=self.measure.data or "",
            way=self.way.data or "",
            number=self.number.data,
            unit=self.unit.data or "",
            in_use=not self.ends.data,
        )

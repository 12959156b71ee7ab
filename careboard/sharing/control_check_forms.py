"""The form of the check four weeks after controls began."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from careboard.form_fields import Line, RowChoice, Words
from careboard.sharing.control_check import Figures
from careboard.sharing.control_check_rule import Sides


def _count(label: str) -> IntegerField:
    return IntegerField(
        label,
        [Optional(), NumberRange(0, 10_000_000, "Give a number of records.")],
        render_kw={"inputmode": "numeric"},
    )


class CheckForm(FlaskForm):
    """Figures of an indicator, or typed with their source."""

    indicator_id = RowChoice("Indicator")
    source = Line("Or where the counts come from", most=200,
                  description="Only where no indicator holds them.")  # fmt: skip
    before_count = _count("Delayed or missed before")
    before_of = _count("Of all before")
    after_count = _count("Delayed or missed after")
    after_of = _count("Of all after")
    findings = Words("Findings", "Say what the figures show and what follows.", most=3_000)
    sitting = RowChoice("Sitting of the governance group")

    def figures(self) -> Figures:
        """Of the indicator, when one was chosen; else as typed."""
        if self.indicator_id.data:
            return Figures(indicator_id=self.indicator_id.data)
        counts = [
            self[name].data for name in ("before_count", "before_of", "after_count", "after_of")
        ]
        typed = None if any(one is None for one in counts) else Sides(*counts)
        return Figures(source=self.source.data or "", typed=typed)

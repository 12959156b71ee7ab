"""Forms of the retention pages."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField
from wtforms.validators import Optional

from careboard.form_fields import Line
from careboard.retention.classes import CLASSES


class PeriodForm(FlaskForm):
    """How long a class of records is kept."""

    days = IntegerField("Days that they are kept", [Optional()], render_kw={"inputmode": "numeric"})
    reason = Line("Why so long", "Say why, for whoever asks later.")


class HoldForm(FlaskForm):
    """Keep records whatever their age."""

    record_class = SelectField(
        "What is held",
        [Optional()],
        choices={"": "All records"} | {code: one.name for code, one in CLASSES.items()},
    )
    reason = Line("Who asked for it, and why", "Say who asked for the hold and why.")


class ReasonForm(FlaskForm):
    """A reason alone: for lifting a hold, and for disposing."""

    reason = Line("On whose word, and why", "Say on whose word, and why.", id="on-whose-word")

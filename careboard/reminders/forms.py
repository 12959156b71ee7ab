"""Forms of the deliveries and preferences pages."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField, SearchField, SelectField
from wtforms.validators import InputRequired, Length, Optional

from careboard.form_fields import one_line
from careboard.reminders.queries import FATES, KINDS

MAIL_MODES = {
    "daily": "Every working day: due soon, due today, overdue, awaiting your verification",
    "weekly": "Mondays: one digest for the week, with everything that falls due in it",
    "urgent": "Only what is overdue, week after week until it is done",
}


class DeliveryFilter(FlaskForm):
    """Read from the address; an unknown value filters nothing."""

    class Meta:
        csrf = False

    fate = SelectField("Fate", choices={"": "Any fate"} | FATES, default="")
    kind = SelectField("Kind", choices={"": "Any kind"} | KINDS, default="")
    q = SearchField(
        "Name, address or subject", [Optional(), Length(max=200)], [one_line], default=""
    )

    def chosen(self) -> dict[str, str]:
        """The valid choices, without the empty ones."""
        self.validate()
        fields = (self.fate, self.kind, self.q)
        return {f.name: f.data for f in fields if f.data and not f.errors}


class MailModeForm(FlaskForm):
    """How often a person gets digests."""

    mail_mode = RadioField(
        "When should your digest come?",
        [InputRequired("Choose how often you want your digest.")],
        choices=MAIL_MODES,
    )

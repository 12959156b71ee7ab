"""The forms of a communication and of its answer."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from careboard.form_fields import Day, Line, RowChoice, Words
from careboard.sharing.communications import (
    CHANNEL_WORDS,
    DIRECTION_WORDS,
    Links,
)
from careboard.sharing.words import RECIPIENT_WORDS


class AnswerForm(FlaskForm):
    """What was answered."""

    answered = Words(
        "What was answered",
        "Say what was answered.",
        most=3_000,
        description="Name no resident and no member of staff.",
    )
    answered_on = Day("Answered on", "Give the day.")


class CommunicationForm(FlaskForm):
    """What was said to somebody outside, or by them."""

    service_id = RowChoice("Service", "Choose the service that it is about.")
    direction = RadioField(
        "Who spoke",
        [InputRequired("Say who spoke.")],
        choices=DIRECTION_WORDS,
        default="out",
    )
    decision_id = RowChoice("Sharing decision")
    tracked_id = RowChoice("Tracked commissioner concern")
    update_id = RowChoice("Recovery update")
    pack_id = RowChoice("Pack that was sent or spoken of")
    on = Day("On", "Give the day.")
    channel = SelectField("How", choices=CHANNEL_WORDS, default="phone")
    partner_kind = SelectField("Kind of partner", choices=RECIPIENT_WORDS)
    partner = Line(
        "Authority or team",
        "Name the authority or team.",
        most=200,
        description="For example “Northshire contracts team”.",
    )
    person_role = Line(
        "Role of the person",
        "Give the role of the person.",
        most=120,
        description="A role, never a name: for example “contracts officer”.",
    )
    said = Words(
        "What was said",
        "Say what was said.",
        most=5_000,
        description="The risk, the present controls and the recovery action. Name no resident and "
        "no member of staff.",
        render_kw={"rows": 5},
    )
    answer_due_on = Day("Answer asked for by")
    answered = Words("What was answered", most=3_000, description="Leave empty if nothing was yet.")
    answered_on = Day("Answered on")

    def values(self) -> dict[str, Any]:
        """The keywords of `communications.record`."""
        plain = ("service_id", "direction", "on", "channel", "partner_kind", "partner")
        return {
            **{name: self[name].data for name in (*plain, "person_role", "answer_due_on")},
            "said": self.said.data,
            "about": Links(
                self.decision_id.data, self.tracked_id.data, self.update_id.data, self.pack_id.data
            ),
        }

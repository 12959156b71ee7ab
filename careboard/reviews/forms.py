"""Forms of the reviews."""

from __future__ import annotations

from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from careboard.reviews.cadence import EXPECTED, RHYTHMS
from careboard.vocabulary import FORUMS

_TEXT = Length(max=4000, message="Write at most 4,000 characters.")
KIND_WORDS = {"decision": "Decision", "challenge": "Challenge", "note": "Note"}
ASSURANCE_WORDS = {
    "given": "Assurance given",
    "partial": "Partial assurance",
    "withheld": "Assurance withheld",
}


def clean(value: str | None) -> str:
    """Without what a database text cannot hold, and with one kind of line end."""
    return (value or "").replace("\x00", "").replace("\r\n", "\n").strip()


class SittingForm(FlaskForm):
    """Opens a sitting of one of the forums that the person runs."""

    forum = SelectField("Review", validators=[InputRequired("Choose a review.")])
    service = SelectField("Service", description="For the weekly manager review.")
    period_from = DateField("Period from", [InputRequired("Give the first day.")])
    period_to = DateField("Period to", [InputRequired("Give the last day.")])

    def offer(self, *, services: list[tuple[UUID, str]], whole_organisation: bool) -> None:
        """The choices within the person's rights."""
        self.forum.choices = [
            (forum, FORUMS[forum])
            for forum in EXPECTED
            if RHYTHMS[forum].per_service or whole_organisation
        ]
        self.service.choices = [("", "Whole organisation")] if whole_organisation else []
        self.service.choices += [(str(service_id), name) for service_id, name in services]

    @property
    def service_id(self) -> UUID | None:
        return UUID(self.service.data) if self.service.data else None


class EntryForm(FlaskForm):
    """A decision, challenge or note. `place` keeps the ids of several such forms apart."""

    kind = SelectField("Record a", validators=[InputRequired("Choose what you record.")])
    text = TextAreaField(
        "What is to stand in the minutes",
        [InputRequired("Write what is to stand in the minutes."), _TEXT],
        filters=[clean],
    )

    def place(self, kinds: tuple[str, ...], suffix: object = "sitting") -> EntryForm:
        self.kind.choices = [(kind, KIND_WORDS[kind]) for kind in kinds]
        self.kind.id, self.text.id = f"kind-{suffix}", f"text-{suffix}"
        return self


class AnswerForm(FlaskForm):
    text = TextAreaField(
        "Answer", [InputRequired("Write the answer."), _TEXT], filters=[clean]
    )

    def place(self, suffix: object) -> AnswerForm:
        self.text.id = f"answer-{suffix}"
        return self


class MatterForm(FlaskForm):
    title = StringField(
        "Matter",
        [InputRequired("Say what the matter is."), Length(max=300)],
        filters=[clean],
    )


class MinutesForm(FlaskForm):
    """Attendance, summary and assurance; nothing is required until the minutes are signed."""

    attendance = TextAreaField(
        "Attendance", [_TEXT], filters=[clean], description="Who took part, and in what role."
    )
    summary = TextAreaField(
        "Summary",
        [_TEXT],
        filters=[clean],
        description="What was found, and what follows. Needed before signing.",
    )
    assurance = SelectField(
        "Assurance",
        choices=[("", "Not yet stated"), *ASSURANCE_WORDS.items()],
        description="Whether the actions in hand are enough. Needed before signing.",
    )
    seen = HiddenField()


class SignForm(FlaskForm):
    read = BooleanField(
        "I have read these minutes. Once signed, nobody can alter them.",
        [InputRequired("Confirm that you have read the minutes.")],
    )
    seen = HiddenField()

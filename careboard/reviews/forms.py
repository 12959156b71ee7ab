"""Forms of the reviews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from careboard.reviews.cadence import EXPECTED, RHYTHMS
from careboard.reviews.reading import Minutes
from careboard.reviews.rights import MOST_TEXT
from careboard.vocabulary import FORUMS

_TEXT = Length(max=MOST_TEXT)
KIND_WORDS = {"decision": "Decision", "challenge": "Challenge", "note": "Note"}
ASSURANCE_WORDS = {
    "given": "Assurance given",
    "partial": "Partial assurance",
    "withheld": "Assurance withheld",
}


def read_filters(args: Mapping[str, str], services: list[tuple[UUID, str]]) -> dict[str, Any]:
    """Which sittings a list asks for; unknown values are ignored, as a shared link grows old."""
    own = {str(service_id): service_id for service_id, _ in services}
    page = args.get("page", "1")
    return {
        "forum": args.get("forum") if args.get("forum") in RHYTHMS else "",
        "service_id": own.get(args.get("service", "")),
        "status": args.get("status") if args.get("status") in ("open", "signed") else "",
        "page": int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    }


def clean(value: str | None) -> str:
    """Without what a database text cannot hold, and with one kind of line end."""
    return (value or "").replace("\x00", "").replace("\r\n", "\n").strip()


class SittingForm(FlaskForm):
    """Opens a sitting of one of the forums that the person runs."""

    forum = SelectField("Review", validators=[InputRequired("Choose a review.")])
    service = SelectField("Service", description="For the weekly manager review.")
    period_from = DateField("Period from", [Optional()])
    period_to = DateField("Period to", [Optional()])

    def offer(self, *, services: list[tuple[UUID, str]], whole_organisation: bool) -> None:
        """The choices within the person's rights."""
        self.forum.choices = [
            (forum, FORUMS[forum])
            for forum in EXPECTED
            if RHYTHMS[forum].per_service or whole_organisation
        ]
        self.service.choices = [("", "Whole organisation")] if whole_organisation else []
        self.service.choices += [(str(service_id), name) for service_id, name in services]

    def prefill(self, asked: Mapping[str, str]) -> None:
        """Choose what the address asks for, where it is on offer, else the first choice."""
        for field in (self.forum, self.service):
            offered = [value for value, _ in field.choices]
            chosen = asked.get(field.name, "")
            field.data = chosen if chosen in offered else next(iter(offered), "")

    @property
    def service_id(self) -> UUID | None:
        return UUID(self.service.data) if self.service.data else None

    def values(self) -> dict[str, Any]:
        """The arguments of `open_sitting`."""
        return {
            "forum": self.forum.data,
            "service_id": self.service_id,
            "period_from": self.period_from.data,
            "period_to": self.period_to.data,
        }


class EntryForm(FlaskForm):
    """A decision, challenge or note. `place` keeps the ids of several such forms apart."""

    kind = SelectField("Record a", validators=[InputRequired("Choose what you record.")])
    text = TextAreaField(
        "What is to stand in the minutes",
        [InputRequired("Write what is to stand in the minutes."), _TEXT],
        filters=[clean],
    )

    def place(self, kinds: tuple[str, ...], suffix: object) -> EntryForm:
        self.kind.choices = [(kind, KIND_WORDS[kind]) for kind in kinds]
        self.kind.id, self.text.id = f"kind-{suffix}", f"text-{suffix}"
        return self

    def values(self) -> dict[str, str]:
        return {"kind": self.kind.data or "", "text": self.text.data}


class AnswerForm(FlaskForm):
    text = TextAreaField("Answer", [InputRequired("Write the answer."), _TEXT], filters=[clean])

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

    def values(self) -> dict[str, Any]:
        """The arguments of `save_minutes`."""
        return {
            "attendance": self.attendance.data,
            "summary": self.summary.data,
            "assurance": self.assurance.data or None,
            "seen": self.seen.data or "",
        }

    def show(self, minutes: Minutes, *, typed: bool) -> bool:
        """Fill in what is stored, or keep what was typed; True when that was overtaken."""
        overtaken = typed and self.seen.data != minutes.version
        self.seen.data = minutes.version
        if not typed:
            self.attendance.data, self.summary.data = minutes.attendance, minutes.summary
            self.assurance.data = minutes.sitting.assurance or ""
        return overtaken


class SignForm(FlaskForm):
    read = BooleanField(
        "I have read these minutes. Once signed, nobody can alter them.",
        [InputRequired("Confirm that you have read the minutes.")],
    )
    seen = HiddenField()

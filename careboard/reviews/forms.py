"""Forms of the reviews."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from careboard.errors import Invalid
from careboard.form_fields import FreeText, Ticks
from careboard.reviews.cadence import RHYTHMS
from careboard.reviews.reading import Minutes
from careboard.reviews.rights import MOST_TEXT
from careboard.vocabulary import FORUMS

_TEXT = Length(max=MOST_TEXT)
KIND_WORDS = {
    "decision": "Decision",
    "challenge": "Challenge",
    "note": "Note",
    "withheld": "Assurance withheld",
}
ASSURANCE_WORDS = {
    "given": "Assurance given",
    "partial": "Partial assurance",
    "withheld": "Assurance withheld",
}


def read_filters(args: Mapping[str, str], services: list[tuple[UUID, str]]) -> dict[str, Any]:
    """Which sittings a list asks for; unknown values are ignored, as a shared link grows old."""
    own = {str(service_id): service_id for service_id, _ in services}
    return {
        "forum": args.get("forum") if args.get("forum") in RHYTHMS else "",
        "service_id": own.get(args.get("service", "")),
        "status": args.get("status") if args.get("status") in ("open", "signed") else "",
        "page": read_page(args),
    }


def read_page(args: Mapping[str, str]) -> int:
    """The page that a list asks for; nonsense is the first."""
    page = args.get("page", "1")
    return int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1


def clean(value: str | None) -> str:
    """Without what a database text cannot hold, and with one kind of line end."""
    return (value or "").replace("\x00", "").replace("\r\n", "\n").strip()


class SittingForm(FlaskForm):
    """Opens a sitting of one of the forums that the person runs."""

    forum = SelectField("Review", validators=[InputRequired("Choose a review.")])
    service = SelectField("Service", description="For the weekly reviews of one service.")
    period_from = DateField("Period from", [Optional()])
    period_to = DateField("Period to", [Optional()])

    def offer(self, *, forums: Collection[str], services: list[tuple[UUID, str]]) -> None:
        """The choices within the person's rights."""
        self.forum.choices = {forum: FORUMS[forum] for forum in FORUMS if forum in forums}
        whole = any(not RHYTHMS[forum].per_service for forum in forums)
        self.service.choices = {"": "Whole organisation"} if whole else {}
        if any(RHYTHMS[forum].per_service for forum in forums):
            self.service.choices |= _by_id(services)

    def prefill(self, asked: Mapping[str, str]) -> None:
        """Choose what the address asks for, where it is on offer, else the first choice."""
        for field in (self.forum, self.service):
            chosen = asked.get(field.name, "")
            field.data = chosen if chosen in field.choices else next(iter(field.choices), "")

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
    """A decision, challenge, note or withheld assurance. `place` keeps the ids of several such
    forms apart."""

    kind = SelectField("Record a", validators=[InputRequired("Choose what you record.")])
    text = FreeText(
        "What is to stand in the minutes",
        [InputRequired("Write what is to stand in the minutes."), _TEXT],
        filters=[clean],
    )

    def place(self, kinds: tuple[str, ...], suffix: object) -> EntryForm:
        self.kind.choices = {kind: KIND_WORDS[kind] for kind in kinds}
        self.kind.id, self.text.id = f"kind-{suffix}", f"text-{suffix}"
        return self

    def values(self) -> dict[str, str]:
        return {"kind": self.kind.data or "", "text": self.text.data}


class AnswerForm(FlaskForm):
    text = FreeText("Answer", [InputRequired("Write the answer."), _TEXT], filters=[clean])

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

    present = Ticks("Present")
    apologies = Ticks("Sent apologies")
    guest = SelectField("Somebody else who took part", default="")
    inquorate_reason = FreeText("Why it went ahead without a quorum", [_TEXT], filters=[clean])
    # Names are what it asks for: of those who sat there, never of those who are cared for.
    attendance = TextAreaField(
        "Others who took part",
        [_TEXT],
        filters=[clean],
        description="People without a sign-in, and in what role.",
    )
    summary = FreeText(
        "Summary",
        [_TEXT],
        filters=[clean],
        description="What was found, and what follows. Needed before signing.",
    )
    assurance = SelectField(
        "Assurance",
        choices={"": "Not yet stated"} | ASSURANCE_WORDS,
        description="Whether the actions in hand are enough. Needed before signing.",
    )
    seen = HiddenField()

    def offer(self, minutes: Minutes, people: list[tuple[UUID, str]]) -> None:
        """Whoever belongs to the sitting to tick, everyone else to add."""
        listed = {person.id for person in minutes.roll.people}
        self.present.choices = self.apologies.choices = {
            str(person.id): f"{person.name}, chair" if person.part == "chair" else person.name
            for person in minutes.roll.people
        }
        others = _by_id((who, words) for who, words in people if who not in listed)
        self.guest.choices = {"": "Nobody else"} | others

    def values(self) -> dict[str, Any]:
        """The arguments of `save_minutes`. Raises Invalid (apologies) for one who is ticked in
        both lists."""
        present, apologies = set(self.present.data or ()), set(self.apologies.data or ())
        if present & apologies:
            raise Invalid("Nobody can be present and send apologies. Untick one.", "apologies")
        if self.guest.data:
            present.add(self.guest.data)
        marks = dict.fromkeys(present, "present") | dict.fromkeys(apologies, "apologies")
        return {
            "present": {UUID(person): mark for person, mark in marks.items()},
            "inquorate_reason": self.inquorate_reason.data or "",
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
            people = minutes.roll.people
            self.present.data = [str(p.id) for p in people if p.status == "present"]
            self.apologies.data = [str(p.id) for p in people if p.status == "apologies"]
            self.inquorate_reason.data = minutes.inquorate_reason
            self.attendance.data, self.summary.data = minutes.attendance, minutes.summary
            self.assurance.data = minutes.sitting.assurance or ""
        return overtaken


class RuleForm(FlaskForm):
    """Since when a forum's sittings are expected, and how many members they need."""

    service = SelectField("Service", default="")
    in_use_from = DateField(
        "In use from", [Optional()], description="Sittings are due from that day."
    )
    quorum = IntegerField(
        "Quorum", [Optional()], description="Members who must be present. Empty: no number is set."
    )

    def offer(self, services: list[tuple[UUID, str]]) -> None:
        self.service.choices = _places(services)


class MemberForm(FlaskForm):
    """Somebody's term in a forum."""

    membership = SelectField("Person", validators=[InputRequired("Choose a person.")])
    part = SelectField("Part", choices={"member": "Member", "chair": "Chair"}, default="member")
    service = SelectField("Service", default="")
    from_on = DateField("From", [Optional()], description="Empty: today.")

    def offer(self, services: list[tuple[UUID, str]], people: list[tuple[UUID, str]]) -> None:
        self.service.choices = _places(services)
        self.membership.choices = {"": "Choose"} | _by_id(people)

    def values(self) -> dict[str, Any]:
        """The arguments of `appoint`."""
        return {
            "service_id": place_of(self.service),
            "membership_id": UUID(self.membership.data),
            "part": self.part.data,
            "from_on": self.from_on.data,
        }


class EndForm(FlaskForm):
    until_on = DateField("Last day", [Optional()], description="Empty: today.")


def _by_id(rows: Iterable[tuple[UUID, str]]) -> dict[str, str]:
    return {str(row_id): words for row_id, words in rows}


def _places(services: list[tuple[UUID, str]]) -> dict[str, str]:
    return {"": "All services"} | _by_id(services)


def place_of(field: SelectField) -> UUID | None:
    """The service that was chosen; None for all of them."""
    return UUID(field.data) if field.data else None


class SignForm(FlaskForm):
    read = BooleanField(
        "I have read these minutes. Once signed, nobody can alter them.",
        [InputRequired("Confirm that you have read the minutes.")],
    )
    seen = HiddenField()

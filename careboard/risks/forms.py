"""Forms of the risk profile: a rating always comes with its cause, reasons and evidence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import InputRequired, Length, Optional

from careboard import uploads
from careboard.risks.queries import Filters
from careboard.risks.service import Basis, NewEvidence
from careboard.vocabulary import ASSURANCE_STATES, DOMAINS, RATINGS

MOST_TEXT = 4_000
RATING_WORDS = {
    "low": "Low",
    "moderate": "Moderate",
    "high": "High",
    "very_high": "Very high",
}
KIND_WORDS = {
    "audits": "Audits",
    "care_records": "Care records",
    "feedback": "Feedback",
    "staff_practice": "Staff practice",
}


def clean(value: str | None) -> str:
    """Without what a database text cannot hold, and with one kind of line end."""
    return (value or "").replace("\x00", "").replace("\r\n", "\n").strip()


def _known_id(value: str | UUID | None) -> UUID | None:
    """None for nothing; what is no id raises ValueError, and so is refused as not a choice."""
    return UUID(str(value)) if value else None


class RatingForm(FlaskForm):
    """A review of a rating. `evidence` is given its choices by `offer`."""

    rating = RadioField(
        "Rating", [InputRequired("Choose a rating.")], choices=list(RATING_WORDS.items())
    )
    rationale = TextAreaField(
        "Reasons for this rating",
        [InputRequired("Give the reasons for this rating."), Length(max=MOST_TEXT)],
        [clean],
        description="What the evidence shows about the original cause. Name no resident.",
    )
    outcome_position = TextAreaField(
        "Outcome position",
        [Length(max=MOST_TEXT)],
        [clean],
        description="Where things stand against the outcome, for example "
        "“0 new concerns in 9 days; 4 in 61 days before”.",
    )
    evidence = SelectMultipleField(
        "Evidence on record",
        coerce=_known_id,
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
        validate_choice=True,
    )
    new_title = StringField("Title", [Length(max=200)], [clean])
    new_kind = SelectField(
        "Kind of evidence", default="", choices=[("", "Choose a kind"), *KIND_WORDS.items()]
    )
    new_link = StringField(
        "Link to the source record",
        [Length(max=2_000)],
        [clean],
        description="An address, or the reference of the record in your care system.",
    )
    new_file = FileField("Or a file")
    new_period_to = DateField(
        "Up to which day it speaks", [Optional()], description="The end of its period."
    )
    new_valid_until = DateField(
        "Valid until", [Optional()], description="Left empty: 92 days after its period."
    )
    none_yet = BooleanField("There is no evidence yet: show this rating as unsupported")
    seen = HiddenField()
    accept = uploads.ACCEPT

    def offer(self, items: list[Any]) -> None:
        """The items on record that may be cited."""
        self.evidence.choices = [
            (
                item.id,
                f"{item.reference} {item.title} ({KIND_WORDS[item.kind].lower()}, valid until "
                f"{item.valid_until.day} {item.valid_until:%b %Y})",
            )
            for item in items
        ]

    def basis(self) -> Basis:
        """What was cited. Raises Invalid for a file that is not taken."""
        upload = uploads.received(self.new_file.data, field="new_file")
        given = (self.new_title.data, self.new_kind.data, self.new_link.data, upload)
        new = None
        if any(given):
            new = NewEvidence(
                title=self.new_title.data or "",
                kind=self.new_kind.data or "",
                period_to=self.new_period_to.data,
                valid_until=self.new_valid_until.data,
                upload=upload,
                source_link=self.new_link.data or "",
            )
        return Basis(self.evidence.data or [], new, self.none_yet.data)

    def seen_review(self) -> UUID | None:
        try:
            return UUID(self.seen.data)
        except (ValueError, TypeError):
            return None

    def refuse(self, message: str, name: str | None) -> None:
        """Put a service's refusal at its field; those of the new evidence are prefixed here."""
        known = name if name in self._fields else f"new_{_EVIDENCE_FIELDS.get(name, name)}"
        target = self._fields.get(known)
        if target is None:
            self.form_errors.append(message)
        else:
            target.errors = [*target.errors, message]


_EVIDENCE_FIELDS = {"source_link": "link"}


class RiskForm(RatingForm):
    """A risk's entry on the profile, with its first rating."""

    service_id = SelectField("Service", [InputRequired("Choose a service.")], coerce=_known_id)
    domain = SelectField(
        "Domain",
        [InputRequired("Choose a domain.")],
        choices=[("", "Choose a domain"), *((domain, domain.capitalize()) for domain in DOMAINS)],
    )
    original_cause = TextAreaField(
        "Original cause",
        [InputRequired("Say what the original cause is."), Length(max=MOST_TEXT)],
        [clean],
        description="What brought the risk about. Later evidence is checked against it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Errors are told in the order of the page, and these fields stand first on it.
        first = ("service_id", "domain", "original_cause")
        self._fields = {name: self._fields[name] for name in (*first, *self._fields)}

    def offer_services(self, services: list[tuple[UUID, str]]) -> None:
        self.service_id.choices = [("", "Choose a service"), *services]


def read_filters(args: MultiDict[str, str]) -> Filters:
    """What a list asks for; unknown values are ignored, as a shared link grows old."""

    def one_of(name: str, allowed) -> str:
        return args.get(name) if args.get(name) in allowed else ""

    page = args.get("page", 1, type=int)
    return Filters(
        rating=one_of("rating", RATINGS),
        domain=one_of("domain", DOMAINS),
        state=one_of("state", ASSURANCE_STATES),
        q=args.get("q", "").replace("\x00", "").strip()[:100],
        order="latest" if args.get("order") == "latest" else "gravest",
        page=page if 1 <= page <= 10_000 else 1,
    )


def service_asked_for(args: MultiDict[str, str]) -> UUID | None:
    """The service of the address, if it names one."""
    try:
        return UUID(args.get("service", "") or args.get("service_id", ""))
    except ValueError:
        return None

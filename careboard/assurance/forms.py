"""The forms of claims: made, taken back, validated by a sample; and the list's filters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
)
from wtforms.validators import InputRequired, NumberRange

from careboard import uploads
from careboard.actions.forms import FILE
from careboard.assurance import sampling
from careboard.assurance.population import KINDS
from careboard.assurance.queries import NOUNS, Filters
from careboard.assurance.service import MOST_STATEMENT
from careboard.clock import day_words
from careboard.errors import Invalid
from careboard.form_fields import Day, Line, Ticks, Words, known_id, one_line
from careboard.forms import show_error
from careboard.risks.service import NewEvidence
from careboard.vocabulary import DOMAIN_NAMES, KIND_NAMES, in_words

STATES = {
    "draft": "Draft",
    "submitted": "Awaiting validation",
    "proves": "Proves",
    "partly": "Partly proves",
    "does_not_prove": "Does not prove",
    "unsupported": "Unsupported assurance",
    "withdrawn": "Withdrawn",
}
DEGREES = {"yes": "Yes", "partly": "Partly", "no": "No"}
_NEW = ("title", "kind", "link", "file", "period_to", "valid_until")


class ClaimForm(FlaskForm):
    """A claim with its evidence; where it belongs is known before."""

    domain = SelectField("Domain of risk", choices={"": "Every domain"} | DOMAIN_NAMES, default="")
    statement = Words(
        "What is claimed",
        "Say what is claimed.",
        most=MOST_STATEMENT,
        description="One thing that somebody else can check, with the change and the period. "
        "Name no resident.",
    )
    period_from = Day("It speaks of the time from", "Say from which day the claim speaks.")
    period_to = Day("up to", "Say up to which day the claim speaks.")
    evidence = Ticks("Evidence on record", coerce=known_id)
    new_title = Line("Title", most=200)
    new_kind = SelectField(
        "Kind of evidence", choices={"": "Choose the kind"} | KIND_NAMES, default=""
    )
    new_link = Line(
        "Link to the source record",
        most=2_000,
        description="An address, or the reference of the record in your care system.",
    )
    new_file = FileField("Or a file", render_kw=FILE)
    new_period_to = Day("Up to which day it speaks", description="The end of its period.")
    new_valid_until = Day("Valid until", description="Left empty: 92 days after its period.")

    def offer(self, items: list[Any]) -> None:
        """The evidence in date that may be chosen."""
        self.evidence.choices = {
            item.id: f"{item.reference} {item.title} ({in_words(item.kind)}, valid until "
            f"{day_words(item.valid_until)})"
            for item in items
        }

    def leave_out(self, items: list[Any]) -> None:
        """Do not offer these: they are attached already."""
        for item in items:
            self.evidence.choices.pop(item.id, None)

    def values(self) -> dict[str, Any]:
        """The keywords of `service.submit_claim` and `service.edit_draft` that it has. Raises
        Invalid for a file that is not taken."""
        names = ("domain", "statement", "period_from", "period_to")
        return {name: self[name].data for name in names if name in self} | {
            "evidence_ids": self.evidence.data or [],
            "new": self._new(),
        }

    def _new(self) -> NewEvidence | None:
        upload = uploads.received(self.new_file.data, field="new_file")
        if not (self.new_title.data or self.new_kind.data or self.new_link.data or upload):
            return None
        return NewEvidence(
            title=self.new_title.data or "",
            kind=self.new_kind.data or "",
            period_to=self.new_period_to.data,
            valid_until=self.new_valid_until.data,
            upload=upload,
            source_link=self.new_link.data or "",
        )

    @property
    def new_errors(self) -> bool:
        return any(self[f"new_{name}"].errors for name in _NEW)

    def refuse(self, error: Invalid) -> None:
        """Put a refusal at its field; those of the new evidence carry a prefix here."""
        name = {"source_link": "link"}.get(error.field or "", error.field)
        if name in _NEW and name not in self._fields:
            error = Invalid(error.message, f"new_{name}")
        show_error(self, error)


class PlainForm(FlaskForm):
    """Nothing but the token."""


class WithdrawalForm(FlaskForm):
    reason = Line("Why it is withdrawn", "Say why it is withdrawn.", most=1_000)


class StartForm(FlaskForm):
    """Taking a claim. The reason stays only where the person would mark their own work."""

    same_person_reason = Words(
        "Why nobody else can validate it",
        description="It stays on show that the same person submitted and validated it.",
    )


class DrawForm(FlaskForm):
    """A sample to be drawn; the reason stays only where one was drawn before."""

    kinds = Ticks("Draw from", choices=KINDS, default=list(KINDS))
    size = IntegerField(
        "Size of the sample",
        [
            InputRequired("Choose a size."),
            NumberRange(1, sampling.MOST, f"Choose a size from 1 to {sampling.MOST}."),
        ],
        default=10,
        description="All rows, where there are fewer.",
    )
    redraw_reason = Line("Why it is drawn again", most=1_000)

    def count(self, counts: dict[str, int], *, tick: bool) -> None:
        """Say beside each choice how many rows there are; `tick` those that have any."""
        self.kinds.choices = {kind: f"{words} ({counts[kind]:,})" for kind, words in KINDS.items()}
        if tick:
            self.kinds.data = [kind for kind in KINDS if counts[kind]]


class ItemForm(FlaskForm):
    """What the source says of one drawn row; the button sent says the result."""

    description = Words(
        "What the source says instead",
        most=2_000,
        description="Needed unless it matches.",
        render_kw={"rows": 2},
    )
    critical = BooleanField("Critical: it contradicts a claim of safety")


class CompletionForm(FlaskForm):
    """The three questions, the findings and the outcome. Source: step S0-3.2."""

    relevant = RadioField(
        "Is the evidence relevant to the original cause?", [InputRequired("Choose one.")],
        choices=DEGREES,
    )  # fmt: skip
    relevant_note = Line("What is lacking in relevance", most=1_000)
    is_current = RadioField("Is it current?", [InputRequired("Choose one.")], choices=DEGREES)
    is_current_note = Line("What is out of date", most=1_000)
    sufficient = RadioField("Is it sufficient?", [InputRequired("Choose one.")], choices=DEGREES)
    sufficient_note = Line("What is missing", most=1_000)
    findings = Words("Findings", "Say what was looked at and found.")
    outcome = RadioField(
        "Outcome",
        [InputRequired("Choose whether the evidence proves the claim.")],
        choices={
            "proves": "It proves the claim",
            "partly": "It proves the claim in part",
            "does_not_prove": "It does not prove the claim",
        },
    )

    def values(self) -> dict[str, str]:
        """The keywords of `service.complete_validation`."""
        return {field.name: field.data or "" for field in self if field.name != "csrf_token"}


FILTERS = ("state", "kind", "service", "text")


def asked(args) -> dict[str, str]:
    """The filters of an address, to be carried into the links of the page."""
    return {name: args[name] for name in FILTERS if args.get(name)}


def filters_from(args) -> Filters:
    """Filters of an address; a value that is none of the choices is left out."""
    return Filters(
        state=args.get("state", "") if args.get("state") in STATES else "",
        kind=args.get("kind", "") if args.get("kind") in NOUNS else "",
        service_id=row_of(args, "service"),
        text=one_line(args.get("text"))[:200],
    )


def row_of(args, name: str) -> UUID | None:
    """The id that an address gives under that name, if it is one."""
    try:
        return known_id(args.get(name))
    except ValueError:
        return None

"""The forms of evidence: new, replaced, attached, withdrawn; and the library's filters."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import FileField, RadioField, SelectField
from wtforms.validators import InputRequired

from careboard.actions.forms import FILE
from careboard.evidence.queries import Filters
from careboard.form_fields import Day, Line, RowChoice, Words, known_id, one_line
from careboard.vocabulary import EVIDENCE_KINDS, KIND_NAMES

STATUSES = (
    "draft",
    "submitted",
    "in_review",
    "accepted",
    "rejected",
    "change_requested",
    "withdrawn",
)
VALIDITIES = {
    "current": "In date",
    "expiring": "Expiring within 28 days",
    "expired": "Expired",
}


class EvidenceForm(FlaskForm):
    title = Line("Title", "Give the evidence a title.", most=200)
    kind = SelectField("Kind of evidence", choices={"": "Choose the kind"} | KIND_NAMES, default="")
    service_id = RowChoice("Service")
    file = FileField("File", render_kw=FILE)
    source_link = Line(
        "Or a link to the source record",
        most=2_000,
        description="An address in the care system, or the record's reference there.",
    )
    period_from = Day("Covers from")
    period_to = Day("Covers to")
    valid_until = Day(
        "Valid until", description="Left empty: 92 days after the period ends, else after today."
    )
    note = Words("Note", most=1_000, render_kw={"rows": 2})


class RevisionForm(FlaskForm):
    file = FileField("New file", render_kw=FILE)
    source_link = Line("Or a new link to the source record", most=2_000)
    note = Line("Why it is replaced", "Say why it is replaced.", most=1_000)


class AttachmentForm(FlaskForm):
    reference = Line(
        "Attach it to",
        "Give the reference of what it supports.",
        most=100,
        description="Reference of an action, a risk, a claim or a record: ACT-0012 or AC-0044.",
    )


class WithdrawalForm(FlaskForm):
    reason = Line("Why it is withdrawn", "Say why it is withdrawn.", most=1_000)


class JudgementForm(FlaskForm):
    """Someone else's decision on an item. Source: DESIGN section 4, evidence."""

    outcome = RadioField(
        "Decision",
        [InputRequired("Choose a decision.")],
        choices={
            "accepted": "Accept: it shows what it is meant to show",
            "change_requested": "Ask for a change",
            "rejected": "Reject: it supports nothing",
        },
    )
    note = Words("What was looked at and found", "Say what you looked at and what you found.")
    same_person_reason = Words(
        "Why nobody else can decide on it",
        most=2_000,
        description="It stays on show that the same person made it and decided on it.",
    )


class PlainForm(FlaskForm):
    """Nothing but the token."""


FILTERS = ("kind", "service", "status", "validity", "text")


def asked(args) -> dict[str, str]:
    """The filters of an address, to be carried into the links of the page."""
    return {name: args[name] for name in FILTERS if args.get(name)}


def filters_from(args) -> Filters:
    """Filters of an address; a value that is none of the choices is left out."""

    def choice(name: str, known) -> str | None:
        value = args.get(name, "")
        return value if value in known else None

    try:
        service_id = known_id(args.get("service"))
    except ValueError:
        service_id = None
    return Filters(
        kind=choice("kind", EVIDENCE_KINDS),
        service_id=service_id,
        status=choice("status", STATUSES),
        validity=choice("validity", VALIDITIES),
        text=one_line(args.get("text"))[:200],
    )

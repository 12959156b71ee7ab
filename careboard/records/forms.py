"""The forms of records: an audit with its concerns, and the closing of a concern."""

from __future__ import annotations

from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FieldList,
    FloatField,
    Form,
    FormField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange

from careboard.records.service import AuditFacts, Finding

SEVERITIES = [("green", "Green"), ("amber", "Amber"), ("red", "Red")]
MORE_ROWS = 3
MOST_ROWS = 60


def stripped(value: str | None) -> str:
    return " ".join((value or "").replace("\x00", " ").split())


class FindingForm(Form):
    """One concern; both empty: no concern."""

    text = StringField("What was found", [Length(max=1000)], [stripped])
    severity = SelectField("Severity", choices=[("", "Choose"), *SEVERITIES])

    def validate_text(self, field: StringField) -> None:
        if self.severity.data and not field.data:
            raise ValidationError("Say what was found, or clear the severity.")

    def validate_severity(self, field: SelectField) -> None:
        if self.text.data and not field.data:
            raise ValidationError("Choose how serious it is.")


class AuditForm(FlaskForm):
    """The route gives the choices of services."""

    service_id = SelectField("Service", [InputRequired("Choose a service.")])
    theme = StringField(
        "Theme",
        [InputRequired("Enter the theme of the audit."), Length(max=200)],
        [stripped],
        description="The same words as before, for example “Medicines”, so that scores compare.",
    )
    completed_on = DateField("Completed on", [InputRequired("Give the day of the audit.")])
    cycle = StringField(
        "Cycle",
        [Length(max=60)],
        [stripped],
        description="For example “Nov 2026”; the month of the audit if left empty.",
    )
    score = FloatField(
        "Score", [InputRequired("Enter the score."), NumberRange(0, 100_000, "Enter a number.")]
    )
    max_score = FloatField(
        "Out of",
        [
            InputRequired("Enter the highest score possible, 100 for a percentage."),
            NumberRange(0.01, 100_000, "Enter a number above 0."),
        ],
        default=100,
    )
    rag = RadioField(
        "RAG",
        [InputRequired("Choose the colour that the audit's own scheme gives.")],
        choices=SEVERITIES,
    )
    evidence_source = StringField(
        "Evidence source",
        [InputRequired("Say where the score can be checked."), Length(max=300)],
        [stripped],
        description="Where the score can be checked, for example “Audit form 31, quality folder”.",
    )
    auditor = StringField(
        "Auditor's role", [Length(max=120)], [stripped], description="A role, not a name."
    )
    concerns = FieldList(FormField(FindingForm), min_entries=MORE_ROWS, max_entries=MOST_ROWS)
    more = SubmitField("More rows for concerns")

    def add_rows(self) -> None:
        for _ in range(min(MORE_ROWS, MOST_ROWS - len(self.concerns))):
            self.concerns.append_entry()

    def facts(self) -> AuditFacts:
        return AuditFacts(
            service_id=UUID(self.service_id.data),
            theme=self.theme.data,
            completed_on=self.completed_on.data,
            score=self.score.data,
            max_score=self.max_score.data,
            rag=self.rag.data,
            evidence_source=self.evidence_source.data,
            cycle=self.cycle.data,
            auditor=self.auditor.data,
        )

    def findings(self) -> list[Finding]:
        rows = [entry.form for entry in self.concerns]
        return [Finding(row.text.data, row.severity.data) for row in rows if row.text.data]


class ClosingForm(FlaskForm):
    """Whether the reason is needed depends on the actions, so the service decides."""

    reason = TextAreaField(
        "Why it may be closed", [Length(max=1000)], [lambda value: (value or "").strip()]
    )

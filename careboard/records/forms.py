"""The forms of records: an audit with its concerns, and the closing of a concern."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import (
    FieldList,
    FloatField,
    Form,
    FormField,
    RadioField,
    SelectField,
    SubmitField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange

from careboard.form_fields import Day, Line, RowChoice, Words
from careboard.records.service import AuditFacts, Finding

SEVERITIES = {"green": "Green", "amber": "Amber", "red": "Red"}
MORE_ROWS = 3
MOST_ROWS = 60


class FindingForm(Form):
    """One concern; both empty: no concern."""

    text = Line("What was found", most=1000)
    severity = SelectField("Severity", choices={"": "Choose"} | SEVERITIES, validate_choice=False)

    def validate_severity(self, field: SelectField) -> None:
        if field.data and not self.text.data:
            raise ValidationError("Say what was found, or clear the severity.")
        if self.text.data and field.data not in SEVERITIES:
            raise ValidationError("Choose how serious it is.")


class AuditForm(FlaskForm):
    """The route offers the services."""

    service_id = RowChoice("Service", "Choose a service.")
    theme = Line(
        "Theme",
        "Enter the theme of the audit.",
        most=200,
        description="The same words as before, for example “Medicines”, so that scores compare.",
    )
    completed_on = Day("Completed on", "Give the day of the audit.")
    cycle = Line(
        "Cycle",
        most=60,
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
    evidence_source = Line(
        "Evidence source",
        "Say where the score can be checked.",
        description="Where the score can be checked, for example “Audit form 31, quality folder”.",
    )
    auditor = Line("Auditor's role", most=120, description="A role, not a name.")
    concerns = FieldList(FormField(FindingForm), min_entries=MORE_ROWS, max_entries=MOST_ROWS)
    more = SubmitField("More rows for concerns")

    def validate(self, extra_validators=None) -> bool:
        valid = super().validate(extra_validators)
        if any(self.concerns.errors):
            self.concerns.errors = ["Each concern needs words and a severity."]
        return valid

    def add_rows(self) -> None:
        for _ in range(min(MORE_ROWS, MOST_ROWS - len(self.concerns))):
            self.concerns.append_entry()

    def facts(self) -> AuditFacts:
        return AuditFacts(
            service_id=self.service_id.data,
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

    reason = Words("Why it may be closed", most=1000)

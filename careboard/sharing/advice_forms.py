"""The form of advice received, and of a check of a pattern."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from careboard.form_fields import Day, Line, RowChoice, Words
from careboard.sharing.advice import KIND_WORDS, OUTCOME_WORDS
from careboard.sharing.pattern_review import ESCALATING_WORDS


class AdviceForm(FlaskForm):
    """What an authority said."""

    kind = RadioField("What it is", [InputRequired("Say whether it is advice or a referral.")],
                      choices=KIND_WORDS)  # fmt: skip
    authority = Line("Authority", "Name the authority.", most=200)
    authority_reference = Line("Its reference", most=100)
    received_on = Day("Received on", "Give the day.")
    guidance = Words(
        "Guidance received",
        "Say what guidance was received, or that it is awaited.",
        description="Name no resident and no member of staff.",
    )
    outcome = SelectField("Outcome", choices=OUTCOME_WORDS)
    what_follows = Words("What follows from it", "Say what follows, or that nothing does.")

    def values(self) -> dict[str, Any]:
        """The keywords of `advice.record`."""
        return _values(self)


class PatternForm(FlaskForm):
    """What a manager checked behind a pattern."""

    service_id = RowChoice("Service", "Choose the service.")
    trigger_id = RowChoice("Pattern")
    on = Day("Checked on", "Give the day.")
    care_records = Words(
        "Care records that were checked",
        "Say which care records were checked.",
        description="Which ones, of which days. Name no resident.",
    )
    staff_notes = Words(
        "Staff notes that were checked",
        "Say which staff notes were checked.",
        description="Which ones, of which days. Name no member of staff.",
    )
    escalating = RadioField(
        "Is it escalating?",
        [InputRequired("Say whether it is escalating.")],
        choices=ESCALATING_WORDS,
    )
    findings = Words("Findings", "Say what you found.")
    same_person_reason = Words("Why the same person checks and decides", most=1_000)

    def values(self) -> dict[str, Any]:
        """The keywords of `pattern_review.record`."""
        return _values(self) | {"same_person_reason": self.same_person_reason.data or ""}


def _values(form: FlaskForm) -> dict[str, Any]:
    return {field.name: field.data for field in form if field.name != "csrf_token"}

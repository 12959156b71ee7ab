"""The form that answers a decline."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from careboard.form_fields import Day, Line, RowChoice, Words
from careboard.recovery.response_service import KIND_WORDS, MOST_TITLE, Decision

_KINDS = {
    "risk_register": "Risk register escalation: the risk is opened, raised, or linked as it stands",
    "provider_oversight": "Provider oversight: it stands on the next governance agenda",
    "additional_audit": "Additional audit: an action is opened",
    "revised_controls": "Revised operational controls: an action is opened",
    "none": "None is needed, for the reasons given",
}
assert _KINDS.keys() == KIND_WORDS.keys()


class AnswerForm(FlaskForm):
    """`offer` first."""

    kind = RadioField("Response", [InputRequired("Choose a response.")], choices=_KINDS)
    reason = Words(
        "Reasons",
        "Say why this is the right response.",
        most=2_000,
        description="What you know of the cause, and why this answers it.",
    )
    owner_id = RowChoice("Owner")
    due_on = Day("By when")
    rating = SelectField("Rating on the risk register", default="")
    title = Line("Title of the action", most=MOST_TITLE)
    outcome_measure = Words("How it is measured", most=2_000, render_kw={"rows": 2})
    baseline = Words("Where it stands", most=2_000, render_kw={"rows": 2})
    evidence_required = Words("Evidence it will need", most=2_000, render_kw={"rows": 2})
    same_person_reason = Words(
        "Why you decide on what you answer for",
        most=2_000,
        description="Only where nobody else can. It is shown among the exceptions.",
        render_kw={"rows": 2},
    )

    def offer(self, *, owners, ratings: dict[str, str], may_find_none: bool) -> None:
        """The owners to choose from, the ratings with the words of the empty one first."""
        self.owner_id.offer(owners, "Choose who carries it out")
        self.rating.choices = ratings
        if not may_find_none:
            del self.kind.choices["none"]

    def decision(self) -> Decision:
        return Decision(
            kind=self.kind.data or "",
            reason=self.reason.data,
            owner_id=self.owner_id.data,
            due_on=self.due_on.data,
            rating=self.rating.data or None,
            title=self.title.data or "",
            outcome_measure=self.outcome_measure.data or "",
            baseline=self.baseline.data or "",
            evidence_required=self.evidence_required.data or "",
            same_person_reason=self.same_person_reason.data or "",
        )

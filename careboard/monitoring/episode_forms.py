"""The forms of a running episode."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from careboard.form_fields import Day, RowChoice, Words
from careboard.monitoring.criteria import COMPUTED
from careboard.monitoring.decision_forms import CriteriaFields
from careboard.monitoring.entry import Wanted
from careboard.monitoring.episodes import Visit
from careboard.monitoring.reviews import DECISION_WORDS, ESCALATION_WORDS, Held


class CriterionForm(CriteriaFields):
    """One more criterion: computed, or in own words (the empty choice)."""

    code = SelectField(
        "Criterion",
        default="",
        choices={"": "In your own words, judged by a person"}
        | {code: kind.title for code, kind in COMPUTED.items()},
    )
    own_words = Words("What must be so", most=500, render_kw={"rows": 2})

    def chosen(self) -> Wanted:
        if self.code.data:
            return self.wanted(self.code.data)
        return Wanted(words=self.own_words.data or "")


class OfCriterion(FlaskForm):
    """A form that stands once for each criterion of a page."""

    def place(self, criterion_id: object) -> OfCriterion:
        """Give its fields names of their own on the page."""
        for field in self:
            field.id = f"{field.name}-{type(self).__name__}-{criterion_id}".lower()
        return self


class WithdrawalForm(OfCriterion):
    reason = Words("Why it no longer serves", "Say why it no longer serves.", most=2_000)


class JudgementForm(OfCriterion):
    met = RadioField(
        "What did you find?",
        [InputRequired("Say whether it is met.")],
        choices={"yes": "It is met", "no": "It is not met"},
    )
    reason = Words("What you saw", "Say what you found.", most=2_000)
    evidence_id = RowChoice(
        "Evidence",
        description="Evidence of this service that is in date. Met only on evidence.",
    )
    same_person_reason = Words(
        "Why you judge by evidence that you made",
        most=2_000,
        description="Only where nobody else could. It stands in the register of exceptions.",
    )


class VisitForm(FlaskForm):
    on_date = Day("Day of the visit", "Give the day of the visit.")
    visited_by_id = RowChoice("Who visited", "Choose who visited.")
    findings = Words(
        "Findings",
        "Say what was found.",
        most=5_000,
        description="What was seen and heard, without names.",
    )
    verifies = Words(
        "What was verified",
        most=2_000,
        description="Which actions or improvements were checked and found true; empty: none. A "
        "visit by somebody who neither manages the service nor owns an action is independent.",
    )

    def visit(self) -> Visit:
        return Visit(
            self.on_date.data,
            self.visited_by_id.data,
            self.findings.data,
            self.verifies.data or "",
        )


class StatementForm(FlaskForm):
    restored = RadioField(
        "What did the commissioner state?",
        [InputRequired("Choose what it stated.")],
        choices={
            "yes": "Its confidence is restored",
            "no": "Its confidence is not restored yet",
        },
    )
    words = Words("In its words", "Write what the commissioner said.", most=4_000)
    stated_on = Day("Stated on", "Give the day.")


class TakeUpForm(FlaskForm):
    action_id = RowChoice("Action of this service", "Choose an action.")


class ReviewForm(FlaskForm):
    """`offer` first."""

    decision = RadioField("Decision", [InputRequired("Choose what the review decides.")])
    reason = Words("Reasons", "Say why.", most=4_000)
    escalated_to = SelectField(
        "Escalated to",
        default="",
        choices={"": "Choose to whom"} | ESCALATION_WORDS,
    )
    sitting = RowChoice(
        "Sitting of the governance group",
        description="Its minutes hold the decision. Stepping down needs one.",
    )
    re_escalation = Words(
        "What would bring it back",
        most=2_000,
        description="The sign on which enhanced monitoring would start again.",
    )
    follow_up_on = Day("Follow-up review, within 28 days")
    same_person_reason = Words(
        "Why the same person visited and decides",
        most=2_000,
        description="Only where nobody else can visit or decide. It stays on show.",
    )
    planned_review_on = Day("Next planned review of the outcome")

    def offer(self, *, decisions, sittings) -> None:
        """The decisions that this review may take, and the open sittings."""
        self.decision.choices = {code: DECISION_WORDS[code] for code in decisions}
        self.sitting.choices = {"": "None"} | sittings

    def held(self) -> Held:
        decision = self.decision.data or ""
        return Held(
            decision=decision,
            reason=self.reason.data,
            escalated_to=self.escalated_to.data or None,
            sitting_id=self.sitting.data,
            re_escalation=self.re_escalation.data or "",
            follow_up_on=self.follow_up_on.data,
            planned_review_on=self.planned_review_on.data,
            same_person_reason=self.same_person_reason.data or "",
        )

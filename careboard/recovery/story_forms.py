"""The form of a plan's review: the story of the plan, and of each indicator that moved."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from careboard.form_fields import Words
from careboard.recovery.story_queries import Position
from careboard.recovery.story_service import QUESTIONS, VERDICTS, Story, Verdict

MOST = 4_000
LABELS = {"changed": "What changed", "why": "Why it changed", "followed": "What followed"}
DECISION_WORDS = {
    "continue": "Go on as planned",
    "change": "Change the plan or its controls",
    "enhanced_review": "Keep it under enhanced review",
    "close": "Close the plan",
}
ASSURANCE_WORDS = {
    "assured": "Assured: recovery is sustained so far",
    "further_action": "Further action is needed",
    "escalated": "Escalated",
}


def _words(name: str, label: str) -> Words:
    return Words(label, QUESTIONS[name], most=MOST)


def _choice(label: str, required: str, words: dict[str, str]) -> RadioField:
    return RadioField(label, [InputRequired(required)], choices=words)


class ReviewForm(FlaskForm):
    """Made by `review_form`, which adds the fields of indicators and of a month."""

    changed = _words("changed", LABELS["changed"])
    why = _words("why", LABELS["why"])
    followed = Words(
        LABELS["followed"],
        QUESTIONS["followed"],
        most=MOST,
        description="Actions, decisions, what people were told.",
    )
    decision = _choice("Decision", VERDICTS["decision"], DECISION_WORDS)
    same_person_reason = Words(
        "Why you review the month of a plan that you lead",
        most=2_000,
        description="Only where nobody else can. It is shown among the exceptions.",
        render_kw={"rows": 2},
    )
    moved: Sequence[Position] = ()

    def story(self, suffix: str = "") -> Story:
        return Story(*(self[f"{name}{suffix}"].data for name in QUESTIONS))

    def stories(self) -> dict:
        """By indicator that moved."""
        return {one.indicator: self.story(f"-{one.indicator}") for one in self.moved}

    def verdict(self) -> Verdict:
        assurance = self["assurance"].data if "assurance" in self else None
        return Verdict(self.decision.data or "", assurance, self.same_person_reason.data or "")


def review_form(*, cadence: str, moved: Sequence[Position], may_close: bool) -> type[ReviewForm]:
    """The form for one review."""
    fields = {
        f"{name}-{one.indicator}": _words(name, LABELS[name]) for one in moved for name in QUESTIONS
    }
    if cadence == "month":
        fields["assurance"] = _choice("Assurance", VERDICTS["assurance"], ASSURANCE_WORDS)
    if not may_close:
        kept = {code: words for code, words in DECISION_WORDS.items() if code != "close"}
        fields["decision"] = _choice("Decision", VERDICTS["decision"], kept)
    return type("ReviewOfPlan", (ReviewForm,), fields | {"moved": moved})

"""The forms of recovery updates."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.validators import InputRequired

from careboard.assurance.forms import ClaimForm
from careboard.assurance.service import MOST_STATEMENT
from careboard.form_fields import Day, Line, RowChoice, Words, known_id
from careboard.updates import words
from careboard.updates.feedback import CONTENT

_RECIPIENT = (
    "Of the commissioners whose identity is confirmed. It is chosen beforehand when an update is "
    "published; it can be changed later."
)


class TrackForm(FlaskForm):
    """A commissioner's concern, put on the tracker."""

    theme = Line("Quality theme", "Name the quality theme.", most=200)
    required_assurance = Words(
        "Required assurance",
        "Say what would assure the commissioner.",
        most=2_000,
        description="What the commissioner has to see, so that somebody else can tell whether it "
        "is there. It stands in every update. Name no resident.",
    )
    due_on = Day("Due", "Say by when.")
    link_id = RowChoice("Updates go to", description=_RECIPIENT)
    lead_id = RowChoice("Contracts lead who writes to the commissioner", "Choose who writes.")
    manager_id = RowChoice("Manager who gathers the evidence", "Choose who gathers the evidence.")

    def values(self) -> dict[str, Any]:
        """The keywords of `service.track`."""
        return _values(self)


class RecipientForm(FlaskForm):
    """The commissioner that the updates on a tracked concern go to."""

    link_id = RowChoice("Updates go to", description=_RECIPIENT)


class StartForm(FlaskForm):
    """The first fortnight."""

    anchor_on = Day(
        "First update due on",
        "Choose the day of the first update.",
        description="Then every 14 days at 09:00, until assurance has improved and the governance "
        "group says so.",
    )


class EvidenceForm(ClaimForm):
    """The evidence set of an update: what it claims, and what that rests on."""

    domain = period_from = period_to = None
    statement = Words(
        "What the evidence shows",
        "Say what the evidence shows.",
        most=MOST_STATEMENT,
        description="Only what somebody else can check against the records. Name no resident.",
    )


class WordsForm(FlaskForm):
    """The words of one section."""

    words = Words(
        "Words",
        most=words.MOST,
        description="Facts, in plain words. The figures stand as the records gave them. Name no "
        "resident and no member of staff.",
        render_kw={"rows": 8},
    )
    seen = HiddenField()

    @property
    def seen_id(self):
        """The words that the person had before them; None: there were none."""
        try:
            return known_id(self.seen.data)
        except ValueError:
            return None


class StepForm(FlaskForm):
    """A step of an update; the reason stays only where nobody else could take it."""

    same_person_reason = Line(
        "Why nobody else can do it",
        most=1_000,
        description="It stays on show that the same person took two steps.",
    )


class FeedbackForm(FlaskForm):
    """What the commissioner said of an update."""

    on = Day("Said on", "Give the day.")
    said = Words(
        "What the commissioner said",
        "Say what the commissioner said.",
        most=3_000,
        description="Name no resident; the commissioner's people by their role.",
    )
    content = RadioField(
        "Is the commissioner content?",
        [InputRequired("Choose one.")],
        choices=CONTENT,
    )

    def values(self) -> dict[str, Any]:
        """The keywords of `feedback.record`."""
        return _values(self)


class AnswerForm(FlaskForm):
    """What the governance group decided on a commissioner's feedback."""

    sitting = RowChoice("Sitting", "Choose the sitting in which it was answered.")
    decision = Words("What the group decided", "Say what the group decided.", most=3_000)
    next_steps = Words("Next steps", most=2_000, description="Who does what by when, by role.")


class EndForm(FlaskForm):
    """The end of the updates: which decision says so, and why."""

    entry = RowChoice("Decision of the governance group", "Choose the decision.")
    reason = Words("Why the updates end", "Say why they end.", most=2_000)


class CloseForm(FlaskForm):
    """A concern closed although its assurance was not met."""

    reason = Line("Why it is closed unmet", "Say why it is closed unmet.", most=1_000)


def _values(form: FlaskForm) -> dict[str, Any]:
    return {field.name: field.data for field in form if field.name != "csrf_token"}

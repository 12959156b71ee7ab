"""The form of a decision on sharing: each threshold by itself, then what is decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from careboard import clock
from careboard.form_fields import Day, Line, Words
from careboard.sharing.decisions import Answer, Choice
from careboard.sharing.thresholds import WAY_WORDS, Standing, amount
from careboard.sharing.words import (
    AFFECTED_WORDS,
    DECISION_WORDS,
    FACTOR_WORDS,
    REACHED_WORDS,
    RECIPIENT_WORDS,
)


class DecisionForm(FlaskForm):
    """Make it with `form_for`, which adds the organisation's own thresholds."""

    decision = RadioField(
        "Decision",
        [InputRequired("Choose whether it is shared.")],
        choices=DECISION_WORDS,
    )
    rationale = Words(
        "Rationale",
        "Say why. The reasons are kept, whichever way you decide.",
        most=4_000,
        description="What the thresholds and the evidence show, and what you weighed against it.",
    )
    what = Words(
        "What exactly is shared or asked",
        most=4_000,
        description="Facts, without names of people who are cared for.",
    )
    recipients = SelectMultipleField(
        "To whom",
        choices=RECIPIENT_WORDS,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    to_whom = Line(
        "Which authority or team", most=200, description="A team or a role, never a person’s name."
    )
    action_under_way = Words("Operational action already under way", most=4_000)
    control_on = Day("Controls began on", description="Four weeks later they are checked.")
    tell_by = Day("To be told by")

    def begin(self, *, today: date, standings: Sequence[Standing]) -> None:
        """What is suggested: told by the next working day, and what the readings say."""
        self.tell_by.data = clock.add_working_days(today, 1)
        for one in standings:
            if one.threshold.measure:
                said = {True: "yes", False: "no", None: "uncertain"}[one.reached]
                self[_own(one)].data = said

    @property
    def factors(self) -> list[tuple[RadioField, Line]]:
        return [(self[f"factor_{code}"], self[f"note_{code}"]) for code in FACTOR_WORDS]

    def own(self, standings: Sequence[Standing]) -> list[tuple[Standing, RadioField]]:
        return [(one, self[_own(one)]) for one in standings]

    def choice(self, standings: Sequence[Standing]) -> Choice:
        return Choice(
            decision=self.decision.data,
            rationale=self.rationale.data or "",
            what=self.what.data or "",
            recipients=self.recipients.data or (),
            to_whom=self.to_whom.data or "",
            action_under_way=self.action_under_way.data or "",
            control_on=self.control_on.data,
            tell_by=self.tell_by.data,
            factors={
                code: Answer(self[f"factor_{code}"].data, self[f"note_{code}"].data or "")
                for code in FACTOR_WORDS
            },
            own={one.threshold.id: Answer(self[_own(one)].data) for one in standings},
        )


for _code, (_name, _question) in FACTOR_WORDS.items():
    _asked = [InputRequired(f"Say whether it affects {_name.lower()}.")]
    setattr(
        DecisionForm,
        f"factor_{_code}",
        RadioField(_name, _asked, choices=AFFECTED_WORDS, description=_question),
    )
    setattr(DecisionForm, f"note_{_code}", Line(f"Why, on {_name.lower()}", most=500))


def form_for(standings: Sequence[Standing], **more) -> DecisionForm:
    """The form with a question for each threshold that holds."""

    class Asking(DecisionForm):
        pass

    for one in standings:
        row = one.threshold
        asked = [InputRequired(f"Say whether {row.reference} is reached.")]
        setattr(Asking, _own(one), RadioField(_words(one), asked, choices=REACHED_WORDS))
    return Asking(**more)


def _own(one: Standing) -> str:
    return f"threshold_{one.threshold.id.hex}"


def _words(one: Standing) -> str:
    row = one.threshold
    number = f": {amount(row.number, row.unit)}" if row.way else ""
    way = f" {WAY_WORDS[row.way]}" if row.way else ""
    return f"{row.reference} {row.words}{number}{way}"

"""Forms of raising a risk, and of answering one that was raised."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from careboard.form_fields import RowChoice, Ticks, Words
from careboard.risks.raising import GROUND_WORDS, Ground
from careboard.vocabulary import DOMAIN_NAMES


class RaiseForm(FlaskForm):
    """`offer` first. What it rests on is ticked by kind, as `on_<kind>`."""

    service_id = RowChoice("Service", "Choose a service.")
    domain = SelectField(
        "Domain",
        [InputRequired("Choose a domain.")],
        choices={"": "Choose a domain"} | DOMAIN_NAMES,
    )
    original_cause = Words(
        "Original cause",
        "Say what the original cause is.",
        most=4_000,
        description="What brought the risk about. Name no resident.",
    )
    controls = Words("What you do about it already", most=4_000)

    def offer(self, services, grounds: Sequence[Ground]) -> None:
        self.service_id.offer(services, "Choose a service")
        for kind in GROUND_WORDS:
            self[f"on_{kind}"].choices = {
                one.key: one.sentence for one in grounds if one.kind == kind
            }

    @property
    def grounds(self) -> list[Ticks]:
        """The kinds that there is something to choose from."""
        return [self[f"on_{kind}"] for kind in GROUND_WORDS if self[f"on_{kind}"].choices]

    def keys(self) -> list[str]:
        return [key for field in self.grounds for key in field.data or ()]


for _kind, _words in GROUND_WORDS.items():
    setattr(RaiseForm, f"on_{_kind}", Ticks(_words))


class AnswerForm(FlaskForm):
    reasons = Words("Why it needs no rating", "Say why it needs no rating.", most=4_000)

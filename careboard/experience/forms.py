"""The forms of experience: a month's summary, a note, a theme's rating, an action for a theme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
)
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from careboard.actions.lateness import GAPS
from careboard.errors import Invalid
from careboard.experience.service import MOST_THEMES, OVERLAPS, SummaryFacts, ThemeCount
from careboard.form_fields import Day, Line, Number, RowChoice, Words
from careboard.forms import show_error
from careboard.vocabulary import RATINGS, titles

SPARE_ROWS = 3
MOST_PEOPLE = 1_000_000
_NUMBER = f"Enter a whole number from 0 to {MOST_PEOPLE:,}."


class Count(IntegerField):
    """A whole number, 0 or more; empty is None."""

    def __init__(self, label: str, required: str = "", **kwargs) -> None:
        first = InputRequired(required) if required else Optional()
        rules = [first, NumberRange(0, MOST_PEOPLE, _NUMBER)]
        kwargs["render_kw"] = {"min": 0, "inputmode": "numeric"} | kwargs.get("render_kw", {})
        super().__init__(label, rules, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_NUMBER) from error


class ThemeForm(Form):
    """A line of the summary; one without a theme, number and words is left out."""

    theme = Line("Theme", most=60, render_kw={"list": "known-themes"})
    positive = Count("Positive")
    negative = Count("Negative")
    comment = Line("What was said, without names", most=500)

    @property
    def empty(self) -> bool:
        return not any(field.data for field in self)


class SummaryForm(FlaskForm):
    """A month's summary. Source: step S0-2.1."""

    sample_size = Count("People heard, or answers given", "Enter how many were heard.")
    invited = Count("Invited to answer")
    people = Count("People using the service")
    themes = FieldList(FormField(ThemeForm), max_entries=MOST_THEMES + SPARE_ROWS)
    note = Words("What stands out", most=2_000)
    correction_reason = Words(
        "Why it is corrected", most=500, description="The summary before it stays on record."
    )
    seen = IntegerField(default=0, validators=[Optional()], widget=HiddenInput())

    def prefill(
        self, themes: Iterable[ThemeCount], *, sample_size: int | None, present=None
    ) -> SummaryForm:
        """Begin with the summary to be corrected, else with what was imported."""
        self.sample_size.data = sample_size
        if present is not None:
            self.invited.data, self.people.data = present.invited, present.people
            self.note.data, self.seen.data = present.note, present.number
        for theme in themes:
            self.themes.append_entry(theme)
        return self.with_spare_rows()

    def with_spare_rows(self) -> SummaryForm:
        """At least a few empty lines at the end, as far as there is room."""
        spare = sum(1 for line in self.themes if line.form.empty)
        for _ in range(SPARE_ROWS - spare):
            if len(self.themes) < MOST_THEMES + SPARE_ROWS:
                self.themes.append_entry()
        return self

    def facts(self) -> SummaryFacts:
        return SummaryFacts(
            sample_size=self.sample_size.data or 0,
            invited=self.invited.data,
            people=self.people.data,
            themes=[
                ThemeCount(
                    line.theme.data or "",
                    line.positive.data or 0,
                    line.negative.data or 0,
                    line.comment.data or "",
                )
                for line in self._filled()
            ],
            note=self.note.data or "",
        )

    def _filled(self) -> Sequence[ThemeForm]:
        return [line.form for line in self.themes if not line.form.empty]

    def problems(self) -> list[tuple[int, Field]]:
        """The fields of themes that are wrong, each with the number of its line."""
        return [
            (number, field)
            for number, line in enumerate(self.themes, start=1)
            for field in line.form
            if field.errors
        ]

    def refuse(self, error: Invalid) -> None:
        """Put a refusal at its field, also where that is one of a theme's."""
        field = error.field or ""
        if field.startswith("themes-"):
            _, place, name = field.split("-")
            line = self._filled()[int(place)]
            line[name].errors = [*line[name].errors, error.message]
        else:
            show_error(self, error)


class NoteForm(FlaskForm):
    """A finding for the experience intelligence log. Source: step S0-2.2."""

    overlap = RadioField(
        "Do complaints and feedback say the same?",
        [InputRequired("Say whether feedback and complaints match.")],
        choices=dict(zip(OVERLAPS, ("Yes, they match", "In part", "No, they differ"), strict=True)),
    )
    text = Words("What you found", "Write what you found.", most=2_000)
    acknowledged = BooleanField("Those who raised it have been told that they were heard")


class RatingForm(FlaskForm):
    """A theme on the board. Source: step S0-2.3."""

    rating = SelectField(
        "Rating",
        choices={"": "Noted without a rating"} | titles(RATINGS),
        default="",
    )
    rationale = Words("Reasons", "Give the reasons.", most=2_000)


class PlanForm(FlaskForm):
    """An action for a repeated concern, in one form. Source: step S0-2.4."""

    title = Words("What is to be done", "Say what is to be done.", most=500, render_kw={"rows": 2})
    owner_id = RowChoice("Owner", GAPS["owner_id"])
    due_on = Day("Due date", GAPS["due_on"])
    baseline = Words("Baseline", GAPS["baseline"], render_kw={"rows": 2})
    outcome_measure = Words("Measurable outcome", GAPS["outcome_measure"], render_kw={"rows": 2})
    target_value = Number("Target")
    evidence_required = Words("Evidence needed", GAPS["evidence_required"], render_kw={"rows": 2})

    def begin(self, start) -> PlanForm:
        """Fill in what the records say."""
        for name in ("title", "due_on", "baseline", "outcome_measure", "evidence_required"):
            self[name].data = getattr(start, name)
        if start.measure is not None:
            self.target_value.data = start.target_value
        return self

    def fit(self, start, owners) -> PlanForm:
        """Offer the owners; without a measure there is no target to ask for."""
        self.owner_id.offer(owners, "Choose an owner")
        if start.measure is None:
            del self.target_value
        return self

    def values(self) -> dict:
        names = (
            *("title", "owner_id", "due_on", "baseline", "outcome_measure"),
            "evidence_required",
        )
        target = self.target_value.data if "target_value" in self else None
        return {name: self[name].data for name in names} | {"target_value": target}

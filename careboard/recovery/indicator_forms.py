"""The forms of an indicator: what it is, its target, a change of process, a correction."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Length

from careboard.form_fields import Day, Line, RowChoice, Words
from careboard.recovery.entries import Amounts
from careboard.recovery.indicator_service import shape_now, version_of
from careboard.recovery.measure_rows import ROWS
from careboard.recovery.measures import MEASURES, Measure
from careboard.recovery.models import Indicator
from careboard.recovery.readings_sheet import Amount
from careboard.recovery.service import Shape
from careboard.vocabulary import DOMAIN_NAMES, DOMAINS, INDICATOR_UNITS

UNIT_WORDS = {
    "percent": "per cent",
    "count": "a count",
    "rate": "a rate",
    "minutes": "minutes",
    "hours": "hours",
    "score": "points of a score",
}
assert UNIT_WORDS.keys() == INDICATOR_UNITS.keys()
GOOD_WORDS = {"up": "more is better", "down": "less is better"}
CADENCE_WORDS = {"day": "daily", "week": "weekly", "month": "monthly"}
_FROM_MEASURE = ("domain", "unit", "good")


class IndicatorForm(FlaskForm):
    """An indicator. `of_measure` first where a measure of the catalogue says what it is."""

    name = Line("Name", "Give the indicator a name.", most=200)
    domain = SelectField("Domain", choices=DOMAIN_NAMES)
    unit = SelectField("Unit", choices=UNIT_WORDS)
    good = SelectField("Good direction", choices=GOOD_WORDS)
    cadence = SelectField("How often it is read", choices=CADENCE_WORDS, default="week")
    computed = RadioField(
        "Its values come",
        choices={"yes": "from your records, counted by CareBoard", "no": "by hand or import"},
        default="yes",
    )
    baseline_value = Amount("Baseline")
    baseline_on = Day("Baseline taken on")
    review_owner_id = RowChoice("Review owner")
    source = Line("Source", most=300, description="The records that its values are taken from.")
    numerator_name = Line("Numerator, in words", most=200, description="For example: hours filled.")
    denominator_name = Line("Denominator, in words", most=200)
    target = Amount("Target")
    target_due_on = Day("Target due")
    active = BooleanField("It is still measured", default=True)
    seen = HiddenField(validators=[Length(max=64)])

    def of_measure(self, measure: Measure | None, *, sets_target: bool) -> IndicatorForm:
        """Leave out what the measure says by itself, or cannot be; for an indicator to come."""
        for name in _FROM_MEASURE if measure else ():
            del self[name]
        if measure is None or measure.code not in ROWS:
            del self.computed
        if not sets_target:
            del self.target, self.target_due_on
        del self.active
        return self

    def of_indicator(self) -> IndicatorForm:
        """For one that is there: what computes it stays, and its target has a form of its own."""
        del self.computed, self.target, self.target_due_on
        return self

    def begin(self, measure: Measure | None) -> IndicatorForm:
        """Fill in what the measure says."""
        if measure is not None:
            self.name.data = measure.name
            self.numerator_name.data = measure.numerator
            self.denominator_name.data = measure.denominator
            if "target" in self:
                self.target.data = measure.target
        return self

    def show(self, indicator: Indicator) -> IndicatorForm:
        """Fill in what the indicator says now."""
        shape = shape_now(indicator)
        for field in self:
            if hasattr(shape, field.name):
                field.data = getattr(shape, field.name)
        self.active.data, self.seen.data = indicator.active, version_of(indicator)
        return self

    def shape(self, measure: Measure | None = None) -> Shape:
        said = {name: getattr(measure, name) for name in _FROM_MEASURE} if measure else {}
        own = {
            field.name: field.data
            for field in self
            if field.name in Shape.__dataclass_fields__ and field.name != "computed"
        }
        return Shape(
            **(said | own),
            measure=measure.code if measure else "",
            computed="computed" in self and self.computed.data == "yes",
        )


def measure_choices() -> list[tuple[str, list[Measure]]]:
    """(domain, measures) of the catalogue, in the order of the domains."""
    return [
        (domain, own)
        for domain in DOMAINS
        if (own := [measure for measure in MEASURES.values() if measure.domain == domain])
    ]


class TargetForm(FlaskForm):
    """A target from a day on."""

    value = Amount("Target", "Enter the target.")
    effective_from = Day("Holds from", "Enter the day from which it holds.")
    due_on = Day("To be met by")
    reason = Words("Why it is set or changed", most=2_000, render_kw={"rows": 2})


class RebaseForm(FlaskForm):
    """A change of process from which the limits start afresh."""

    on = Day("Day of the change", "Enter the day of the change.")
    reason = Words("What was changed", "Say what was changed.", most=2_000, render_kw={"rows": 2})


class CorrectForm(FlaskForm):
    """What a reading says from now on, and why."""

    numerator = Amount("Numerator")
    denominator = Amount("Denominator")
    value = Amount("Value")
    note = Line("Note", most=500)
    reason = Words("Why it is corrected", "Say why the reading is corrected.", most=2_000,
                   render_kw={"rows": 2})  # fmt: skip
    seen = HiddenField(validators=[InputRequired(), Length(max=40)])

    def of(self, indicator: Indicator) -> CorrectForm:
        """Only counts have a numerator and a denominator, by the names that the indicator has."""
        self.numerator.label.text = (indicator.numerator_name or "numerator").capitalize()
        self.denominator.label.text = (indicator.denominator_name or "denominator").capitalize()
        return self

    def amounts(self) -> Amounts:
        return Amounts(
            self.value.data, self.numerator.data, self.denominator.data, self.note.data or ""
        )

"""The forms of recovery plans and their templates."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, IntegerField, SelectField
from wtforms.fields import HiddenField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from careboard.form_fields import Day, Line, Number, RowChoice, Version, Words
from careboard.recovery.check_kinds import KINDS
from careboard.recovery.check_rules import RULES
from careboard.recovery.measures import MEASURES
from careboard.recovery.plan_content import (
    CheckSpec,
    Content,
    IndicatorSpec,
    ReviewSpec,
    SourceSpec,
    Template,
)
from careboard.recovery.plan_service import LONGEST, MOST_WEEKS, Facts
from careboard.recovery.plan_service import Line as PlanLine
from careboard.vocabulary import DOMAIN_NAMES

MOST_LINES = 24
_WEEKS = f"Give from 1 to {MOST_WEEKS} weeks."


class LineForm(Form):
    """An indicator of the plan, told by its key."""

    key = HiddenField(widget=HiddenInput(), validators=[Length(max=300)])
    use = BooleanField("In the plan", default=True)
    baseline = Number("Baseline")
    target = Number("Target")
    goal = BooleanField("The measurable improvement")


class BodyForm(FlaskForm):
    """What plans and templates share."""

    title = Line("Name of the plan", "Give the plan a name.", most=LONGEST["title"])
    domain = SelectField("Domain", choices=DOMAIN_NAMES)
    baseline_issue = Words(
        "Baseline issue",
        "Say what is wrong.",
        most=LONGEST["baseline_issue"],
        description="What is wrong, as it stands.",
    )
    improvement = Words(
        "Measurable improvement",
        "Say what is to improve, measurably.",
        most=LONGEST["improvement"],
        description="How much, by when.",
        render_kw={"rows": 2},
    )
    horizon_weeks = IntegerField(
        "Horizon in weeks",
        [InputRequired(_WEEKS), NumberRange(1, MOST_WEEKS, _WEEKS)],
        render_kw={"min": 1, "max": MOST_WEEKS, "inputmode": "numeric"},
    )
    lines = FieldList(FormField(LineForm), max_entries=MOST_LINES)
    more = SelectField("Add an indicator", default="", validate_choice=True)
    lock_version = Version()

    def chosen(self, specs: dict[str, IndicatorSpec]) -> list[tuple[str, LineForm, IndicatorSpec]]:
        """(key, line, spec) of each line that is known."""
        return [
            (entry.form.key.data, entry.form, specs[entry.form.key.data])
            for entry in self.lines
            if entry.form.key.data in specs
        ]

    def offer_more(self, specs: dict[str, IndicatorSpec]) -> None:
        """Offer the indicators that are not among the lines."""
        there = {entry.form.key.data for entry in self.lines}
        self.more.choices = {"": "None"} | {
            key: spec.title for key, spec in specs.items() if key not in there
        }

    def add(self, key: str, spec: IndicatorSpec, baseline: float | None) -> None:
        """A line for an indicator."""
        self.lines.append_entry(
            {
                "key": key,
                "use": True,
                "baseline": baseline,
                "target": spec.target,
                "goal": spec.goal,
            }
        )


def plan_line(spec: IndicatorSpec, line: LineForm) -> PlanLine:
    return PlanLine(spec, _number(line.baseline), _number(line.target), bool(line.goal.data))


def _number(field: Number) -> float | None:
    return None if field.data is None else float(field.data)


class PlanForm(BodyForm):
    """A plan. Source: steps S1-1.1, S1-2.1 and S1-3.1."""

    started_on = Day("Begins", "Enter the day on which it begins.")
    lead_id = RowChoice("Lead", "Choose who leads the plan.")

    def begin(self, template: Template | None, lead_id: UUID | None, today) -> PlanForm:
        """Fill in what the template says."""
        if template is not None:
            for name in ("title", "domain", "baseline_issue", "improvement", "horizon_weeks"):
                self[name].data = getattr(template, name)
        self.started_on.data, self.lead_id.data = today, lead_id
        return self

    def show(self, plan) -> PlanForm:
        """Fill in what an open plan says."""
        for name in (
            *("title", "domain", "baseline_issue", "improvement", "horizon_weeks"),
            *("started_on", "lead_id", "lock_version"),
        ):
            self[name].data = getattr(plan, name)
        return self

    def facts(self) -> Facts:
        return Facts(
            title=self.title.data,
            domain=self.domain.data,
            baseline_issue=self.baseline_issue.data,
            improvement=self.improvement.data,
            horizon_weeks=self.horizon_weeks.data,
            started_on=self.started_on.data,
            lead_id=self.lead_id.data,
        )


class CheckLine(Form):
    """A structured check that a template asks for."""

    kind = HiddenField(widget=HiddenInput())
    use = BooleanField("Asked for")
    often = Line("How often, in words", most=120)
    days = IntegerField("At least every so many days", render_kw={"min": 1, "max": 92})


class TemplateForm(BodyForm):
    """A template of the organisation's own. Lists are written one entry a line."""

    name = Line("Name of the template", "Give the template a name.", most=100)
    checks = FieldList(FormField(CheckLine), min_entries=len(KINDS), max_entries=len(KINDS))
    sources = Words(
        "Sources read each week",
        most=2_000,
        description="One a line, with who reads it after a comma: Rotas, Registered manager.",
    )
    reviews = Words(
        "Reviews",
        most=2_000,
        description="One a line: week or month, who, the record it is kept in.",
    )

    def show(self, template: Template, specs: dict[str, IndicatorSpec]) -> TemplateForm:
        """Fill in what the template says."""
        for name in ("name", "title", "domain", "baseline_issue", "improvement", "horizon_weeks"):
            self[name].data = getattr(template, name)
        for spec in template.indicators:
            self.add(spec.key, spec, None)
        asked = {check.kind: check for check in template.content.checks}
        for entry, kind in zip(self.checks, KINDS, strict=True):
            check, line = asked.get(kind), entry.form
            line.kind.data, line.use.data = kind, check is not None
            line.often.data = check.often if check else "Each week"
            line.days.data = check.days if check else 7
        self.sources.data = "\n".join(f"{s.what}, {s.by}" for s in template.content.sources)
        self.reviews.data = "\n".join(
            f"{r.cadence}, {r.by}, {r.record}" for r in template.content.reviews
        )
        self.lock_version.data = template.version
        return self

    def made(self, code: str, indicators: Sequence[IndicatorSpec]) -> Template:
        """The template as written. What the checks rest on is watched with them."""
        checks = tuple(
            CheckSpec(line.kind.data, line.often.data or "", min(max(line.days.data or 7, 1), 92))
            for line in (entry.form for entry in self.checks)
            if line.use.data and line.kind.data in KINDS
        )
        return Template(
            code=code,
            name=self.name.data,
            title=self.title.data,
            domain=self.domain.data,
            baseline_issue=self.baseline_issue.data,
            improvement=self.improvement.data,
            horizon_weeks=self.horizon_weeks.data,
            indicators=tuple(indicators),
            content=Content(
                checks=checks,
                sources=tuple(_source(line) for line in _written(self.sources.data)),
                reviews=tuple(_review(line) for line in _written(self.reviews.data)),
                watch=watched({check.kind for check in checks}),
            ),
            version=self.lock_version.data if code else None,
        )


# The checks that each rule looks at.
_WATCHES = {
    "repeated_discrepancies": "medicines_shift",
    "delayed_review": "medicines_shift",
    "practice_not_matching": "practice_observation",
    "one_senior": "medicines_shift",
    "vague_actions": "review_actions",
    "deployment_mismatch": "deployment",
    "unmet_need": "deployment",
}


def watched(kinds: set[str]) -> tuple[str, ...]:
    """The rules that rest on checks of these kinds."""
    return tuple(code for code in RULES if _WATCHES[code] in kinds)


def catalogue() -> dict[str, IndicatorSpec]:
    """Every measure of the catalogue, as a template tells it."""
    return {
        code: IndicatorSpec(measure=code, target=measure.target)
        for code, measure in MEASURES.items()
    }


def _written(text: str | None) -> list[list[str]]:
    lines = [line.strip() for line in (text or "").splitlines()]
    return [[part.strip() for part in line.split(",")] for line in lines if line]


def _source(parts: list[str]) -> SourceSpec:
    return SourceSpec(parts[0], ", ".join(parts[1:]))


def _review(parts: list[str]) -> ReviewSpec:
    cadence = parts[0].lower() if parts[0].lower() in ("week", "month") else ""
    rest = parts[1:] if cadence else parts
    return ReviewSpec(cadence or "week", rest[0] if rest else "", ", ".join(rest[1:]))

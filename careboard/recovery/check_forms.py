"""The forms of structured checks, one a kind, begun so that most of it need not be touched.

Source: steps S1-1.3, S1-1.4, S1-2.2, S1-2.4 and S1-3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from careboard.errors import Invalid
from careboard.form_fields import Day, Line, Number, RowChoice, Words
from careboard.forms import show_error
from careboard.recovery import check_service as service
from careboard.recovery.check_kinds import (
    DISCREPANCIES,
    KINDS,
    ROUNDS,
    SHIFT_WORDS,
    Deployment,
    SampledAction,
)
from careboard.recovery.check_service import Found, Header
from careboard.tenancy import Actor
from careboard.vocabulary import titles

FINDINGS, ACTIONS = 3, 5
MOST_COUNT = 10_000
_COUNT = f"Enter a whole number from 0 to {MOST_COUNT:,}."


class Count(IntegerField):
    """A whole number, 0 or more; empty is None."""

    def __init__(self, label: str, **kwargs) -> None:
        rules = [Optional(), NumberRange(0, MOST_COUNT, _COUNT)]
        super().__init__(label, rules, render_kw={"min": 0, "inputmode": "numeric"}, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_COUNT) from error


class DiscrepancyForm(Form):
    """A line of the audit form; one where nothing was chosen or written is left out."""

    what = SelectField(
        "What is wrong",
        choices={"": "Nothing more"} | {words: words for words in DISCREPANCIES},
        default="",
    )
    round = SelectField("Round", choices={"": "Round?"} | titles(ROUNDS), default="")
    detail = Line("Detail, without names", most=300)
    critical = BooleanField("Someone may have come to harm")

    @property
    def empty(self) -> bool:
        return not (self.what.data or self.detail.data)


class DifferenceForm(Form):
    """What differed from what was agreed."""

    what = Line("What differed, without names", most=300)
    critical = BooleanField("Someone may have come to harm")

    @property
    def empty(self) -> bool:
        return not self.what.data


class ActionForm(Form):
    """An action of a care review; one without a reference is left out."""

    reference = Line("Reference of the action", most=60)
    specific = BooleanField("Specific", default=True)
    owned = BooleanField("Owned", default=True)
    dated = BooleanField("Dated", default=True)


class CheckForm(FlaskForm):
    """What all checks share; `record(actor=, service_id=)` of each keeps it and returns its id."""

    on = Day("Day", "Enter the day.")
    shift = RadioField("Shift", [Optional()], choices=SHIFT_WORDS, validate_choice=False)
    plan_id = RowChoice("Recovery plan")
    note = Words("Anything else, without names", most=500, render_kw={"rows": 2})

    kind = ""

    def begin(self, now: datetime, today: date) -> CheckForm:
        """Fill in what can be known: the day, and the shift that is on at that local time."""
        self.on.data = today
        if self.shift is not None:
            self.shift.data = shift_at(now.hour)
        return self

    def fit(self, plans) -> CheckForm:
        """Offer the plans; with none there is nothing to choose."""
        if plans:
            self.plan_id.choices = {"": "None"} | {
                str(plan.id): f"{plan.reference} {plan.title}" for plan in plans
            }
            if not self.is_submitted():
                asked = [plan for plan in plans if self.kind in _kinds_of(plan)]
                self.plan_id.data = asked[0].id if asked else None
        else:
            del self.plan_id
        return self

    def header(self, service_id: UUID) -> Header:
        staff = self["staff"].data if "staff" in self else ""
        shift = self["shift"].data if "shift" in self else ""
        plan_id = self["plan_id"].data if "plan_id" in self else None
        note = self.note.data or ""
        return Header(service_id, self.on.data, shift or "", staff or "", note, plan_id)

    def refuse(self, error: Invalid) -> None:
        """Put a refusal at its field, also where that is a line's."""
        field = error.field or ""
        lines = list(self.lines())
        if field.startswith("found-") and lines:
            place = min(int(field.partition("-")[2]), len(lines) - 1)
            target = lines[place]["what"]
            target.errors = [*target.errors, error.message]
            self.form_errors.append(error.message)
        else:
            show_error(self, error)

    def lines(self) -> Iterator[Form]:
        """The lines as they are counted by the service; all of them where none is filled."""
        own = [line.form for line in self["found"]] if "found" in self else []
        return iter([line for line in own if not line.empty] or own)


def _kinds_of(plan) -> set[str]:
    return {check["kind"] for check in plan.content.get("checks", ())}


def shift_at(hour: int) -> str:
    """The shift that is ending, or ended last, at that hour."""
    return "early" if 11 <= hour < 18 else "late" if hour >= 18 else "night"


class MedicinesForm(CheckForm):
    kind = "medicines_shift"
    found = FieldList(FormField(DiscrepancyForm), min_entries=FINDINGS, max_entries=FINDINGS)
    charts = Count("Records looked at")
    staff = Line(KINDS[kind].staff, most=30)

    def record(self, *, actor: Actor, service_id: UUID) -> UUID:
        found = [
            Found("discrepancy", _said(line), line.round.data or "", line.critical.data)
            for line in self.lines()
            if not line.empty
        ]
        return service.medicines_check(
            actor=actor, header=self.header(service_id), found=found, charts=self.charts.data
        )


def _said(line: DiscrepancyForm) -> str:
    """`Count does not match: two tablets more`."""
    return ": ".join(part for part in (line.what.data, line.detail.data) if part)


class PracticeForm(CheckForm):
    """What observations and competency checks share."""

    what = Line("What was looked at", "Say what was looked at.", most=200)
    verdict = RadioField("What you saw", [InputRequired("Say what you saw.")])
    found = FieldList(FormField(DifferenceForm), min_entries=2, max_entries=2)

    def findings(self) -> list[Found]:
        return [
            Found("practice", line.what.data, critical=line.critical.data)
            for line in self.lines()
            if not line.empty
        ]


class ObservationForm(PracticeForm):
    kind = "practice_observation"
    verdict = RadioField(
        "What you saw",
        [InputRequired("Say what you saw.")],
        choices=KINDS[kind].words,
    )
    staff = Line(KINDS[kind].staff, most=30)

    def record(self, *, actor: Actor, service_id: UUID) -> UUID:
        return service.observation(
            actor=actor,
            header=self.header(service_id),
            what=self.what.data,
            verdict=self.verdict.data,
            found=self.findings(),
        )


class CompetencyForm(PracticeForm):
    kind = "competency"
    shift = None
    verdict = RadioField("Outcome", [InputRequired("Say what you saw.")], choices=KINDS[kind].words)
    staff = Line(KINDS[kind].staff, "Enter the staff code of the person checked.", most=30)
    valid_until = Day("Holds until")

    def begin(self, now: datetime, today: date) -> CheckForm:
        super().begin(now, today)
        self.what.data = "Giving medicines"
        # A year on; the day before where that year has no 29 February.
        leap = today.month == 2 and today.day == 29
        self.valid_until.data = today.replace(year=today.year + 1, day=28 if leap else today.day)
        return self

    def record(self, *, actor: Actor, service_id: UUID) -> UUID:
        return service.competency(
            actor=actor,
            header=self.header(service_id),
            what=self.what.data,
            verdict=self.verdict.data,
            valid_until=self.valid_until.data if self.verdict.data == "as_agreed" else None,
            found=self.findings(),
        )


class DeploymentForm(CheckForm):
    kind = "deployment"
    planned = Number("Hours planned")
    actual = Number("Hours really worked")
    required = Number("Hours that people need, by their dependency")
    delays = Count("Calls that waited too long")
    delayed = Line("What the delays were, without names", most=300)
    unmet_need = Line("Need that was not met, without names", most=300)

    def record(self, *, actor: Actor, service_id: UUID) -> UUID:
        for name in ("planned", "actual"):
            if self[name].data is None:
                raise Invalid("Enter the hours.", name)
        hours = Deployment(
            float(self.planned.data),
            float(self.actual.data),
            None if self.required.data is None else float(self.required.data),
            self.delays.data or 0,
            self.unmet_need.data or "",
        )
        return service.deployment(
            actor=actor,
            header=self.header(service_id),
            hours=hours,
            delays=self.delayed.data or "",
        )

    def refuse(self, error: Invalid) -> None:
        """The service's findings are the two lines of words."""
        field = error.field or ""
        if field.startswith("found-"):
            said = [name for name in ("unmet_need", "delayed") if self[name].data]
            error.field = said[int(field.partition("-")[2])]
        show_error(self, error)


class ReviewActionsForm(CheckForm):
    kind = "review_actions"
    shift = None
    actions = FieldList(FormField(ActionForm), min_entries=ACTIONS, max_entries=ACTIONS)

    def record(self, *, actor: Actor, service_id: UUID) -> UUID:
        sampled = [
            SampledAction(line.reference.data, line.specific.data, line.owned.data, line.dated.data)
            for line in (entry.form for entry in self.actions)
            if line.reference.data
        ]
        return service.review_actions(actor=actor, header=self.header(service_id), actions=sampled)

    def refuse(self, error: Invalid) -> None:
        if error.field == "actions":
            first = self.actions[0].form.reference
            first.errors = [*first.errors, error.message]
            self.form_errors.append(error.message)
        else:
            show_error(self, error)


FORMS: dict[str, type[CheckForm]] = {
    form.kind: form
    for form in (
        MedicinesForm,
        ObservationForm,
        CompetencyForm,
        DeploymentForm,
        ReviewActionsForm,
    )
}

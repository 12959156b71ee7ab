"""The form of the decision: its reasons, and what starting needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional

from careboard.form_fields import Day, Line, RowChoice, Ticks, Words, one_line
from careboard.monitoring.criteria import COMPUTED, Computed, Field
from careboard.monitoring.decisions import DECISIONS
from careboard.monitoring.entry import (
    CHANGE_WORDS,
    FREQUENCY,
    KIND_WORDS,
    MOST_TITLE,
    PLANNED_AFTER,
    Change,
    Entry,
    Wanted,
)

# What is suggested of each change, until somebody says it in other words.
SUGGESTED = {
    "weekly_review": ("Review of the actions and their evidence every week", 7),
    "provider_visits": ("A visit by the provider every fortnight, with findings", 14),
    "action_verification": ("Each completed action verified by someone else within a week", 7),
    "senior_reporting": ("A weekly report to the governance group", 7),
    "temporary_support": ("", 7),
}


def _parameter(one: Field) -> Any:
    if one.kind == "number":
        return IntegerField(one.words, [Optional()], default=one.default)
    if one.kind == "themes":
        return Ticks(one.words)
    if one.kind == "theme":
        return SelectField(one.words, default="")
    return RowChoice(one.words)


class CriteriaFields(FlaskForm):
    """The parameters of every computed criterion, as `<code>_<name>`; `offer_criteria` first."""

    def offer_criteria(self, *, themes: Sequence[str], indicators: Iterable[Any]) -> None:
        """The themes that the service was audited on, and its indicators."""
        for code, one in _parameters():
            field = self[f"{code}_{one.name}"]
            if one.kind == "themes":
                field.choices = list(themes)
            elif one.kind == "theme":
                field.choices = {"": "Choose a theme"} | {theme: theme for theme in themes}
            elif one.kind == "indicator":
                field.offer(indicators, "Choose an indicator")

    @property
    def computed(self) -> Mapping[str, Computed]:
        return COMPUTED

    def wanted(self, code: str) -> Wanted:
        names = [one.name for one in COMPUTED[code].fields]
        return Wanted(code, {name: self[f"{code}_{name}"].data for name in names})


def _parameters() -> Iterable[tuple[str, Field]]:
    return ((code, one) for code, kind in COMPUTED.items() for one in kind.fields)


for _code, _one in _parameters():
    setattr(CriteriaFields, f"{_code}_{_one.name}", _parameter(_one))


class DecisionForm(CriteriaFields):
    """`offer` first."""

    decision = RadioField(
        "Decision", [InputRequired("Choose whether it starts.")], choices=DECISIONS
    )
    triggers = Ticks("Triggers that you decide on")
    reason = Words(
        "Reasons",
        "Say why. The reasons are kept, whichever way you decide.",
        most=4_000,
        description="What the evidence shows, and what you weighed against it.",
    )
    title = Line("What it is about", most=MOST_TITLE)
    kind = SelectField("Kind", choices=KIND_WORDS)
    requires = Words(
        "What is required of the service",
        most=4_000,
        description="What must be done or shown while it lasts, one line each.",
    )
    governance_lead_id = RowChoice("Governance lead")
    manager_id = RowChoice("Manager, who makes the weekly returns")
    same_person_reason = Words("Why one person leads both", most=2_000, render_kw={"rows": 2})
    frequency_days = IntegerField("Days between reviews", [Optional()], default=FREQUENCY)
    planned_review_on = Day("Planned review of the outcome")
    criteria = Ticks(
        "Criteria for stepping down",
        choices={code: kind.title for code, kind in COMPUTED.items()},
    )
    own_words = Words(
        "Criteria in your own words",
        most=2_000,
        description="One line each. A person judges them on evidence.",
    )

    def offer(
        self,
        *,
        triggers: Mapping[str, str],
        leads: Sequence[Any],
        managers: Sequence[Any],
        owners: Sequence[Any],
    ) -> None:
        self.triggers.choices = triggers
        self.governance_lead_id.offer(leads, "Choose a governance lead")
        self.manager_id.offer(managers, "Choose a manager")
        for kind in CHANGE_WORDS:
            self[f"{kind}_owner"].offer(owners, "Choose who answers for it")

    def begin(
        self,
        *,
        today: date,
        kind: str,
        title: str,
        triggers: Sequence[str],
        lead: Any,
        manager: Any,
        themes: Sequence[str],
    ) -> None:
        """What is suggested, before anybody wrote anything."""
        self.kind.data, self.title.data = kind, title
        self.triggers.data = list(triggers)
        self.governance_lead_id.data, self.manager_id.data = lead, manager
        self.planned_review_on.data = today + PLANNED_AFTER
        self.criteria.data = [one.code for one in COMPUTED.values() if kind in one.suggested]
        self.themes_restored_themes.data = list(themes)
        for code, (what, days) in SUGGESTED.items():
            self[f"{code}_what"].data = what
            if what:
                self[f"{code}_due"].data = today + timedelta(days=days)
                self[f"{code}_owner"].data = manager if code == "action_verification" else lead

    def entry(self) -> Entry:
        own = [Wanted(words=one_line(line)) for line in (self.own_words.data or "").splitlines()]
        return Entry(
            title=self.title.data or "",
            kind=self.kind.data or "",
            requires=self.requires.data or "",
            governance_lead_id=self.governance_lead_id.data,
            manager_id=self.manager_id.data,
            planned_review_on=self.planned_review_on.data,
            changes=[change for kind in CHANGE_WORDS if (change := self._change(kind))],
            criteria=[
                *(self.wanted(code) for code in self.criteria.data or ()),
                *(one for one in own if one.words),
            ],
            frequency_days=self.frequency_days.data or 0,
            same_person_reason=self.same_person_reason.data or "",
        )

    def _change(self, kind: str) -> Change | None:
        """A change that somebody wrote down; one without words is none."""
        what = self[f"{kind}_what"].data or ""
        if not what:
            return None
        return Change(kind, what, self[f"{kind}_owner"].data, self[f"{kind}_due"].data)

    @property
    def changes(self) -> Mapping[str, str]:
        return CHANGE_WORDS


for _kind, _words in CHANGE_WORDS.items():
    setattr(DecisionForm, f"{_kind}_what", Line(_words, most=500))
    setattr(DecisionForm, f"{_kind}_owner", RowChoice("Who answers for it"))
    setattr(DecisionForm, f"{_kind}_due", Day("By when"))


class ConfidenceForm(FlaskForm):
    words = Words(
        "What has cost you your confidence",
        "Say what has cost you your confidence.",
        most=2_000,
        description="Without names. The rules suggest enhanced monitoring from it.",
    )

"""Reading rules: settings, what the rules say on a day, and what was kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, func, select, text

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.rules import fact_rows
from careboard.rules.evaluate import Answer, evaluate
from careboard.rules.known import as_known_at
from careboard.rules.models import RulePass, RuleSetting, Trigger
from careboard.rules.registry import all_rules
from careboard.rules.rule import Parameter, Parameters, Rule, Value
from careboard.rules.settings import InUse, coming, in_use, read
from careboard.services.lists import within_or_organisation
from careboard.tenancy import Actor

MOST_SHOWN = 100


def settings(*, actor: Actor, at: datetime | None = None) -> Sequence[RuleSetting]:
    """Every setting of the organisation that was made by then (None: until now), the first
    first. One statement."""
    statement = select(RuleSetting).where(RuleSetting.org_id == actor.org_id)
    if at is not None:
        statement = statement.where(RuleSetting.set_at <= at)
    return list(db.session.scalars(statement.order_by(RuleSetting.rule_code, RuleSetting.number)))


def thresholds(*, actor: Actor, code: str, on: date) -> Parameters:
    """What the rule of that code goes by on that day, for a page that judges the same. One
    statement."""
    asked = next(rule for rule in all_rules() if rule.code == code)
    return in_use(asked, settings(actor=actor), on).parameters


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What every rule says of a day. `known_at` None: with what is known now."""

    on: date
    known_at: datetime | None
    services: dict
    answers: list[Answer]


def evaluation(*, actor: Actor, on: date) -> Evaluation:
    """Ask every rule about that day, with the rows, settings and thresholds as they were known
    when it was looked at; writes nothing that stays.

    A later correction of a row changes nothing about a past day, so the same day gives the same
    answer whenever it is asked.
    """
    at = known_at(actor=actor, on=on)
    kept = settings(actor=actor, at=at)
    with as_known_at(actor=actor, at=at):
        facts = fact_rows.read(actor=actor, on=on)
        answers = evaluate(all_rules(), facts=facts, settings=kept, on=on)
        return Evaluation(on, at, dict(facts.services), answers)


_FOUNDED = text("SELECT created_at FROM organisation WHERE id = :org")


def known_at(*, actor: Actor, on: date) -> datetime | None:
    """When a past day was looked at: at its last look, else at its end. None for today and later,
    and for days before the organisation came to CareBoard: of these it knows what it knows now."""
    if on >= actor.today:
        return None
    looked = db.session.scalar(
        select(RulePass.known_at).where(RulePass.org_id == actor.org_id, RulePass.on_date == on)
    )
    if looked is not None:
        return looked
    ends = datetime.combine(on + timedelta(days=1), time.min, ZoneInfo(actor.time_zone))
    founded = db.session.execute(_FOUNDED, {"org": actor.org_id}).scalar_one()
    return ends if founded < ends else None


@dataclass(frozen=True, slots=True)
class Line:
    """A rule with its thresholds in use. `open` triggers are those within the person's services;
    `counts` gives, by outcome, what the last look found of the whole organisation (None for
    somebody who reaches a part of it). `coming`: what was set for later days, the first first."""

    rule: Rule
    used: InUse
    open: int
    counts: dict[str, int] | None
    coming: list[RuleSetting]


@dataclass(frozen=True, slots=True)
class Listed:
    """Every rule, and when they were last asked (None: never)."""

    lines: list[Line]
    looked: RulePass | None


def index(*, actor: Actor) -> Listed:
    """Every rule with its thresholds, those that fire first. Three statements."""
    kept = settings(actor=actor)
    looked = db.session.scalar(
        select(RulePass)
        .where(RulePass.org_id == actor.org_id)
        .order_by(RulePass.on_date.desc())
        .limit(1)
    )
    firing = dict(
        db.session.execute(
            select(Trigger.rule_code, func.count()).where(*_open(actor)).group_by(Trigger.rule_code)
        ).all()
    )
    seen = looked.outcomes if looked and actor.service_ids is None else None
    lines = [
        Line(
            rule,
            in_use(rule, kept, actor.today),
            firing.get(rule.code, 0),
            None if seen is None else seen.get(rule.code),
            coming(rule, kept, actor.today),
        )
        for rule in sorted(all_rules(), key=lambda rule: rule.words)
    ]
    return Listed(sorted(lines, key=lambda line: not line.open), looked)


@dataclass(frozen=True, slots=True)
class Page:
    """A rule with all that was set for it, the latest first (rows of RuleSetting and `by`), what of
    it is `coming`, and its latest open triggers within the person's services: rows of Trigger and
    the `total`."""

    rule: Rule
    used: InUse
    coming: list[RuleSetting]
    history: list[Row]
    firing: list[Row]

    def told(self, setting: RuleSetting) -> list[tuple[Parameter, Value]]:
        """What a setting changed of CareBoard's own thresholds."""
        kept = setting.parameters
        return [(p, read(kept[p.name])) for p in self.rule.parameters if p.name in kept]


def of_rule(*, actor: Actor, rule: Rule) -> Page:
    """A rule's page. Two statements."""
    made = (
        select(RuleSetting, Membership.name.label("by"))
        .join(
            Membership,
            (Membership.org_id == RuleSetting.org_id) & (Membership.id == RuleSetting.set_by_id),
        )
        .where(RuleSetting.org_id == actor.org_id, RuleSetting.rule_code == rule.code)
        .order_by(RuleSetting.number.desc())
    )
    history = list(db.session.execute(made))
    kept = [row.RuleSetting for row in history]
    firing = (
        select(Trigger, func.count().over().label("total"))
        .where(*_open(actor), Trigger.rule_code == rule.code)
        .order_by(Trigger.fired_on.desc(), Trigger.reference.desc())
        .limit(MOST_SHOWN)
    )
    return Page(
        rule,
        in_use(rule, kept, actor.today),
        coming(rule, kept, actor.today),
        history,
        list(db.session.execute(firing)),
    )


def _open(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        Trigger.org_id == actor.org_id,
        Trigger.closed_on.is_(None),
        within_or_organisation(actor, Trigger.service_id),
    )

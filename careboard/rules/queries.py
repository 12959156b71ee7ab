"""Reading rules: settings, what the rules say on a day, and what was kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from careboard.db import db
from careboard.rules import fact_rows
from careboard.rules.evaluate import Answer, evaluate
from careboard.rules.known import as_known_at
from careboard.rules.models import RulePass, RuleSetting
from careboard.rules.registry import all_rules
from careboard.tenancy import Actor


def settings(*, actor: Actor, at: datetime | None = None) -> Sequence[RuleSetting]:
    """Every setting of the organisation that was made by then (None: until now), the first
    first. One statement."""
    statement = select(RuleSetting).where(RuleSetting.org_id == actor.org_id)
    if at is not None:
        statement = statement.where(RuleSetting.set_at <= at)
    return list(db.session.scalars(statement.order_by(RuleSetting.rule_code, RuleSetting.number)))


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

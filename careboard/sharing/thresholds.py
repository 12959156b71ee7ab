"""Thresholds of contracts: from where on a risk concerns a commissioner, and where a service
stands against them.

Source: S3-1, "contract-risk thresholds"; step S3-1.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from careboard import audit
from careboard.db import db, load
from careboard.errors import Forbidden, Invalid
from careboard.permissions import Permission
from careboard.recovery import queries as indicators
from careboard.recovery.models import Indicator
from careboard.references import next_reference
from careboard.sharing.models import ContractThreshold
from careboard.tenancy import Actor
from careboard.vocabulary import INDICATOR_UNITS

WAY_WORDS = {"at_least": "or more", "at_most": "or less"}
# So many periods back a reading still says where a service stands.
_PERIODS = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What a threshold says. Without `way` and `number` it is a matter of judgement; `measure` is
    that of indicators whose present value is to be shown."""

    words: str
    reason: str
    in_use_from: date | None
    commissioner: str = ""
    measure: str = ""
    way: str = ""
    number: Decimal | None = None
    unit: str = ""
    in_use: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a service stands against a threshold: `reached` None where nobody can tell, and what
    its indicator said."""

    threshold: Any
    reached: bool | None
    reading: str


def may_set(actor: Actor) -> bool:
    """Whoever decides on sharing sets them, or an administrator."""
    return actor.may(Permission.DECIDE_SHARING) or actor.may(Permission.MANAGE_RULES)


def set_threshold(*, actor: Actor, facts: Facts, replaces_id: UUID | None = None) -> UUID:
    """Set a threshold, or another in the place of one that holds or is to hold later; returns its
    id. What else is set for a later day keeps its turn.

    Raises Invalid (words, reason, in_use_from, number, measure, replaces), Forbidden, NotFound.
    """
    if not may_set(actor):
        raise Forbidden("A governance lead or an administrator sets thresholds.")
    _check(actor, facts)
    if replaces_id is not None:
        replaces_id = _last_of_line(actor, replaces_id, facts.in_use_from)
    row = ContractThreshold(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "CTH"),
        words=facts.words.strip(),
        commissioner=facts.commissioner.strip(),
        measure=facts.measure or None,
        way=facts.way or None,
        number=facts.number,
        unit=facts.unit.strip(),
        in_use_from=facts.in_use_from,
        in_use=facts.in_use,
        reason=facts.reason.strip(),
        set_by_id=actor.membership_id,
        replaces_id=replaces_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="threshold:set",
        subject_id=row.id,
        after={
            "number": row.number,
            "in_use": row.in_use,
            "in_use_from": row.in_use_from,
            "replaces": replaces_id,
        },
    )
    return row.id


def _last_of_line(actor: Actor, replaces_id: UUID, in_use_from: date) -> UUID:
    """What was set last in the line of a threshold that holds or is to hold."""
    load(ContractThreshold, actor.org_id, replaces_id)
    every = all_thresholds(actor=actor)
    seen = next(row for row in every if row.id == replaces_id)
    line = [row for row in every if row.line_id == seen.line_id]
    if seen.standing not in ("holds", "later"):
        raise Invalid("Somebody has replaced this threshold already. Look at it again.")
    holding = next((row for row in line if row.standing == "holds"), None)
    if holding is not None and in_use_from < holding.in_use_from:
        raise Invalid(
            f"{holding.reference} holds from {holding.in_use_from:%-d %b %Y}: choose that day or a "
            "later one.",
            "in_use_from",
        )
    return max(line, key=lambda row: row.set_as).id


def _check(actor: Actor, facts: Facts) -> None:
    if not facts.words.strip():
        raise Invalid("Say what must be reached.", "words")
    if not facts.reason.strip():
        raise Invalid("Say why the threshold is this.", "reason")
    if facts.in_use_from is None:
        raise Invalid("Say from which day it holds.", "in_use_from")
    if facts.way and facts.way not in WAY_WORDS:
        raise Invalid("Choose in which direction it is reached.", "way")
    if bool(facts.way) != (facts.number is not None):
        raise Invalid("Give the number together with its direction.", "number")
    if facts.measure and facts.number is None:
        raise Invalid("A measure needs the number from which on it is reached.", "number")
    if facts.measure and facts.measure not in measures(actor=actor):
        raise Invalid("Choose a measure.", "measure")


def measures(*, actor: Actor) -> dict[str, str]:
    """{measure: name} of the organisation's indicators, by name."""
    rows = db.session.execute(
        select(Indicator.measure, func.min(Indicator.name))
        .where(Indicator.org_id == actor.org_id, Indicator.active)
        .group_by(Indicator.measure)
        .order_by(func.lower(func.min(Indicator.name)))
    )
    return {measure: name for measure, name in rows}


# Thresholds that replace one another are a line. Of a line the latest holds that is in use by the
# day, of one day the one set last; what is set for later keeps its turn.
_ALL = """
WITH RECURSIVE line AS (
  SELECT t.id, t.id AS line_id, 1 AS set_as FROM contract_threshold t
  WHERE t.org_id = :org AND t.replaces_id IS NULL
  UNION ALL
  SELECT t.id, l.line_id, l.set_as + 1 FROM line l
  JOIN contract_threshold t ON t.org_id = :org AND t.replaces_id = l.id)
SELECT t.*, m.name AS set_by, l.line_id, l.set_as,
  lag(t.reference) OVER (PARTITION BY l.line_id ORDER BY t.in_use_from, l.set_as) AS replaces,
  CASE WHEN l.set_as < max(l.set_as) OVER (PARTITION BY l.line_id, t.in_use_from) THEN 'replaced'
    WHEN t.in_use_from > :on THEN 'later'
    WHEN t.in_use_from < max(t.in_use_from) OVER (PARTITION BY l.line_id, t.in_use_from > :on)
      THEN 'replaced'
    WHEN t.in_use THEN 'holds' ELSE 'ended' END AS standing
FROM line l
JOIN contract_threshold t ON t.org_id = :org AND t.id = l.id
JOIN membership m ON m.org_id = t.org_id AND m.id = t.set_by_id
"""


def all_thresholds(*, actor: Actor) -> Sequence[Any]:
    """Every threshold that was ever set with its standing today: holds, later, ended or replaced.
    Those that hold are first. One statement."""
    order = "ORDER BY x.standing = 'holds' DESC, x.in_use_from DESC, x.reference DESC"
    return _thresholds(actor, order)


def in_force(*, actor: Actor) -> Sequence[Any]:
    """The thresholds that hold today, by reference. One statement."""
    return _thresholds(actor, "WHERE x.standing = 'holds' ORDER BY x.reference")


def _thresholds(actor: Actor, which: str) -> Sequence[Any]:
    values = {"org": actor.org_id, "on": actor.today}
    return db.session.execute(text(f"SELECT * FROM ({_ALL}) x {which}"), values).all()


def standings(*, actor: Actor, service_id: UUID) -> list[Standing]:
    """Where the service stands against each threshold that holds. A handful of statements."""
    holding = in_force(actor=actor)
    wanted = {row.measure for row in holding if row.measure}
    latest = _latest(actor, service_id, wanted) if wanted else {}
    return [_standing(row, latest.get(row.measure)) for row in holding]


def _latest(actor: Actor, service_id: UUID, wanted: set[str]) -> dict[str, tuple[Any, Any]]:
    """{measure: (indicator, its latest point with a value)} of the service."""
    own = db.session.scalars(
        select(Indicator)
        .where(
            Indicator.org_id == actor.org_id,
            Indicator.service_id == service_id,
            Indicator.active,
            Indicator.measure.in_(wanted),
        )
        .order_by(Indicator.reference)
    ).all()
    found = {}
    points = indicators.points(actor=actor, wanted=own, on=actor.today, count=_PERIODS)
    for one in own:
        spoken = [point for point in points[one.id] if point.value is not None]
        if spoken:
            found[one.measure] = (one, spoken[-1])
    return found


def amount(number: Decimal, unit: str) -> str:
    """`93%`, `12 visits a week`."""
    return f"{number.normalize():f}{unit if unit == '%' else f' {unit}' if unit else ''}"


def _standing(row: Any, latest: tuple[Any, Any] | None) -> Standing:
    if latest is None:
        said = "No recent reading." if row.measure else ""
        return Standing(row, None, said)
    indicator, point = latest
    value = Decimal(str(point.value))
    reached = value >= row.number if row.way == "at_least" else value <= row.number
    unit = INDICATOR_UNITS.get(indicator.unit, "")
    end = point.period.end
    return Standing(
        row, reached, f"{indicator.name} {amount(value, unit)} to {end.day} {end:%b %Y}"
    )

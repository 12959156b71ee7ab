"""Reading triggers and the decisions on them.

Source: DESIGN section 4, trigger to decision; section 5, screen 6.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from careboard import clock
from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.rules.registry import all_rules
from careboard.services.lists import PAGE_SIZE, Page
from careboard.tenancy import Actor

# As a trigger stands now: what it says since, and the last decision on it.
_TRIGGERS = """
SELECT t.id, t.reference, t.rule_code, t.rule_version, t.setting_id, t.parameters, t.service_id,
  t.key, t.fired_on, t.suggests, t.decide_by, t.closed_on, t.closed_why, s.name AS service,
  coalesce(c.sentence, t.sentence) AS sentence, coalesce(c.rows, t.rows) AS rows,
  c.on_date AS changed_on, d.decision_id, d.decision, d.decided_on, d.decided_by, d.reason,
  d.reference AS decision_reference, d.episode_id, coalesce(d.at < c.created_at, false) AS moved_on,
  count(*) OVER () AS total
FROM trigger t
LEFT JOIN service s ON s.org_id = t.org_id AND s.id = t.service_id
LEFT JOIN LATERAL (SELECT c.sentence, c.rows, c.on_date, c.created_at FROM trigger_change c
  WHERE c.org_id = t.org_id AND c.trigger_id = t.id
  ORDER BY c.created_at DESC, c.id DESC LIMIT 1) c ON true
LEFT JOIN LATERAL (SELECT m.id AS decision_id, m.reference, m.decision, m.decided_on, m.reason,
    m.episode_id, m.created_at AS at, p.name AS decided_by
  FROM decision_trigger x
  JOIN monitoring_decision m ON m.org_id = x.org_id AND m.id = x.decision_id
  JOIN membership p ON p.org_id = m.org_id AND p.id = m.decided_by_id
  WHERE x.org_id = t.org_id AND x.trigger_id = t.id
  ORDER BY m.decided_at DESC, m.id DESC LIMIT 1) d ON true
WHERE t.org_id = :org AND (CAST(:services AS uuid[]) IS NULL OR t.service_id IS NULL
    OR t.service_id = ANY(:services)) AND {which}
ORDER BY {order} LIMIT :limit OFFSET :offset
"""
UNDECIDED = "t.suggests AND t.closed_on IS NULL AND d.decision_id IS NULL"
_SHOWN = {
    "undecided": UNDECIDED,
    "open": "t.closed_on IS NULL",
    "closed": "t.closed_on IS NOT NULL",
    "all": "true",
}
SHOWN = tuple(_SHOWN)
_FIRST = "t.decide_by NULLS LAST, t.fired_on, t.id"
_NEWEST = "t.fired_on DESC, t.id DESC"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which triggers; None and empty: any."""

    show: str = "undecided"
    service_id: UUID | None = None
    rule: str = ""


def rule_words() -> Mapping[str, str]:
    """What each rule is called, by code, in the wording of its source."""
    return {rule.code: rule.words[:1].upper() + rule.words[1:] for rule in all_rules()}


def triggers(*, actor: Actor, asked: Asked, page: int = 1) -> tuple[Sequence[Row], int]:
    """That page and how many there are; those awaiting a decision by their clock. One statement."""
    which = [_SHOWN[asked.show]]
    values: dict[str, Any] = {}
    if asked.service_id is not None:
        which.append("t.service_id = :service")
        values["service"] = asked.service_id
    if asked.rule:
        which.append("t.rule_code = :rule")
        values["rule"] = asked.rule
    order = _NEWEST if asked.show in ("closed", "all") else _FIRST
    rows = _read(actor, " AND ".join(which), values, order, page)
    return rows, rows[0].total if rows else 0


def undecided(
    *,
    actor: Actor,
    service_id: UUID | None = None,
    until: date | None = None,
    size: int | None = 500,
) -> Sequence[Row]:
    """The suggestions of a service or of all, fired by that day, that nobody has decided on, the
    first due first: at most `size` of `total`, or all (None). One statement."""
    which = f"""{UNDECIDED}
  AND (CAST(:service AS uuid) IS NULL OR t.service_id = :service)
  AND (CAST(:until AS date) IS NULL OR t.fired_on <= :until)"""
    return _read(actor, which, {"service": service_id, "until": until}, _FIRST, 1, size=size)


def of_ids(*, actor: Actor, ids: Collection[UUID]) -> Sequence[Row]:
    """The triggers with these ids, as they stand now. One statement."""
    return _read(actor, "t.id = ANY(:ids)", {"ids": list(ids)}, _FIRST, 1, size=500)


@dataclass(frozen=True, slots=True)
class Whole:
    """A trigger as it stands now, what it said before, and the triggers of the same rule there."""

    row: Row
    history: Sequence[Row]
    others: Sequence[Row]
    overdue: int


_HISTORY = text("""
SELECT t.fired_on AS on_date, t.created_at, t.sentence, t.rows FROM trigger t
WHERE t.org_id = :org AND t.id = :id
UNION ALL
SELECT c.on_date, c.created_at, c.sentence, c.rows FROM trigger_change c
WHERE c.org_id = :org AND c.trigger_id = :id
ORDER BY created_at
""")


def trigger(*, actor: Actor, trigger_id: UUID) -> Whole:
    """One trigger. Three statements. Raises NotFound, Forbidden."""
    found = of_ids(actor=actor, ids=[trigger_id])
    if not found:
        known = "SELECT 1 FROM trigger WHERE org_id = :org AND id = :id"
        values = {"org": actor.org_id, "id": trigger_id}
        if db.session.scalar(text(known), values):
            raise Forbidden("This belongs to a service outside your own.")
        raise NotFound()
    row = found[0]
    history = db.session.execute(_HISTORY, {"org": actor.org_id, "id": trigger_id}).all()
    others = _read(
        actor,
        "t.rule_code = :rule AND t.service_id IS NOT DISTINCT FROM :service AND t.key = :key "
        "AND t.id <> :id",
        {"rule": row.rule_code, "service": row.service_id, "key": row.key, "id": row.id},
        _NEWEST,
        1,
    )
    return Whole(row, history, others, overdue_days(row, actor.today))


def overdue_days(row: Row, on: date) -> int:
    """Working days since its decision was due; 0 while it is not late or decided."""
    if not row.suggests or row.decision_id or row.closed_on or row.decide_by >= on:
        return 0
    return clock.working_days_between(row.decide_by, on)


_DECISIONS = text("""
SELECT m.id, m.reference, m.service_id, s.name AS service, m.decision, m.reason, m.decided_on,
  p.name AS decided_by, m.episode_id, e.reference AS episode,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'reference', t.reference,
      'sentence', x.sentence, 'rule', t.rule_code) ORDER BY t.fired_on, t.id), '[]')
    FROM decision_trigger x JOIN trigger t ON t.org_id = x.org_id AND t.id = x.trigger_id
    WHERE x.org_id = m.org_id AND x.decision_id = m.id) AS triggers, count(*) OVER () AS total
FROM monitoring_decision m
JOIN service s ON s.org_id = m.org_id AND s.id = m.service_id
JOIN membership p ON p.org_id = m.org_id AND p.id = m.decided_by_id
LEFT JOIN monitoring_episode e ON e.org_id = m.org_id AND e.id = m.episode_id
WHERE m.org_id = :org AND (CAST(:services AS uuid[]) IS NULL OR m.service_id = ANY(:services))
  AND (CAST(:service AS uuid) IS NULL OR m.service_id = :service)
ORDER BY m.decided_at DESC, m.id DESC LIMIT :limit OFFSET :offset
""")


def decisions(*, actor: Actor, service_id: UUID | None = None, page: int = 1) -> Page:
    """A page of the decisions to start or not, the newest first, with their triggers. One
    statement."""
    values = {
        "org": actor.org_id,
        "services": _services(actor),
        "service": service_id,
        "limit": PAGE_SIZE,
        "offset": (page - 1) * PAGE_SIZE,
    }
    rows = db.session.execute(_DECISIONS, values).all()
    if not rows and page > 1:
        return decisions(actor=actor, service_id=service_id)
    return Page(rows, page, rows[0].total if rows else 0, PAGE_SIZE)


def rows_of(kept: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """References to rows as triggers keep them, with their days as days, the newest first."""
    dated = [{**one, "on": one["on"] and date.fromisoformat(one["on"])} for one in kept]
    return sorted(dated, key=lambda one: (one["on"] or date.min, one["reference"]), reverse=True)


def _read(
    actor: Actor,
    which: str,
    values: Mapping[str, Any],
    order: str,
    page: int,
    size: int | None = PAGE_SIZE,
) -> Sequence[Row]:
    held = {
        "org": actor.org_id,
        "services": _services(actor),
        "limit": size,
        "offset": (page - 1) * (size or 0),
        **values,
    }
    return db.session.execute(text(_TRIGGERS.format(which=which, order=order)), held).all()


def _services(actor: Actor) -> list[UUID] | None:
    return None if actor.service_ids is None else list(actor.service_ids)

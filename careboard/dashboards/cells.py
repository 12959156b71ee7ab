"""What stands behind one cell of the board: a service and a domain of risk.

Source: DESIGN section 5, screen 1; step S0-1.1 (evidence source), S0-1.2 (owner, due date).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.dashboards.signals import Signal, months_before, signals
from careboard.dashboards.trends import NOT_ENOUGH, Trend
from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.experience.on_board import THEMES, Shown, shown
from careboard.risks.assurance import Assurance
from careboard.risks.rated import assurance_of, rated
from careboard.services.lists import Page, fetch_rows
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS

MOST_ITEMS = 6


@dataclass(frozen=True, slots=True)
class CellDetail:
    """`risk` is None where nothing has been rated. Lists hold the first few, with their totals;
    `declines` are those that stand; `experience` is of that domain alone."""

    service: Any
    domain: str
    risk: Any | None
    assurance: Assurance | None
    kinds: list[str]
    actions: list[dict[str, Any]]
    actions_total: int
    evidence: list[dict[str, Any]]
    concerns_open: int
    declines: list[dict[str, Any]]
    signal: Signal | None
    trend: Trend
    experience: Shown | None

    @property
    def lacks_action(self) -> bool:
        return not any(action["live"] for action in self.actions)


_SERVICE = text("""
SELECT s.id, s.name, s.kind, s.local_authority, m.name AS manager
FROM service s LEFT JOIN membership m ON m.org_id = s.org_id AND m.id = s.manager_id
WHERE s.org_id = :org AND s.id = :service
""")

_ACTIONS = """
(SELECT coalesce(jsonb_agg(x ORDER BY x.live DESC, x.due_on), '[]') FROM (
  SELECT a.id, a.reference, a.title, a.status, a.due_on, a.outcome_measure, a.baseline,
    a.source_reference, coalesce(m.name, nullif(a.owner_name, '')) AS owner,
    a.status IN ('open', 'in_progress', 'completed') AS live, a.due_on < :on AS late,
    count(*) OVER () AS total
  FROM action a
  LEFT JOIN membership m ON m.org_id = a.org_id AND m.id = a.owner_id
  LEFT JOIN audit_concern k ON k.org_id = a.org_id AND k.id = a.audit_concern_id
  LEFT JOIN concern c ON c.org_id = a.org_id AND c.id = a.concern_id
  LEFT JOIN risk t ON t.org_id = a.org_id AND t.id = a.risk_id
  WHERE a.org_id = :org AND a.service_id = :service
    AND coalesce(a.domain, k.domain, c.domain, t.domain) = :domain
    AND a.status IN ('draft', 'open', 'in_progress', 'completed')
  ORDER BY live DESC, a.due_on LIMIT :most) x)
"""

_EVIDENCE = """
(SELECT coalesce(jsonb_agg(x ORDER BY x.valid_until DESC), '[]') FROM (
  SELECT DISTINCT e.id, e.reference, e.title, e.kind, e.status, e.valid_until,
    e.valid_until >= :on AS in_date,
    (SELECT v.source_link FROM evidence_revision v WHERE v.org_id = e.org_id
      AND v.evidence_id = e.id ORDER BY v.number DESC LIMIT 1) AS source_link
  FROM risk r JOIN evidence_link l ON l.org_id = r.org_id
    AND (l.risk_id = r.id OR l.rating_review_id = r.rating_review_id)
  JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
  WHERE r.org_id = :org AND r.service_id = :service AND r.domain = :domain AND r.status = 'open'
    AND e.status <> 'draft' AND e.status <> 'withdrawn'
  ORDER BY e.valid_until DESC LIMIT :most) x)
"""

_CONCERNS = """
(SELECT count(*) FROM audit_concern k WHERE k.org_id = :org AND k.service_id = :service
  AND k.domain = :domain AND k.status = 'open' AND k.severity <> 'green')
"""

_DECLINES = """
(SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'reference', p.reference,
    'title', coalesce(i.name, l.title), 'status', p.status) ORDER BY p.status DESC, p.id), '[]')
  FROM response p
  LEFT JOIN indicator i ON i.org_id = p.org_id AND i.id = p.indicator_id
  LEFT JOIN recovery_plan l ON l.org_id = p.org_id AND l.id = p.plan_id
  WHERE p.org_id = :org AND p.service_id = :service AND p.domain = :domain
    AND p.status <> 'closed')
"""

_RATED = rated(
    "AND r.service_id = :service AND r.domain = :domain",
    ", e.kinds, r.original_cause, r.outcome_position, v.decision, v.rationale, v.decided_on, "
    "v.urgent, m.name AS decided_by",
    """LEFT JOIN rating_review v ON v.org_id = r.org_id AND v.id = r.rating_review_id
LEFT JOIN membership m ON m.org_id = v.org_id AND m.id = v.decided_by_id""",
)
_RISK = text(f"""
SELECT x.*, {_ACTIONS} AS actions, {_EVIDENCE} AS evidence, {_CONCERNS} AS concerns_open,
  {_DECLINES} AS declines,
  CASE WHEN :domain = 'experience' THEN {THEMES} END AS experience
FROM (SELECT 1) one LEFT JOIN ({_RATED}) x ON true
""")


def cell(*, actor: Actor, service_id: UUID, domain: str, on: date) -> CellDetail:
    """Everything that the opened cell shows. Three statements.

    Raises NotFound for a service that is not there or no domain, Forbidden beyond the person's
    services.
    """
    if domain not in DOMAINS:
        raise NotFound()
    values = {
        "org": actor.org_id,
        "service": service_id,
        "domain": domain,
        "on": on,
        "most": MOST_ITEMS,
    }
    service = db.session.execute(_SERVICE, values).one_or_none()
    if service is None:
        raise NotFound()
    if not actor.reaches(service_id):
        raise Forbidden("This service is outside the services you work with.")
    row = db.session.execute(_RISK, values).one()
    rated_row = row if row.id is not None else None
    signal = signals(actor=actor, service_ids=[service_id], on=on).of(service_id, domain)
    return CellDetail(
        service=service,
        domain=domain,
        risk=rated_row,
        assurance=rated_row and assurance_of(row, on),
        kinds=(rated_row and row.kinds) or [],
        actions=_with_days(row.actions, "due_on"),
        actions_total=row.actions[0]["total"] if row.actions else 0,
        evidence=_with_days(row.evidence, "valid_until"),
        concerns_open=row.concerns_open,
        declines=row.declines,
        signal=signal,
        trend=signal.trend() if signal else NOT_ENOUGH,
        experience=shown(row.experience),
    )


def _with_days(items: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """JSON has no days: give the named one back its type."""
    return [item | {name: date.fromisoformat(item[name]) if item[name] else None} for item in items]


_SOURCE_ROWS = {
    "audit": """
SELECT a.id, a.completed_on AS on_date, a.source_key AS reference, a.theme, a.cycle AS note,
  a.rag AS level, round(100.0 * a.score / coalesce(nullif(a.max_score, 0), 10000), 1) AS value
FROM audit a WHERE a.org_id = :org AND a.service_id = :service AND a.score IS NOT NULL
  AND (a.domain = :domain OR :domain = 'audits')
  AND a.completed_on >= :first AND a.completed_on < :after
""",
    "concern": """
SELECT c.id, c.occurred_on AS on_date, c.source_key AS reference, c.theme, c.place AS note,
  c.level, CASE WHEN c.score IS NOT NULL
    THEN round(5.0 * c.score / nullif(c.max_score, 0), 1) END AS value
FROM concern c WHERE c.org_id = :org AND c.service_id = :service AND c.kind = :kind
  AND c.occurred_on >= :first AND c.occurred_on < :after
  AND (c.kind <> 'feedback'
    OR c.score IS NOT NULL AND c.level <> 'staff')
""",
}


def source_rows(*, actor: Actor, detail: CellDetail, on: date, page: int = 1) -> Page:
    """A page of the records of the months behind the cell's trend, newest first."""
    if detail.signal is None:
        return Page([], 1, 0)
    values = {
        "org": actor.org_id,
        "service": detail.service.id,
        "domain": detail.domain,
        "kind": detail.signal.kind,
        "first": months_before(on)[0],
        "after": on.replace(day=1),
    }
    statement = _SOURCE_ROWS["audit" if detail.signal.kind == "audit" else "concern"]
    return fetch_rows(statement, values, order="x.on_date DESC, x.id", page=page)

"""The risk profile: the list, and one risk with everything beside it.

Source: DESIGN section 3, risk; records of S0-3 (risk profile tracker, dashboard review log).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.actions.watched import watched
from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.risks import history
from careboard.risks.assurance import Assurance
from careboard.risks.rated import COLUMNS, assurance_of, rated
from careboard.tenancy import Actor

PAGE_RISKS = 50
MOST_ITEMS = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """`state` is an assurance state; `order` is `gravest` or `latest`."""

    rating: str = ""
    domain: str = ""
    state: str = ""
    q: str = ""
    order: str = "gravest"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A risk of the list: its row, with `service`, `live` and `next_due`, and its assurance."""

    row: Any
    assurance: Assurance


@dataclass(frozen=True, slots=True)
class Profile:
    """A page of the risk profile."""

    lines: list[Line]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class RiskDetail:
    """One risk. `reviews` newest first, each with its evidence (`items`)."""

    risk: Any
    assurance: Assurance
    kinds: list[str]
    reviews: list[Any]
    around: history.Around
    actions: list[Any]
    evidence: list[Any]
    concerns: list[Any]


# The actions are looked up for the page's risks alone.
_PROFILE = (
    """SELECT p.*, a.live, a.overdue, a.next_due FROM (
SELECT x.*, s.name AS service, count(*) OVER () AS total,
  row_number() OVER (ORDER BY {order}) AS place
FROM ("""
    + rated(columns=", r.original_cause, r.outcome_position")
    + """) x JOIN service s ON s.org_id = :org AND s.id = x.service_id
WHERE true {where} ORDER BY place LIMIT :limit OFFSET :offset) p
LEFT JOIN LATERAL (
  SELECT count(*) AS live, count(*) FILTER (WHERE a.due_on < :on) AS overdue,
    min(a.due_on) AS next_due
  FROM action a WHERE a.org_id = :org AND a.service_id = p.service_id
    AND (a.risk_id = p.id OR a.domain = p.domain)
    AND a.status IN ('open', 'in_progress', 'completed')) a ON true
ORDER BY p.place"""
)
_ORDERS = {
    "gravest": "array_position(ARRAY['very_high', 'high', 'moderate', 'low'], x.rating), "
    "x.state = 'assured', s.name_norm, x.domain",
    "latest": "x.rated_on DESC, x.reference DESC",
}


def profile(*, actor: Actor, filters: Filters, on: date) -> Profile:
    """Open risks within the person's services. One statement."""
    values: dict[str, Any] = {
        "org": actor.org_id,
        "on": on,
        "limit": PAGE_RISKS,
        "offset": (filters.page - 1) * PAGE_RISKS,
    }
    where = []
    if actor.service_ids is not None:
        where.append("AND x.service_id = ANY(:services)")
        values["services"] = list(actor.service_ids)
    for name, condition in (
        ("rating", "x.rating = :rating"),
        ("domain", "x.domain = :domain"),
        ("state", "x.state = :state"),
        (
            "q",
            "(position(lower(:q) IN s.name_norm) > 0 OR x.original_cause ILIKE '%' || :q || '%')",
        ),
    ):
        if getattr(filters, name):
            where.append(f"AND {condition}")
            values[name] = getattr(filters, name)
    statement = _PROFILE.format(where=" ".join(where), order=_ORDERS[filters.order])
    rows = list(db.session.execute(text(statement), values))
    total = rows[0].total if rows else 0
    lines = [Line(row, assurance_of(row, on)) for row in rows]
    return Profile(lines, filters.page, max(1, -(-total // PAGE_RISKS)), total)


_RISK = text(f"""
SELECT x.*, r.reference, r.service_id, r.domain, r.status, r.original_cause, r.outcome_position,
  r.rating, r.rated_on, r.opened_on, r.closed_on, r.rating_review_id, r.id, s.name AS service,
  o.name AS opened_by, k.name AS manager
FROM risk r
JOIN service s ON s.org_id = r.org_id AND s.id = r.service_id
LEFT JOIN membership o ON o.org_id = r.org_id AND o.id = r.opened_by_id
LEFT JOIN membership k ON k.org_id = s.org_id AND k.id = s.manager_id
LEFT JOIN (SELECT id AS rated_id, {", ".join(COLUMNS)}, kinds
  FROM ({rated("AND r.id = :risk", ", e.kinds")}) y) x ON x.rated_id = r.id
WHERE r.org_id = :org AND r.id = :risk
""")

_ACTIONS = text(f"""
SELECT x.*, (SELECT o.state FROM ({watched("a.org_id = :org AND a.id = x.id")}) o) AS outcome
FROM (
  SELECT a.id, a.reference, a.title, a.status, a.due_on, a.due_on < :on AS late,
    a.outcome_measure, coalesce(m.name, nullif(a.owner_name, '')) AS owner,
    count(*) OVER () AS total,
    row_number() OVER (ORDER BY a.risk_id = :risk DESC NULLS LAST,
      a.status IN ('verified', 'cancelled'), a.due_on, a.id) AS place
  FROM action a
  LEFT JOIN membership m ON m.org_id = a.org_id AND m.id = a.owner_id
  LEFT JOIN audit_concern k ON k.org_id = a.org_id AND k.id = a.audit_concern_id
  WHERE a.org_id = :org AND (a.risk_id = :risk OR a.service_id = :service
      AND coalesce(a.domain, k.domain) = :domain AND a.status NOT IN ('verified', 'cancelled'))
) x WHERE x.place <= :most ORDER BY x.place
""")

_EVIDENCE = text("""
SELECT x.*, count(*) OVER () AS total FROM (
SELECT DISTINCT ON (e.id) e.id, e.reference, e.title, e.kind, e.status, e.valid_until,
  e.valid_until >= :on AS in_date, l.rating_review_id IS NOT NULL AS cited
FROM evidence_link l JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
WHERE l.org_id = :org AND (l.risk_id = :risk OR l.rating_review_id = :review)
  AND e.status NOT IN ('draft', 'withdrawn')
ORDER BY e.id DESC, l.rating_review_id NULLS LAST) x
ORDER BY x.id DESC LIMIT :most
""")

_CONCERNS = text("""
SELECT x.*, count(*) OVER () AS total FROM (
  SELECT 'audit_concern' AS kind, k.id, k.source_key AS reference, k.text, k.severity AS level,
    k.raised_on AS on_date
  FROM audit_concern k WHERE k.org_id = :org AND k.service_id = :service AND k.domain = :domain
    AND k.status = 'open'
  UNION ALL
  SELECT c.kind, c.id, c.source_key, coalesce(nullif(c.text, ''), c.theme), c.level, c.occurred_on
  FROM concern c WHERE c.org_id = :org AND c.service_id = :service AND c.domain = :domain
    AND c.occurred_on > :on - 92 AND (c.kind <> 'feedback' OR c.score * 5 <= c.max_score * 2)
) x ORDER BY x.on_date DESC LIMIT 15
""")


def risk(*, actor: Actor, risk_id: UUID, on: date) -> RiskDetail:
    """One risk. Six statements. Raises NotFound, or Forbidden beyond the person's services."""
    row = find(actor=actor, risk_id=risk_id, on=on)
    values = {
        "org": actor.org_id,
        "risk": risk_id,
        "service": row.service_id,
        "domain": row.domain,
        "review": row.rating_review_id,
        "on": on,
        "most": MOST_ITEMS,
    }
    return RiskDetail(
        risk=row,
        assurance=assurance_of(row, on),
        kinds=row.kinds or [],
        reviews=history.reviews(actor=actor, risk_id=risk_id),
        around=history.around(actor=actor, risk_id=risk_id),
        actions=list(db.session.execute(_ACTIONS, values)),
        evidence=list(db.session.execute(_EVIDENCE, values)),
        concerns=list(db.session.execute(_CONCERNS, values)),
    )


def find(*, actor: Actor, risk_id: UUID, on: date) -> Any:
    """The risk's row with its service and support. Raises NotFound or Forbidden."""
    row = db.session.execute(_RISK, {"org": actor.org_id, "risk": risk_id, "on": on}).one_or_none()
    if row is None:
        raise NotFound()
    if not actor.reaches(row.service_id):
        raise Forbidden("This risk is outside the services you work with.")
    return row


_CHOICES = """
SELECT s.id, s.name FROM service s WHERE s.org_id = :org AND s.active {where} ORDER BY s.name_norm
"""


def services(*, actor: Actor) -> list[tuple[UUID, str]]:
    """The services that the person may rate, as choices."""
    values: dict[str, Any] = {"org": actor.org_id}
    where = ""
    if actor.service_ids is not None:
        where, values["services"] = "AND s.id = ANY(:services)", list(actor.service_ids)
    rows = db.session.execute(text(_CHOICES.format(where=where)), values)
    return [(row.id, row.name) for row in rows]


_USABLE = text("""
SELECT e.id, e.reference, e.title, e.kind, e.valid_until FROM evidence e
WHERE e.org_id = :org AND (e.service_id = :service OR e.service_id IS NULL)
  AND e.status IN ('submitted', 'in_review', 'accepted') AND e.valid_until >= :on
ORDER BY e.created_at DESC LIMIT :most
""")


def usable_evidence(*, actor: Actor, service_id: UUID | None, on: date) -> list[Any]:
    """Evidence in date that a rating of the service may cite, newest first."""
    if service_id is None or not actor.reaches(service_id):
        return []
    values = {"org": actor.org_id, "service": service_id, "on": on, "most": MOST_ITEMS}
    return list(db.session.execute(_USABLE, values))

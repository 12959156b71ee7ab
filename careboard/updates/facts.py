"""What the records say of the services that a commissioner asked about, read for their updates.

An update tells what was known by its day: what was decided, verified, withdrawn or added later is
not in it, and what was verified later was still under way.

Eight statements and those of `stands` for each, however much there is; of a past day also the
views of `careboard.rules.known`, once for all that are read together. Source: steps S3-3.2, S3-3.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text

from careboard.actions.lateness import LIVE
from careboard.db import db
from careboard.evidence.queries import NO_SUPPORT
from careboard.permissions import Role
from careboard.recovery.dashboard_stands import Stand, stands
from careboard.risks.rated import KNOWN_BY, rated
from careboard.rules.known import as_known_at
from careboard.tenancy import Actor

# Claims of periods that ended earlier say nothing of any reading that an update shows.
CLAIMS_DAYS = 400


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows as they were read. `head` has reference, theme, required_assurance, due_on, raised_on,
    service_id, service, number and since, the day from which on things are news."""

    head: Row
    stands: Sequence[Stand]
    measures: dict[UUID, Row]
    claims: Sequence[Row]
    evidence: Sequence[Row]
    waiting: Sequence[Row]
    actions: Sequence[Row]
    risks: Sequence[Row]
    on: date


# An update says what is new since the one before was validated: it has not been drafted since.
_HEAD = text("""
SELECT t.reference, t.theme, t.required_assurance, t.due_on, c.occurred_on AS raised_on,
  t.service_id, s.name AS service, CAST(:number AS integer) AS number,
  coalesce((SELECT p.validated_on FROM recovery_update p WHERE p.org_id = h.org_id
    AND p.schedule_id = h.id AND p.status = 'published' AND p.number < :number
    ORDER BY p.number DESC LIMIT 1), c.occurred_on) AS since
FROM update_schedule h
JOIN tracked_concern t ON t.org_id = h.org_id AND t.id = h.tracked_id
JOIN concern c ON c.org_id = t.org_id AND c.id = t.concern_id
JOIN service s ON s.org_id = t.org_id AND s.id = t.service_id
WHERE h.org_id = :org AND h.id = :schedule
""")
# The indicators of the recovery plans that were open, or all of the service where it had none.
_MEASURES = text("""
WITH planned AS (
  SELECT DISTINCT ON (p.indicator_id) p.indicator_id, p.baseline_value, p.baseline_on
  FROM plan_indicator p
  JOIN recovery_plan r ON r.org_id = p.org_id AND r.id = p.plan_id
  WHERE p.org_id = :org AND r.service_id = :service AND r.started_on <= :on
    AND (r.closed_on IS NULL OR r.closed_on > :on)
    AND CAST(p.created_at AT TIME ZONE :zone AS date) <= :on
  ORDER BY p.indicator_id, r.started_on DESC, r.id DESC)
SELECT i.id, i.numerator_name, i.denominator_name, b.baseline_value, b.baseline_on
FROM indicator i LEFT JOIN planned p ON p.indicator_id = i.id
LEFT JOIN LATERAL (
  SELECT CAST(coalesce(p.baseline_value, i.baseline_value) AS float8) AS baseline_value,
    coalesce(p.baseline_on, i.baseline_on) AS baseline_on
) b ON b.baseline_on <= :on
WHERE i.org_id = :org AND i.service_id = :service AND i.active
  AND (p.indicator_id IS NOT NULL OR NOT EXISTS (SELECT FROM planned))
""")
# A claim has fallen where all that it rested on was rejected or taken back since.
_CLAIMS = text("""
SELECT k.id, k.reference, k.kind, k.domain, k.statement, k.period_from, k.period_to,
  CASE WHEN n.by_then THEN 'validated' ELSE 'submitted' END AS status, k.submitted_on,
  CASE WHEN n.by_then THEN k.outcome END AS outcome, n.by_then AND k.unsupported AS unsupported,
  CASE WHEN n.by_then THEN k.validated_on END AS validated_on,
  CASE WHEN n.by_then THEN m.roles END AS roles,
  EXISTS (SELECT FROM recovery_update u WHERE u.org_id = k.org_id AND u.claim_id = k.id
    AND u.schedule_id = :schedule AND u.number < :number AND u.status = 'published') AS told,
  (SELECT bool_and(e.status = ANY(:fallen) AND coalesce(e.decided_on <= :on, true))
    FROM evidence_link l
    JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
    WHERE l.org_id = k.org_id AND l.claim_id = k.id) IS TRUE AS fallen
FROM claim k LEFT JOIN membership m ON m.org_id = k.org_id AND m.id = k.validated_by_id
CROSS JOIN LATERAL (SELECT coalesce(k.validated_on <= :on, false) AS by_then) n
WHERE k.org_id = :org AND k.service_id = :service AND k.status IN ('submitted', 'validated')
  AND k.period_to >= :earliest AND k.submitted_on <= :on
ORDER BY coalesce(CASE WHEN n.by_then THEN k.validated_on END, k.submitted_on), k.reference
""")
# Evidence of a claim that was found proven was looked at with it, where nobody judged it by itself.
_EVIDENCE = text("""
SELECT DISTINCT ON (e.reference) e.reference, e.title, e.kind, v.sha256, m.roles,
  coalesce(e.decided_on, k.validated_on) AS validated_on
FROM evidence_link l
JOIN claim k ON k.org_id = l.org_id AND k.id = l.claim_id
JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
JOIN evidence_revision v ON v.org_id = e.org_id AND v.evidence_id = e.id
LEFT JOIN membership m ON m.org_id = e.org_id
  AND m.id = coalesce(e.decided_by_id, k.validated_by_id)
WHERE l.org_id = :org AND l.claim_id = ANY(:claims)
  AND e.status IN ('submitted', 'in_review', 'accepted')
ORDER BY e.reference, v.number DESC
""")
_WAITING = text("""
SELECT e.reference, e.kind,
  CASE WHEN e.decided_on > :on THEN 'submitted' ELSE e.status END AS status
FROM evidence e
WHERE e.org_id = :org AND e.service_id = :service AND e.valid_until >= :on
  AND CAST(e.created_at AT TIME ZONE :zone AS date) <= :on
  AND (e.status IN ('submitted', 'in_review', 'change_requested')
    OR e.decided_on > :on AND e.status IN ('accepted', 'rejected'))
  AND NOT EXISTS (SELECT FROM evidence_link l
    JOIN claim k ON k.org_id = l.org_id AND k.id = l.claim_id
    WHERE l.org_id = e.org_id AND l.evidence_id = e.id AND k.status = 'validated'
      AND k.validated_on <= :on
      AND k.outcome <> 'does_not_prove' AND NOT k.unsupported AND e.status <> 'change_requested')
ORDER BY e.reference
""")
_ACTIONS = text("""
SELECT a.reference, a.title, coalesce(a.domain, k.domain) AS domain, a.due_on, m.roles,
  CASE WHEN a.verified_on > :on THEN 'completed' ELSE a.status END AS status,
  CASE WHEN a.verified_on <= :on THEN a.verified_on END AS verified_on
FROM action a
LEFT JOIN membership m ON m.org_id = a.org_id AND m.id = a.owner_id
LEFT JOIN audit_concern k ON k.org_id = a.org_id AND k.id = a.audit_concern_id
WHERE a.org_id = :org AND a.service_id = :service
  AND (a.status = ANY(:live) OR a.status = 'verified' AND a.verified_on >= :since)
  AND CAST(a.created_at AT TIME ZONE :zone AS date) <= :on
ORDER BY a.due_on, a.reference
""")
_RISKS = text(
    "SELECT x.reference, x.domain, x.rating, x.state, x.rated_on "
    f"FROM ({rated('AND r.service_id = :service', of=KNOWN_BY)}) x "
    "ORDER BY array_position(ARRAY['very_high', 'high', 'moderate', 'low'], x.rating), x.reference"
)


def read(*, actor: Actor, numbers: Mapping[UUID, int], on: date) -> dict[UUID, Facts]:
    """What the records say on that day for the update of that number of each schedule, with every
    row as it stood at the end of a past one. What the session holds of rows is forgotten by then.
    """
    heads = {}
    for schedule_id, number in numbers.items():
        given = {"org": actor.org_id, "schedule": schedule_id, "number": number}
        heads[schedule_id] = db.session.execute(_HEAD, given).one()
    db.session.flush()
    ends = datetime.combine(on + timedelta(days=1), time.min, ZoneInfo(actor.time_zone))
    with as_known_at(actor=actor, at=ends if on < actor.today else None):
        return {one: _read(actor, one, head, on) for one, head in heads.items()}


def _read(actor: Actor, schedule_id: UUID, head: Row, on: date) -> Facts:
    given: dict[str, Any] = {
        "org": actor.org_id,
        "schedule": schedule_id,
        "number": head.number,
        "zone": actor.time_zone,
        "service": head.service_id,
        "on": on,
        "since": head.since,
        "earliest": on - timedelta(days=CLAIMS_DAYS),
        "live": list(LIVE),
        "fallen": list(NO_SUPPORT),
    }
    measures = {row.id: row for row in db.session.execute(_MEASURES, given)}
    read = stands(actor=actor, service_ids=[head.service_id], valid_until={}, on=on, live=True)
    claims = db.session.execute(_CLAIMS, given).all()
    given["claims"] = [row.id for row in claims if is_news(row, head.since) and proven(row)]
    return Facts(
        head,
        [one for one in read if one.indicator.id in measures],
        measures,
        claims,
        db.session.execute(_EVIDENCE, given).all(),
        db.session.execute(_WAITING, given).all(),
        db.session.execute(_ACTIONS, given).all(),
        db.session.execute(_RISKS, given).all(),
        on,
    )


def is_news(claim: Row, since: date) -> bool:
    """Whether the claim was validated since that day and is not what an earlier update told of."""
    return claim.status == "validated" and claim.validated_on >= since and not claim.told


def proven(claim: Row) -> bool:
    """Whether its validation bears it out, at least in part, and its evidence still stands."""
    return claim.outcome in ("proves", "partly") and holds(claim)


def holds(claim: Row) -> bool:
    """Whether what was found of a claim can still be said."""
    return claim.status == "validated" and not claim.unsupported and not claim.fallen


def role_words(roles: Sequence[str] | None) -> str | None:
    """The roles of a person who stays unnamed; None where nobody with access is meant."""
    return ", ".join(role.words for role in Role if role in (roles or ())) or None

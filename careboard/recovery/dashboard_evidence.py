"""What evidence a service has in each domain, through whatever it is attached to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Row, text

from careboard.db import db
from careboard.risks.assurance import SUPPORTING
from careboard.tenancy import Actor

# Counter-evidence of a dispute speaks against; all else speaks for what it is attached to.
_LINKED = f"""
FROM evidence_link l
JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
LEFT JOIN action a ON a.org_id = l.org_id AND a.id = l.action_id
LEFT JOIN claim c ON c.org_id = l.org_id AND c.id = l.claim_id
LEFT JOIN rating_review v ON v.org_id = l.org_id AND v.id = l.rating_review_id
LEFT JOIN risk r ON r.org_id = l.org_id
  AND r.id = coalesce(l.risk_id, v.risk_id, c.risk_id, a.risk_id)
LEFT JOIN recovery_plan p ON p.org_id = l.org_id AND p.id = coalesce(l.plan_id, a.plan_id)
LEFT JOIN audit_concern k ON k.org_id = l.org_id
  AND k.id = coalesce(l.audit_concern_id, a.audit_concern_id)
LEFT JOIN concern n ON n.org_id = l.org_id AND n.id = coalesce(l.concern_id, a.concern_id)
CROSS JOIN LATERAL (SELECT
  coalesce(a.service_id, c.service_id, r.service_id, p.service_id, k.service_id, n.service_id)
    AS service_id,
  coalesce(a.domain, c.domain, r.domain, p.domain, k.domain, n.domain) AS domain) t
WHERE l.org_id = :org AND l.dispute_id IS NULL
  AND e.status IN ({", ".join(f"'{status}'" for status in SUPPORTING)})
  AND t.service_id = ANY(:services)
"""
_VALID_UNTIL = text(f"""
SELECT t.service_id, t.domain, max(e.valid_until) AS valid_until {_LINKED}
  AND t.domain IS NOT NULL GROUP BY 1, 2
""")
_LATEST = text(f"""
SELECT e.id, e.reference, e.title, e.kind, e.status, e.valid_until,
  array_agg(DISTINCT t.domain ORDER BY t.domain) AS domains {_LINKED}
  AND t.domain = ANY(:domains)
GROUP BY e.org_id, e.id
ORDER BY e.created_at DESC, e.id DESC LIMIT :most
""")


def valid_until(*, actor: Actor, service_ids: Sequence[UUID]) -> dict[tuple[UUID, str], date]:
    """{(service, domain): the last day on which any of its evidence is valid}. One statement."""
    given = {"org": actor.org_id, "services": list(service_ids)}
    rows = db.session.execute(_VALID_UNTIL, given)
    return {(row.service_id, row.domain): row.valid_until for row in rows}


def latest(*, actor: Actor, service_id: UUID, domains: Sequence[str], most: int) -> Sequence[Row]:
    """The newest evidence of a service in these domains: (id, reference, title, kind, status,
    valid_until, domains). One statement."""
    given = {
        "org": actor.org_id,
        "services": [service_id],
        "domains": list(domains),
        "most": most,
    }
    return db.session.execute(_LATEST, given).all()

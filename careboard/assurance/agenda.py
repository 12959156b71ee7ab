"""What evidence validation puts on the agenda of a sitting.

Source: rules 3.3, unsupported assurance and missing evidence; issue Assurance, reviews.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.reviews.lines import Line
from careboard.tenancy import Actor

# Unsupported or unproven since the last sitting; and evidence that expired since then under
# something that still stands: a rating in force, a claim, or an action not closed.
_MATTERS = """
SELECT * FROM (
  SELECT 'claim' AS what, c.id, c.reference, c.statement AS title, c.service_id, c.risk_id,
    CASE WHEN c.unsupported THEN 'unsupported' ELSE c.outcome END AS state,
    c.validated_on AS on_date, v.sampled, v.matched, v.critical
  FROM claim c JOIN validation v ON v.org_id = c.org_id AND v.claim_id = c.id
  WHERE c.org_id = :org AND c.status = 'validated' AND c.validated_on BETWEEN :since AND :on
    AND (c.unsupported OR c.outcome = 'does_not_prove')
  UNION ALL
  SELECT 'evidence', e.id, e.reference, e.title, e.service_id, NULL, 'expired', e.valid_until,
    NULL, NULL, NULL
  FROM evidence e
  WHERE e.org_id = :org AND e.status IN ('submitted', 'in_review', 'accepted')
    AND e.valid_until < :on AND e.valid_until >= :since
    AND EXISTS (SELECT FROM evidence_link l
      LEFT JOIN risk r ON r.org_id = l.org_id AND r.status = 'open'
        AND (r.id = l.risk_id OR r.rating_review_id = l.rating_review_id)
      LEFT JOIN claim k ON k.org_id = l.org_id AND k.id = l.claim_id
        AND k.status IN ('submitted', 'validated')
      LEFT JOIN action a ON a.org_id = l.org_id AND a.id = l.action_id
        AND a.status IN ('open', 'in_progress', 'completed')
      WHERE l.org_id = e.org_id AND l.evidence_id = e.id
        AND coalesce(r.id, k.id, a.id) IS NOT NULL)
) x WHERE true {scope}
ORDER BY x.what, x.state <> 'unsupported', x.on_date DESC, x.reference
"""
_STATES = {
    "unsupported": "unsupported assurance",
    "does_not_prove": "the evidence does not prove it",
    "expired": "expired",
}


def lines(
    *, actor: Actor, service_id: UUID | None, on: date, since: date | datetime
) -> Iterator[Line]:
    """Claims found unsupported or unproven, and evidence in use that expired, since then.

    `detail` holds what (claim or evidence), id, reference, state, on, and of a claim sampled,
    matched and critical. One statement.
    """
    first = since.date() if isinstance(since, datetime) else since
    values: dict[str, Any] = {"org": actor.org_id, "on": on, "since": first}
    scope = ""
    if service_id is not None:
        scope, values["services"] = "AND x.service_id = ANY(:services)", [service_id]
    elif actor.service_ids is not None:
        scope, values["services"] = "AND x.service_id = ANY(:services)", list(actor.service_ids)
    for row in db.session.execute(text(_MATTERS.format(scope=scope)), values):
        yield Line(
            section="assurance",
            title=f"{row.reference}, {_STATES[row.state]}: {row.title}"[:300],
            service_id=row.service_id,
            detail=_detail(row),
            risk_id=row.risk_id,
        )


def _detail(row: Any) -> dict[str, Any]:
    detail = {
        "what": row.what,
        "id": str(row.id),
        "reference": row.reference,
        "state": row.state,
        "on": row.on_date.isoformat(),
    }
    if row.what == "claim":
        detail |= {"sampled": row.sampled, "matched": row.matched, "critical": row.critical}
    return detail

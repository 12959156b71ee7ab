"""What sharing puts before a sitting: what nobody has decided, decided or told; four-week checks;
advice that is awaited or has come.

Source: steps S3-1.5, S3-2.5 and S3-3.5; DESIGN section 4, sharing decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.reviews.lines import Line
from careboard.sharing.control_check_sql import CHECK_OWED
from careboard.sharing.sql import UNDECIDED_FIGURE, UNTOLD
from careboard.tenancy import Actor

# `kind` is of what an undecided matter is; the words are those of the decision, check or advice.
_STANDING = text(f"""
SELECT x.* FROM (
  SELECT 1 AS place, 'unshared' AS what, u.kind, u.id, u.reference, u.title, u.service_id,
    '' AS reason, u.on_date AS on_date
  FROM ({UNDECIDED_FIGURE}) u WHERE u.counted
  UNION ALL
  SELECT 2, 'untold', '', u.id, u.reference, u.title, u.service_id, '', u.tell_by
  FROM ({UNTOLD}) u WHERE u.tell_by < :on
  UNION ALL
  SELECT 3, 'check_due', '', u.id, u.reference, u.title, u.service_id, '', u.due_on
  FROM ({CHECK_OWED}) u WHERE u.due_on <= :on
  UNION ALL
  SELECT 4, 'check_' || k.outcome, '', d.id, d.reference, d.what, k.service_id, k.findings,
    k.checked_on
  FROM control_check k JOIN sharing_decision d ON d.org_id = k.org_id AND d.id = k.decision_id
  WHERE k.org_id = :org AND k.created_at > :since AND k.sitting_id IS NULL
  UNION ALL
  SELECT 5, 'sharing', d.decision, d.id, d.reference,
    CASE WHEN d.what = '' THEN 'not to share' ELSE d.what END, d.service_id, d.rationale,
    d.decided_on
  FROM sharing_decision d WHERE d.org_id = :org AND d.decided_at > :since
  UNION ALL
  SELECT 6, 'advice_' || CASE v.outcome WHEN 'awaited' THEN 'awaited' ELSE 'received' END, '',
    v.id, v.reference, v.authority || ': ' || v.guidance, v.service_id, v.what_follows,
    v.received_on
  FROM partner_advice v
  WHERE v.org_id = :org AND (v.outcome = 'awaited' OR v.created_at > :since)
    AND NOT EXISTS (SELECT FROM partner_advice l
      WHERE l.org_id = v.org_id AND l.follows_id = v.id)
) x
WHERE x.on_date <= :on
  AND (CAST(:services AS uuid[]) IS NULL OR x.service_id = ANY(:services))
ORDER BY x.place, x.on_date, x.reference
""")


def lines(*, actor: Actor, service_id: UUID | None, on: date, since: datetime) -> Iterator[Line]:
    """First what is owed, the oldest first; then what was decided, checked or advised since the
    last sitting. One statement.

    For forums of the whole organisation: what is shared is not decided in a service's own review.
    """
    if service_id is not None:
        return
    values = {
        "org": actor.org_id,
        "on": on,
        "since": since,
        "services": None if actor.service_ids is None else list(actor.service_ids),
    }
    for row in db.session.execute(_STANDING, values):
        detail = {"what": row.what, "id": row.id, "since_on": row.on_date}
        if row.kind:
            detail["kind"] = row.kind
        if row.reason:
            detail["reason"] = row.reason
        yield Line("changed", f"{row.reference} {row.title}", row.service_id, detail)

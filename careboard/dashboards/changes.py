"""What changed since the last review: the board's memory.

Source: DESIGN section 5, screen 1; step S0-1.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from careboard.db import db
from careboard.tenancy import Actor

MOST_RATINGS = 8


@dataclass(frozen=True, slots=True)
class Changes:
    """`ratings` are the latest changed ratings (of `ratings_total`); the rest are counts."""

    since: date
    ratings: list[Any]
    ratings_total: int
    first_rated: int
    verified: int
    new: int
    returned: int
    newly_overdue: int
    concerns: int
    expired: int

    @property
    def nothing(self) -> bool:
        return not (
            self.ratings_total or self.first_rated or self.verified or self.new or self.returned
            or self.newly_overdue or self.concerns or self.expired
        )  # fmt: skip


_CHANGES = """
SELECT 'rating' AS what, v.decided_on AS on_date, r.id, s.name AS service, r.domain,
  v.rating_from, v.rating_to, count(*) OVER () AS number
FROM rating_review v
JOIN risk r ON r.org_id = v.org_id AND r.id = v.risk_id
JOIN service s ON s.org_id = r.org_id AND s.id = r.service_id
WHERE v.org_id = :org AND v.decided_on > :since AND v.decided_on <= :on
  AND v.rating_from <> v.rating_to {risk}
"""

_COUNTS = """
SELECT u.kind AS what, CAST(NULL AS date) AS on_date, CAST(NULL AS uuid) AS id, '' AS service,
  '' AS domain, '' AS rating_from, '' AS rating_to, count(DISTINCT u.action_id) AS number
FROM action_update u JOIN action a ON a.org_id = u.org_id AND a.id = u.action_id
WHERE u.org_id = :org AND u.happened_at >= :since_at AND u.kind IN ('verified', 'returned')
  {action}
GROUP BY u.kind
UNION ALL
SELECT 'rated', NULL, NULL, '', '', '', '', count(*)
FROM rating_review v JOIN risk r ON r.org_id = v.org_id AND r.id = v.risk_id
WHERE v.org_id = :org AND v.decided_on > :since AND v.decided_on <= :on
  AND v.rating_from IS NULL {risk}
UNION ALL
SELECT 'new', NULL, NULL, '', '', '', '', count(*) FROM action a
WHERE a.org_id = :org AND a.created_at >= :since_at AND a.status <> 'draft'
  AND (a.batch_id IS NULL OR a.status NOT IN ('verified', 'cancelled')) {action}
UNION ALL
SELECT 'newly_overdue', NULL, NULL, '', '', '', '', count(*) FROM action a
WHERE a.org_id = :org AND a.status NOT IN ('verified', 'cancelled')
  AND a.due_on >= :since AND a.due_on < :on {action}
UNION ALL
SELECT 'concerns', NULL, NULL, '', '', '', '', count(*) FROM audit_concern k
WHERE k.org_id = :org AND k.raised_on > :since AND k.raised_on <= :on
  AND k.severity IN ('amber', 'red') {concern}
UNION ALL
SELECT 'expired', NULL, NULL, '', '', '', '', count(*) FROM evidence e
WHERE e.org_id = :org AND e.valid_until >= :since AND e.valid_until < :on
  AND e.status IN ('submitted', 'in_review', 'accepted') {evidence}
"""


def changes(*, actor: Actor, since: date, on: date) -> Changes:
    """What happened after `since`, up to `on`, within the person's services. One statement."""
    scoped = actor.service_ids is not None
    within = {
        "risk": " AND r.service_id = ANY(:services)",
        "action": " AND a.service_id = ANY(:services)",
        "concern": " AND k.service_id = ANY(:services)",
        "evidence": " AND e.service_id = ANY(:services)",
    }
    if not scoped:
        within = dict.fromkeys(within, "")
    # A list with a limit of its own, then counts.
    statement = (
        f"SELECT * FROM ({_CHANGES} ORDER BY v.decided_at DESC LIMIT {MOST_RATINGS}) x "
        f"UNION ALL {_COUNTS}"
    ).format(**within)
    values = {"org": actor.org_id, "since": since, "since_at": since, "on": on}
    if scoped:
        values["services"] = list(actor.service_ids)
    rows = list(db.session.execute(text(statement), values))
    ratings = [row for row in rows if row.what == "rating"]
    number = {row.what: row.number for row in rows if row.what != "rating"}
    return Changes(
        since=since,
        ratings=ratings,
        ratings_total=ratings[0].number if ratings else 0,
        first_rated=number.get("rated", 0),
        verified=number.get("verified", 0),
        new=number.get("new", 0),
        returned=number.get("returned", 0),
        newly_overdue=number.get("newly_overdue", 0),
        concerns=number.get("concerns", 0),
        expired=number.get("expired", 0),
    )

"""What recovery puts before a sitting: declines that nobody has answered, and those answered by
provider oversight.

Source: S1 ("this may include ... provider oversight"); DESIGN section 1, promise 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.recovery.response_queries import RULE_NAMES
from careboard.reviews.lines import Line
from careboard.tenancy import Actor

_STANDING = text("""
SELECT p.id, p.reference, p.rule, p.sentence, p.status, p.fired_on, p.reason, p.service_id,
  s.name AS service, coalesce(i.name, l.title) AS title, m.name AS owner, p.due_on
FROM response p
JOIN service s ON s.org_id = p.org_id AND s.id = p.service_id
LEFT JOIN indicator i ON i.org_id = p.org_id AND i.id = p.indicator_id
LEFT JOIN recovery_plan l ON l.org_id = p.org_id AND l.id = p.plan_id
LEFT JOIN membership m ON m.org_id = p.org_id AND m.id = p.owner_id
WHERE p.org_id = :org
  AND (p.status = 'open' OR p.status = 'answered' AND p.kind = 'provider_oversight')
  AND p.fired_on <= :on
  AND (CAST(:service AS uuid) IS NULL OR p.service_id = :service)
  AND (CAST(:services AS uuid[]) IS NULL OR p.service_id = ANY(:services))
ORDER BY p.status DESC, p.fired_on, p.id
""")


def lines(*, actor: Actor, service_id: UUID | None, on: date, since: datetime) -> Iterator[Line]:
    """Unanswered declines, the oldest first; then those under provider oversight. One statement.

    Both stand on every agenda until they are answered, or over.
    """
    values = {
        "org": actor.org_id,
        "on": on,
        "service": service_id,
        "services": None if actor.service_ids is None else list(actor.service_ids),
    }
    for row in db.session.execute(_STANDING, values):
        detail = {
            "what": "decline" if row.status == "open" else "oversight",
            "id": row.id,
            "service": row.service,
            "reason": row.sentence,
            "fired_on": row.fired_on,
        }
        if row.status != "open":
            detail |= {"by": row.owner, "due_on": row.due_on, "answer": row.reason}
        title = f"{row.reference} {row.title}: {RULE_NAMES[row.rule].lower()}"
        yield Line("changed", title, row.service_id, detail)

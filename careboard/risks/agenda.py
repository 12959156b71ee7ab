"""What ratings put on the agenda of a sitting: decisions to take, disputes, watches that end.

Source: DESIGN section 4, rating review; steps S0-3.3 and S0-3.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.db import db
from careboard.reviews.lines import Line
from careboard.risks.rated import assurance_of, rated, watch_of
from careboard.risks.sustained import WATCHES, finding
from careboard.tenancy import Actor

_FINDINGS = {
    "proves": "proves the improvement",
    "partly": "partly proves the improvement",
    "does_not_prove": "does not prove the improvement",
    "unsupported": "is unsupported by its sample",
}
# A return that was checked since the rating was last reviewed, and that nobody has decided on.
_RETURN = """
LEFT JOIN rating_review v ON v.org_id = r.org_id AND v.id = r.rating_review_id
LEFT JOIN LATERAL (SELECT c.id, c.reference, CASE WHEN c.unsupported THEN 'unsupported'
    ELSE c.outcome END AS finding FROM claim c
  WHERE c.org_id = r.org_id AND c.risk_id = r.id AND c.kind = 'assurance_return'
    AND c.status = 'validated' AND c.validated_on BETWEEN r.rated_on AND :on
    AND NOT EXISTS (SELECT FROM rating_review y WHERE y.org_id = c.org_id AND y.claim_id = c.id)
  ORDER BY c.validated_on DESC, c.id DESC LIMIT 1) q ON true
"""
_MATTERS = f"""
SELECT x.*, s.name AS service FROM ({
    rated(
        "{scope}",
        ", v.urgent, q.id AS return_id, q.reference AS return_reference, q.finding",
        _RETURN,
    )
}) x JOIN service s ON s.org_id = :org AND s.id = x.service_id
WHERE x.dispute_id IS NOT NULL OR x.urgent OR x.return_id IS NOT NULL
  OR x.state IN ('review_needed', 'stale')
ORDER BY x.return_id IS NULL AND x.dispute_id IS NULL AND x.state IN ('review_needed', 'stale')
    AND x.urgent IS NOT TRUE,
  array_position(ARRAY['very_high', 'high', 'moderate', 'low'], x.rating), s.name_norm,
  x.domain
"""

# Watches that nobody has decided.
_WATCHES = f"""
SELECT x.*, r.id, r.reference, r.domain, r.rating, r.service_id, s.name AS service
FROM ({WATCHES}) x JOIN risk r ON r.org_id = :org AND r.id = x.risk_id
JOIN service s ON s.org_id = :org AND s.id = r.service_id
WHERE x.watch_outcome IS NULL {{scope}} ORDER BY x.watch_from, r.reference
"""


def lines(
    *, actor: Actor, service_id: UUID | None, on: date, since: date | datetime
) -> Iterator[Line]:
    """Checked returns, raises to confirm, ratings to review; disputes; watches to decide.

    `detail` holds what (return, urgent, review_needed, stale, dispute, watch), id, service,
    domain, rating and reason. Two statements.
    """
    services = [service_id] if service_id else actor.service_ids
    values: dict[str, Any] = {"org": actor.org_id, "on": on}
    if services is not None:
        values["services"] = list(services)
    scope = "" if services is None else "AND r.service_id = ANY(:services)"
    rows = list(db.session.execute(text(_MATTERS.format(scope=scope)), values))
    for row in rows:
        yield from _rating(row, on)
    for row in rows:
        if row.dispute_id:
            yield _line("disputes", "dispute", row.dispute_id, row, assurance_of(row, on).reason)
    for row in db.session.execute(text(_WATCHES.format(scope=scope)), values):
        yield from _watch(row, on)


def _rating(row: Any, on: date) -> Iterator[Line]:
    """The one decision that a rating waits for, the most pressing of them."""
    if row.return_id:
        words = f"Return {row.return_reference} {_FINDINGS[row.finding]}."
        yield _line("ratings", "return", row.return_id, row, words)
    elif row.urgent:
        words = f"Raised at once to {_words(row.rating)}: confirm it or decide otherwise."
        yield _line("ratings", "urgent", row.id, row, words)
    elif row.state in ("review_needed", "stale"):
        yield _line("ratings", row.state, row.id, row, assurance_of(row, on).reason)


def _watch(row: Any, on: date) -> Iterator[Line]:
    """A watch whose days are over, or which shows that the improvement was not kept."""
    watch = watch_of(row)
    found = finding(watch)
    if found.fires or watch.until <= on:
        yield _line("watch", "watch", watch.id, row, found.sentence)


def _line(section: str, what: str, about: UUID, row: Any, reason: str) -> Line:
    title = f"{row.reference} {row.domain}, rated {_words(row.rating)}"
    detail = {
        "what": what,
        "id": str(about),
        "service": row.service,
        "domain": row.domain,
        "rating": row.rating,
        "reason": reason,
    }
    return Line(section, title, row.service_id, detail, risk_id=row.id)


def _words(rating: str) -> str:
    return rating.replace("_", " ")

"""The line of a rating: when, from, to, why, by whom and on what evidence; with its disputes,
watches and returns.

Source: steps S0-3.1 to S0-3.5 (service assurance return, dashboard review log, risk profile
tracker); DESIGN section 4, rating review.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, text

from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.evidence.models import Evidence, EvidenceLink
from careboard.evidence.queries import makers
from careboard.risks.rated import watch_of
from careboard.risks.sustained import WATCHES, Finding, Watch, finding, watched_months
from careboard.tenancy import Actor

PAGE = 50

_REVIEW = """
SELECT v.id, v.risk_id, v.rating_from, v.rating_to, v.decision, v.decided_by_id, v.submitted_by_id,
  v.validated_by_id, v.rationale, v.outcome_position,
  v.decided_on, v.decided_at, v.urgent, v.same_person_reason, v.claim_id, v.sitting_id,
  v.dispute_id, m.name AS decided_by, a.name AS submitted_by, b.name AS validated_by,
  k.reference AS claim, w.reference AS sitting, w.forum, d.reference AS dispute, coalesce((
    SELECT jsonb_agg(jsonb_build_object('id', e.id, 'reference', e.reference, 'title', e.title,
      'kind', e.kind) ORDER BY e.reference)
    FROM evidence_link l JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
    WHERE l.org_id = v.org_id AND l.rating_review_id = v.id), '[]') AS items,
  v.urgent AND NOT EXISTS (SELECT FROM rating_review z WHERE z.org_id = v.org_id
    AND z.risk_id = v.risk_id AND z.decided_at > v.decided_at AND NOT z.urgent) AS unconfirmed
FROM rating_review v
LEFT JOIN membership m ON m.org_id = v.org_id AND m.id = v.decided_by_id
LEFT JOIN membership a ON a.org_id = v.org_id AND a.id = v.submitted_by_id
LEFT JOIN membership b ON b.org_id = v.org_id AND b.id = v.validated_by_id
LEFT JOIN claim k ON k.org_id = v.org_id AND k.id = v.claim_id
LEFT JOIN review w ON w.org_id = v.org_id AND w.id = v.sitting_id
LEFT JOIN rating_dispute d ON d.org_id = v.org_id AND d.id = v.dispute_id
"""
_REVIEWS = text(
    _REVIEW + "WHERE v.org_id = :org AND v.risk_id = :risk ORDER BY v.decided_at DESC, v.id DESC"
)


def reviews(*, actor: Actor, risk_id: UUID) -> list[Any]:
    """The decisions on a rating, newest first, each with its evidence (`items`), its sitting and
    the return that it rests on. One statement."""
    return list(db.session.execute(_REVIEWS, {"org": actor.org_id, "risk": risk_id}))


# What else happened around a rating, newest first.
_AROUND = text("""
SELECT 'dispute' AS what, d.id, d.reference, d.status, d.reason AS words, d.filed_on AS on_date,
  d.due_on, m.name AS by, d.moderation AS answer, z.name AS answered_by,
  d.moderated_on AS answered_on, d.escalated
FROM rating_dispute d
LEFT JOIN membership m ON m.org_id = d.org_id AND m.id = d.filed_by_id
LEFT JOIN membership z ON z.org_id = d.org_id AND z.id = d.moderated_by_id
WHERE d.org_id = :org AND d.risk_id = :risk
UNION ALL
SELECT 'watch', w.id, '', coalesce(w.outcome, 'watched'), '', w.started_on, w.until, NULL,
  w.reason, m.name, w.decided_on, false
FROM rating_watch w LEFT JOIN membership m ON m.org_id = w.org_id AND m.id = w.decided_by_id
WHERE w.org_id = :org AND w.risk_id = :risk
UNION ALL
SELECT 'return', k.id, k.reference, CASE WHEN k.unsupported THEN 'unsupported'
    ELSE coalesce(k.outcome, k.status) END, k.statement, k.submitted_on, NULL, m.name, '',
  z.name, k.validated_on, false
FROM claim k
LEFT JOIN membership m ON m.org_id = k.org_id AND m.id = k.submitted_by_id
LEFT JOIN membership z ON z.org_id = k.org_id AND z.id = k.validated_by_id
WHERE k.org_id = :org AND k.risk_id = :risk AND k.kind = 'assurance_return'
  AND k.status IN ('submitted', 'validated')
ORDER BY on_date DESC, id DESC
""")


@dataclass(frozen=True, slots=True)
class Around:
    """Disputes, watches and returns of a risk, each newest first."""

    disputes: list[Any]
    watches: list[Any]
    returns: list[Any]

    @property
    def open_dispute(self) -> Any | None:
        return next((row for row in self.disputes if row.status == "open"), None)


def around(*, actor: Actor, risk_id: UUID) -> Around:
    """One statement."""
    rows = list(db.session.execute(_AROUND, {"org": actor.org_id, "risk": risk_id}))
    return Around(*([row for row in rows if row.what == what] for what in _WHATS))


_WHATS = ("dispute", "watch", "return")

_CHECKED = text("""
SELECT k.id, k.reference, k.statement, k.validated_on, k.submitted_by_id, k.validated_by_id,
  a.name AS submitted_by, b.name AS validated_by, v.findings, v.relevant, v.relevant_note,
  CASE WHEN k.unsupported THEN 'unsupported' ELSE k.outcome END AS finding,
  EXISTS (SELECT FROM rating_review r WHERE r.org_id = k.org_id AND r.claim_id = k.id) AS decided
FROM claim k
LEFT JOIN validation v ON v.org_id = k.org_id AND v.claim_id = k.id
LEFT JOIN membership a ON a.org_id = k.org_id AND a.id = k.submitted_by_id
LEFT JOIN membership b ON b.org_id = k.org_id AND b.id = k.validated_by_id
WHERE k.org_id = :org AND k.risk_id = :risk AND k.kind = 'assurance_return'
  AND k.status = 'validated'
ORDER BY k.validated_on DESC, k.id DESC LIMIT 5
""")


def checked_returns(*, actor: Actor, risk_id: UUID) -> list[Any]:
    """The latest returns about a risk that were checked, with their `finding`. One statement."""
    return list(db.session.execute(_CHECKED, {"org": actor.org_id, "risk": risk_id}))


_DISPUTE = text("""
SELECT d.*, r.reference AS risk, r.service_id, r.domain, r.original_cause, r.rating AS rating_now,
  r.status AS risk_status, s.name AS service, f.name AS filed_by, m.name AS moderated_by,
  v.rating_to AS rating, v.rationale, v.decided_on, g.name AS decided_by, v.decided_by_id,
  v.submitted_by_id, v.validated_by_id, w.reference AS sitting, coalesce((
    SELECT jsonb_agg(jsonb_build_object('id', e.id, 'reference', e.reference, 'title', e.title,
      'status', e.status, 'kind', e.kind) ORDER BY e.reference)
    FROM evidence_link l JOIN evidence e ON e.org_id = l.org_id AND e.id = l.evidence_id
    WHERE l.org_id = d.org_id AND l.dispute_id = d.id), '[]') AS items
FROM rating_dispute d
JOIN risk r ON r.org_id = d.org_id AND r.id = d.risk_id
JOIN service s ON s.org_id = r.org_id AND s.id = r.service_id
JOIN rating_review v ON v.org_id = d.org_id AND v.id = d.rating_review_id
LEFT JOIN membership f ON f.org_id = d.org_id AND f.id = d.filed_by_id
LEFT JOIN membership m ON m.org_id = d.org_id AND m.id = d.moderated_by_id
LEFT JOIN membership g ON g.org_id = v.org_id AND g.id = v.decided_by_id
LEFT JOIN review w ON w.org_id = d.org_id AND w.id = d.sitting_id
WHERE d.org_id = :org AND d.id = :id
""")


def dispute(*, actor: Actor, dispute_id: UUID) -> Any:
    """A dispute with the rating that it is about and its counter-evidence. One statement.

    Raises NotFound, or Forbidden beyond the person's services.
    """
    return _one(actor, _DISPUTE, dispute_id, "This dispute is outside the services you work with.")


def had_part(row: Any, member_id: UUID | None) -> bool:
    """Whether a person decided a rating, or submitted or checked the return that it rests on."""
    parts = ("decided_by_id", "submitted_by_id", "validated_by_id")
    return member_id is not None and member_id in [getattr(row, part, None) for part in parts]


def shares_ground(*, actor: Actor, items: list[Any], returns: list[Any]) -> bool:
    """Whether the person had a part in one of these returns, or made evidence that one of them or
    the decision can rest on. One statement at most."""
    me = actor.membership_id
    if any(had_part(row, me) for row in returns):
        return True
    own = Evidence.id.in_([item.id for item in items])
    return me in makers(actor, or_(own, EvidenceLink.claim_id.in_([row.id for row in returns])))


def took_part(*, actor: Actor, row: Any) -> bool:
    """Whether the person filed the dispute, had a part in the rating that it is about, or made
    evidence against it. One statement at most."""
    me = actor.membership_id
    if had_part(row, me) or (me is not None and me == row.filed_by_id):
        return True
    return me in makers(actor, EvidenceLink.dispute_id == row.id)


def _one(actor: Actor, statement: Any, row_id: UUID, elsewhere: str, **values: Any) -> Any:
    row = db.session.execute(statement, {"org": actor.org_id, "id": row_id, **values}).one_or_none()
    if row is None:
        raise NotFound()
    if not actor.reaches(row.service_id):
        raise Forbidden(elsewhere)
    return row


@dataclass(frozen=True, slots=True)
class WatchDetail:
    """A watch with what it shows: `months` are (first day, value or None)."""

    row: Any
    watch: Watch
    shows: Finding
    months: list[tuple[date, Any]]
    notes: list[Any]


_WATCH = text(f"""
SELECT x.*, r.id AS risk_id, r.reference AS risk, r.service_id, r.domain, r.original_cause,
  r.rating, s.name AS service, v.rating_from, v.rating_to, v.rationale, v.decided_on,
  g.name AS lowered_by, m.name AS decided_by, q.reference AS sitting
FROM ({WATCHES}) x
JOIN risk r ON r.org_id = :org AND r.id = x.risk_id
JOIN service s ON s.org_id = r.org_id AND s.id = r.service_id
JOIN rating_review v ON v.org_id = r.org_id AND v.id = x.review_id
LEFT JOIN membership g ON g.org_id = v.org_id AND g.id = v.decided_by_id
LEFT JOIN membership m ON m.org_id = r.org_id AND m.id = x.decided_by_id
LEFT JOIN review q ON q.org_id = r.org_id AND q.id = x.sitting_id
WHERE x.watch_id = :id
""")

_NOTES = text("""
SELECT n.note, n.noted_on, n.created_at, m.name AS by, n.concern_id, c.source_key AS concern,
  c.kind
FROM watch_note n
LEFT JOIN membership m ON m.org_id = n.org_id AND m.id = n.by_id
LEFT JOIN concern c ON c.org_id = n.org_id AND c.id = n.concern_id
WHERE n.org_id = :org AND n.watch_id = :id ORDER BY n.id DESC
""")


def watch(*, actor: Actor, watch_id: UUID, on: date) -> WatchDetail:
    """A watch over a lowered rating. Two statements. Raises NotFound or Forbidden."""
    row = _one(actor, _WATCH, watch_id, "This watch is outside the services you work with.", on=on)
    found = watch_of(row)
    # The page goes on telling what the signal did, whatever was decided since.
    shows = finding(replace(found, outcome=None))
    months = list(zip(watched_months(found.started_on), found.months, strict=True))
    notes = list(db.session.execute(_NOTES, {"org": actor.org_id, "id": watch_id}))
    return WatchDetail(row, found, shows, months, notes)


_CHANGES = """
SELECT c.*, count(*) OVER () AS total FROM ({review}
  JOIN risk r ON r.org_id = v.org_id AND r.id = v.risk_id
  WHERE v.org_id = :org AND v.rating_from <> v.rating_to {services}
    AND (v.decided_on BETWEEN :since AND :until
      OR EXISTS (SELECT FROM rating_watch o WHERE o.org_id = v.org_id AND o.rating_review_id = v.id
        AND o.started_on <= :until AND coalesce(o.decided_on, :until) BETWEEN :since AND :until))
  ) c
ORDER BY c.decided_at DESC, c.id DESC LIMIT :limit OFFSET :offset
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A changed rating; `found` says whether a lowered one was sustained, None for the others."""

    row: Any
    risk: Any
    watch: Watch | None
    found: Finding | None


@dataclass(frozen=True, slots=True)
class Changes:
    lines: list[Change]
    number: int
    pages: int
    total: int


def changes(*, actor: Actor, since: date, until: date, on: date, page: int = 1) -> Changes:
    """Ratings that changed from `since` to `until`, newest first, within the person's services;
    and lowered ones of before, while nobody has decided whether they were sustained, or when that
    was decided in these days: the watch outlasts the board's quarter.

    Three statements. Source: step S0-3.5.
    """
    scope = "" if actor.service_ids is None else "AND r.service_id = ANY(:services)"
    values: dict[str, Any] = {
        "org": actor.org_id, "since": since, "until": until,
        "limit": PAGE, "offset": (page - 1) * PAGE,
    }  # fmt: skip
    if actor.service_ids is not None:
        values["services"] = list(actor.service_ids)
    statement = _CHANGES.format(review=_REVIEW, services=scope)
    rows = list(db.session.execute(text(statement), values))
    risks = _risks(actor, {row.risk_id for row in rows})
    watches = _watches(actor, {row.id for row in rows}, on)
    lines = [
        Change(row, risks[row.risk_id], found, found and finding(found))
        for row in rows
        for found in (watches.get(row.id),)
    ]
    total = rows[0].total if rows else 0
    return Changes(lines, page, max(1, -(-total // PAGE)), total)


def _risks(actor: Actor, risk_ids: Collection[UUID]) -> dict[UUID, Any]:
    rows = db.session.execute(
        text(
            "SELECT r.id, r.reference, r.domain, r.service_id, s.name AS service FROM risk r "
            "JOIN service s ON s.org_id = r.org_id AND s.id = r.service_id "
            "WHERE r.org_id = :org AND r.id = ANY(:ids)"
        ),
        {"org": actor.org_id, "ids": list(risk_ids)},
    )
    return {row.id: row for row in rows}


def _watches(actor: Actor, review_ids: Collection[UUID], on: date) -> dict[UUID, Watch]:
    rows = db.session.execute(
        text(f"SELECT x.* FROM ({WATCHES}) x WHERE x.review_id = ANY(:ids)"),
        {"org": actor.org_id, "ids": list(review_ids), "on": on},
    )
    return {row.review_id: watch_of(row) for row in rows}

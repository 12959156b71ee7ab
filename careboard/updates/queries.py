"""Reading recovery updates: the tracker, what asks for work, one concern, one update.

Source: steps S3-3.1 to S3-3.5; rule N13.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.services.lists import PAGE_SIZE, Page
from careboard.tenancy import Actor
from careboard.updates.improvement import QUERY_DAYS
from careboard.updates.models import RecoveryUpdate, TrackedConcern, UpdateFeedback
from careboard.updates.standing import in_time_until

SHOWN = {"open": "t.status = 'open'", "closed": "t.status <> 'open'", "all": "true"}

_TRACKED = f"""
SELECT t.id, t.reference, t.theme, t.required_assurance, t.due_on, t.status, t.closed_on,
  t.close_reason, t.service_id, s.name AS service, t.concern_id, c.source_key AS concern,
  c.text AS said, c.occurred_on AS raised_on, c.details ->> 'service.la' AS commissioner,
  t.lead_id, l.name AS lead, t.manager_id, m.name AS manager, t.created_at, t.link_id,
  z.name AS recipient, x.ended_on AS recipient_ended_on,
  d.domain IS NOT NULL AS recipient_confirmed,
  u.id AS schedule_id, u.status AS schedule, u.anchor_on, u.ended_on, u.end_reason,
  u.created_at AS started_at, b.name AS started_by, e.name AS ended_by, v.id AS end_review_id,
  v.reference AS end_review, k.name AS closed_by, n.published, n.missed, n.last_on,
  f.content AS content, q.repeated, count(*) OVER () AS total
FROM tracked_concern t
JOIN service s ON s.org_id = t.org_id AND s.id = t.service_id
JOIN concern c ON c.org_id = t.org_id AND c.id = t.concern_id
JOIN membership l ON l.org_id = t.org_id AND l.id = t.lead_id
JOIN membership m ON m.org_id = t.org_id AND m.id = t.manager_id
LEFT JOIN membership k ON k.org_id = t.org_id AND k.id = t.closed_by_id
LEFT JOIN commissioner_link x ON x.org_id = t.org_id AND x.id = t.link_id
LEFT JOIN organisation z ON z.id = x.commissioner_org_id
LEFT JOIN commissioner_domain d ON d.commissioner_id = x.commissioner_org_id
  AND d.domain = x.email_domain
LEFT JOIN update_schedule u ON u.org_id = t.org_id AND u.tracked_id = t.id
LEFT JOIN membership b ON b.org_id = u.org_id AND b.id = u.started_by_id
LEFT JOIN membership e ON e.org_id = u.org_id AND e.id = u.ended_by_id
LEFT JOIN review_entry y ON y.org_id = u.org_id AND y.id = u.end_entry_id
LEFT JOIN review v ON v.org_id = y.org_id AND v.id = y.review_id
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE r.status = 'published') AS published,
    count(*) FILTER (WHERE r.status = 'missed') AS missed, max(r.published_on) AS last_on
  FROM recovery_update r WHERE r.org_id = t.org_id AND r.schedule_id = u.id) n
LEFT JOIN LATERAL (
  SELECT f.content FROM update_feedback f
  JOIN recovery_update r ON r.org_id = f.org_id AND r.id = f.update_id
  WHERE f.org_id = t.org_id AND r.schedule_id = u.id
  ORDER BY f.on_date DESC, f.id DESC LIMIT 1) f ON true
CROSS JOIN LATERAL (
  SELECT count(*) AS repeated FROM concern o
  WHERE o.org_id = t.org_id AND o.kind = 'commissioner_query' AND o.service_id = t.service_id
    AND lower(o.theme) = lower(t.theme)
    AND o.occurred_on BETWEEN CAST(:on AS date) - {QUERY_DAYS - 1} AND :on) q
WHERE t.org_id = :org AND (CAST(:services AS uuid[]) IS NULL OR t.service_id = ANY(:services))
  AND {{which}}
ORDER BY t.status <> 'open', t.due_on, t.id LIMIT :limit OFFSET :offset
"""

# The step that an update waits for; none at its end. `before_on` is when the one before was
# published, or due where it was missed.
_UPDATES = """
SELECT r.id, r.reference, r.number, r.due_on, r.status, r.drafted_at, r.claim_id, r.claim_by_id,
  r.edited_by_id, r.validated_on, r.approved_on, r.published_on, r.pack_id,
  r.validation_exception, r.approval_exception,
  c.reference AS claim, c.status AS claim_status, c.outcome, c.unsupported, c.submitted_on,
  c.validated_on AS proved_on, h.name AS gathered_by, g.name AS proved_by, v.name AS validated_by,
  a.name AS approved_by, p.name AS published_by, w.name AS edited_by, r.validated_by_id,
  t.id AS tracked_id, t.reference AS tracked, t.theme, t.service_id, s.name AS service,
  t.manager_id, m.name AS manager, t.lead_id, l.name AS lead, b.before_on, b.told_on,
  CASE WHEN r.status IN ('published', 'missed') THEN NULL
    WHEN r.status = 'approved' THEN 'publication' WHEN r.status = 'validated' THEN 'approval'
    WHEN c.status = 'validated' THEN 'confirmation' WHEN c.status = 'submitted' THEN 'validation'
    ELSE 'evidence' END AS step, count(*) OVER () AS total
FROM recovery_update r
JOIN update_schedule u ON u.org_id = r.org_id AND u.id = r.schedule_id
JOIN tracked_concern t ON t.org_id = u.org_id AND t.id = u.tracked_id
JOIN service s ON s.org_id = t.org_id AND s.id = t.service_id
JOIN membership m ON m.org_id = t.org_id AND m.id = t.manager_id
JOIN membership l ON l.org_id = t.org_id AND l.id = t.lead_id
LEFT JOIN claim c ON c.org_id = r.org_id AND c.id = r.claim_id
LEFT JOIN membership h ON h.org_id = r.org_id AND h.id = r.claim_by_id
LEFT JOIN membership g ON g.org_id = c.org_id AND g.id = c.validated_by_id
LEFT JOIN membership v ON v.org_id = r.org_id AND v.id = r.validated_by_id
LEFT JOIN membership a ON a.org_id = r.org_id AND a.id = r.approved_by_id
LEFT JOIN membership p ON p.org_id = r.org_id AND p.id = r.published_by_id
LEFT JOIN membership w ON w.org_id = r.org_id AND w.id = r.edited_by_id
LEFT JOIN LATERAL (
  SELECT max(coalesce(o.published_on, o.due_on)) AS before_on,
    max(o.published_on) AS told_on FROM recovery_update o
  WHERE o.org_id = r.org_id AND o.schedule_id = r.schedule_id AND o.number < r.number
    AND o.status IN ('published', 'missed')) b ON true
WHERE r.org_id = :org AND (CAST(:services AS uuid[]) IS NULL OR t.service_id = ANY(:services))
  AND {which}
ORDER BY {order}
"""
_NEWEST = "r.due_on DESC, r.reference DESC"
# What asks for work: what is under way, and a miss that no publication has followed yet.
_ASKS = """u.status = 'running' AND (r.status NOT IN ('published', 'missed')
  OR r.status = 'missed' AND NOT EXISTS (SELECT FROM recovery_update o WHERE o.org_id = r.org_id
    AND o.schedule_id = r.schedule_id AND o.number > r.number AND o.status = 'published'))"""


@dataclass(frozen=True, slots=True)
class Line:
    """One update, with the last day on which it keeps to the fortnight, and how it stands by it:
    in_time, late, due (still to come), missed. `gap`: days since the one published before."""

    row: Any
    until: date
    standing: str
    gap: int | None


def _line(row: Row, on: date) -> Line:
    until = in_time_until(row.due_on, row.before_on)
    told = row.published_on
    if row.status == "missed":
        standing = "missed"
    elif told is not None:
        standing = "in_time" if told <= until else "late"
    else:
        standing = "late" if on > until else "due"
    gap = (told - row.told_on).days if told is not None and row.told_on else None
    return Line(row, until, standing, gap)


def _values(actor: Actor, **more: Any) -> dict[str, Any]:
    services = None if actor.service_ids is None else list(actor.service_ids)
    return {"org": actor.org_id, "services": services, **more}


def tracker(
    *, actor: Actor, show: str = "open", service_id: UUID | None = None, page: int = 1
) -> Page:
    """A page of the external assurance tracker, what is due first; `show` is a key of SHOWN. One
    statement."""
    which, more = SHOWN[show], {}
    if service_id is not None:
        which, more = f"{which} AND t.service_id = :service", {"service": service_id}
    found = _tracked(actor, which, page, **more)
    if not found and page > 1:
        return tracker(actor=actor, show=show, service_id=service_id)
    return Page(found, page, found[0].total if found else 0)


def _tracked(actor: Actor, which: str, page: int = 1, **more: Any) -> Sequence[Row]:
    values = _values(actor, on=actor.today, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE, **more)
    return db.session.execute(text(_TRACKED.format(which=which)), values).all()


def tracked(*, actor: Actor, tracked_id: UUID) -> Row:
    """One line of the tracker. Raises NotFound, or Forbidden beyond the person's services."""
    found = _tracked(actor, "t.id = :id", id=tracked_id)
    if not found:
        load(TrackedConcern, actor.org_id, tracked_id)
        raise Forbidden("This concern belongs to a service outside your own.")
    return found[0]


def _updates(actor: Actor, which: str, order: str = _NEWEST, **more: Any) -> list[Line]:
    statement = text(_UPDATES.format(which=which, order=order))
    return [
        _line(row, actor.today) for row in db.session.execute(statement, _values(actor, **more))
    ]


def asked(*, actor: Actor) -> list[Line]:
    """Updates that wait for a step, and those missed since the last publication; what has waited
    longest first. One statement."""
    return _updates(actor, _ASKS, "r.due_on, r.reference")


def settled(*, actor: Actor, since: date) -> list[Line]:
    """Updates published since that day, and those missed by the fortnight that came since. One
    statement."""
    which = "(r.published_on >= :since OR r.status = 'missed' AND r.due_on + 14 >= :since)"
    return _updates(actor, which, "r.due_on, r.reference", since=since)


def updates_of(*, actor: Actor, tracked_id: UUID) -> list[Line]:
    """The updates on a tracked concern, the latest first. One statement."""
    return _updates(actor, "t.id = :tracked", tracked=tracked_id)


def line(*, actor: Actor, update_id: UUID) -> Line:
    """One update. Raises NotFound, or Forbidden beyond the person's services. One statement."""
    found = _updates(actor, "r.id = :id", id=update_id)
    if not found:
        load(RecoveryUpdate, actor.org_id, update_id)
        raise Forbidden("This update belongs to a service outside your own.")
    return found[0]


def evidence_sets(*, actor: Actor, validated: bool = False, page: int = 1) -> Page:
    """A page of the updates whose evidence set was handed in, the latest first; `validated` keeps
    those whose validation is complete. One statement."""
    which = "r.claim_id IS NOT NULL" + (" AND c.outcome IS NOT NULL" if validated else "")
    held = {"limit": PAGE_SIZE, "offset": (page - 1) * PAGE_SIZE}
    lines = _updates(actor, which, f"{_NEWEST} LIMIT :limit OFFSET :offset", **held)
    if not lines and page > 1:
        return evidence_sets(actor=actor, validated=validated)
    return Page(lines, page, lines[0].row.total if lines else 0, PAGE_SIZE)


_FEEDBACK = """
SELECT f.id, f.update_id, r.reference AS update, f.on_date, f.said, f.content, p.name AS by,
  t.id AS tracked_id, t.theme, t.service_id, s.name AS service, a.id AS answer_id, a.decision,
  a.next_steps, a.created_at AS answered_at, w.name AS answered_by, v.id AS review_id,
  v.reference AS review, v.status AS review_status
FROM update_feedback f
JOIN recovery_update r ON r.org_id = f.org_id AND r.id = f.update_id
JOIN update_schedule u ON u.org_id = r.org_id AND u.id = r.schedule_id
JOIN tracked_concern t ON t.org_id = u.org_id AND t.id = u.tracked_id
JOIN service s ON s.org_id = t.org_id AND s.id = t.service_id
JOIN membership p ON p.org_id = f.org_id AND p.id = f.recorded_by_id
LEFT JOIN feedback_answer a ON a.org_id = f.org_id AND a.feedback_id = f.id
LEFT JOIN membership w ON w.org_id = a.org_id AND w.id = a.by_id
LEFT JOIN review v ON v.org_id = a.org_id AND v.id = a.sitting_id
WHERE f.org_id = :org AND (CAST(:services AS uuid[]) IS NULL OR t.service_id = ANY(:services))
  AND {which}
ORDER BY f.on_date DESC, f.id DESC, a.created_at, a.id
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What the commissioner said of an update, and the answers of the governance group to it."""

    row: Any
    answers: list[Any]


def _feedback(actor: Actor, which: str, **more: Any) -> list[Said]:
    found: dict[UUID, Said] = {}
    for row in db.session.execute(text(_FEEDBACK.format(which=which)), _values(actor, **more)):
        said = found.setdefault(row.id, Said(row, []))
        if row.answer_id is not None:
            said.answers.append(row)
    return list(found.values())


def feedback_on(
    *, actor: Actor, tracked_id: UUID | None = None, update_id: UUID | None = None
) -> list[Said]:
    """The commissioner's feedback on a tracked concern or on one update, the latest first. One
    statement."""
    if update_id is not None:
        return _feedback(actor, "r.id = :id", id=update_id)
    return _feedback(actor, "t.id = :id", id=tracked_id)


def unanswered(*, actor: Actor) -> list[Said]:
    """Feedback that no sitting has answered yet, the latest first. One statement."""
    return _feedback(actor, "a.id IS NULL")


def one_feedback(*, actor: Actor, feedback_id: UUID) -> Said:
    """One commissioner's feedback. Raises NotFound, or Forbidden beyond the person's services."""
    found = _feedback(actor, "f.id = :id", id=feedback_id)
    if not found:
        load(UpdateFeedback, actor.org_id, feedback_id)
        raise Forbidden("This feedback belongs to a service outside your own.")
    return found[0]


def queries_on(*, actor: Actor, tracked: Row) -> Sequence[Row]:
    """What commissioners asked on the theme of a tracked concern, at its service: id, source_key,
    occurred_on, closed_on; the latest first. One statement."""
    return db.session.execute(
        text(
            "SELECT id, source_key, occurred_on, closed_on FROM concern WHERE org_id = :org "
            "AND kind = 'commissioner_query' AND service_id = :service "
            "AND lower(theme) = lower(:theme) ORDER BY occurred_on DESC, id DESC LIMIT 20"
        ),
        {"org": actor.org_id, "service": tracked.service_id, "theme": tracked.theme},
    ).all()

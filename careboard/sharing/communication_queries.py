"""The contract monitoring file: all that passed between the provider and those outside.

Source: steps S3-1.3 and S3-3.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, text

from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.services.lists import PAGE_SIZE, Page, pattern
from careboard.tenancy import Actor

KINDS = {
    "communication": "Communication",
    "contract_note": "Contract governance note",
    "recovery_update": "Recovery update",
    "pack": "Pack",
}
# An update that was published is its line; other packs have their own.
_FILE = text("""
SELECT x.*, s.name AS service, count(*) OVER () AS total_rows FROM (
  SELECT 'communication' AS kind, c.id, c.reference, c.service_id, c.on_date, c.direction,
    c.channel, c.partner_kind, c.partner, c.said AS words, c.answer_due_on,
    least((SELECT min(a.on_date) FROM communication_answer a
        WHERE a.org_id = c.org_id AND a.communication_id = c.id),
      (SELECT min(v.received_on) FROM partner_advice v
        WHERE v.org_id = c.org_id AND v.communication_id = c.id
          AND v.outcome <> 'awaited')) AS answered_on,
    d.reference AS decision, c.decision_id, c.pack_id, '' AS status
  FROM communication c
  LEFT JOIN sharing_decision d ON d.org_id = c.org_id AND d.id = c.decision_id
  WHERE c.org_id = :org
  UNION ALL
  SELECT 'contract_note', n.id, n.reference, n.service_id, n.on_date, 'out', '', 'commissioner',
    n.commissioner, n.shared, NULL, NULL, NULL, NULL, NULL, ''
  FROM contract_note n WHERE n.org_id = :org
  UNION ALL
  SELECT 'recovery_update', u.id, u.reference, t.service_id, coalesce(u.published_on, u.due_on),
    'out', 'portal', 'commissioner', '', t.theme, NULL, NULL, NULL, NULL, u.pack_id, u.status
  FROM recovery_update u
  JOIN update_schedule h ON h.org_id = u.org_id AND h.id = u.schedule_id
  JOIN tracked_concern t ON t.org_id = h.org_id AND t.id = h.tracked_id
  WHERE u.org_id = :org AND u.status IN ('published', 'missed')
  UNION ALL
  SELECT 'pack', p.id, p.reference, p.service_id,
    CAST(p.published_at AT TIME ZONE :zone AS date), 'out', 'portal', 'commissioner', '', p.title,
    NULL, NULL, NULL, NULL, p.id,
    CASE WHEN p.withdrawn_on IS NOT NULL THEN 'withdrawn'
      WHEN p.superseded_by_id IS NOT NULL THEN 'superseded' ELSE 'published' END
  FROM pack p WHERE p.org_id = :org AND p.kind <> 'update'
) x LEFT JOIN service s ON s.org_id = :org AND s.id = x.service_id
WHERE (CAST(:service AS uuid) IS NULL OR x.service_id = :service)
  AND (CAST(:reached AS uuid[]) IS NULL OR x.service_id = ANY(:reached))
  AND (:kind = '' OR x.kind = :kind)
  AND (:partner_kind = '' OR x.partner_kind = :partner_kind)
  AND (NOT :unanswered OR (x.answer_due_on IS NOT NULL AND x.answered_on IS NULL))
  AND concat_ws(' ', x.reference, x.partner, x.words, x.decision) ILIKE ALL (:words)
ORDER BY x.on_date DESC, x.id DESC LIMIT :size OFFSET :skip
""")


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Empty: any. `unanswered`: an answer was asked for and has not come."""

    service_id: UUID | None = None
    kind: str = ""
    partner_kind: str = ""
    text: str = ""
    unanswered: bool = False


def file(*, actor: Actor, wanted: FileFilter, page: int) -> Page:
    """The file, the latest first. Rows (kind, id, reference, service_id, service, on_date,
    direction, channel, partner_kind, partner, words, answer_due_on, answered_on, decision,
    decision_id, pack_id, status). One statement."""
    given = {
        "org": actor.org_id,
        "zone": actor.time_zone,
        "service": wanted.service_id,
        "reached": None if actor.service_ids is None else list(actor.service_ids),
        "kind": wanted.kind,
        "partner_kind": wanted.partner_kind,
        "unanswered": wanted.unanswered,
        "words": [pattern(word) for word in wanted.text.split()],
        "size": PAGE_SIZE,
        "skip": (page - 1) * PAGE_SIZE,
    }
    rows = db.session.execute(_FILE, given).all()
    if not rows and page > 1:
        return file(actor=actor, wanted=wanted, page=1)
    return Page(rows, page, rows[0].total_rows if rows else 0)


_ONE = text("""
SELECT c.*, s.name AS service, m.name AS by, d.reference AS decision, t.reference AS tracked,
  t.theme AS tracked_theme, u.reference AS update, p.reference AS pack, p.title AS pack_title
FROM communication c
JOIN service s ON s.org_id = c.org_id AND s.id = c.service_id
JOIN membership m ON m.org_id = c.org_id AND m.id = c.by_id
LEFT JOIN sharing_decision d ON d.org_id = c.org_id AND d.id = c.decision_id
LEFT JOIN tracked_concern t ON t.org_id = c.org_id AND t.id = c.tracked_id
LEFT JOIN recovery_update u ON u.org_id = c.org_id AND u.id = c.update_id
LEFT JOIN pack p ON p.org_id = c.org_id AND p.id = c.pack_id
WHERE c.org_id = :org AND c.id = :id
""")
_ANSWERS = text("""
SELECT 'answer' AS kind, a.id, '' AS reference, a.on_date, a.answered AS words, '' AS outcome,
  m.name AS by, a.created_at
FROM communication_answer a JOIN membership m ON m.org_id = a.org_id AND m.id = a.by_id
WHERE a.org_id = :org AND a.communication_id = :id
UNION ALL
SELECT 'advice', v.id, v.reference, v.received_on, v.guidance, v.outcome, m.name, v.created_at
FROM partner_advice v JOIN membership m ON m.org_id = v.org_id AND m.id = v.by_id
WHERE v.org_id = :org AND v.communication_id = :id
ORDER BY on_date, created_at
""")


@dataclass(frozen=True, slots=True)
class Whole:
    """A communication with the names of what it is about; `answers` are rows (kind answer or
    advice, id, reference, on_date, words, outcome, by), the first first."""

    row: Row
    answers: Sequence[Row]


def whole(*, actor: Actor, communication_id: UUID) -> Whole:
    """One communication. Two statements. Raises NotFound, Forbidden."""
    given = {"org": actor.org_id, "id": communication_id}
    row = db.session.execute(_ONE, given).one_or_none()
    if row is None:
        raise NotFound()
    if not actor.reaches(row.service_id):
        raise Forbidden("This communication is about a service outside your own.")
    return Whole(row, db.session.execute(_ANSWERS, given).all())


# What a communication can be about, of services that the person reaches.
_ABOUT = text("""
SELECT x.kind, x.id, x.service_id, concat_ws(' ', x.reference, s.name, '–', x.title) AS name
FROM (
  SELECT 'decision' AS kind, d.id, d.service_id, d.reference,
    CASE d.decision WHEN 'seek_advice' THEN 'seek advice' ELSE 'share' END || ': '
      || left(d.what, 80) AS title, d.decided_at AS at
  FROM sharing_decision d WHERE d.org_id = :org AND d.decision <> 'do_not_share'
  UNION ALL
  SELECT 'tracked', t.id, t.service_id, t.reference, t.theme, t.created_at
  FROM tracked_concern t WHERE t.org_id = :org AND t.status = 'open'
  UNION ALL
  SELECT 'update', u.id, t.service_id, u.reference, t.theme, u.created_at
  FROM recovery_update u
  JOIN update_schedule h ON h.org_id = u.org_id AND h.id = u.schedule_id
  JOIN tracked_concern t ON t.org_id = h.org_id AND t.id = h.tracked_id
  WHERE u.org_id = :org AND u.status = 'published'
  UNION ALL
  SELECT 'pack', p.id, p.service_id, p.reference, p.title, p.published_at
  FROM pack p WHERE p.org_id = :org AND p.withdrawn_on IS NULL
) x LEFT JOIN service s ON s.org_id = :org AND s.id = x.service_id
WHERE CAST(:reached AS uuid[]) IS NULL OR x.service_id = ANY(:reached)
ORDER BY x.at DESC LIMIT 400
""")


def about_choices(*, actor: Actor) -> dict[str, list[Row]]:
    """By kind (decision, tracked, update, pack) rows (id, name, service_id) of what a
    communication can be about, the latest first. One statement."""
    reached = None if actor.service_ids is None else list(actor.service_ids)
    found: dict[str, list[Row]] = {"decision": [], "tracked": [], "update": [], "pack": []}
    for row in db.session.execute(_ABOUT, {"org": actor.org_id, "reached": reached}):
        found[row.kind].append(row)
    return found

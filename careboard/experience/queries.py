"""What the pages of experience show: who has told what by when, one service, one theme, the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from careboard.db import db
from careboard.experience import rules
from careboard.experience.months import due_on, last_complete, last_day, last_due, run
from careboard.experience.rows import scope
from careboard.experience.rules import Finding
from careboard.services.lists import PAGE_SIZE, Page
from careboard.tenancy import Actor

MONTHS_SHOWN = 6
MOST_NOTES = 50


@dataclass(frozen=True, slots=True)
class MonthOf:
    """One month of one service. `state`: submitted, late, nobody_heard, missing or not_due;
    `row` is its present summary, None without one."""

    month: date
    state: str
    due: date
    row: Row | None
    engagement: Finding


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service with its months, oldest first."""

    id: UUID
    name: str
    manager: str | None
    months: list[MonthOf]


_SERVICES = """
SELECT c.service_id AS id, c.name, m.name AS manager, count(*) OVER () AS total
FROM (SELECT s.org_id, s.id AS service_id, s.name, s.name_norm, s.manager_id FROM service s
  WHERE s.org_id = :org AND s.active) c
LEFT JOIN membership m ON m.org_id = c.org_id AND m.id = c.manager_id
WHERE true {within} {where} ORDER BY c.name_norm, c.service_id LIMIT :limit OFFSET :offset
"""
_MISSING = """
AND NOT EXISTS (SELECT FROM experience_summary p WHERE p.org_id = :org
  AND p.service_id = c.service_id AND p.month = :month AND p.superseded_at IS NULL
  AND p.sample_size > 0)
"""
_SUMMARIES = """
SELECT p.id, p.service_id, p.month, p.number, p.sample_size, p.invited, p.people, p.source, p.note,
  p.correction_reason, p.submitted_on, m.name AS submitted_by,
  coalesce(t.positive, 0) AS positive, coalesce(t.negative, 0) AS negative,
  (SELECT min(f.submitted_on) FROM experience_summary f WHERE f.org_id = p.org_id
    AND f.service_id = p.service_id AND f.month = p.month AND f.sample_size > 0) AS first_on
FROM experience_summary p
LEFT JOIN membership m ON m.org_id = p.org_id AND m.id = p.submitted_by_id
LEFT JOIN LATERAL (SELECT sum(t.positive) AS positive, sum(t.negative) AS negative
  FROM experience_theme t WHERE t.org_id = p.org_id AND t.summary_id = p.id) t ON true
WHERE p.org_id = :org AND p.superseded_at IS NULL AND p.service_id = ANY(:services)
  AND p.month BETWEEN :first AND :last
"""


@dataclass(frozen=True, slots=True)
class Overview:
    """A page of services by months."""

    page: Page
    months: list[date]


def overview(
    *, actor: Actor, words: str = "", only_missing: bool = False, page: int = 1
) -> Overview:
    """Active services with their last months; `only_missing` leaves those whose last due summary
    is missing. Two statements, however many services there are."""
    within, values = scope(actor, None)
    where = ""
    if words:
        where += " AND position(lower(:words) IN c.name_norm) > 0"
    if only_missing:
        where += _MISSING
    values |= {
        "words": words,
        "month": last_due(actor.today),
        "limit": PAGE_SIZE,
        "offset": (page - 1) * PAGE_SIZE,
    }
    services = db.session.execute(text(_SERVICES.format(within=within, where=where)), values).all()
    months = run(last_complete(actor.today), MONTHS_SHOWN)
    found = _summaries(actor, [service.id for service in services], months)
    rows = [
        ServiceLine(
            service.id,
            service.name,
            service.manager,
            [_month(found.get((service.id, month)), month, actor.today) for month in months],
        )
        for service in services
    ]
    return Overview(Page(rows, page, services[0].total if services else 0), months)


def _summaries(
    actor: Actor, service_ids: Sequence[UUID], months: Sequence[date]
) -> dict[tuple[UUID, date], Row]:
    values = {
        "org": actor.org_id,
        "services": list(service_ids),
        "first": months[0],
        "last": months[-1],
    }
    rows = db.session.execute(text(_SUMMARIES), values)
    return {(row.service_id, row.month): row for row in rows}


def _month(row: Row | None, month: date, today: date) -> MonthOf:
    due = due_on(month)
    if row is None:
        state = "missing" if due < today else "not_due"
    elif not row.sample_size:
        state = "nobody_heard"
    else:
        state = "submitted" if row.first_on <= due else "late"
    heard = (row.sample_size, row.invited, row.people) if row else (None, None, None)
    return MonthOf(month, state, due, row, rules.low_engagement(*heard))


def months_of(*, actor: Actor, service_id: UUID, until: date, count: int = 12) -> list[MonthOf]:
    """A service's months up to one, newest first. One statement."""
    months = run(until, count)
    found = _summaries(actor, [service_id], months)
    return [
        _month(found.get((service_id, month)), month, actor.today) for month in reversed(months)
    ]


_VERSIONS = text("""
SELECT p.id, p.number, p.sample_size, p.invited, p.people, p.source, p.note, p.correction_reason,
  p.submitted_on, p.superseded_at, m.name AS submitted_by,
  (SELECT jsonb_agg(jsonb_build_object('theme', t.theme, 'positive', t.positive,
      'negative', t.negative, 'comment', t.comment) ORDER BY t.negative DESC, t.positive DESC,
      t.theme)
    FROM experience_theme t WHERE t.org_id = p.org_id AND t.summary_id = p.id) AS themes
FROM experience_summary p
LEFT JOIN membership m ON m.org_id = p.org_id AND m.id = p.submitted_by_id
WHERE p.org_id = :org AND p.service_id = :service AND p.month = :month
ORDER BY p.number DESC
""")


def versions(*, actor: Actor, service_id: UUID, month: date) -> list[Row]:
    """Every summary of the month, the present one first: (…, themes), themes as mappings with
    theme, positive, negative and comment. One statement."""
    values = {"org": actor.org_id, "service": service_id, "month": month}
    return list(db.session.execute(_VERSIONS, values))


_NOTED = """
SELECT 'rating' AS kind, c.id, c.theme, c.month, c.rating, c.rationale AS text, '' AS overlap,
  '' AS finding, false AS acknowledged, c.rated_on AS on_date, m.name AS who, c.created_at
FROM theme_rating c LEFT JOIN membership m ON m.org_id = c.org_id AND m.id = c.rated_by_id
WHERE c.org_id = :org {where}
UNION ALL
SELECT 'note', c.id, c.theme, c.month, NULL, c.text, c.overlap, c.finding, c.acknowledged,
  c.noted_on, m.name, c.created_at
FROM intelligence_note c LEFT JOIN membership m ON m.org_id = c.org_id AND m.id = c.noted_by_id
WHERE c.org_id = :org {where}
ORDER BY created_at DESC, id DESC
"""


def noted(*, actor: Actor, service_id: UUID, theme: str) -> list[Row]:
    """Ratings of the theme and notes on it, newest first: (kind `rating` or `note`, id, theme,
    month, rating, text, overlap, finding, acknowledged, on_date, who). One statement."""
    where = "AND c.service_id = :service AND c.theme = :theme"
    values: dict[str, Any] = {"org": actor.org_id, "service": service_id, "theme": theme}
    return list(db.session.execute(text(_NOTED.format(where=where)), values))


_BOARD_NOTES = """
SELECT x.*, count(*) OVER () AS total FROM (
  SELECT DISTINCT ON (c.service_id, c.theme) c.id, c.service_id, s.name AS service, c.theme,
    c.month, c.rating, c.rationale, c.rated_on, m.name AS rated_by
  FROM theme_rating c JOIN service s ON s.org_id = c.org_id AND s.id = c.service_id
  LEFT JOIN membership m ON m.org_id = c.org_id AND m.id = c.rated_by_id
  WHERE c.org_id = :org {within}
  ORDER BY c.service_id, c.theme, c.created_at DESC, c.id DESC) x
ORDER BY array_position(ARRAY['very_high', 'high', 'moderate', 'low'], rating), rated_on DESC, id
LIMIT :limit
"""


def board_notes(*, actor: Actor, service_id: UUID | None = None) -> list[Row]:
    """The themes that stand on the board, highest rating first: (id, service_id, service, theme,
    month, rating, rationale, rated_on, rated_by): at most `MOST_NOTES` of `total`. One
    statement."""
    within, values = scope(actor, None if service_id is None else [service_id])
    values["limit"] = MOST_NOTES
    return list(db.session.execute(text(_BOARD_NOTES.format(within=within)), values))


_BOARD_SITTING = text("""
SELECT r.id, r.reference FROM review r
WHERE r.org_id = :org AND r.forum = 'quarterly_board' AND r.status = 'open'
ORDER BY r.period_to DESC, r.id DESC LIMIT 1
""")


def board_sitting(*, actor: Actor) -> Row | None:
    """The open sitting of the quarterly board, (id, reference), in which to challenge."""
    return db.session.execute(_BOARD_SITTING, {"org": actor.org_id}).one_or_none()


def is_over(month: date, today: date) -> bool:
    """Whether the month's summary can be submitted."""
    return last_day(month) <= today

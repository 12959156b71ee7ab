"""Reading an episode: what stands on its page, and the lists of episodes.

Source: DESIGN section 5, screen 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.monitoring import episode_rows, reviews
from careboard.monitoring.episode_rows import Episode
from careboard.monitoring.models import MonitoringEpisode
from careboard.services.lists import Page, fetch_rows
from careboard.tenancy import Actor

_PARTS = text("""
SELECT
  (SELECT jsonb_build_object('id', d.id, 'reference', d.reference, 'reason', d.reason,
      'decided_on', d.decided_on, 'by', m.name)
    FROM monitoring_decision d JOIN membership m ON m.org_id = d.org_id AND m.id = d.decided_by_id
    WHERE d.org_id = :org AND d.episode_id = :id ORDER BY d.decided_at LIMIT 1) AS decision,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'reference', t.reference,
      'rule', t.rule_code, 'sentence', x.sentence, 'fired_on', t.fired_on,
      'closed_on', t.closed_on, 'rows', x.rows) ORDER BY t.fired_on, t.id), '[]')
    FROM monitoring_decision d
    JOIN decision_trigger x ON x.org_id = d.org_id AND x.decision_id = d.id
    JOIN trigger t ON t.org_id = x.org_id AND t.id = x.trigger_id
    WHERE d.org_id = :org AND d.episode_id = :id) AS triggers,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'what', c.what,
      'owner', m.name, 'owner_id', c.owner_id, 'due_on', c.due_on, 'done_on', c.done_on)
      ORDER BY c.done_on IS NOT NULL, c.due_on, c.id), '[]')
    FROM episode_change c JOIN membership m ON m.org_id = c.org_id AND m.id = c.owner_id
    WHERE c.org_id = :org AND c.episode_id = :id) AS changes,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'reference', a.reference,
      'title', a.title, 'status', a.status, 'due_on', a.due_on,
      'owner', coalesce(m.name, a.owner_name)) ORDER BY a.status IN ('verified', 'cancelled'),
      a.due_on, a.reference), '[]')
    FROM action a LEFT JOIN membership m ON m.org_id = a.org_id AND m.id = a.owner_id
    WHERE a.org_id = :org AND a.episode_id = :id) AS actions,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'on_date', v.on_date,
      'independent', v.independent, 'findings', v.findings, 'verifies', v.verifies,
      'by', m.name) ORDER BY v.on_date DESC, v.id DESC), '[]')
    FROM monitoring_visit v JOIN membership m ON m.org_id = v.org_id AND m.id = v.visited_by_id
    WHERE v.org_id = :org AND v.episode_id = :id) AS visits,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'number', r.number, 'kind', r.kind,
      'due_on', r.due_on, 'held_on', r.held_on, 'cause', r.cause, 'decision', r.decision,
      'escalated_to', r.escalated_to, 'reason', r.reason, 'criteria', r.criteria,
      'all_met', r.all_met, 'by', m.name, 'sitting_id', r.sitting_id, 'sitting', w.reference,
      'same_person_reason', r.same_person_reason)
      ORDER BY r.number DESC), '[]')
    FROM episode_review r JOIN membership m ON m.org_id = r.org_id AND m.id = r.decided_by_id
    LEFT JOIN review w ON w.org_id = r.org_id AND w.id = r.sitting_id
    WHERE r.org_id = :org AND r.episode_id = :id) AS reviews,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'on', s.stated_on, 'text', s.text,
      'restored', s.restored, 'by', m.name) ORDER BY s.stated_on DESC, s.id DESC), '[]')
    FROM commissioner_statement s
    JOIN membership m ON m.org_id = s.org_id AND m.id = s.recorded_by_id
    WHERE s.org_id = :org AND s.episode_id = :id) AS statements,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('words', c.words, 'on', c.withdrawn_on,
      'reason', c.withdrawn_reason, 'by', m.name) ORDER BY c.number), '[]')
    FROM episode_criterion c JOIN membership m ON m.org_id = c.org_id AND m.id = c.withdrawn_by_id
    WHERE c.org_id = :org AND c.episode_id = :id) AS withdrawn
""")


_LISTS = ("triggers", "changes", "actions", "visits", "reviews", "statements", "withdrawn")


@dataclass(frozen=True, slots=True)
class Whole:
    """An episode with all that stands on its page; each part a list of plain values, their days
    as days. `due` is its next review, `against` what stands against stepping down."""

    episode: Episode
    decision: Mapping[str, Any] | None
    triggers: Sequence[Mapping[str, Any]]
    changes: Sequence[Mapping[str, Any]]
    actions: Sequence[Mapping[str, Any]]
    visits: Sequence[Mapping[str, Any]]
    reviews: Sequence[Mapping[str, Any]]
    statements: Sequence[Mapping[str, Any]]
    withdrawn: Sequence[Mapping[str, Any]]
    due: reviews.Due | None
    against: Sequence[str]


def episode(*, actor: Actor, episode_id: UUID) -> Episode:
    """One episode with what is known of it today. Raises NotFound, Forbidden."""
    found = episode_rows.episodes(actor=actor, ids=[episode_id], on=actor.today)
    if found:
        return found[0]
    load(MonitoringEpisode, actor.org_id, episode_id)
    raise Forbidden("This belongs to a service outside your own.")


def whole(*, actor: Actor, episode_id: UUID) -> Whole:
    """The page of an episode, in two statements. Raises NotFound, Forbidden."""
    one = episode(actor=actor, episode_id=episode_id)
    parts = db.session.execute(_PARTS, {"org": actor.org_id, "id": episode_id}).one()
    lists = {name: [_dated(row) for row in getattr(parts, name)] for name in _LISTS}
    return Whole(
        episode=one,
        decision=_dated(parts.decision) if parts.decision else None,
        due=reviews.due(one),
        against=reviews.obstacles(one) if one.row.status == "open" else (),
        **lists,
    )


_CLOSED = """
SELECT e.id, e.reference, e.title, e.kind, e.started_on, e.ended_on, e.status, e.follow_up_on,
  s.name AS service
FROM monitoring_episode e JOIN service s ON s.org_id = e.org_id AND s.id = e.service_id
WHERE e.org_id = :org AND e.status = 'closed'
  AND (CAST(:services AS uuid[]) IS NULL OR e.service_id = ANY(:services))
"""


def closed(*, actor: Actor, page: int = 1) -> Page:
    """A page of the episodes that are over, the latest first. One statement."""
    services = None if actor.service_ids is None else list(actor.service_ids)
    values = {"org": actor.org_id, "services": services}
    return fetch_rows(_CLOSED, values, order="x.ended_on DESC, x.started_on DESC, x.id", page=page)


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    days = {
        name: value and date.fromisoformat(value)
        for name, value in row.items()
        if name == "on" or name.endswith("_on") or name == "on_date"
    }
    return {**row, **days}

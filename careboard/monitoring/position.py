"""What the records say of a service in a week: figures with their rows, and the episode's actions.

Kept as plain values with a return or report, so that they stay as they were read.
Source: steps S2-1.4, S2-2.4 and S2-3.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from careboard.actions.lateness import lateness
from careboard.clock import day_words
from careboard.db import db
from careboard.monitoring.weeks import Week
from careboard.recovery.dashboard_stands import Stand, stands
from careboard.tenancy import Actor

TITLES = {
    "safeguarding": "Safeguarding concerns",
    "incident": "Incidents",
    "complaint": "Complaints",
    "feedback": "Negative feedback",
    "commissioner_query": "Commissioner queries and concerns",
}

# Rows of the week and of the one before; a row of kind 'log' tells of which day the log's latest
# record is, so that silence can be told from a log that nobody has kept.
_ROWS = text("""
SELECT 'concern' AS kind, c.id, c.kind AS topic, coalesce(c.source_key, '') AS reference,
  c.occurred_on AS on_date, c.theme AS words
FROM concern c
WHERE c.org_id = :org AND c.service_id = :service AND c.occurred_on BETWEEN :before AND :last
  AND (c.kind <> 'feedback' OR 5 * c.score <= 2 * c.max_score)
UNION ALL
SELECT 'audit', a.id, 'audit', coalesce(a.source_key, ''), a.completed_on,
  a.theme || coalesce(', ' || trim_scale(round(100.0 * a.score / nullif(a.max_score, 0), 1)) || '%',
    '') || coalesce(', ' || a.rag, '')
FROM audit a
WHERE a.org_id = :org AND a.service_id = :service AND a.completed_on BETWEEN :first AND :last
UNION ALL
SELECT 'log', NULL, k.kind, '', (SELECT max(c.occurred_on) FROM concern c
  WHERE c.org_id = :org AND c.kind = k.kind AND c.occurred_on <= :on), ''
FROM unnest(CAST(:kinds AS text[])) k (kind)
ORDER BY on_date, reference, id
""")
_ACTIONS = text("""
SELECT a.id, a.reference, a.title, a.status, a.due_on, a.priority,
  coalesce(m.name, a.owner_name) AS owner
FROM action a LEFT JOIN membership m ON m.org_id = a.org_id AND m.id = a.owner_id
WHERE a.org_id = :org AND a.episode_id = :episode AND a.status <> 'draft'
ORDER BY NOT a.priority, a.due_on, a.reference
""")


def of_week(*, actor: Actor, service_id: UUID, week: Week) -> list[dict[str, Any]]:
    """What the records say of a week today. Each figure has code, title, said and rows (kind, id,
    reference, on, words). Three statements."""
    first, last, on = week.first, week.last, actor.today
    found = db.session.execute(
        _ROWS,
        {
            "org": actor.org_id,
            "service": service_id,
            "before": first - timedelta(days=7),
            "first": first,
            "last": last,
            "on": on,
            "kinds": list(TITLES),
        },
    ).all()
    logs = {row.topic: row.on_date for row in found if row.kind == "log"}
    rows = [row for row in found if row.kind != "log"]
    read = stands(actor=actor, service_ids=[service_id], valid_until={}, on=min(last, on))
    return [
        *(_counted(topic, rows, logs[topic], first) for topic in TITLES),
        _audited([row for row in rows if row.kind == "audit"]),
        *(_indicated(one) for one in read),
    ]


def actions(*, actor: Actor, episode_id: UUID) -> list[dict[str, Any]]:
    """The episode's actions as they stand today, priority ones first: id, reference, title, owner,
    status, due_on, priority and late, in words. One statement."""
    found = db.session.execute(_ACTIONS, {"org": actor.org_id, "episode": episode_id})
    return [
        {
            "id": str(row.id),
            "reference": row.reference,
            "title": row.title,
            "owner": row.owner,
            "status": row.status,
            "due_on": row.due_on.isoformat() if row.due_on else None,
            "priority": row.priority,
            "late": _late(row, actor.today),
        }
        for row in found
    ]


def shown(kept: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Kept figures or actions with their days as days, for a page."""
    found = []
    for one in kept:
        days = {name: date.fromisoformat(one[name]) for name in ("on", "due_on") if one.get(name)}
        rows = {"rows": shown(one["rows"])} if "rows" in one else {}
        found.append(one | days | rows)
    return found


def _late(row: Row, on: date) -> str:
    late = lateness(due_on=row.due_on, status=row.status, on=on)
    return late.words if late.overdue else ""


def _counted(topic: str, rows: Iterable[Row], latest: date | None, first: date) -> dict[str, Any]:
    own = [row for row in rows if row.topic == topic]
    week = [row for row in own if row.on_date >= first]
    before = len(own) - len(week)
    if latest is None:
        said = "Not enough data: no record of this kind was ever brought in."
    elif not week and latest < first:
        said = (
            "None in the week; the organisation's latest record of this kind is of "
            f"{day_words(latest)}."
        )
    else:
        said = f"{len(week) or 'None'} in the week, {before or 'none'} in the week before."
        themes = Counter(row.words for row in week if row.words)
        if themes:
            listed = ", ".join(f"{theme} {count}" for theme, count in themes.most_common())
            said += f" Themes: {listed}."
    return {"code": topic, "title": TITLES[topic], "said": said, "rows": _kept(week)}


def _audited(rows: list[Row]) -> dict[str, Any]:
    said = "; ".join(row.words for row in rows) + "." if rows else "None was completed in the week."
    return {"code": "audit", "title": "Audits", "said": said, "rows": _kept(rows)}


def _indicated(one: Stand) -> dict[str, Any]:
    row = {
        "kind": "indicator",
        "id": str(one.indicator.id),
        "reference": one.indicator.reference,
        "on": one.read_to.isoformat() if one.read_to else None,
        "words": one.latest or "not read",
    }
    read = (
        f"{one.latest} up to {day_words(one.read_to)}" if one.latest and one.read_to else "Not read"
    )
    aim = f", target {one.target}" if one.target else ""
    return {
        "code": "indicator",
        "title": one.indicator.name,
        "said": f"{read}{aim}. {one.said.sentence}",
        "rows": [row],
    }


def _kept(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [
        {
            "kind": row.kind,
            "id": str(row.id),
            "reference": row.reference,
            "on": row.on_date.isoformat(),
            "words": row.words,
        }
        for row in rows
    ]

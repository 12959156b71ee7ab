"""Reading decisions on sharing: the external communication log, one decision, what is undecided,
and the clock over all of them.

Source: DESIGN section 4, sharing decision; steps S3-1.2 and S3-2.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.services.lists import PAGE_SIZE, Page
from careboard.sharing.clock import Report, Times, report
from careboard.sharing.models import SUBJECTS
from careboard.sharing.sql import PATTERNS, UNDECIDED_FIGURE
from careboard.tenancy import Actor

# A decision with its subject, whether it still stands, and what was said outside on it.
_DECISIONS = f"""
SELECT d.*, s.name AS service, s.manager_id, p.name AS decided_by,
  CASE WHEN d.risk_id IS NOT NULL THEN 'risk' WHEN d.trigger_id IS NOT NULL THEN 'trigger'
    WHEN d.concern_id IS NOT NULL THEN 'concern' ELSE 'episode' END AS kind,
  coalesce(d.risk_id, d.trigger_id, d.concern_id, d.episode_id) AS subject_id,
  coalesce(r.reference, t.reference, c.source_key, e.reference) AS subject_reference,
  coalesce(initcap(r.domain) || ': ' || r.original_cause, t.sentence,
    nullif(concat_ws(': ', replace(c.kind, '_', ' '), nullif(c.theme, '')), ''),
    e.title) AS subject_title,
  coalesce(r.domain = 'safeguarding', t.rule_code = ANY(:patterns), c.kind = 'safeguarding',
    e.kind = 'safeguarding', false) AS safeguarding,
  l.id AS later_id, l.reference AS later, l.anew_on, o.told_on, coalesce(o.told, '[]') AS told
FROM sharing_decision d
JOIN service s ON s.org_id = d.org_id AND s.id = d.service_id
JOIN membership p ON p.org_id = d.org_id AND p.id = d.decided_by_id
LEFT JOIN risk r ON r.org_id = d.org_id AND r.id = d.risk_id
LEFT JOIN trigger t ON t.org_id = d.org_id AND t.id = d.trigger_id
LEFT JOIN concern c ON c.org_id = d.org_id AND c.id = d.concern_id
LEFT JOIN monitoring_episode e ON e.org_id = d.org_id AND e.id = d.episode_id
LEFT JOIN LATERAL (SELECT l.id, l.reference, min(l.decided_on) OVER () AS anew_on
  FROM sharing_decision l
  WHERE l.org_id = d.org_id AND (l.decided_at, l.id) > (d.decided_at, d.id)
    AND ({" OR ".join(f"l.{kind}_id = d.{kind}_id" for kind in SUBJECTS)})
  ORDER BY l.decided_at DESC, l.id DESC LIMIT 1) l ON true
LEFT JOIN LATERAL (SELECT min(k.on_date) FILTER (WHERE k.direction = 'out') AS told_on,
    jsonb_agg(jsonb_build_object('id', k.id, 'reference', k.reference, 'on', k.on_date,
      'direction', k.direction, 'channel', k.channel, 'partner', k.partner)
      ORDER BY k.on_date, k.id) AS told
  FROM communication k WHERE k.org_id = d.org_id AND k.decision_id = d.id) o ON true
WHERE d.org_id = :org
  AND (CAST(:services AS uuid[]) IS NULL OR d.service_id = ANY(:services))
"""
_NEWEST = " ORDER BY x.decided_at DESC, x.id DESC LIMIT :limit OFFSET :offset"
SHOWN = {
    "standing": ("Those that stand", "x.later_id IS NULL"),
    "share": ("To share", "x.decision = 'share'"),
    "do_not_share": ("Not to share", "x.decision = 'do_not_share'"),
    "seek_advice": ("To seek advice", "x.decision = 'seek_advice'"),
    "untold": (
        "Not told yet",
        "x.later_id IS NULL AND x.decision <> 'do_not_share' AND x.told_on IS NULL",
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which decisions; None and empty: any. `kind` is what they are about."""

    show: str = ""
    service_id: UUID | None = None
    kind: str = ""
    subject_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    safeguarding: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A decision with its clock. `told` are the communications on it, the first first."""

    row: Row
    times: Times
    told: Sequence[Mapping[str, Any]]


def log(*, actor: Actor, asked: Asked, page: int = 1, size: int = PAGE_SIZE) -> Page:
    """A page of Lines, the newest first. One statement."""
    which, values = _which(asked)
    rows = _read(actor, which, values, size, (page - 1) * size)
    total = rows[0].total if rows else 0
    return Page([_line(row) for row in rows], page, total, size)


def decision(*, actor: Actor, decision_id: UUID) -> Line:
    """One decision. Raises NotFound, Forbidden."""
    rows = _read(actor, "x.id = :id", {"id": decision_id}, 1, 0)
    if rows:
        return _line(rows[0])
    known = text("SELECT 1 FROM sharing_decision WHERE org_id = :org AND id = :id")
    if db.session.scalar(known, {"org": actor.org_id, "id": decision_id}):
        raise Forbidden("This belongs to a service outside your own.")
    raise NotFound()


_CONSIDERED = text("""
SELECT c.factor, c.affected, c.reading, c.note, t.reference, t.words, t.number, t.way, t.unit
FROM sharing_consideration c
LEFT JOIN contract_threshold t ON t.org_id = c.org_id AND t.id = c.threshold_id
WHERE c.org_id = :org AND c.decision_id = :id
ORDER BY c.threshold_id IS NOT NULL, array_position(ARRAY['safety', 'continuity', 'safeguarding',
  'contract_delivery', 'public_confidence', 'multi_agency'], c.factor), t.reference
""")


def considered(*, actor: Actor, decision_id: UUID) -> Sequence[Row]:
    """What was answered for each threshold: the six, then the organisation's own."""
    values = {"org": actor.org_id, "id": decision_id}
    return db.session.execute(_CONSIDERED, values).all()


def of_subject(*, actor: Actor, kind: str, subject_id: UUID) -> Sequence[Line]:
    """The decisions about one risk, trigger, concern or episode, the newest first. One
    statement."""
    rows = _read(actor, f"x.{_column(kind)} = :id", {"id": subject_id}, 100, 0)
    return [_line(row) for row in rows]


def _column(kind: str) -> str:
    if kind not in SUBJECTS:
        raise NotFound()
    return f"{kind}_id"


_UNDECIDED = text(f"""
SELECT x.*, s.name AS service, x.kind = 'trigger' OR r.domain = 'safeguarding' AS safeguarding,
  count(*) OVER () AS total
FROM ({UNDECIDED_FIGURE}) x
JOIN service s ON s.org_id = :org AND s.id = x.service_id
LEFT JOIN risk r ON r.org_id = :org AND r.id = x.id
WHERE x.counted AND (CAST(:services AS uuid[]) IS NULL OR x.service_id = ANY(:services))
  AND (CAST(:service AS uuid) IS NULL OR x.service_id = :service)
ORDER BY x.days DESC, x.reference LIMIT :limit
""")


def undecided(
    *, actor: Actor, service_id: UUID | None = None, size: int | None = 200
) -> Sequence[Row]:
    """High risks and safeguarding patterns on which nobody has decided, the oldest first: the rows
    of the figure `sharing_undecided`, at most `size` of `total`, or all (None). One statement."""
    values = {
        "org": actor.org_id,
        "on": actor.today,
        "services": _services(actor),
        "service": service_id,
        "limit": size,
    }
    return db.session.execute(_UNDECIDED, values).all()


@dataclass(frozen=True, slots=True)
class Clock:
    """How long it took: over the decisions of a period, and what took, or is taking, too long.

    `report` and `late` are of `lines`, the newest of the period's `total` decisions; `undecided`
    are all that wait for too long.
    """

    report: Report
    lines: Sequence[Line]
    total: int
    late: Sequence[Line]
    undecided: Sequence[tuple[Row, Times]]


def clock_of(*, actor: Actor, since: date, until: date, service_id: UUID | None = None) -> Clock:
    """Of the decisions of that period; two statements."""
    asked = Asked(since=since, until=until, service_id=service_id)
    page = log(actor=actor, asked=asked, size=1_000)
    lines = page.rows
    waiting = [
        (row, Times(row.on_date, safeguarding=row.safeguarding))
        for row in undecided(actor=actor, service_id=service_id, size=None)
    ]
    return Clock(
        report=report([line.times for line in lines], actor.today),
        lines=lines,
        total=page.total,
        late=[line for line in lines if line.times.late(actor.today)],
        undecided=[pair for pair in waiting if pair[1].late(actor.today)],
    )


def _which(asked: Asked) -> tuple[str, dict[str, Any]]:
    which, values = ["true"], {}
    if asked.show:
        which.append(SHOWN[asked.show][1])
    if asked.service_id is not None:
        which.append("x.service_id = :service")
        values["service"] = asked.service_id
    if asked.kind:
        which.append("x.kind = :kind")
        values["kind"] = asked.kind
    if asked.subject_id is not None:
        which.append("x.subject_id = :subject")
        values["subject"] = asked.subject_id
    if asked.safeguarding:
        which.append("x.safeguarding")
    for name, sign in (("since", ">="), ("until", "<=")):
        day = getattr(asked, name)
        if day is not None:
            which.append(f"x.decided_on {sign} :{name}")
            values[name] = day
    return " AND ".join(which), values


def _read(
    actor: Actor, which: str, values: Mapping[str, Any], limit: int, offset: int
) -> Sequence[Row]:
    statement = (
        f"SELECT x.*, count(*) OVER () AS total FROM ({_DECISIONS}) x WHERE {which}{_NEWEST}"
    )
    held = {
        "org": actor.org_id,
        "services": _services(actor),
        "patterns": list(PATTERNS),
        "limit": limit,
        "offset": offset,
        **values,
    }
    return db.session.execute(text(statement), held).all()


def _line(row: Row) -> Line:
    """What was decided anew by the day on which it was to be told is not late: the later decision
    has a day of its own."""
    told = [{**one, "on": date.fromisoformat(one["on"])} for one in row.told]
    anew = row.told_on is None and row.tell_by and row.anew_on and row.anew_on <= row.tell_by
    times = Times(
        identified_on=row.first_identified_on,
        decided_on=row.decided_on,
        tell_by=None if anew else row.tell_by,
        told_on=row.told_on,
        safeguarding=row.safeguarding,
    )
    return Line(row, times, told)


def _services(actor: Actor) -> list[UUID] | None:
    return None if actor.service_ids is None else list(actor.service_ids)

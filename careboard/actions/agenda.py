"""What actions put before a sitting: work that changed nothing, and closing that is late or weak.

Source: domain rules 3.3; DESIGN section 4, Action.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard.actions.measures import title
from careboard.actions.outcomes import position_of
from careboard.actions.triggers import Row, weak_closure
from careboard.actions.watched import watched
from careboard.db import db
from careboard.reviews.lines import Line
from careboard.rules.queries import thresholds
from careboard.rules.rule import Parameters
from careboard.tenancy import Actor

# An outcome stays on agendas for a quarter after it became known, or since the last sitting.
SHOWN_DAYS = 92


def lines(*, actor: Actor, service_id: UUID | None, on: date, since: datetime) -> Iterator[Line]:
    """Actions whose measure did not improve, the latest known first; then services whose closing
    of actions is late or weak, by the thresholds of the rule. Three statements."""
    closing = thresholds(actor=actor, code="actions_closed_late", on=on)
    values = {
        "org": actor.org_id,
        "on": on,
        "since": min(since.date(), on - timedelta(days=SHOWN_DAYS)),
        "days": closing["days"],
        "service": service_id,
        "services": None if actor.service_ids is None else list(actor.service_ids),
    }
    yield from _without_improvement(values, on)
    yield from _weak_closure(values, on, closing)


_SCOPE = """
(CAST(:service AS uuid) IS NULL OR a.service_id = :service)
AND (CAST(:services AS uuid[]) IS NULL OR a.service_id = ANY(:services))
"""
_JUDGED = watched(
    f"a.org_id = :org AND a.measure IS NOT NULL AND a.status = 'verified' AND {_SCOPE}"
)
_WITHOUT = text(f"""
SELECT o.*, s.name AS service FROM ({_JUDGED}) o
JOIN service s ON s.org_id = :org AND s.id = o.service_id
WHERE o.state = 'no_measurable_improvement' AND o.ends > :since
ORDER BY o.ends DESC, o.reference
""")


def _without_improvement(values: dict[str, Any], on: date) -> Iterator[Line]:
    for row in db.session.execute(_WITHOUT, values):
        yield Line(
            section="outcomes",
            title=f"{row.reference} {row.title}",
            service_id=row.service_id,
            detail={
                "what": "outcome",
                "id": row.id,
                "service": row.service,
                "measure": title(row.measure, row.measure_theme),
                "reason": position_of(row._mapping, on).sentence,
                "known_on": row.ends,
            },
            action_id=row.id,
        )


_CLOSING = text(f"""
SELECT a.id, a.service_id, s.name AS service, a.status, a.due_on, a.original_due_on,
  coalesce(a.verified_on, a.completed_on) AS closed_on, a.extensions
FROM action a JOIN service s ON s.org_id = a.org_id AND s.id = a.service_id
WHERE a.org_id = :org AND {_SCOPE} AND (
  a.status IN ('open', 'in_progress', 'completed') AND a.due_on < :on
  OR a.status = 'verified' AND coalesce(a.verified_on, a.completed_on) > :on - :days)
ORDER BY s.name_norm, a.due_on
""")


def _weak_closure(values: dict[str, Any], on: date, closing: Parameters) -> Iterator[Line]:
    of_service: dict[tuple[UUID, str], list[Row]] = defaultdict(list)
    for row in db.session.execute(_CLOSING, values):
        facts = row._mapping
        of_service[row.service_id, row.service].append(
            Row(**{name: facts[name] for name in Row.__slots__})
        )
    for (service_id, service), rows in of_service.items():
        verdict = weak_closure(rows, on, **closing)
        if verdict.fires:
            yield Line(
                section="outcomes",
                title=f"{service}: actions are closed late, or not at all",
                service_id=service_id,
                detail={
                    "what": "closure",
                    "id": service_id,
                    "service": service,
                    "reason": f"{verdict.sentence}.",
                },
            )

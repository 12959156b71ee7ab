"""One service's recovery on one page: charts, plans, concerns, responses, actions, evidence.

Source: S1; steps S1-1.5, S1-2.5 and S1-3.5 (trends, evidence and feedback reviewed together).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Row, text

from careboard.control_chart import ControlChart, Mark, control_chart
from careboard.db import db
from careboard.recovery import (
    dashboard_evidence,
    plan_queries,
    queries,
    response_queries,
    story_queries,
)
from careboard.recovery.dashboard_queries import gravity, shown_in
from careboard.recovery.dashboard_stands import Stand, stands
from careboard.recovery.points import IMPROVEMENT
from careboard.recovery.standing import CONCERNS
from careboard.services.models import Service
from careboard.services.queries import service_within_reach
from careboard.tenancy import Actor
from careboard.vocabulary import INDICATOR_UNITS

MOST_ACTIONS = 8
MOST_EVIDENCE = 8
MOST_TOLD = 4


@dataclass(frozen=True, slots=True)
class ServiceRecovery:
    """All of it. `charts` by indicator; `concerns` by standing.CONCERNS; `story` is the latest
    reviews, `told` how many there are."""

    service: Service
    stands: Sequence[Stand]
    charts: dict[UUID, ControlChart]
    concerns: dict[str, list[Stand]]
    counts: Counter[str]
    plans: Sequence[plan_queries.Standing]
    responses: Sequence[Row]
    actions: Sequence[Row]
    evidence: Sequence[Row]
    story: Sequence[story_queries.Told]

    @property
    def empty(self) -> bool:
        return not (self.stands or self.plans or self.responses)


def service_recovery(*, actor: Actor, service_id: UUID, on: date) -> ServiceRecovery:
    """Everything of one service on that day, from its records as they are now.

    Raises NotFound, Forbidden.
    """
    service = service_within_reach(actor=actor, service_id=service_id)
    until = dashboard_evidence.valid_until(actor=actor, service_ids=[service_id])
    found = stands(actor=actor, service_ids=[service_id], valid_until=until, on=on, live=True)
    plans = plan_queries.of_service(actor=actor, service_id=service_id, on=on)
    domains = {one.indicator.domain for one in found} | {one.plan.domain for one in plans}
    actions = _actions(actor, service_id, sorted(domains))
    changes = queries.rebases(actor=actor, indicator_ids=[one.indicator.id for one in found])
    found.sort(key=gravity)
    charts = {}
    for one in found:
        marks = [Mark(row.on_date, "rebase", row.reason) for row in changes[one.indicator.id]]
        marks += [
            Mark(row.completed_on, "action", f"{row.reference} completed")
            for row in actions
            if row.completed_on and row.domain == one.indicator.domain
        ]
        charts[one.indicator.id] = _chart(one, marks)
    counts: Counter[str] = Counter()
    for one in found:
        counts.update(shown_in(one))
    return ServiceRecovery(
        service,
        found,
        charts,
        {name: [one for one in found if name in one.concerns] for name in CONCERNS},
        counts,
        plans,
        response_queries.of_service(actor=actor, service_id=service_id),
        actions[:MOST_ACTIONS],
        dashboard_evidence.latest(
            actor=actor, service_id=service_id, domains=sorted(domains), most=MOST_EVIDENCE
        ),
        story_queries.of_service(actor=actor, service_id=service_id)[:MOST_TOLD],
    )


def _chart(one: Stand, marks: Sequence[Mark]) -> ControlChart:
    """Its chart, from the first period that has a value on; nothing before it is drawn."""
    values = one.series.judged()
    begun = next((place for place, value in enumerate(values) if value is not None), len(values))
    days = [period.end for period in one.series.periods][begun:]
    chart = control_chart(
        key=one.indicator.reference.lower(),
        name=one.indicator.name,
        days=days,
        values=values[begun:],
        improvement=IMPROVEMENT[one.indicator.good],
        unit=INDICATOR_UNITS[one.indicator.unit],
        period=one.indicator.cadence,
        targets=one.aims[begun:],
        marks=[mark for mark in marks if days and mark.on >= days[0]],
    )
    # The list and the chart of an indicator say one and the same.
    return replace(chart, judgement=replace(chart.judgement, sentence=one.said.sentence))


_ACTIONS = text("""
SELECT a.id, a.reference, a.title, a.status, a.due_on, a.completed_on, t.domain, a.plan_id,
  p.reference AS plan, coalesce(m.name, nullif(a.owner_name, '')) AS owner
FROM action a
LEFT JOIN recovery_plan p ON p.org_id = a.org_id AND p.id = a.plan_id
LEFT JOIN risk r ON r.org_id = a.org_id AND r.id = a.risk_id
LEFT JOIN audit_concern k ON k.org_id = a.org_id AND k.id = a.audit_concern_id
LEFT JOIN concern n ON n.org_id = a.org_id AND n.id = a.concern_id
LEFT JOIN membership m ON m.org_id = a.org_id AND m.id = a.owner_id
CROSS JOIN LATERAL
  (SELECT coalesce(a.domain, p.domain, k.domain, n.domain, r.domain) AS domain) t
WHERE a.org_id = :org AND a.service_id = :service AND a.status <> 'cancelled'
  AND (a.plan_id IS NOT NULL OR t.domain = ANY(:domains))
ORDER BY a.plan_id IS NULL, coalesce(a.updated_on, CAST(a.created_at AS date)) DESC, a.id DESC
LIMIT 200
""")


def _actions(actor: Actor, service_id: UUID, domains: Sequence[str]) -> list[Row]:
    """Those of a plan first, then those in the same domains, the latest first. One statement."""
    given = {"org": actor.org_id, "service": service_id, "domains": list(domains)}
    return list(db.session.execute(_ACTIONS, given))

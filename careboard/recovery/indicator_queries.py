"""One indicator with its series, targets, changes of process, actions and evidence; and a point of
it with the rows behind it.

Source: DESIGN section 3, indicator; section 1, promise 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile
from uuid import UUID

from sqlalchemy import Row, select, text

from careboard.accounts.models import Membership
from careboard.control_chart import ControlChart, Mark, Segment, control_chart
from careboard.control_chart import Row as ChartRow
from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.recovery import dashboard_evidence, queries, series
from careboard.recovery.models import Indicator
from careboard.recovery.periods import period_of
from careboard.recovery.points import IMPROVEMENT, Point
from careboard.recovery.queries import Version
from careboard.recovery.standing import Reads, Support, support
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import INDICATOR_UNITS

PERIODS = 104
MOST = 12  # actions on one page
_EVIDENCE = 100  # enough to know until when any is valid


@dataclass(frozen=True, slots=True)
class Whole:
    """An indicator with all that its page tells.

    `targets`, `rebases` (withdrawn ones too), `plans` and `responses` are rows (id, on_date,
    due_on, value, words, by, status), the oldest first. `actions` (id, reference, title, status,
    due_on, completed_on) and `evidence` (id, reference, title, kind, valid_until) are those of its
    service and domain, the newest first.
    """

    indicator: Indicator
    service: str
    owner: str | None
    points: Sequence[Point]
    chart: ControlChart
    support: Support
    targets: Sequence[Row]
    rebases: Sequence[Row]
    plans: Sequence[Row]
    responses: Sequence[Row]
    actions: Sequence[Row]
    evidence: Sequence[Row]

    def table(self) -> Iterator[tuple[Segment, list[tuple[ChartRow, Point]]]]:
        """Segments with the chart's rows and their points, the newest first."""
        for segment, rows in self.chart.table():
            own = self.points[segment.first : segment.last + 1][::-1]
            yield segment, list(zip(rows, own, strict=True))

    def target_on(self, day: date) -> Row | None:
        """The target that holds on that day."""
        return queries.target_on(self.targets, day)


@dataclass(frozen=True, slots=True)
class Behind:
    """A point with what it rests on: the rows of a computed one, or all that a reading has said,
    the first first; nothing where there is no reading."""

    indicator: Indicator
    service: str
    point: Point
    rows: series.Rows | None
    history: Sequence[Version]


def whole(
    *, actor: Actor, indicator_id: UUID, on: date, action_url: Callable[[UUID], str]
) -> Whole:
    """Everything about an indicator on that day. Five statements, or six for counts of events.

    `action_url` gives the address of an action, which its mark on the chart leads to.
    Raises NotFound, Forbidden.
    """
    found, service, owner = about(actor=actor, indicator_id=indicator_id)
    points = queries.points(actor=actor, wanted=[found], on=on, count=PERIODS)[found.id]
    points = list(dropwhile(lambda point: point.value is None, points))
    given = {
        "org": actor.org_id,
        "indicator": found.id,
        "service": found.service_id,
        "domain": found.domain,
        "most": MOST,
    }
    happened = db.session.execute(_HAPPENED, given).all()
    targets, rebases, plans, responses = (
        [row for row in happened if row.kind == kind]
        for kind in ("target", "rebase", "plan", "response")
    )
    actions = db.session.execute(_ACTIONS, given).all()
    evidence = dashboard_evidence.latest(
        actor=actor, service_id=found.service_id, domains=[found.domain], most=_EVIDENCE
    )
    read = Reads(
        found.created_at.date(),
        found.cadence,
        next((p.period.end for p in reversed(points) if p.value is not None), None),
    )
    until = max((item.valid_until for item in evidence), default=None)
    return Whole(
        indicator=found,
        service=service,
        owner=owner,
        points=points,
        chart=_chart(found, points, targets, _marks(points, rebases, actions, action_url)),
        support=support(read, evidence_until=until, on=on),
        targets=targets,
        rebases=rebases,
        plans=plans,
        responses=responses,
        actions=actions,
        evidence=evidence,
    )


def about(*, actor: Actor, indicator_id: UUID) -> tuple[Indicator, str, str | None]:
    """The indicator, its service's name and its review owner's. Raises NotFound, Forbidden."""
    row = db.session.execute(
        select(Indicator, Service.name, Membership.name)
        .join(Service, (Service.org_id == Indicator.org_id) & (Service.id == Indicator.service_id))
        .outerjoin(
            Membership,
            (Membership.org_id == Indicator.org_id) & (Membership.id == Indicator.review_owner_id),
        )
        .where(Indicator.org_id == actor.org_id, Indicator.id == indicator_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    if not actor.reaches(row[0].service_id):
        raise Forbidden("This indicator belongs to a service outside your own.")
    return tuple(row)


def behind(*, actor: Actor, indicator_id: UUID, end: date, page: int = 1) -> Behind:
    """The point of the period that ends on that day, with what it rests on.

    Raises NotFound also where no period that has begun ends on that day, Forbidden.
    """
    found, service, _ = about(actor=actor, indicator_id=indicator_id)
    period = period_of(end, found.cadence)
    if period.end != end or period.start > actor.today:
        raise NotFound()
    point = queries.points(actor=actor, wanted=[found], on=end, count=1)[found.id][0]
    rows, history = None, []
    if found.computed_by is not None:
        rows = series.rows(
            actor=actor,
            measure=found.computed_by,
            service_id=found.service_id,
            period=point.period,
            page=page,
        )
    elif point.reading_id is not None:
        history = queries.history(actor=actor, reading_id=point.reading_id)
    return Behind(found, service, point, rows, history)


def _chart(
    indicator: Indicator, points: Sequence[Point], targets: Sequence[Row], marks: Sequence[Mark]
) -> ControlChart:
    held = [queries.target_on(targets, point.period.end) for point in points]
    return control_chart(
        key=indicator.reference.lower(),
        name=indicator.name,
        days=[point.period.end for point in points],
        values=[point.judged for point in points],
        improvement=IMPROVEMENT[indicator.good],
        unit=INDICATOR_UNITS[indicator.unit],
        period=indicator.cadence,
        targets=[target and target.value for target in held],
        marks=marks,
    )


def _marks(
    points: Sequence[Point],
    rebases: Sequence[Row],
    actions: Sequence[Row],
    action_url: Callable[[UUID], str],
) -> list[Mark]:
    """Changes of process that stand, and actions completed since the series began."""
    begun = points[0].period.start if points else date.max
    return [
        *(
            Mark(
                one.completed_on,
                "action",
                f"{one.reference} completed: {one.title}",
                action_url(one.id),
            )
            for one in actions
            if one.completed_on and one.completed_on >= begun
        ),
        *(
            Mark(change.on_date, "rebase", change.words)
            for change in rebases
            if change.status == "stands"
        ),
    ]


# `effective_from` beside `on_date`, so that targets read as `queries.target_on` reads them.
_HAPPENED = text("""
SELECT x.*, x.on_date AS effective_from, m.name AS by FROM (
  SELECT 'target' AS kind, id, effective_from AS on_date, due_on, CAST(value AS float8) AS value,
    reason AS words, set_by_id AS by_id, 'stands' AS status, '' AS reason, created_at
  FROM indicator_target WHERE org_id = :org AND indicator_id = :indicator
  UNION ALL
  SELECT 'rebase', id, on_date, NULL, NULL, reason, by_id,
    CASE WHEN withdrawn_at IS NULL THEN 'stands' ELSE 'withdrawn' END, withdrawn_reason, created_at
  FROM rebase WHERE org_id = :org AND indicator_id = :indicator
  UNION ALL
  SELECT 'plan', p.id, p.started_on, p.closed_on, CAST(i.target AS float8),
    p.reference || ' ' || p.title, p.lead_id, p.status, '', p.created_at
  FROM plan_indicator i
  JOIN recovery_plan p ON p.org_id = i.org_id AND p.id = i.plan_id
  WHERE i.org_id = :org AND i.indicator_id = :indicator
  UNION ALL
  SELECT 'response', id, fired_on, due_on, NULL, reference || ': ' || sentence, owner_id, status,
    reason, created_at
  FROM response WHERE org_id = :org AND indicator_id = :indicator
) x LEFT JOIN membership m ON m.org_id = :org AND m.id = x.by_id
ORDER BY x.on_date, x.created_at, x.id
""")
_ACTIONS = text("""
SELECT a.id, a.reference, a.title, a.status, a.due_on, a.completed_on
FROM action a
LEFT JOIN audit_concern k ON k.org_id = a.org_id AND k.id = a.audit_concern_id
LEFT JOIN concern c ON c.org_id = a.org_id AND c.id = a.concern_id
LEFT JOIN risk t ON t.org_id = a.org_id AND t.id = a.risk_id
WHERE a.org_id = :org AND a.service_id = :service
  AND a.status NOT IN ('draft', 'cancelled')
  AND (coalesce(a.domain, k.domain, c.domain, t.domain) = :domain
    OR EXISTS (SELECT FROM plan_indicator i WHERE i.org_id = a.org_id AND i.plan_id = a.plan_id
      AND i.indicator_id = :indicator))
ORDER BY a.completed_on DESC NULLS FIRST, a.due_on, a.reference LIMIT :most
""")

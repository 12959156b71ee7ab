"""Reading recovery plans: the list with where each stands, and one with all that belongs to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile
from uuid import UUID

from sqlalchemy import Row, select

from careboard import clock
from careboard.accounts.models import Membership
from careboard.actions import queries as actions
from careboard.control_chart import ControlChart, Mark, control_chart
from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.evidence import queries as evidence
from careboard.recovery import check_queries, check_rules, queries
from careboard.recovery.check_rules import Trigger
from careboard.recovery.models import Indicator, Rebase
from careboard.recovery.periods import Period
from careboard.recovery.plan_content import CheckSpec, Content
from careboard.recovery.plan_models import PlanIndicator, RecoveryPlan
from careboard.recovery.plan_progress import STATES, Goal, Horizon, Progress, progress, whole
from careboard.recovery.points import IMPROVEMENT, Point, total
from careboard.services.lists import within
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import INDICATOR_UNITS

BEFORE = 13  # periods before a plan began that its progress may look back to
MOST_POINTS = 104


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """Empty: any. `status` open or closed; `state` one of `plan_progress.STATES`."""

    service_id: UUID | None = None
    domain: str = ""
    status: str = "open"
    state: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator within a plan. `progress` None: it is read beside the goals. `so_far` is the
    percentage over all of the plan's full periods, in words."""

    indicator: Indicator
    plan: PlanIndicator
    points: Sequence[Point]
    progress: Progress | None
    so_far: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan with where it stands on the day that was asked for (a closed one: when it closed)."""

    plan: RecoveryPlan
    service: str
    lead: str
    horizon: Horizon
    lines: Sequence[Line]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Asked:
    """A check that the plan asks for: when it was last made, and whether another is overdue."""

    spec: CheckSpec
    last_on: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """A plan with everything that belongs to it."""

    standing: Standing
    content: Content
    charts: dict[UUID, ControlChart]
    actions: Sequence[actions.ActionRow]
    evidence: Sequence[evidence.Item]
    checks: Sequence[Asked]
    triggers: Sequence[Trigger]
    closed_by: str | None


def standings(*, actor: Actor, wanted: PlanFilter, on: date) -> list[Standing]:
    """The plans within the person's services, the worst first, then by service and start.

    Three statements, and those of the computed series.
    """
    rows = _plans(actor, wanted)
    found = _standings(actor, rows, on)
    if wanted.state:
        found = [one for one in found if one.progress.state == wanted.state]
    return sorted(found, key=lambda one: (one.plan.status, STATES.index(one.progress.state)))


def of_service(*, actor: Actor, service_id: UUID, on: date) -> list[Standing]:
    """The open plans of a service, as `standings`."""
    return standings(actor=actor, wanted=PlanFilter(service_id=service_id), on=on)


def plan(*, actor: Actor, plan_id: UUID, on: date) -> Whole:
    """One plan with its charts, actions, evidence, checks and triggers on that day.

    Raises NotFound, Forbidden.
    """
    row = load(RecoveryPlan, actor.org_id, plan_id)
    if not actor.reaches(row.service_id):
        raise Forbidden("This plan belongs to a service outside your own.")
    rows = _plans(actor, PlanFilter(status=""), row.id)
    (standing,) = _standings(actor, rows, on, count=MOST_POINTS)
    content = Content.read(row.content)
    answering = actions.for_sources(actor=actor, plan_ids=[row.id])[row.id]
    changes = queries.rebases(
        actor=actor, indicator_ids=[line.indicator.id for line in standing.lines]
    )
    last = check_queries.latest(actor=actor, service_id=row.service_id)
    own = check_queries.for_rules(actor=actor, service_ids=[row.service_id], on=on)
    return Whole(
        standing=standing,
        content=content,
        charts={
            line.indicator.id: _chart(line, standing, answering, changes[line.indicator.id])
            for line in standing.lines
        },
        actions=answering,
        evidence=evidence.for_targets(actor=actor, plan_ids=[row.id])[row.id],
        checks=[_asked(spec, last.get(spec.kind), row, on) for spec in content.checks],
        triggers=check_rules.evaluate(
            content.watch, own[row.service_id], min(on, row.closed_on or on), clock.now()
        ),
        closed_by=_name(actor, row.closed_by_id),
    )


def outside(*, actor: Actor, service_id: UUID, besides: Collection[UUID]) -> list[Indicator]:
    """The active indicators of a service that are not among these, by name. One statement."""
    statement = (
        select(Indicator)
        .where(
            Indicator.org_id == actor.org_id,
            Indicator.service_id == service_id,
            Indicator.active,
            Indicator.id.not_in(besides),
        )
        .order_by(Indicator.name)
    )
    return list(db.session.scalars(statement))


def _plans(actor: Actor, wanted: PlanFilter, plan_id: UUID | None = None) -> list[Row]:
    statement = (
        select(RecoveryPlan, Service.name.label("service"), Membership.name.label("lead"))
        .join(
            Service,
            (Service.org_id == RecoveryPlan.org_id) & (Service.id == RecoveryPlan.service_id),
        )
        .join(
            Membership,
            (Membership.org_id == RecoveryPlan.org_id) & (Membership.id == RecoveryPlan.lead_id),
        )
        .where(RecoveryPlan.org_id == actor.org_id, within(actor, RecoveryPlan.service_id))
        .order_by(Service.name, RecoveryPlan.started_on, RecoveryPlan.id)
    )
    for column, value in (
        (RecoveryPlan.id, plan_id),
        (RecoveryPlan.service_id, wanted.service_id),
        (RecoveryPlan.domain, wanted.domain),
        (RecoveryPlan.status, wanted.status),
    ):
        if value:
            statement = statement.where(column == value)
    return list(db.session.execute(statement))


def _in_plans(actor: Actor, plan_ids: Collection[UUID]) -> list[Row]:
    statement = (
        select(PlanIndicator, Indicator)
        .join(
            Indicator,
            (Indicator.org_id == PlanIndicator.org_id)
            & (Indicator.id == PlanIndicator.indicator_id),
        )
        .where(PlanIndicator.org_id == actor.org_id, PlanIndicator.plan_id.in_(plan_ids))
        .order_by(PlanIndicator.plan_id, PlanIndicator.place)
    )
    return list(db.session.execute(statement)) if plan_ids else []


def _standings(
    actor: Actor, rows: Sequence[Row], on: date, *, count: int | None = None
) -> list[Standing]:
    """`count`: of how many periods the points are; None: as many as the progress needs."""
    if not rows:
        return []
    inside = _in_plans(actor, [row.RecoveryPlan.id for row in rows])
    indicators = {indicator.id: indicator for _, indicator in inside}
    oldest = min(row.RecoveryPlan.started_on for row in rows)
    count = count or min(max((on - oldest).days // 7, 0) + BEFORE + 1, MOST_POINTS)
    points = queries.points(actor=actor, wanted=indicators.values(), on=on, count=count)
    found = []
    for row in rows:
        held = row.RecoveryPlan
        horizon = Horizon(held.started_on, held.horizon_weeks)
        day = min(on, held.closed_on or on)
        lines = [
            _line(inside_plan, indicator, points[indicator.id], horizon, day)
            for inside_plan, indicator in inside
            if inside_plan.plan_id == held.id
        ]
        stands = whole(line.progress for line in lines if line.progress is not None)
        found.append(Standing(held, row.service, row.lead, horizon, lines, stands))
    return found


def _line(
    inside: PlanIndicator,
    indicator: Indicator,
    points: Sequence[Point],
    horizon: Horizon,
    day: date,
) -> Line:
    # All of them: an indicator has the same limits here as on its own page.
    shown = [point for point in points if point.period.end <= day]
    if not inside.is_goal:
        return Line(indicator, inside, shown, None)
    unit = INDICATOR_UNITS[indicator.unit]
    goal = Goal(inside.baseline_value, inside.target, indicator.good, unit)
    stands = progress(goal, horizon, shown, day)
    return Line(indicator, inside, shown, stands, _so_far(shown, horizon, indicator.unit))


def _so_far(points: Sequence[Point], horizon: Horizon, unit: str) -> str:
    """The percentage over the plan's full periods together; empty where they cannot be added."""
    own = [p for p in points if p.period.start >= horizon.started_on and p.denominator]
    overlapping = any(a.period.end >= b.period.start for a, b in zip(own, own[1:], strict=False))
    if unit != "percent" or not own or overlapping:
        return ""
    return total(Period(own[0].period.start, own[-1].period.end), own).words(unit)


def _chart(
    line: Line,
    standing: Standing,
    answering: Sequence[actions.ActionRow],
    changes: Sequence[Rebase],
) -> ControlChart:
    done = [action for action in answering if action.completed_on]
    points = list(dropwhile(lambda point: point.value is None, line.points))
    return control_chart(
        key=line.indicator.reference.lower(),
        name=line.indicator.name,
        days=[point.period.end for point in points],
        values=[point.judged for point in points],
        improvement=IMPROVEMENT[line.indicator.good],
        unit=INDICATOR_UNITS[line.indicator.unit],
        period=line.indicator.cadence,
        targets=[
            line.plan.target if point.period.end >= standing.plan.started_on else None
            for point in points
        ],
        marks=[
            *(Mark(one.completed_on, "action", f"{one.reference} completed") for one in done),
            *(Mark(change.on_date, "rebase", change.reason) for change in changes),
        ],
    )


def _asked(spec: CheckSpec, last_on: date | None, plan: RecoveryPlan, on: date) -> Asked:
    since = max(last_on, plan.started_on) if last_on else plan.started_on
    overdue = plan.status == "open" and (on - since).days > spec.days
    return Asked(spec, last_on, overdue)


def _name(actor: Actor, membership_id: UUID | None) -> str | None:
    return load(Membership, actor.org_id, membership_id).name if membership_id else None

"""The story of recovery: what a review has before it, and what earlier reviews told.

Source: steps S1-1.2, S1-1.5, S1-2.5 and S1-3.5; S1 ("the story behind the data").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from careboard.accounts.models import Membership
from careboard.control_chart import CAUSES, ControlChart
from careboard.db import db
from careboard.recovery import plan_queries
from careboard.recovery.models import Indicator
from careboard.recovery.periods import Cadence, Period, last_full
from careboard.recovery.plan_content import Content
from careboard.recovery.plan_models import RecoveryPlan
from careboard.recovery.response_models import PlanReview, PlanReviewStory
from careboard.services.lists import PAGE_SIZE, Page, within
from careboard.services.models import Service
from careboard.tenancy import Actor

RECORDS = {"week": "weekly recovery review", "month": "monthly recovery review"}


@dataclass(frozen=True, slots=True)
class Position:
    """Where an indicator stands at the end of a period. `moved`: by a special cause since the
    review before, so that it needs its own story; `cause` says which, in words."""

    indicator: UUID
    reference: str
    name: str
    latest: str | None
    target: str | None
    direction: str | None
    band: str
    sentence: str
    moved: bool
    cause: str

    def kept(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self) | {"indicator": str(self.indicator)}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a review of a plan has before it. `recorded`: that period has been reviewed already;
    `begun`: a full period of the plan is over."""

    whole: plan_queries.Whole
    cadence: Cadence
    period: Period
    positions: Sequence[Position]
    recorded: bool
    record: str

    @property
    def plan(self) -> RecoveryPlan:
        return self.whole.standing.plan

    @property
    def begun(self) -> bool:
        return self.period.end >= self.plan.started_on

    @property
    def moved(self) -> list[Position]:
        return [position for position in self.positions if position.moved]

    @property
    def summary(self) -> str:
        """Each chart's sentence, a line for each indicator."""
        return "\n".join(f"{one.name}: {one.sentence}" for one in self.positions)


@dataclass(frozen=True, slots=True)
class Told:
    """One review with its stories, as the timeline shows it."""

    review: PlanReview
    plan: str
    plan_reference: str
    service: str
    by: str
    record: str
    stories: Sequence[Row]


def draft(*, actor: Actor, plan_id: UUID, cadence: Cadence, on: date) -> Draft:
    """A review of the last full week or month up to that day. Raises NotFound, Forbidden."""
    period = last_full(on, cadence)
    whole = plan_queries.plan(actor=actor, plan_id=plan_id, on=period.end)
    last = db.session.scalar(
        select(func.max(PlanReview.period_end)).where(
            PlanReview.org_id == actor.org_id,
            PlanReview.plan_id == plan_id,
            PlanReview.cadence == cadence,
        )
    )
    since = last or whole.standing.plan.started_on - timedelta(days=1)
    return Draft(
        whole,
        cadence,
        period,
        [_position(line, whole.charts[line.indicator.id], since) for line in whole.standing.lines],
        recorded=last is not None and last >= period.end,
        record=record_of(whole.content, cadence),
    )


def record_of(content: Content, cadence: str) -> str:
    """What the field calls the record of such a review."""
    return next((r.record for r in content.reviews if r.cadence == cadence), RECORDS[cadence])


def _position(line: plan_queries.Line, chart: ControlChart, since: date) -> Position:
    causes = [
        CAUSES.get(cause or "", "")
        for day, cause, kind in zip(
            chart.days, chart.judgement.chart.special_cause, chart.kinds(), strict=True
        )
        if kind is not None and day > since
    ]
    said = chart.judgement
    return Position(
        line.indicator.id,
        line.indicator.reference,
        line.indicator.name,
        chart.latest,
        chart.target,
        said.direction,
        said.band,
        said.sentence,
        moved=bool(causes),
        cause=", ".join(dict.fromkeys(cause for cause in causes if cause)),
    )


@dataclass(frozen=True, slots=True)
class StoryFilter:
    """None and empty: any."""

    plan_id: UUID | None = None
    service_id: UUID | None = None
    domain: str = ""
    cadence: str = ""


def of_plan(*, actor: Actor, plan_id: UUID) -> list[Told]:
    """The story of a plan, the newest review first. Two statements."""
    return list(story(actor=actor, wanted=StoryFilter(plan_id=plan_id), size=200).rows)


def of_service(*, actor: Actor, service_id: UUID) -> list[Told]:
    """The latest reviews of a service's plans. Two statements."""
    return list(story(actor=actor, wanted=StoryFilter(service_id=service_id)).rows)


def story(*, actor: Actor, wanted: StoryFilter, page: int = 1, size: int = PAGE_SIZE) -> Page:
    """Reviews (Told) within the person's services, the newest first. Two statements."""
    rows = db.session.execute(_reviews(actor, wanted).limit(size).offset((page - 1) * size)).all()
    if not rows and page > 1:
        return story(actor=actor, wanted=wanted, size=size)
    stories = _stories(actor, [row.PlanReview.id for row in rows])
    told = [
        Told(
            row.PlanReview,
            row.plan,
            row.plan_reference,
            row.service,
            row.by,
            record_of(Content.read(row.content), row.PlanReview.cadence),
            stories[row.PlanReview.id],
        )
        for row in rows
    ]
    return Page(told, page, rows[0].total_rows if rows else 0, size)


def _reviews(actor: Actor, wanted: StoryFilter) -> Select:
    plan, review = RecoveryPlan, PlanReview
    statement = (
        select(
            review,
            plan.title.label("plan"),
            plan.reference.label("plan_reference"),
            plan.content.label("content"),
            Service.name.label("service"),
            Membership.name.label("by"),
            func.count().over().label("total_rows"),
        )
        .join(plan, (plan.org_id == review.org_id) & (plan.id == review.plan_id))
        .join(Service, (Service.org_id == plan.org_id) & (Service.id == plan.service_id))
        .join(Membership, (Membership.org_id == review.org_id) & (Membership.id == review.by_id))
        .where(review.org_id == actor.org_id, within(actor, plan.service_id))
        .order_by(review.period_end.desc(), review.id.desc())
    )
    for column, value in (
        (review.plan_id, wanted.plan_id),
        (plan.service_id, wanted.service_id),
        (plan.domain, wanted.domain),
        (review.cadence, wanted.cadence),
    ):
        if value:
            statement = statement.where(column == value)
    return statement


def _stories(actor: Actor, review_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    if review_ids:
        rows = db.session.execute(
            select(PlanReviewStory, Indicator.name, Indicator.reference)
            .join(
                Indicator,
                (Indicator.org_id == PlanReviewStory.org_id)
                & (Indicator.id == PlanReviewStory.indicator_id),
            )
            .where(
                PlanReviewStory.org_id == actor.org_id,
                PlanReviewStory.plan_review_id.in_(review_ids),
            )
            .order_by(Indicator.name)
        )
        for row in rows:
            found[row.PlanReviewStory.plan_review_id].append(row)
    return found

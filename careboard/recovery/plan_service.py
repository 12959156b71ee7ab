"""Opening, changing and closing recovery plans.

Source: steps S1-1.1, S1-2.1 and S1-3.1; DESIGN section 3, recovery plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard import audit
from careboard.actions.service import owner_for
from careboard.db import db, load, lock
from careboard.errors import Conflict, Invalid, NotFound
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.recovery import service as indicators
from careboard.recovery.measures import MEASURES
from careboard.recovery.models import Indicator, IndicatorTarget
from careboard.recovery.plan_content import Content, IndicatorSpec
from careboard.recovery.plan_models import PlanIndicator, RecoveryPlan
from careboard.recovery.plan_start import starts
from careboard.recovery.response_models import Response
from careboard.recovery.response_open import refuse_unanswered
from careboard.references import next_reference
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS

MOST_WEEKS = 104
AHEAD_DAYS = 31
LONGEST = {"title": 200, "baseline_issue": 2_000, "improvement": 2_000}
MOVED_ON = "Someone changed this plan while you were writing. It is shown as it is now."
NO_GOAL = "Mark at least one indicator as the measurable improvement, and give it a target."


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator of the plan as chosen. `baseline` None: nobody knows."""

    spec: IndicatorSpec
    baseline: float | None
    target: float | None
    goal: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What a plan says beside its indicators."""

    title: str
    domain: str
    baseline_issue: str
    improvement: str
    horizon_weeks: int
    started_on: date
    lead_id: UUID


def open_plan(
    *,
    actor: Actor,
    service_id: UUID,
    facts: Facts,
    lines: Sequence[Line],
    content: Content | None = None,
    template: tuple[str, int | None] = ("", None),
) -> UUID:
    """Open a plan at a service with its indicators; returns its id.

    Indicators that the service has already are taken as they are; the others are opened, computed
    from records where those can tell, with the plan's baseline and target. `template` is the code
    and version that it was made from. Raises Invalid (a field of `Facts`, or `lines`), NotFound,
    Forbidden.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.MANAGE_RECOVERY, service_id)
    _check(actor, service_id, facts)
    if not any(line.goal and line.target is not None for line in lines):
        raise Invalid(NO_GOAL, "lines")
    plan = RecoveryPlan(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "PLN"),
        service_id=service_id,
        domain=facts.domain,
        title=facts.title.strip(),
        baseline_issue=facts.baseline_issue.strip(),
        improvement=facts.improvement.strip(),
        horizon_weeks=facts.horizon_weeks,
        started_on=facts.started_on,
        lead_id=facts.lead_id,
        template_code=template[0],
        template_version=template[1],
        content=(content or Content()).stored(),
        status="open",
        opened_by_id=actor.membership_id,
    )
    db.session.add(plan)
    db.session.flush()
    add_lines(actor, plan, lines)
    state = _state(plan, _lines(plan))
    audit.record(actor=actor, tag="plan:opened", subject_id=plan.id, after=state)
    return plan.id


def add_lines(actor: Actor, plan: RecoveryPlan, lines: Sequence[Line]) -> None:
    """Put indicators into a plan after those it has; one that is in it already is refused."""
    have = {line.indicator_id: line.place for line in _lines(plan)}
    keys = [line.spec.key for line in lines]
    if len(keys) != len(set(keys)):
        raise Invalid("An indicator is in a plan once.", "lines")
    begun = starts(
        actor=actor,
        service_id=plan.service_id,
        specs=[line.spec for line in lines],
        on=min(plan.started_on, actor.today),
    )
    place = max(have.values(), default=-1)
    for line, start in zip(lines, begun, strict=True):
        _check_line(line)
        known = start.baseline
        same = known is not None and line.baseline is not None
        same = same and abs(known.value - line.baseline) < 1e-9
        on = None if line.baseline is None else known.on if same else plan.started_on
        indicator_id = start.indicator_id or _open(actor, plan, line, start.computed, on)
        if indicator_id in have:
            raise Invalid(f"{line.spec.title} is in the plan already.", "lines")
        place += 1
        have[indicator_id] = place
        _set_target(actor, plan, indicator_id, line)
        db.session.add(
            PlanIndicator(
                org_id=actor.org_id,
                plan_id=plan.id,
                indicator_id=indicator_id,
                place=place,
                is_goal=line.goal,
                baseline_value=line.baseline,
                baseline_on=on,
                target=line.target,
            )
        )
    db.session.flush()


def _open(actor: Actor, plan: RecoveryPlan, line: Line, computed: bool, on: date | None) -> UUID:
    """Open the indicator that the service lacks."""
    spec, measure = line.spec, MEASURES.get(line.spec.measure)
    shape = indicators.Shape(
        name=spec.title,
        domain=spec.domain or (measure.domain if measure else plan.domain),
        unit=spec.shown_unit,
        good=spec.better,
        measure=spec.measure,
        computed=computed,
        baseline_value=line.baseline,
        baseline_on=on,
        review_owner_id=plan.lead_id,
        source="" if not computed else "Computed from imported records",
        numerator_name=measure.numerator if measure else "",
        denominator_name=measure.denominator if measure else "",
    )
    return indicators.open_indicator(actor=actor, service_id=plan.service_id, shape=shape)


def _set_target(actor: Actor, plan: RecoveryPlan, indicator_id: UUID, line: Line) -> None:
    """Give an indicator without any target that of the plan, from its start to its horizon."""
    held = select(IndicatorTarget.id).where(
        IndicatorTarget.org_id == actor.org_id, IndicatorTarget.indicator_id == indicator_id
    )
    if line.target is None or db.session.scalar(held.limit(1)) is not None:
        return
    indicators.set_target(
        actor=actor,
        indicator_id=indicator_id,
        value=line.target,
        effective_from=plan.started_on,
        due_on=plan.started_on + timedelta(weeks=plan.horizon_weeks),
        reason=f"Recovery plan {plan.reference}",
    )


def change_plan(
    *,
    actor: Actor,
    plan_id: UUID,
    facts: Facts,
    lines: dict[UUID, Line | None],
    added: Sequence[Line] = (),
    content: Content | None = None,
    lock_version: int | None = None,
) -> None:
    """Change an open plan. `lines` by the id of the indicator: None takes it out of the plan; those
    not named stay. The indicators themselves, with their readings and targets, stay as they are.

    Raises Invalid (a field of `Facts`, or `lines`), Conflict, NotFound, Forbidden.
    """
    plan = hold(actor, plan_id, lock_version)
    _check(actor, plan.service_id, facts)
    before = _state(plan, _lines(plan))
    for name in (
        *("title", "domain", "baseline_issue", "improvement"),
        *("horizon_weeks", "started_on", "lead_id"),
    ):
        value = getattr(facts, name)
        setattr(plan, name, value.strip() if isinstance(value, str) else value)
    if content is not None:
        plan.content = content.stored()
    have = {line.indicator_id: line for line in _lines(plan)}
    if set(lines) - set(have):
        raise NotFound()
    for indicator_id, line in lines.items():
        _change_line(plan, have[indicator_id], line)
    db.session.flush()
    add_lines(actor, plan, added)
    now = _lines(plan)
    if not any(line.is_goal for line in now):
        raise Invalid(NO_GOAL, "lines")
    audit.record(
        actor=actor,
        tag="plan:changed",
        subject_id=plan.id,
        before=before,
        after=_state(plan, now),
    )


def _change_line(plan: RecoveryPlan, row: PlanIndicator, line: Line | None) -> None:
    if line is None:
        db.session.delete(row)
        return
    _check_line(line)
    if line.baseline != row.baseline_value:
        row.baseline_value = line.baseline
        row.baseline_on = None if line.baseline is None else plan.started_on
    row.target, row.is_goal = line.target, line.goal


def close_plan(
    *, actor: Actor, plan_id: UUID, reason: str, lock_version: int | None = None
) -> None:
    """Close a plan with the reason. Raises Invalid (reason), Conflict, NotFound, Forbidden."""
    plan = hold(actor, plan_id, lock_version)
    if not reason.strip():
        raise Invalid("Say why the plan is closed, and what shows it.", "reason")
    refuse_personal_data(reason, "reason")
    refuse_unanswered(Response.org_id == actor.org_id, Response.plan_id == plan.id, field="reason")
    if plan.started_on > actor.today:
        plan.started_on = actor.today
    plan.status, plan.closed_on = "closed", actor.today
    plan.closed_by_id, plan.close_reason = actor.membership_id, reason.strip()
    db.session.flush()
    audit.record(
        actor=actor,
        tag="plan:closed",
        subject_id=plan.id,
        before={"status": "open"},
        after={"status": "closed", "closed_on": plan.closed_on},
    )


def hold(actor: Actor, plan_id: UUID, lock_version: int | None) -> RecoveryPlan:
    """The open plan, held until the transaction ends, for someone who manages recovery there."""
    plan = lock(RecoveryPlan, actor.org_id, plan_id)
    actor.require(Permission.MANAGE_RECOVERY, plan.service_id)
    if lock_version is not None and lock_version != plan.lock_version:
        raise Conflict(MOVED_ON)
    if plan.status != "open":
        raise Conflict("This plan has been closed.")
    return plan


def _check(actor: Actor, service_id: UUID, facts: Facts) -> None:
    for name, words in (
        ("title", "Give the plan a name."),
        ("baseline_issue", "Say what is wrong."),
        ("improvement", "Say what is to improve, measurably."),
    ):
        text = getattr(facts, name)
        if not text.strip():
            raise Invalid(words, name)
        if len(text) > LONGEST[name]:
            raise Invalid(f"Say it in at most {LONGEST[name]:,} characters.", name)
        refuse_personal_data(text, name)
    if facts.domain not in DOMAINS:
        raise Invalid("Choose a domain.", "domain")
    if not 1 <= facts.horizon_weeks <= MOST_WEEKS:
        raise Invalid(f"Give from 1 to {MOST_WEEKS} weeks.", "horizon_weeks")
    if facts.started_on > actor.today + timedelta(days=AHEAD_DAYS):
        raise Invalid(f"A plan begins within {AHEAD_DAYS} days.", "started_on")
    try:
        owner_for(actor, service_id, facts.lead_id)
    except Invalid as error:
        raise Invalid(error.message, "lead_id") from error


def _check_line(line: Line) -> None:
    if line.goal and line.target is None:
        raise Invalid(f"Give {line.spec.title} a target.", "lines")
    percent = line.spec.shown_unit == "percent"
    for number in (line.baseline, line.target):
        if number is not None and (number < 0 or number > (100 if percent else 1e9)):
            raise Invalid(f"{line.spec.title}: that value cannot be.", "lines")


def _lines(plan: RecoveryPlan) -> list[PlanIndicator]:
    statement = (
        select(PlanIndicator)
        .where(PlanIndicator.org_id == plan.org_id, PlanIndicator.plan_id == plan.id)
        .order_by(PlanIndicator.place)
    )
    return list(db.session.scalars(statement))


def spec_of(indicator: Indicator) -> IndicatorSpec:
    """The indicator as a plan or a template tells it."""
    if indicator.measure in MEASURES:
        return IndicatorSpec(measure=indicator.measure)
    return IndicatorSpec(
        name=indicator.name, domain=indicator.domain, unit=indicator.unit, good=indicator.good
    )


def _state(plan: RecoveryPlan, lines: Sequence[PlanIndicator]) -> dict[str, Any]:
    return {
        "service": plan.service_id,
        "domain": plan.domain,
        "horizon_weeks": plan.horizon_weeks,
        "started_on": plan.started_on,
        "lead": plan.lead_id,
        "indicators": {
            str(line.indicator_id): [line.baseline_value, line.target, line.is_goal]
            for line in lines
        },
    }

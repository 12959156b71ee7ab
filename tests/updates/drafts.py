"""A commissioner's concern about Alder House that is tracked, and what its updates are drafted
from: cora answers for it, bob manages."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import update

from careboard import clock
from careboard.actions.models import Action
from careboard.assurance.models import Claim, Validation
from careboard.db import db
from careboard.evidence.models import Evidence, EvidenceLink, EvidenceRevision
from careboard.packs.content import Content, Section, from_json
from careboard.records.models import Concern
from careboard.recovery.models import Indicator, IndicatorTarget, Reading
from careboard.recovery.plan_models import PlanIndicator, RecoveryPlan
from careboard.risks.models import Risk
from careboard.tenancy import acting_for
from careboard.updates import fortnights, schedules
from careboard.updates.models import TrackedConcern, UpdateSchedule
from tests.reminders.duty_making import add
from tests.worlds import World

ANCHOR = date(2026, 11, 20)  # a Friday, and the day on which the tests' calendar stands
FORTNIGHT = timedelta(days=14)
RAISED = date(2026, 11, 3)
_FOUND = ("outcome", "unsupported", "validated_by_id", "validated_on")
_numbers = itertools.count(1)


def tracked(world: World, slug: str = "alder", **values) -> UUID:
    """A concern on the external assurance tracker."""
    where = (
        world.service_id("Alder House")
        if slug == "alder"
        else world.service_id("Birch House", slug)
    )
    concern = add(
        Concern,
        slug,
        kind="commissioner_query",
        service_id=where,
        domain="staffing",
        occurred_on=RAISED,
        theme="Late visits",
        text="What Mrs Edith Marlow's daughter told the council",
        source_key=f"CQ-{next(_numbers)}",
    )
    facts = {
        "reference": f"EAT-{next(_numbers):04d}",
        "concern_id": concern,
        "service_id": where,
        "theme": "Late visits",
        "required_assurance": "Visits start within thirty minutes of their time.",
        "due_on": date(2026, 12, 31),
        "lead_id": world.member_id("cora" if slug == "alder" else "charlie"),
        "manager_id": world.member_id("bob" if slug == "alder" else "charlie"),
        **values,
    }
    return add(TrackedConcern, slug, **facts)


def scheduled(world: World, anchor: date = ANCHOR, slug: str = "alder", **values) -> UUID:
    """A tracked concern whose updates run; returns the schedule's id."""
    by = world.member_id("cora" if slug == "alder" else "charlie")
    return add(
        UpdateSchedule,
        slug,
        tracked_id=tracked(world, slug, **values),
        anchor_on=anchor,
        started_by_id=by,
        status="running",
    )


def at_nine(monkeypatch, day: date):
    """The calendar says that day from now on; the instant of its nine o'clock."""
    monkeypatch.setattr(clock, "_frozen", day)
    return fortnights.instant(day, "Europe/London")


def drafted(day: date = ANCHOR, slug: str = "alder") -> schedules.Made:
    """The worker's round of that day, at nine."""
    with acting_for(slug) as actor:
        made = schedules.catch_up(actor=actor, present=fortnights.instant(day, "Europe/London"))
        db.session.commit()
    return made


def updates(world: World) -> list:
    """All updates of Alder in their order."""
    return world.sql("SELECT * FROM recovery_update ORDER BY schedule_id, number")


def said(world: World) -> Content:
    """What the only update that was drafted says."""
    (row,) = [row for row in updates(world) if row.content is not None]
    return from_json(row.content)


def section(content: Content, code: str) -> Section:
    (found,) = [one for one in content.sections if one.code == code]
    return found


def indicator(world: World, *readings: tuple[date, float, float], **values) -> UUID:
    """Visits on time at Alder House: (Sunday on which a week ends, on time, of how many)."""
    facts = {
        "reference": f"IND-{next(_numbers):04d}",
        "service_id": world.service_id("Alder House"),
        "measure": f"visits on time {next(_numbers)}",
        "name": "Visits on time",
        "domain": "staffing",
        "unit": "percent",
        "good": "up",
        "baseline_value": 71,
        "baseline_on": date(2026, 10, 4),
        "cadence": "week",
        "numerator_name": "visits on time",
        "denominator_name": "visits",
        "created_at": clock.utc_now() - timedelta(days=200),
        **values,
    }
    indicator_id = add(Indicator, **facts)
    add(
        IndicatorTarget,
        indicator_id=indicator_id,
        value=95,
        effective_from=date(2026, 10, 1),
        set_by_id=world.member_id("bob"),
    )
    for sunday, part, whole in readings:
        add(
            Reading,
            indicator_id=indicator_id,
            period_start=sunday - timedelta(days=6),
            period_end=sunday,
            value=100 * part / whole if facts["unit"] == "percent" else part,
            numerator=part if facts["unit"] == "percent" else None,
            denominator=whole if facts["unit"] == "percent" else None,
            source_key=f"R-{next(_numbers)}",
            entered_by_id=world.member_id("bob"),
        )
    return indicator_id


def plan(world: World, indicator_id: UUID) -> UUID:
    """A recovery plan of Alder House since October that rests on this indicator."""
    plan_id = add(
        RecoveryPlan,
        reference=f"PLN-{next(_numbers):04d}",
        service_id=world.service_id("Alder House"),
        domain="staffing",
        title="Visits on time",
        baseline_issue="A third late",
        improvement="95% on time",
        horizon_weeks=8,
        started_on=date(2026, 10, 5),
        lead_id=world.member_id("bob"),
    )
    add(
        PlanIndicator, plan_id=plan_id, indicator_id=indicator_id, place=1, is_goal=True,
        target=95, baseline_value=68, baseline_on=date(2026, 10, 4),
    )  # fmt: skip
    return plan_id


def claim(world: World, *evidences: UUID, **values) -> UUID:
    """A claim of bob's on staffing that rests on these, which vera found proven on 18 November."""
    facts = {
        "reference": f"CLM-{next(_numbers):04d}",
        "kind": "claim",
        "domain": "staffing",
        "service_id": world.service_id("Alder House"),
        "statement": "Visits are on time again",
        "period_from": date(2026, 11, 2),
        "period_to": date(2026, 11, 15),
        "status": "validated",
        "submitted_by_id": world.member_id("bob"),
        "submitted_on": date(2026, 11, 16),
        "outcome": "proves",
        "validated_by_id": world.member_id("vera"),
        "validated_on": date(2026, 11, 18),
        "unsupported": False,
        **values,
    }
    found = {name: facts.pop(name) for name in ("status", *_FOUND)}
    claim_id = add(Claim, **facts, status="submitted" if facts["submitted_on"] else "draft")
    for evidence_id in evidences:
        add(EvidenceLink, evidence_id=evidence_id, claim_id=claim_id)
    if found["status"] == "validated":
        add(
            Validation,
            claim_id=claim_id,
            submitted_by_id=facts["submitted_by_id"],
            relevant="yes",
            is_current="yes",
            sufficient="yes",
            findings="Ten rotas read against the call logs.",
            sampled=10,
            matched=5 if found["unsupported"] else 10,
            started_on=found["validated_on"],
            completed_on=found["validated_on"],
            **{name: found[name] for name in ("outcome", "unsupported", "validated_by_id")},
        )
        with acting_for("alder"):
            db.session.execute(update(Claim).where(Claim.id == claim_id).values(**found))
            db.session.commit()
    return claim_id


def evidence(world: World, **values) -> UUID:
    """Rota sheets, accepted by vera."""
    facts = {
        "reference": f"EV-{next(_numbers):04d}",
        "title": "Rota sheets of November",
        "kind": "care_records",
        "service_id": world.service_id("Alder House"),
        "valid_until": date(2027, 3, 1),
        "status": "accepted",
        "submitted_by_id": world.member_id("bob"),
        "decided_by_id": world.member_id("vera"),
        "decided_on": date(2026, 11, 17),
        **values,
    }
    if facts["status"] not in ("accepted", "change_requested"):
        facts |= {"decided_by_id": None, "decided_on": None}
    evidence_id = add(Evidence, **facts)
    add(
        EvidenceRevision,
        evidence_id=evidence_id,
        number=1,
        source_link="https://care.example/rota/1",
        sha256="a" * 64,
    )
    return evidence_id


def action(world: World, **values) -> UUID:
    """An action of bob's, under way."""
    due = values.get("due_on", date(2026, 12, 1))
    facts = {
        "reference": f"ACT-{next(_numbers):04d}",
        "service_id": world.service_id("Alder House"),
        "domain": "staffing",
        "title": "A second rota for the mornings",
        "outcome_measure": "Visits on time",
        "baseline": "71%",
        "evidence_required": "Rotas",
        "owner_id": world.member_id("bob"),
        "due_on": due,
        "original_due_on": due,
        "status": "in_progress",
        "created_by_id": world.member_id("alice"),
        **values,
    }
    return add(Action, **facts)


def risk(world: World, **values) -> UUID:
    facts = {
        "reference": f"RSK-{next(_numbers):04d}",
        "service_id": world.service_id("Alder House"),
        "domain": "staffing",
        "original_cause": "Mr Harold Finch was left waiting",
        "rating": "high",
        "rated_on": date(2026, 11, 10),
        "opened_on": date(2026, 11, 1),
        **values,
    }
    return add(Risk, **facts)

"""Rows that the tests of the board, the risks and the figures put into Alder."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from careboard.actions.models import Action
from careboard.assurance.models import Claim, Validation
from careboard.db import db, new_id
from careboard.evidence.models import Evidence, EvidenceLink, EvidenceRevision
from careboard.records.models import Audit, AuditConcern, Concern
from careboard.recovery.models import Indicator
from careboard.recovery.response_models import Response
from careboard.risks import service as risks
from careboard.risks.service import Basis
from careboard.rules.models import Trigger
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.updates.models import RecoveryUpdate, TrackedConcern, UpdateSchedule

TODAY = date(2026, 11, 20)
_numbers = iter(range(1, 1_000_000))


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def add(actor: Actor, model, **values):
    row = model(org_id=actor.org_id, id=new_id(), **values)
    db.session.add(row)
    db.session.flush()
    return row


def add_service(actor: Actor, name: str, **values) -> Service:
    key = f"1-9{next(_numbers):09d}"
    return add(actor, Service, name=name, source_key=key, kind=values.pop("kind", "home"), **values)


def add_concern(actor: Actor, service_id: UUID, **values) -> AuditConcern:
    facts = {
        "theme": "medicines",
        "domain": "medicines",
        "raised_on": days_ago(20),
        "text": "Gaps in the MAR charts",
        "severity": "amber",
        "status": "open",
        "source_key": f"AC-{next(_numbers):04d}",
    }
    return add(actor, AuditConcern, service_id=service_id, **(facts | values))


def add_action(actor: Actor, service_id: UUID, **values) -> Action:
    facts = {
        "reference": f"ACT-T{next(_numbers):04d}",
        "domain": "medicines",
        "title": "Re-train and re-audit",
        "outcome_measure": "95% of charts complete",
        "baseline": "81%",
        "evidence_required": "Re-audit",
        "owner_id": actor.membership_id,
        "due_on": TODAY + timedelta(days=9),
        "status": "open",
        "updated_on": days_ago(3),
    }
    return add(actor, Action, service_id=service_id, **(facts | values))


def add_audits(actor: Actor, service_id: UUID, *scores: int, domain: str = "medicines") -> None:
    """One audit a month, the last score in October 2026."""
    for back, score in enumerate(reversed(scores)):
        add(
            actor,
            Audit,
            service_id=service_id,
            theme=domain,
            domain=domain,
            cycle=f"cycle {back}",
            completed_on=date(2026, 10 - back, 12),
            score=score * 100,
            max_score=10000,
            rag="green",
        )


def add_records(actor: Actor, service_id: UUID, kind: str, month: int, count: int, **values):
    for _ in range(count):
        add(
            actor,
            Concern,
            kind=kind,
            service_id=service_id,
            domain="safeguarding",
            occurred_on=date(2026, month, 5),
            source_key=f"C-{next(_numbers)}",
            **values,
        )


def add_evidence(actor: Actor, service_id: UUID, **values) -> Evidence:
    facts = {
        "reference": f"EV-T{next(_numbers):04d}",
        "title": "October medicines audit",
        "kind": "audits",
        "valid_until": TODAY + timedelta(days=30),
        "status": "submitted",
        "submitted_by_id": actor.membership_id,
    }
    row = add(actor, Evidence, service_id=service_id, **(facts | values))
    add(actor, EvidenceRevision, evidence_id=row.id, number=1, source_link="Q-12", sha256="0" * 64)
    return row


def add_risk(actor: Actor, service_id: UUID, domain: str = "medicines", **values) -> UUID:
    """A risk rated today through the service; `evidence` are the items that it cites."""
    items = [item.id for item in values.pop("evidence", [])]
    return risks.open_risk(
        actor=actor,
        service_id=service_id,
        domain=domain,
        original_cause=values.pop("original_cause", "Two seniors left in June"),
        rating=values.pop("rating", "high"),
        rationale=values.pop("rationale", "Three audits below 80%"),
        basis=Basis(existing=items, none_yet=not items),
        **values,
    )


def attach(actor: Actor, item: Evidence, **target) -> None:
    add(actor, EvidenceLink, evidence_id=item.id, **target)


def add_decline(actor: Actor, service_id: UUID, **values) -> Response:
    """A decline of an indicator of its own that nobody has answered."""
    number = next(_numbers)
    indicator = add(
        actor, Indicator, service_id=service_id, reference=f"IND-T{number:04d}",
        measure=f"falls {number}", name="Falls at night", domain="safety", unit="count",
        good="down", cadence="week",
    )  # fmt: skip
    facts = {
        "reference": f"RSP-T{number:04d}",
        "domain": "safety",
        "fired_on": days_ago(3),
        "rule": "falling_compliance",
        "rule_version": 1,
        "rows": [],
        "sentence": "Red since 15 Nov 2026.",
    }
    return add(
        actor, Response, service_id=service_id, indicator_id=indicator.id, **(facts | values)
    )


def add_trigger(actor: Actor, service_id: UUID) -> Trigger:
    """A suggestion of enhanced monitoring on which nobody has decided."""
    number = next(_numbers)
    return add(
        actor, Trigger, service_id=service_id, reference=f"TRG-T{number:04d}", key=str(number),
        rule_code="safeguarding_repeated", rule_version=1, parameters={}, rows=[],
        fired_on=days_ago(3), sentence="3 concerns in 61 days", suggests=True,
        decide_by=days_ago(-4),
    )  # fmt: skip


def add_missed_update(actor: Actor, service_id: UUID) -> RecoveryUpdate:
    """A fortnight of a tracked concern that passed without an update."""
    number, member = next(_numbers), actor.membership_id
    query = add(
        actor, Concern, kind="commissioner_query", service_id=service_id, domain="records",
        occurred_on=days_ago(60), theme="Late visits", status="open",
    )  # fmt: skip
    tracked = add(
        actor, TrackedConcern, reference=f"EAT-T{number:04d}", concern_id=query.id,
        service_id=service_id, theme="Late visits", required_assurance="Visits in time",
        due_on=TODAY, lead_id=member, manager_id=member,
    )  # fmt: skip
    schedule = add(
        actor, UpdateSchedule, tracked_id=tracked.id, anchor_on=days_ago(20), started_by_id=member
    )
    return add(
        actor, RecoveryUpdate, reference=f"RUP-T{number:04d}", schedule_id=schedule.id, number=1,
        due_on=days_ago(20), status="missed",
    )  # fmt: skip


def add_claim(actor: Actor, service_id: UUID, **values) -> Claim:
    """A claim that waits; `validated` days ago it was found unsupported, if given."""
    days = values.pop("validated", None)
    facts = {
        "reference": f"CLM-T{next(_numbers):04d}",
        "kind": "claim",
        "domain": "medicines",
        "statement": "Medicines recording has improved",
        "period_from": days_ago(50),
        "period_to": days_ago(20),
        "status": "submitted",
        "submitted_by_id": actor.membership_id,
        "submitted_on": days_ago(12),
    }
    claim = add(actor, Claim, service_id=service_id, **(facts | values))
    if days is not None:
        add(
            actor, Validation, claim_id=claim.id, submitted_by_id=claim.submitted_by_id,
            validated_by_id=actor.membership_id, same_person_reason="A test",
            relevant="yes", is_current="yes", sufficient="yes", findings="Two gaps",
            outcome="proves", sampled=10, matched=8, unsupported=True, started_on=days_ago(days),
            completed_on=days_ago(days),
        )  # fmt: skip
        claim.status, claim.outcome, claim.unsupported = "validated", "proves", True
        claim.validated_by_id, claim.validated_on = actor.membership_id, days_ago(days)
        db.session.flush()
    return claim

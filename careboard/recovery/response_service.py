"""Answering a decline: on the risk register, by the provider, by an audit, by revised controls, or
with the reasons why nothing is needed.

Source: S1 ("this may include risk register escalation, provider oversight, additional audits or
revised operational controls"); DESIGN section 1, promises 2 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard import audit, clock, separation
from careboard.actions.service import create_action, owner_for
from careboard.db import db, load, lock
from careboard.errors import Conflict, Invalid
from careboard.evidence.models import EvidenceLink
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.recovery.models import Indicator
from careboard.recovery.plan_models import PlanIndicator, RecoveryPlan
from careboard.recovery.response_models import KINDS, Response
from careboard.risks import basis as bases
from careboard.risks import service as risks
from careboard.risks.models import Risk
from careboard.tenancy import Actor
from careboard.vocabulary import RATINGS

KIND_WORDS = {
    "risk_register": "Risk register escalation",
    "provider_oversight": "Provider oversight",
    "additional_audit": "Additional audit",
    "revised_controls": "Revised operational controls",
    "none": "No response needed",
}
ACTIONS = ("additional_audit", "revised_controls")
# What the action's work is shown by, unless the person says it in other words.
EVIDENCE = {
    "additional_audit": "The audit's report with its findings.",
    "revised_controls": "The revised procedure, and a check that practice follows it.",
}
MOST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided. Owner and day for every kind but `none`.

    `rating` is of the risk register: the first one of a risk that is opened, or the higher one of
    the risk that is there; None: it stands as it is. The texts are of the action that an audit or
    revised controls are; those left empty follow from the decline.
    """

    kind: str
    reason: str
    owner_id: UUID | None = None
    due_on: date | None = None
    rating: str | None = None
    title: str = ""
    outcome_measure: str = ""
    baseline: str = ""
    evidence_required: str = ""
    same_person_reason: str = ""


def answer(*, actor: Actor, response_id: UUID, decision: Decision) -> None:
    """Answer a decline, once.

    Who manages recovery there answers it; that nothing is needed is found by who runs governance
    reviews, and by another person than the one who answers for the indicator. Raises Invalid
    (kind, reason, owner_id, due_on, rating, same_person_reason, or a field of the action),
    Conflict, NotFound, Forbidden.
    """
    response = lock(Response, actor.org_id, response_id)
    actor.require(Permission.MANAGE_RECOVERY, response.service_id)
    if response.kind is not None or response.status != "open":
        raise Conflict("This has been answered, or is over. It is shown as it is now.")
    if decision.kind not in KINDS:
        raise Invalid("Choose a response.", "kind")
    if not decision.reason.strip():
        raise Invalid("Say why this is the right response.", "reason")
    for field in ("reason", "same_person_reason"):
        refuse_personal_data(getattr(decision, field), field)
    response.asked_id = _asked(actor, response)
    facts = (
        _not_needed(actor, response, decision)
        if decision.kind == "none"
        else _given(actor, response, decision)
    )
    for name, value in facts.items():
        setattr(response, name, value)
    response.kind, response.reason = decision.kind, decision.reason.strip()
    response.status = "not_needed" if decision.kind == "none" else "answered"
    response.decided_by_id, response.decided_at = actor.membership_id, clock.now()
    db.session.flush()
    audit.record(
        actor=actor,
        tag="response:decided",
        subject_id=response.id,
        before={"status": "open"},
        after={
            "status": response.status,
            "kind": response.kind,
            "due": response.due_on,
            "action": response.action_id,
            "risk": response.risk_id,
            "same_person": bool(response.same_person_reason),
        },
    )


def _asked(actor: Actor, response: Response) -> UUID | None:
    """Who answers for it now."""
    if response.indicator_id is not None:
        return load(Indicator, actor.org_id, response.indicator_id).review_owner_id
    return load(RecoveryPlan, actor.org_id, response.plan_id).lead_id


def _not_needed(actor: Actor, response: Response, decision: Decision) -> dict[str, Any]:
    actor.require(Permission.RUN_GOVERNANCE_REVIEW, response.service_id)
    if actor.membership_id != response.asked_id:
        return {}
    reason = decision.same_person_reason.strip()
    separation.check_exception(
        other=separation.somebody_else(
            actor=actor,
            permission=Permission.RUN_GOVERNANCE_REVIEW,
            service_id=response.service_id,
        ),
        reason=reason,
        own="answer for what has declined",
        step="decide that nothing is needed",
    )
    return {"same_person_reason": reason}


def _given(actor: Actor, response: Response, decision: Decision) -> dict[str, Any]:
    if decision.owner_id is None:
        raise Invalid("Choose who carries it out.", "owner_id")
    if decision.due_on is None or decision.due_on < actor.today:
        raise Invalid("Give a day from today on.", "due_on")
    owner = owner_for(actor, response.service_id, decision.owner_id)
    facts: dict[str, Any] = {"owner_id": owner.id, "due_on": decision.due_on}
    if decision.kind == "risk_register":
        facts["risk_id"] = _on_the_register(actor, response, decision)
    elif decision.kind in ACTIONS:
        facts["action_id"] = _open_action(actor, response, decision)
    return facts


def risk_of(*, actor: Actor, response: Response) -> Risk | None:
    """The open risk of its service and domain."""
    return db.session.scalar(
        select(Risk).where(
            Risk.org_id == actor.org_id,
            Risk.service_id == response.service_id,
            Risk.domain == response.domain,
            Risk.status == "open",
        )
    )


def _on_the_register(actor: Actor, response: Response, decision: Decision) -> UUID:
    """Open the risk, raise it, or link it as it stands; returns its id."""
    risk = risk_of(actor=actor, response=response)
    rationale = f"{response.reference}: {response.sentence} {decision.reason.strip()}"
    if risk is None:
        if not actor.may(Permission.RATE_RISK):
            raise Invalid(
                f"No risk is open for {response.domain}, and a governance lead opens one. Choose "
                "provider oversight, so that it stands on their next agenda.",
                "kind",
            )
        if not decision.rating:
            raise Invalid("Choose the rating with which the risk is opened.", "rating")
        return risks.open_risk(
            actor=actor,
            service_id=response.service_id,
            domain=response.domain,
            original_cause=response.sentence,
            rating=decision.rating,
            rationale=rationale,
            basis=bases.Basis(none_yet=True),
        )
    if decision.rating in (None, "", risk.rating):
        return risk.id
    if decision.rating not in RATINGS or risks.decision_of(risk.rating, decision.rating) != "raise":
        raise Invalid("A decline does not lower a rating. Raise it, or leave it.", "rating")
    held = bases.items_in_date(actor, EvidenceLink.rating_review_id == risk.rating_review_id)
    risks.rate(
        actor=actor,
        risk_id=risk.id,
        rating=decision.rating,
        rationale=rationale,
        basis=bases.Basis(existing=held, none_yet=not held),
    )
    return risk.id


def _open_action(actor: Actor, response: Response, decision: Decision) -> UUID:
    name = subject_name(actor=actor, response=response)
    words = suggested(response, name)
    return create_action(
        actor=actor,
        service_id=response.service_id,
        title=(decision.title.strip() or f"{KIND_WORDS[decision.kind]}: {name}")[:MOST_TITLE],
        domain=response.domain,
        owner_id=decision.owner_id,
        due_on=decision.due_on,
        outcome_measure=decision.outcome_measure.strip() or words["outcome_measure"],
        baseline=decision.baseline.strip() or words["baseline"],
        evidence_required=decision.evidence_required.strip() or EVIDENCE[decision.kind],
        plan_id=response.plan_id or _plan_of(actor, response.indicator_id),
    )


def suggested(response: Response, name: str) -> dict[str, str]:
    """How an action that answers it is measured, unless the person says it in other words."""
    return {
        "outcome_measure": f"“{name}” no longer fires the rule: {response.reference} is closed.",
        "baseline": response.sentence,
    }


def subject_name(*, actor: Actor, response: Response) -> str:
    """The name of the indicator or plan that it is about."""
    if response.indicator_id is not None:
        return load(Indicator, actor.org_id, response.indicator_id).name
    return load(RecoveryPlan, actor.org_id, response.plan_id).title


def _plan_of(actor: Actor, indicator_id: UUID | None) -> UUID | None:
    """The newest open plan that the indicator is part of."""
    return db.session.scalar(
        select(RecoveryPlan.id)
        .join(
            PlanIndicator,
            (PlanIndicator.org_id == RecoveryPlan.org_id)
            & (PlanIndicator.plan_id == RecoveryPlan.id),
        )
        .where(
            RecoveryPlan.org_id == actor.org_id,
            RecoveryPlan.status == "open",
            PlanIndicator.indicator_id == indicator_id,
        )
        .order_by(RecoveryPlan.started_on.desc(), RecoveryPlan.id.desc())
        .limit(1)
    )

"""Where evidence must stay as it is, because something was decided on it.

Source: DESIGN section 4, evidence.
"""

from __future__ import annotations

from sqlalchemy import select

from careboard.actions.models import Action
from careboard.assurance.models import Claim, Validation
from careboard.db import db, lock
from careboard.errors import Invalid
from careboard.evidence.targets import Target
from careboard.recovery.plan_models import RecoveryPlan
from careboard.risks.models import RatingDispute
from careboard.tenancy import Actor


def refuse_less(actor: Actor, target: Target) -> None:
    """Raise Invalid where evidence cannot be taken off the target any more."""
    if target.column == "rating_review_id":
        raise Invalid("A rating was decided on this evidence, so it stays attached.")
    if target.column == "dispute_id":
        raise Invalid("A rating was disputed on this evidence, so it stays attached.")
    if target.column == "action_id":
        action = lock(Action, actor.org_id, target.id)
        if action.status == "verified":
            raise Invalid(
                f"{action.reference} was verified on this evidence, so it stays attached."
            )
    if target.column == "plan_id":
        plan = lock(RecoveryPlan, actor.org_id, target.id)
        if plan.status == "closed":
            raise Invalid(f"{plan.reference} was closed on this evidence, so it stays attached.")
    if target.column == "claim_id":
        claim = lock(Claim, actor.org_id, target.id)
        if claim.status == "validated":
            raise Invalid(
                f"{claim.reference} was validated on this evidence, so it stays attached."
            )
        _refuse_meanwhile(actor, claim)


def refuse_other(actor: Actor, target: Target) -> None:
    """Raise Invalid (file) where the evidence itself must stay what somebody validated."""
    if target.column == "claim_id":
        claim = lock(Claim, actor.org_id, target.id)
        if claim.status == "validated":
            raise Invalid(
                f"{claim.reference} was validated on this as it is. Add new evidence instead.",
                "file",
            )
        _refuse_meanwhile(actor, claim)


def _refuse_meanwhile(actor: Actor, claim: Claim) -> None:
    """What the validator has read does not change under their hands."""
    begun = select(Validation.validated_by_id).where(
        Validation.org_id == actor.org_id, Validation.claim_id == claim.id
    )
    if claim.status == "submitted" and db.session.scalar(begun) is not None:
        raise Invalid(
            f"{claim.reference} is being validated on this. Add new evidence instead.", "file"
        )


def refuse_more(actor: Actor, target: Target) -> None:
    """Raise Invalid (reference) where no evidence can be added to the target any more."""
    if target.column == "dispute_id":
        dispute = lock(RatingDispute, actor.org_id, target.id)
        if dispute.status != "open":
            raise Invalid(f"{dispute.reference} is settled.", "reference")
    if target.column == "plan_id":
        plan = lock(RecoveryPlan, actor.org_id, target.id)
        if plan.status == "closed":
            raise Invalid(f"{plan.reference} is closed.", "reference")
    if target.column == "claim_id":
        claim = lock(Claim, actor.org_id, target.id)
        if claim.status in ("validated", "withdrawn"):
            raise Invalid(f"{claim.reference} is {claim.status}; make a new claim.", "reference")

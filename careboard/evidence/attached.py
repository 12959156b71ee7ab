"""What evidence is attached to, seen from the evidence; and what it may be attached to.

Source: DESIGN section 4, Evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from careboard.actions.models import Action
from careboard.assurance.models import Claim
from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.evidence.models import EvidenceLink
from careboard.evidence.queries import to
from careboard.evidence.targets import MODELS
from careboard.records.models import AuditConcern, Concern
from careboard.recovery.plan_models import RecoveryPlan
from careboard.risks.models import RatingDispute, RatingReview, Risk
from careboard.services.models import Service
from careboard.tenancy import Actor

# The page of each kind of thing: endpoint, and the name of its id there.
PAGES = {
    "action": ("actions.show", "action_id"),
    "audit_concern": ("records.audit_concern", "concern_id"),
    "concern": ("records.concern", "concern_id"),
    "risk": ("risks.show", "risk_id"),
    "rating_review": ("risks.show", "risk_id"),
    "claim": ("assurance.show", "claim_id"),
    "dispute": ("risks.moderate", "dispute_id"),
    "plan": ("recovery.plan", "plan_id"),
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """What an item is attached to: `kind` is a key of `PAGES`.

    `page_id` is the id that its page is opened with (the risk's for a rating review).
    """

    link_id: UUID
    kind: str
    page_id: UUID
    reference: str
    title: str
    settled: bool


def attachments(*, actor: Actor, evidence_id: UUID) -> list[Attachment]:
    """What the item is attached to, within the person's services. One statement."""
    rated = aliased(Risk)
    statement = (
        select(
            EvidenceLink,
            Action,
            AuditConcern,
            Concern,
            Risk,
            RatingReview,
            rated,
            Claim,
            RatingDispute,
            RecoveryPlan,
        )
        .outerjoin(Action, to(Action, EvidenceLink.org_id, EvidenceLink.action_id))
        .outerjoin(
            AuditConcern, to(AuditConcern, EvidenceLink.org_id, EvidenceLink.audit_concern_id)
        )
        .outerjoin(Concern, to(Concern, EvidenceLink.org_id, EvidenceLink.concern_id))
        .outerjoin(Risk, to(Risk, EvidenceLink.org_id, EvidenceLink.risk_id))
        .outerjoin(
            RatingReview, to(RatingReview, EvidenceLink.org_id, EvidenceLink.rating_review_id)
        )
        .outerjoin(RatingDispute, to(RatingDispute, EvidenceLink.org_id, EvidenceLink.dispute_id))
        .outerjoin(
            rated,
            to(
                rated,
                EvidenceLink.org_id,
                func.coalesce(RatingReview.risk_id, RatingDispute.risk_id),
            ),
        )
        .outerjoin(Claim, to(Claim, EvidenceLink.org_id, EvidenceLink.claim_id))
        .outerjoin(RecoveryPlan, to(RecoveryPlan, EvidenceLink.org_id, EvidenceLink.plan_id))
        .where(EvidenceLink.org_id == actor.org_id, EvidenceLink.evidence_id == evidence_id)
        .order_by(EvidenceLink.id)
    )
    return [
        _attachment(*row)
        for row in db.session.execute(statement)
        if actor.reaches(_service_of(*row))
    ]


def _service_of(
    link, action, audit_concern, concern, risk, review, rated, claim, dispute, plan
) -> UUID:
    return (action or audit_concern or concern or risk or rated or claim or plan).service_id


def _attachment(
    link, action, audit_concern, concern, risk, review, rated, claim, dispute, plan
) -> Attachment:
    if action is not None:
        settled = action.status == "verified"
        return Attachment(link.id, "action", action.id, action.reference, action.title, settled)
    if audit_concern is not None:
        row, name = audit_concern, audit_concern.source_key or "Audit concern"
        return Attachment(link.id, "audit_concern", row.id, name, row.text, False)
    if concern is not None:
        name = concern.source_key or concern.kind.replace("_", " ").capitalize()
        return Attachment(link.id, "concern", concern.id, name, concern.theme, False)
    if risk is not None:
        return Attachment(link.id, "risk", risk.id, risk.reference, risk.original_cause, False)
    if claim is not None:
        settled = claim.status == "validated"
        return Attachment(link.id, "claim", claim.id, claim.reference, claim.statement, settled)
    if dispute is not None:
        return Attachment(link.id, "dispute", dispute.id, dispute.reference, dispute.reason, True)
    if plan is not None:
        return Attachment(
            link.id, "plan", plan.id, plan.reference, plan.title, plan.status == "closed"
        )
    title = f"rating {review.decision}: {review.rating_to.replace('_', ' ')}"
    return Attachment(link.id, "rating_review", rated.id, rated.reference, title, True)


def by_reference(*, actor: Actor, reference: str) -> dict[str, UUID] | None:
    """What a person means by ACT-0012, RSK-0003, CLM-0007, PLN-0002 or an audit concern's own reference.

    As the keyword for `service.attach`; None when there is no such thing.
    """
    wanted = reference.strip().upper()
    for column, model, name in (
        ("action_id", Action, Action.reference),
        ("risk_id", Risk, Risk.reference),
        ("claim_id", Claim, Claim.reference),
        ("plan_id", RecoveryPlan, RecoveryPlan.reference),
        ("audit_concern_id", AuditConcern, AuditConcern.source_key),
        ("concern_id", Concern, Concern.source_key),
    ):
        statement = select(model.id).where(model.org_id == actor.org_id, name == wanted)
        found = list(db.session.scalars(statement.limit(2)))
        if len(found) == 1:
            return {column: found[0]}
    return None


@dataclass(frozen=True, slots=True)
class TargetView:
    """What evidence is about to be attached to. `ids` are the keywords of `service.attach`."""

    kind: str
    id: UUID
    label: str
    service_name: str
    ids: dict[str, UUID]


def target_view(*, actor: Actor, **ids: UUID | None) -> TargetView | None:
    """The thing given as action_id, audit_concern_id, concern_id, risk_id, claim_id or plan_id, if any.

    Raises NotFound, or Forbidden beyond the person's services.
    """
    given = {column: row_id for column, row_id in ids.items() if row_id is not None}
    if not given:
        return None
    column, row_id = next(iter(given.items()))
    row = load(MODELS[column], actor.org_id, row_id)
    if not actor.reaches(row.service_id):
        raise Forbidden("This belongs to a service outside your own.")
    label = getattr(row, "reference", None) or row.source_key or row.theme
    name = load(Service, actor.org_id, row.service_id).name
    return TargetView(column.removesuffix("_id"), row_id, label, name, {column: row_id})

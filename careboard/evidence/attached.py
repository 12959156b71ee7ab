"""What evidence is attached to, seen from the evidence; and what it may be attached to.

Source: DESIGN section 4, Evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
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
from careboard.vocabulary import in_words

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


# Of each kind of thing: its reference, what it is, and whether something was decided on it.
_WORDS: dict[str, Callable[[Any], tuple[str, str, bool]]] = {
    "action": lambda row: (row.reference, row.title, row.status == "verified"),
    "audit_concern": lambda row: (row.source_key or "Audit concern", row.text, False),
    "concern": lambda row: (row.source_key or _sentence(row.kind), row.theme, False),
    "risk": lambda row: (row.reference, row.original_cause, False),
    "rating_review": lambda row: (
        "",
        f"rating {row.decision}: {row.rating_to.replace('_', ' ')}",
        True,
    ),
    "claim": lambda row: (row.reference, row.statement, row.status == "validated"),
    "dispute": lambda row: (row.reference, row.reason, True),
    "plan": lambda row: (row.reference, row.title, row.status == "closed"),
}


def attachments(*, actor: Actor, evidence_id: UUID) -> list[Attachment]:
    """What the item is attached to, within the person's services. One statement.

    The draft of a claim is its author's alone.
    """
    rated = aliased(Risk)
    statement = select(EvidenceLink, rated, *MODELS.values()).where(
        EvidenceLink.org_id == actor.org_id, EvidenceLink.evidence_id == evidence_id
    )
    for column, model in MODELS.items():
        there = to(model, EvidenceLink.org_id, getattr(EvidenceLink, column))
        statement = statement.outerjoin(model, there)
    risk_id = func.coalesce(RatingReview.risk_id, RatingDispute.risk_id)
    statement = statement.outerjoin(rated, to(rated, EvidenceLink.org_id, risk_id))
    found = []
    for link, risk, *things in db.session.execute(statement.order_by(EvidenceLink.id)):
        kind, thing = _attached(things)
        hidden = kind == "claim" and thing.status == "draft"
        if hidden and thing.submitted_by_id != actor.membership_id:
            continue
        if actor.reaches((risk or thing).service_id):
            found.append(_attachment(link, kind, thing, risk))
    return found


def _attached(things: list[Any]) -> tuple[str, Any]:
    """The kind and row of the one thing that a link leads to."""
    pairs = zip(MODELS, things, strict=True)
    return next((column.removesuffix("_id"), row) for column, row in pairs if row is not None)


def _attachment(link: EvidenceLink, kind: str, thing: Any, risk: Risk | None) -> Attachment:
    reference, title, settled = _WORDS[kind](thing)
    if kind == "rating_review":
        return Attachment(link.id, kind, risk.id, risk.reference, title, settled)
    return Attachment(link.id, kind, thing.id, reference, title, settled)


def _sentence(code: str) -> str:
    return in_words(code).capitalize()


def by_reference(*, actor: Actor, reference: str) -> dict[str, UUID] | None:
    """What a person means by ACT-0012, RSK-0003, CLM-0007, or a record's own reference.

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
    """The thing given by one of the keywords of `targets.MODELS`, if any.

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

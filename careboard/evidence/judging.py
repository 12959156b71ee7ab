"""Someone else's look at an item of evidence: accepted, rejected, or sent back for a change.

Source: DESIGN section 4, evidence; promise 5 (nobody marks their own homework).
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from careboard import audit
from careboard.db import db, lock
from careboard.errors import Invalid
from careboard.evidence.models import Evidence, EvidenceLink
from careboard.evidence.queries import Item, makers
from careboard.permissions import Permission
from careboard.risks.models import Risk
from careboard.separation import check_exception, somebody_else
from careboard.tenancy import Actor

OUTCOMES = ("accepted", "rejected", "change_requested")
_OPEN = ("submitted", "in_review", "change_requested")


def may_judge(*, actor: Actor, item: Item) -> bool:
    """Whether the person may decide on the item as it stands."""
    return (
        item.status in _OPEN
        and actor.may(Permission.VALIDATE_EVIDENCE)
        and actor.reaches(item.service_id)
    )


def somebody_else_for(
    *, actor: Actor, service_id: UUID | None, makers: Collection[UUID]
) -> str | None:
    """The name of someone else who could decide on evidence of those; None when there is nobody."""
    return somebody_else(
        actor=actor,
        permission=Permission.VALIDATE_EVIDENCE,
        service_id=service_id,
        involved=makers,
    )


def judge(
    *, actor: Actor, evidence_id: UUID, outcome: str, note: str, same_person_reason: str = ""
) -> None:
    """Decide on an item of evidence, with what was found; by someone else than its makers.

    Where there is nobody else, an exception needs a reason and stays on show. Raises Invalid for
    an unknown outcome, an empty note, an item that is not waiting, or (same_person_reason) one's
    own work, superseded or not; Forbidden, NotFound.
    """
    item = lock(Evidence, actor.org_id, evidence_id)
    actor.require(Permission.VALIDATE_EVIDENCE, item.service_id)
    if outcome not in OUTCOMES:
        raise Invalid("Choose accept, reject or ask for a change.", "outcome")
    if not note.strip():
        raise Invalid("Say what you looked at and what you found.", "note")
    if item.status not in _OPEN:
        raise Invalid("This evidence is not waiting for a decision.")
    reason = _exception(actor, item, same_person_reason.strip())
    before = item.status
    item.status, item.decision_note = outcome, note.strip()
    item.decided_by_id, item.decided_on = actor.membership_id, actor.today
    item.same_person_reason = reason
    audit.record(
        actor=actor,
        tag=f"evidence:{outcome}",
        subject_id=item.id,
        before={"status": before},
        after={
            "status": outcome,
            "decided_by": actor.membership_id,
            "same_person": bool(reason),
        },
    )
    db.session.flush()


def _exception(actor: Actor, item: Evidence, reason: str) -> str:
    """The reason why who made the evidence decides on it; empty for others."""
    made_by = makers(actor, Evidence.id == item.id)
    if actor.membership_id not in made_by:
        return ""
    check_exception(
        other=somebody_else_for(actor=actor, service_id=item.service_id, makers=made_by),
        reason=reason,
        own="made this evidence or an earlier revision of it",
        step="decide on it",
    )
    return reason


def accept_for_risk(*, actor: Actor, risk_id: UUID, note: str) -> None:
    """Accept whatever still waits of the evidence behind a risk's present rating."""
    waiting = db.session.scalars(
        select(Evidence.id)
        .join(
            EvidenceLink,
            (EvidenceLink.org_id == Evidence.org_id) & (EvidenceLink.evidence_id == Evidence.id),
        )
        .join(
            Risk,
            (Risk.org_id == EvidenceLink.org_id)
            & (Risk.rating_review_id == EvidenceLink.rating_review_id),
        )
        .where(Risk.org_id == actor.org_id, Risk.id == risk_id, Evidence.status.in_(_OPEN))
        .distinct()
    )
    for evidence_id in list(waiting):
        judge(actor=actor, evidence_id=evidence_id, outcome="accepted", note=note)

"""Someone else's look at an item of evidence: accepted, rejected, or sent back for a change.

Source: DESIGN section 4, evidence; promise 5 (nobody marks their own homework).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from careboard import audit
from careboard.db import db, lock
from careboard.errors import Invalid
from careboard.evidence.models import Evidence, EvidenceLink
from careboard.evidence.queries import Item, makers
from careboard.permissions import Permission
from careboard.risks.models import Risk
from careboard.tenancy import Actor

OUTCOMES = ("accepted", "rejected", "change_requested")
_OPEN = ("submitted", "in_review", "change_requested")


def may_judge(*, actor: Actor, item: Item) -> bool:
    """Whether the person may decide on the item as it stands."""
    return (
        item.status in _OPEN
        and actor.may(Permission.VALIDATE_EVIDENCE)
        and actor.reaches(item.service_id)
        and actor.membership_id not in item.makers
    )


def judge(*, actor: Actor, evidence_id: UUID, outcome: str, note: str) -> None:
    """Decide on an item of evidence, with what was found.

    Raises Invalid for an unknown outcome, an empty note, an item that is not waiting, or one's own
    submission, superseded or not; Forbidden, NotFound.
    """
    item = lock(Evidence, actor.org_id, evidence_id)
    actor.require(Permission.VALIDATE_EVIDENCE, item.service_id)
    if outcome not in OUTCOMES:
        raise Invalid("Choose accept, reject or ask for a change.", "outcome")
    if not note.strip():
        raise Invalid("Say what you looked at and what you found.", "note")
    if item.status not in _OPEN:
        raise Invalid("This evidence is not waiting for a decision.")
    if actor.membership_id in makers(actor, Evidence.id == item.id):
        raise Invalid("You submitted this evidence or an earlier revision; someone else checks it.")
    before = item.status
    item.status, item.decision_note = outcome, note.strip()
    item.decided_by_id, item.decided_on = actor.membership_id, actor.today
    audit.record(
        actor=actor,
        tag=f"evidence:{outcome}",
        subject_id=item.id,
        before={"status": before},
        after={"status": outcome, "decided_by": actor.membership_id},
    )
    db.session.flush()


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

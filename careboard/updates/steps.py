"""The steps of an update: its evidence set, validated, approved, published; each by another.

Source: steps S3-3.2 (service assurance file), S3-3.3 (assurance review note), S3-3.4; DESIGN
section 4, Recovery update.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from careboard import audit
from careboard.assurance.models import Claim
from careboard.assurance.service import submit_claim
from careboard.db import db, load, lock
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.evidence.models import Evidence, EvidenceLink
from careboard.evidence.queries import NO_SUPPORT, makers
from careboard.permissions import Permission
from careboard.reminders import outcomes
from careboard.risks.service import NewEvidence
from careboard.separation import check_exception, somebody_else
from careboard.tenancy import Actor
from careboard.updates import drafting
from careboard.updates.fortnights import FORTNIGHT
from careboard.updates.models import RecoveryUpdate, TrackedConcern
from careboard.updates.words import authors, back_to_draft, held, tracked_of

CHANGED = (
    "The records have changed since this was drafted. The figures are fresh now: read them again, "
    "then say it."
)
FALLEN = (
    "All the evidence that it rests on was rejected or withdrawn since. It goes back to its draft, "
    "and another evidence set is gathered."
)


def gather(
    *,
    actor: Actor,
    update_id: UUID,
    statement: str,
    evidence_ids: Collection[UUID] = (),
    new: NewEvidence | None = None,
) -> UUID:
    """Hand in the evidence set of an update, as a claim of its fortnight; returns the claim's id.

    A set that was withdrawn or did not hold may be followed by another. Raises Invalid (statement,
    evidence, or a field of the new evidence), Conflict, Forbidden, NotFound. Source: step S3-3.2.
    """
    update, tracked = held(actor, update_id)
    actor.require(Permission.SUBMIT_EVIDENCE, tracked.service_id)
    if not may_gather(update, claim_of(actor, update)):
        raise Conflict("This update has its evidence set. It is validated as it was handed in.")
    before = update.claim_id
    claim_id = submit_claim(
        actor=actor,
        kind="recovery_update",
        statement=statement,
        period_from=update.due_on - FORTNIGHT,
        period_to=min(update.due_on, actor.today),
        service_id=tracked.service_id,
        evidence_ids=evidence_ids,
        new=new,
    )
    update.claim_id, update.claim_by_id = claim_id, actor.membership_id
    db.session.flush()
    drafting.redraft(actor=actor, update=update)
    audit.record(
        actor=actor,
        tag="recovery_update:evidence_gathered",
        subject_id=update_id,
        before={"claim": before},
        after={"claim": claim_id},
    )
    return claim_id


def may_gather(update: RecoveryUpdate, claim: Claim | None) -> bool:
    """Whether an evidence set, or another one, may be handed in for a draft."""
    if update.status != "draft":
        return False
    if claim is None or claim.status == "withdrawn":
        return True
    if claim.status != "validated":
        return False
    return claim.unsupported or claim.outcome == "does_not_prove" or _fallen(update)


def _fallen(update: RecoveryUpdate) -> bool:
    """Whether all that its evidence set rests on was rejected or taken back since."""
    link = EvidenceLink
    rests_on = (
        select(func.bool_and(Evidence.status.in_(NO_SUPPORT)))
        .join(link, (link.org_id == Evidence.org_id) & (link.evidence_id == Evidence.id))
        .where(link.org_id == update.org_id, link.claim_id == update.claim_id)
    )
    return bool(db.session.scalar(rests_on))


def claim_of(actor: Actor, update: RecoveryUpdate) -> Claim | None:
    """The update's evidence set."""
    return load(Claim, actor.org_id, update.claim_id) if update.claim_id else None


def validate(*, actor: Actor, update_id: UUID, same_person_reason: str = "") -> bool:
    """Say that an update claims no more than was validated; by someone other than who gathered or
    made the evidence or wrote the words.

    Returns False, and says nothing, where the records have changed since it was drafted: its
    figures are refreshed instead. Raises Invalid (same_person_reason), Conflict, Forbidden,
    NotFound. Source: step S3-3.3.
    """
    update, tracked = held(actor, update_id)
    actor.require(Permission.VALIDATE_EVIDENCE, tracked.service_id)
    _person(actor)
    claim = claim_of(actor, update)
    if update.status != "draft":
        raise Conflict(f"{update.reference} is {update.status} already.")
    if claim is None or claim.status != "validated":
        raise Invalid("Its evidence set has not been validated yet: it comes first.")
    if _fallen(update):
        raise Invalid(FALLEN)
    if drafting.redraft(actor=actor, update=update):
        return False
    others = validators_out(actor, update)
    reason = _exception(
        actor,
        tracked,
        Permission.VALIDATE_EVIDENCE,
        involved=others,
        reason=same_person_reason,
        own="gathered or made its evidence, or wrote its words",
        step="validate it",
    )
    update.status, update.validation_exception = "validated", reason
    update.validated_by_id, update.validated_on = actor.membership_id, actor.today
    _note(actor, update, "validated", before="draft", same_person=bool(reason))
    return True


def approve(*, actor: Actor, update_id: UUID, same_person_reason: str = "") -> None:
    """Approve a validated update for the commissioner; by someone who had no part in its evidence
    or words and validated neither.

    Raises Invalid (same_person_reason), Conflict, Forbidden, NotFound.
    """
    update, tracked = held(actor, update_id)
    actor.require(Permission.APPROVE_UPDATE, tracked.service_id)
    _person(actor)
    if update.status != "validated":
        raise Conflict(f"{update.reference} is {update.status}: it is approved once validated.")
    reason = _exception(
        actor,
        tracked,
        Permission.APPROVE_UPDATE,
        involved=approvers_out(actor, update),
        reason=same_person_reason,
        own="gathered or validated its evidence, or wrote or validated its words",
        step="approve it",
    )
    update.status, update.approval_exception = "approved", reason
    update.approved_by_id, update.approved_on = actor.membership_id, actor.today
    _note(actor, update, "approved", before="validated", same_person=bool(reason))


def send_back(*, actor: Actor, update_id: UUID) -> None:
    """Take a validated or approved update back to its draft, with figures as they are now.

    Raises Conflict, Forbidden, NotFound.
    """
    update, tracked = held(actor, update_id)
    if not any(actor.may(one) for one in (Permission.WRITE_UPDATE, Permission.APPROVE_UPDATE)):
        raise Forbidden("Who writes or approves updates takes one back to its draft.")
    actor.require(Permission.READ, tracked.service_id)
    before = update.status
    if before == "draft":
        raise Conflict(f"{update.reference} is a draft.")
    back_to_draft(update)
    db.session.flush()
    drafting.redraft(actor=actor, update=update)
    _note(actor, update, "sent_back", before=before)
    outcomes.update_returned(actor=actor, update=update, writer_id=tracked.lead_id)


def refresh(*, actor: Actor, update_id: UUID) -> bool:
    """Read a draft's figures from the records again; returns whether any changed. Words stay.

    Raises Conflict, Forbidden, NotFound.
    """
    update, tracked = held(actor, update_id)
    if not any(actor.may(one) for one in (Permission.WRITE_UPDATE, Permission.VALIDATE_EVIDENCE)):
        raise Forbidden("Who writes or validates updates refreshes their figures.")
    actor.require(Permission.READ, tracked.service_id)
    if update.status != "draft":
        raise Conflict(f"{update.reference} is {update.status}: what was validated stands.")
    return drafting.redraft(actor=actor, update=update)


def published(*, actor: Actor, subject_id: UUID, pack_id: UUID) -> None:
    """An approved update went out as that pack; called in the transaction that publishes it. A
    later pack of it takes the place of the first one, and the update stays as it went out.

    Raises Invalid, Forbidden, NotFound. Source: step S3-3.4.
    """
    update = ready(actor=actor, subject_id=subject_id)
    if update.status == "published":
        return
    update.status, update.pack_id = "published", pack_id
    update.published_by_id, update.published_on = actor.membership_id, actor.today
    _note(actor, update, "published", before="approved", pack=pack_id)


def ready(*, actor: Actor, subject_id: UUID) -> RecoveryUpdate:
    """The update, held, once it may be published, or published anew in place of an earlier pack.
    Raises Invalid, Forbidden, NotFound."""
    update = lock(RecoveryUpdate, actor.org_id, subject_id)
    tracked = tracked_of(actor, update)
    actor.require(Permission.PUBLISH_PACK, tracked.service_id)
    if update.status not in ("approved", "published"):
        raise Invalid(f"{update.reference} is {update.status}: it is published once approved.")
    if update.status == "approved" and _fallen(update):
        raise Invalid(FALLEN)
    return update


def validators_out(actor: Actor, update: RecoveryUpdate) -> set[UUID | None]:
    """Who may not validate it: they gathered or made its evidence or wrote any of its words."""
    made = makers(actor, EvidenceLink.claim_id == update.claim_id) if update.claim_id else set()
    return {update.claim_by_id, *made, *authors(actor=actor, update_id=update.id)} - {None}


def approvers_out(actor: Actor, update: RecoveryUpdate) -> set[UUID | None]:
    """Who may not approve it: they had a part in its evidence or words, or validated either."""
    claim = claim_of(actor, update)
    proved_by = claim.validated_by_id if claim else None
    return {update.validated_by_id, proved_by, *validators_out(actor, update)} - {None}


def other_for(
    actor: Actor, tracked: TrackedConcern, permission: Permission, out: Collection[UUID | None]
) -> str | None:
    """The name of someone else who could take the step; None when there is nobody."""
    return somebody_else(
        actor=actor, permission=permission, service_id=tracked.service_id, involved=out
    )


def _exception(
    actor: Actor,
    tracked: TrackedConcern,
    permission: Permission,
    *,
    involved: Collection[UUID | None],
    reason: str,
    own: str,
    step: str,
) -> str:
    if actor.membership_id not in involved:
        return ""
    other = other_for(actor, tracked, permission, involved)
    check_exception(other=other, reason=reason.strip(), own=own, step=step)
    return reason.strip()


def _person(actor: Actor) -> None:
    if actor.membership_id is None:
        raise Forbidden("This is done by a person.")


def _note(actor: Actor, update: RecoveryUpdate, what: str, *, before: str, **more: object) -> None:
    db.session.flush()
    audit.record(
        actor=actor,
        tag=f"recovery_update:{what}",
        subject_id=update.id,
        before={"status": before},
        after={"status": update.status, **more},
    )

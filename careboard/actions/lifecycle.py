"""What becomes of an action: started, extended, completed, verified by someone else, returned.

Source: DESIGN section 4, Action; steps S0-1.3 and S0-1.4; domain rules 3.3, overdue action.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from careboard import audit
from careboard.actions import verifiers
from careboard.actions.models import Action
from careboard.actions.service import (
    clean,
    facts,
    flush,
    hold,
    owner_for,
    require_status,
    tell,
)
from careboard.errors import Forbidden, Invalid
from careboard.evidence import queries as evidence
from careboard.evidence import service as evidence_service
from careboard.evidence.targets import one_target
from careboard.permissions import Permission
from careboard.reminders import notices
from careboard.separation import check_exception
from careboard.tenancy import Actor
from careboard.uploads import Upload

UNDER_WAY = ("open", "in_progress")
LIVE = (*UNDER_WAY, "completed")


def works_on(actor: Actor, action: Action) -> bool:
    """Whether the person may do the work: its owner, or someone who assigns actions there."""
    if not (actor.may(Permission.WORK_ON_ACTION) and actor.reaches(action.service_id)):
        return False
    own = actor.membership_id is not None and actor.membership_id == action.owner_id
    return own or actor.may(Permission.ASSIGN_ACTION)


def note_progress(
    *, actor: Actor, action_id: UUID, note: str, lock_version: int | None = None
) -> None:
    """Record progress; an open action is thereby started. Raises Invalid (note), Conflict."""
    action = _work(actor, action_id, lock_version)
    require_status(action, *UNDER_WAY)
    if not clean(note):
        raise Invalid("Say what was done, or what stands in the way.", "note")
    kind = "started" if action.status == "open" else "noted"
    _move(actor, action, kind, clean(note), status="in_progress")


def confirm(*, actor: Actor, action_id: UUID, lock_version: int | None = None) -> None:
    """Say that the status is still true today; the day counts as its latest update (rule N1)."""
    action = _work(actor, action_id, lock_version)
    require_status(action, *LIVE)
    _move(actor, action, "noted", "Status confirmed: still true today")


def complete(
    *,
    actor: Actor,
    action_id: UUID,
    detail: str,
    kind: str = "",
    upload: Upload | None = None,
    source_link: str = "",
    period_from: date | None = None,
    period_to: date | None = None,
    lock_version: int | None = None,
) -> None:
    """Complete with evidence, new or attached before. Source: step S0-1.4.

    A file or link becomes an item of evidence of that kind, attached to the action. Raises
    Invalid (completion_detail, kind, file, source_link, period_to), Conflict, Forbidden.
    """
    action = _work(actor, action_id, lock_version)
    require_status(action, *UNDER_WAY)
    if not clean(detail):
        raise Invalid("Say what was done and what changed.", "completion_detail")
    if upload is not None or clean(source_link):
        _refuse_expired(actor, action, kind, period_from, period_to)
        evidence_service.submit(
            actor=actor,
            title=f"{action.reference}: {action.title}"[:200],
            kind=kind,
            upload=upload,
            source_link=source_link,
            period_from=period_from,
            period_to=period_to,
            target=one_target(action_id=action.id),
        )
    elif not _supported(actor, action):
        raise Invalid("Add the evidence: a file, or a link to the source record.", "file")
    action.completion_detail = clean(detail)
    action.completed_on, action.completed_by_id = actor.today, actor.membership_id
    _move(actor, action, "completed", clean(detail), status="completed")


def verify(
    *,
    actor: Actor,
    action_id: UUID,
    note: str = "",
    same_person_reason: str = "",
    lock_version: int | None = None,
) -> None:
    """Verify completed work; by someone else than those whose work it is (`verifiers.involved`).

    Where there is nobody else, an exception needs a reason and stays on show. Raises Invalid
    (same_person_reason, or with no field when no evidence stands), Conflict, Forbidden.
    """
    action = hold(actor, action_id, Permission.VERIFY_ACTION, lock_version)
    require_status(action, "completed")
    own = verifiers.own_work(actor, action)
    if own:
        check_exception(
            other=verifiers.somebody_else(actor, action),
            reason=clean(same_person_reason),
            own="own, owned or completed this action, or made its evidence",
            step="verify it",
        )
    if not _supported(actor, action):
        raise Invalid("No evidence in date supports this. Return it, or have evidence attached.")
    action.same_person_reason = clean(same_person_reason) if own else ""
    action.verified_by_id, action.verified_on = actor.membership_id, actor.today
    _move(actor, action, "verified", clean(note), status="verified", same_person=own)


def send_back(
    *, actor: Actor, action_id: UUID, reason: str, lock_version: int | None = None
) -> None:
    """Return completed work to its owner, who is told at once.

    Raises Invalid (reason), Conflict, Forbidden.
    """
    action = hold(actor, action_id, Permission.VERIFY_ACTION, lock_version)
    require_status(action, "completed")
    if not clean(reason):
        raise Invalid("Say what is still missing.", "reason")
    action.return_reason = clean(reason)
    action.completed_on = action.completed_by_id = None
    _move(actor, action, "returned", clean(reason), status="in_progress")
    notices.action_returned(actor=actor, action=action)


def extend(
    *,
    actor: Actor,
    action_id: UUID,
    due_on: date | None,
    reason: str,
    lock_version: int | None = None,
) -> None:
    """Give a later due date; the original one stays on record and the extension is counted.

    Raises Invalid (due_on, reason), Conflict, Forbidden.
    """
    action = hold(actor, action_id, Permission.ASSIGN_ACTION, lock_version)
    require_status(action, *UNDER_WAY)
    if action.due_on is None:
        raise Invalid("It has no due date yet. Fill in the gap instead.", "due_on")
    if due_on is None or due_on <= action.due_on or due_on < actor.today:
        raise Invalid("Give a date after the present one, and not in the past.", "due_on")
    if not clean(reason):
        raise Invalid("Say why it needs longer.", "reason")
    before = action.due_on
    action.original_due_on = action.original_due_on or before
    action.due_on, action.extensions = due_on, action.extensions + 1
    _move(actor, action, "extended", clean(reason), due_from=before, due_to=due_on)


def reassign(
    *,
    actor: Actor,
    action_id: UUID,
    owner_id: UUID,
    note: str = "",
    lock_version: int | None = None,
) -> None:
    """Give the action to another member, who is told at once.

    Raises Invalid (owner_id), Conflict, Forbidden.
    """
    action = hold(actor, action_id, Permission.ASSIGN_ACTION, lock_version)
    _check_gift(actor, action, owner_id)
    _give(actor, action, owner_id, note)


def reassign_many(
    *, actor: Actor, action_ids: Sequence[UUID], owner_id: UUID, note: str = ""
) -> int:
    """Give all these actions to one member, or none of them; returns how many.

    For when someone leaves. Raises Invalid (actions, owner_id), Forbidden, NotFound.
    """
    if not action_ids:
        raise Invalid("Tick the actions to give to someone else.", "actions")
    # In one order everywhere, so that two people cannot wait for each other.
    held = [
        hold(actor, action_id, Permission.ASSIGN_ACTION, None)
        for action_id in sorted(set(action_ids))
    ]
    for action in held:
        _check_gift(actor, action, owner_id)
    for action in held:
        _give(actor, action, owner_id, note)
    return len(held)


def cancel(*, actor: Actor, action_id: UUID, reason: str, lock_version: int | None = None) -> None:
    """Cancel with a reason. Raises Invalid (reason), Conflict, Forbidden."""
    action = hold(actor, action_id, Permission.ASSIGN_ACTION, lock_version)
    require_status(action, "draft", *UNDER_WAY)
    if not clean(reason):
        raise Invalid("Say why it is cancelled.", "reason")
    action.cancel_reason = clean(reason)
    _move(actor, action, "cancelled", clean(reason), status="cancelled")


def _work(actor: Actor, action_id: UUID, lock_version: int | None) -> Action:
    action = hold(actor, action_id, Permission.WORK_ON_ACTION, lock_version)
    if not works_on(actor, action):
        raise Forbidden("Only its owner, or someone who assigns actions, may do this.")
    return action


def _refuse_expired(
    actor: Actor, action: Action, kind: str, period_from: date | None, period_to: date | None
) -> None:
    until = evidence_service.check_facts(
        title=action.title,
        kind=kind,
        period_from=period_from,
        period_to=period_to,
        valid_until=None,
        today=actor.today,
    )
    if until < actor.today:
        raise Invalid("Evidence of this period is out of date. Give newer evidence.", "period_to")


def _supported(actor: Actor, action: Action) -> bool:
    items = evidence.for_targets(actor=actor, action_ids=[action.id])[action.id]
    return any(item.stands(actor.today) for item in items)


def _check_gift(actor: Actor, action: Action, owner_id: UUID) -> None:
    require_status(action, "draft", *LIVE)
    if owner_id == action.owner_id:
        raise Invalid(f"{action.reference} is theirs already. Choose someone else.", "owner_id")
    owner_for(actor, action.service_id, owner_id)


def _give(actor: Actor, action: Action, owner_id: UUID, note: str) -> None:
    before = facts(action)
    action.owner_id = owner_id
    flush()
    tell(actor, action, "reassigned", clean(note), owner_from=before["owner"], owner_to=owner_id)
    audit.record(
        actor=actor,
        tag="action:reassigned",
        subject_id=action.id,
        before=before,
        after=facts(action),
    )
    if action.status != "draft":
        notices.action_assigned(actor=actor, action=action)


def _move(actor: Actor, action: Action, kind: str, note: str, status: str = "", **changes) -> None:
    """Store what was changed, with its line in the timeline and its audit event."""
    before = action.status
    action.status = status or before
    action.updated_on = actor.today
    flush()
    if before != action.status:
        changes |= {"status_from": before, "status_to": action.status}
    tell(actor, action, kind, note, **changes)
    audit.record(
        actor=actor,
        tag=f"action:{kind}",
        subject_id=action.id,
        before={"status": before},
        after=facts(action) | changes,
    )

"""Mail that goes at once, whatever a person prefers: new work, and work that came back."""

from __future__ import annotations

from typing import Any

from careboard.accounts.models import Membership
from careboard.actions.models import Action
from careboard.db import db
from careboard.reminders import digests, outbox
from careboard.services.models import Service
from careboard.tenancy import Actor


def action_assigned(*, actor: Actor, action: Action) -> None:
    """Tell the owner of their new action, unless they gave it to themself.

    Call in the transaction that opens or reassigns it. An owner without an address is not told.
    """
    _tell_owner(
        actor,
        action,
        template="assigned",
        subject=f"{action.reference}: a new action is yours, due {_due(action)}",
        why=f"You get this because {actor.name} made you the owner of this action.",
        details={
            "by": actor.name,
            "outcome_measure": action.outcome_measure,
            "baseline": action.baseline,
            "evidence_required": action.evidence_required,
        },
    )


def action_returned(*, actor: Actor, action: Action) -> None:
    """Tell the owner that their completed work was not accepted, and why.

    Call in the transaction that returns it.
    """
    _tell_owner(
        actor,
        action,
        template="returned",
        subject=f"{action.reference}: returned to you, more is needed",
        why="You get this because you own this action and its completion was not accepted.",
        details={"by": actor.name, "reason": action.return_reason},
    )


def _tell_owner(
    actor: Actor, action: Action, *, template: str, subject: str, why: str, details: dict[str, Any]
) -> None:
    db.session.flush()
    owner = action.owner_id and db.session.get(Membership, (actor.org_id, action.owner_id))
    email = owner.email if owner else action.owner_email
    if not email or (owner and owner.id == actor.membership_id):
        return
    service = db.session.get(Service, (actor.org_id, action.service_id))
    outbox.post(
        actor=actor,
        kind=template,
        to_email=email,
        to_name=owner.name if owner else action.owner_name,
        membership_id=owner.id if owner else None,
        template=template,
        content={
            "action_id": str(action.id),
            "reference": action.reference,
            "title": action.title,
            "service": service.name if service else "",
            "due": _due(action),
            **details,
        },
        subject=subject,
        why=why,
        # The version tells a second assignment or return from a repeated call.
        dedupe_key=f"{template}:{action.id}:{action.lock_version}",
    )


def _due(action: Action) -> str:
    return digests.day_words(action.due_on) if action.due_on else "without a date"

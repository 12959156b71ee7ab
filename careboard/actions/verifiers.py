"""Who may verify an action without marking their own homework.

Source: DESIGN promise 5; separation of duties per record.
"""

from __future__ import annotations

from sqlalchemy import exists, func, select

from careboard import separation
from careboard.accounts.models import Membership
from careboard.actions.models import Action, ActionUpdate
from careboard.db import db, load
from careboard.permissions import Permission
from careboard.tenancy import Actor


def own_work(actor: Actor, action: Action) -> bool:
    """Whether verifying would be marking one's own homework: as owner, completer, or the owner
    who gave it away once it was completed.

    An imported action may know its owner by e-mail address alone; that is its owner all the same.
    """
    if actor.membership_id is None:
        return False
    if actor.membership_id in (action.owner_id, action.completed_by_id):
        return True
    if action.status == "completed" and _gave_it_away(actor, action):
        return True
    if action.owner_id is not None or not action.owner_email:
        return False
    own = load(Membership, actor.org_id, actor.membership_id).email
    return own.casefold() == action.owner_email.casefold()


def _gave_it_away(actor: Actor, action: Action) -> bool:
    of_action = (ActionUpdate.org_id == actor.org_id) & (ActionUpdate.action_id == action.id)
    completed = (
        select(func.max(ActionUpdate.happened_at))
        .where(of_action, ActionUpdate.kind == "completed")
        .scalar_subquery()
    )
    return db.session.scalar(
        select(
            exists().where(
                of_action,
                ActionUpdate.kind == "reassigned",
                ActionUpdate.changes["owner_from"].astext == str(actor.membership_id),
                ActionUpdate.happened_at >= completed,
            )
        )
    )


def somebody_else(actor: Actor, action: Action) -> str | None:
    """The name of an active member who could verify it instead; None when there is nobody."""
    return separation.somebody_else(
        actor=actor,
        permission=Permission.VERIFY_ACTION,
        service_id=action.service_id,
        involved=(action.owner_id, action.completed_by_id),
    )

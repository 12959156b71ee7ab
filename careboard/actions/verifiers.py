"""Who may verify an action without marking their own homework.

Source: DESIGN promise 5; separation of duties per record.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Uuid, case, cast, func, or_, select

from careboard import separation
from careboard.accounts.models import Membership
from careboard.actions.models import Action, ActionUpdate
from careboard.db import db, load
from careboard.evidence.models import EvidenceLink
from careboard.evidence.queries import makers
from careboard.permissions import Permission
from careboard.tenancy import Actor


def own_work(actor: Actor, action: Action) -> bool:
    """Whether verifying would be marking one's own homework.

    An imported action may know its owner by e-mail address alone; that is its owner all the same.
    """
    if actor.membership_id is None:
        return False
    if actor.membership_id in involved(actor, action):
        return True
    if action.owner_id is not None or not action.owner_email:
        return False
    own = load(Membership, actor.org_id, actor.membership_id).email
    return own.casefold() == action.owner_email.casefold()


def involved(actor: Actor, action: Action) -> set[UUID]:
    """Whose work it is: its owner and those who gave it away once it was completed, whoever
    completed it, though it was returned, and whoever made its evidence. Two statements."""
    update = ActionUpdate
    of_action = (update.org_id == actor.org_id) & (update.action_id == action.id)
    completed = (
        select(func.min(update.happened_at))
        .where(of_action, update.kind == "completed")
        .scalar_subquery()
    )
    gave_away = (update.kind == "reassigned") & (update.happened_at >= completed)
    owner = cast(update.changes["owner_from"].astext, Uuid)
    before = db.session.scalars(
        select(case((update.kind == "completed", update.by_id), else_=owner)).where(
            of_action, or_(update.kind == "completed", gave_away)
        )
    )
    evidence = makers(actor, EvidenceLink.action_id == action.id)
    return {action.owner_id, action.completed_by_id, *before, *evidence} - {None}


def somebody_else(actor: Actor, action: Action) -> str | None:
    """The name of an active member who could verify it instead; None when there is nobody."""
    return separation.somebody_else(
        actor=actor,
        permission=Permission.VERIFY_ACTION,
        service_id=action.service_id,
        involved=involved(actor, action),
    )

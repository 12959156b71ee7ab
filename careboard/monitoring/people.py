"""Who may lead an episode, who may be sent to see for themselves, and who has work in it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from careboard.accounts.models import Membership, MembershipService
from careboard.actions.models import Action
from careboard.actions.sources import Option
from careboard.db import db
from careboard.errors import Invalid
from careboard.permissions import Permission, permissions_of
from careboard.tenancy import Actor


def people(*, actor: Actor, permission: Permission, service_id: UUID) -> list[Option]:
    """The active members with the permission for that service, by name. One statement."""
    reached = func.array_agg(MembershipService.service_id)
    rows = db.session.execute(
        select(Membership.id, Membership.name, Membership.roles, Membership.all_services, reached)
        .outerjoin(
            MembershipService,
            (MembershipService.org_id == Membership.org_id)
            & (MembershipService.membership_id == Membership.id),
        )
        .where(Membership.org_id == actor.org_id, Membership.active)
        .group_by(Membership.org_id, Membership.id)
        .order_by(Membership.name)
    )
    return [
        Option(row_id, name)
        for row_id, name, roles, everywhere, services in rows
        if permission in permissions_of(frozenset(roles)) and (everywhere or service_id in services)
    ]


def at_work(*, actor: Actor, episode_id: UUID) -> set[UUID | None]:
    """Who owns or completed an action of the episode that was not cancelled. One statement."""
    rows = db.session.execute(
        select(Action.owner_id, Action.completed_by_id).where(
            Action.org_id == actor.org_id,
            Action.episode_id == episode_id,
            Action.status != "cancelled",
        )
    )
    return {member_id for row in rows for member_id in row}


def require_among(
    *, actor: Actor, permission: Permission, service_id: UUID, member_id: UUID | None, field: str
) -> UUID:
    """The member, if they have the permission there. Raises Invalid at the field."""
    known = {one.id for one in people(actor=actor, permission=permission, service_id=service_id)}
    if member_id not in known:
        raise Invalid("Choose somebody of this list.", field)
    return member_id

"""Nobody marks their own homework; where there is nobody else, the exception needs a reason.

Source: DESIGN promise 5; separation of duties per record.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import exists, or_, select

from careboard.accounts.models import Membership, MembershipService
from careboard.db import db
from careboard.errors import Invalid
from careboard.permissions import ROLE_PERMISSIONS, Permission
from careboard.tenancy import Actor


def somebody_else(
    *,
    actor: Actor,
    permission: Permission,
    service_id: UUID | None,
    involved: Iterable[UUID | None] = (),
) -> str | None:
    """The name of an active member who has the permission for that service (None: what is of the
    whole organisation is within everybody's reach) and is neither the actor nor one of those
    involved; None when there is nobody."""
    roles = [role.value for role, may in ROLE_PERMISSIONS.items() if permission in may]
    reaches = exists().where(
        MembershipService.org_id == Membership.org_id,
        MembershipService.membership_id == Membership.id,
        MembershipService.service_id == service_id,
    )
    out = {actor.membership_id, *involved} - {None}
    return db.session.scalar(
        select(Membership.name)
        .where(
            Membership.org_id == actor.org_id,
            Membership.active,
            Membership.roles.overlap(roles),
            Membership.id.not_in(out),
            or_(service_id is None, Membership.all_services, reaches),
        )
        .order_by(Membership.name)
        .limit(1)
    )


def check_exception(*, other: str | None, reason: str, own: str, step: str) -> None:
    """Let one person do both only where `other` is nobody, and with a reason.

    `own` and `step` are words: what the person did before, and what they are about to do. Raises
    Invalid (same_person_reason).
    """
    if other is not None:
        raise Invalid(f"You {own}. {other} can {step}.", "same_person_reason")
    if not reason:
        raise Invalid(f"You {own}, and nobody else can {step}: say why.", "same_person_reason")

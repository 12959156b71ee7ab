"""People of an organisation and what they reach."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from careboard.accounts.models import Membership, MembershipService
from careboard.db import db
from careboard.services.models import Service
from careboard.tenancy import Actor


def people(*, actor: Actor) -> list:
    """Rows (id, name, email, job_title, roles, all_services, active, services: list of names)."""
    names = func.array_agg(aggregate_order_by(Service.name, Service.name)).filter(
        Service.id.is_not(None)
    )
    scope = (MembershipService.org_id == Membership.org_id) & (
        MembershipService.membership_id == Membership.id
    )
    service = (Service.org_id == MembershipService.org_id) & (
        Service.id == MembershipService.service_id
    )
    statement = (
        select(
            Membership.id,
            Membership.name,
            Membership.email,
            Membership.job_title,
            Membership.roles,
            Membership.all_services,
            Membership.active,
            names.label("services"),
        )
        .outerjoin(MembershipService, scope)
        .outerjoin(Service, service)
        .where(Membership.org_id == actor.org_id)
        .group_by(Membership.org_id, Membership.id)
        .order_by(Membership.active.desc(), Membership.name)
    )
    return list(db.session.execute(statement))


def scope_of(*, actor: Actor, membership_id: UUID) -> list[UUID]:
    """The ids of the services that a membership is limited to."""
    return list(
        db.session.scalars(
            select(MembershipService.service_id).where(
                MembershipService.org_id == actor.org_id,
                MembershipService.membership_id == membership_id,
            )
        )
    )


def service_choices(*, actor: Actor) -> dict[str, str]:
    """The name by id of every service of the organisation, by name."""
    rows = db.session.execute(
        select(Service.id, Service.name)
        .where(Service.org_id == actor.org_id, Service.active)
        .order_by(Service.name)
    )
    return {str(row.id): row.name for row in rows}

"""Organisations, people and their standing."""

from __future__ import annotations

import secrets
from uuid import UUID

from flask_security import hash_password
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from careboard import audit, tenancy
from careboard.accounts import sessions
from careboard.accounts.models import (
    Account,
    Membership,
    MembershipService,
    Organisation,
    OrganisationKey,
)
from careboard.db import db, load
from careboard.errors import Invalid, NotFound
from careboard.permissions import PROVIDER_ROLES, Permission, Role
from careboard.tenancy import Actor


def create_organisation(
    *, slug: str, name: str, kind: str, cqc_provider_id: str | None = None
) -> UUID:
    """Make an organisation and its person key; returns its id.

    Raises Invalid when the slug is taken or malformed.
    """
    organisation = Organisation(slug=slug, name=name, kind=kind, cqc_provider_id=cqc_provider_id)
    db.session.add(organisation)
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise Invalid(f"“{slug}” is taken, or is not a short name of a-z, 0-9 and -.") from error
    tenancy.bind(tenancy.Tenant(org_id=organisation.id))
    db.session.add(OrganisationKey(org_id=organisation.id, person_key=secrets.token_bytes(32)))
    actor = tenancy.system_actor(organisation.id)
    audit.record(actor=actor, tag="organisation:created", subject_id=organisation.id)
    return organisation.id


def ensure_account(
    *, email: str, name: str, password: str | None = None, demo: bool = False
) -> UUID:
    """The account with that address, made if need be; returns its id.

    An account that exists keeps its password. The `demo`'s people need no second factor outside
    production.
    """
    known = select(Account.id).where(Account.email_norm == email.lower())
    account_id = db.session.scalar(known)
    if account_id is not None:
        return account_id
    account = Account(
        email=email,
        name=name,
        password=hash_password(password) if password else None,
        fs_uniquifier=secrets.token_hex(32),
        demo=demo,
    )
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError:  # made by someone else meanwhile
        return db.session.scalars(known).one()
    return account.id


def add_member(
    *,
    actor: Actor,
    account_id: UUID,
    name: str,
    email: str,
    roles: list[str],
    job_title: str = "",
    service_ids: list[UUID] | None = None,
) -> UUID:
    """Give the account a standing in the actor's organisation; returns the membership's id.

    `service_ids` None: all services. Raises Invalid for a role of another kind of organisation,
    or when the person is a member already.
    """
    _check_roles(actor, roles)
    member = Membership(
        org_id=actor.org_id,
        account_id=account_id,
        name=name,
        email=email,
        job_title=job_title,
        roles=sorted(roles),
        all_services=service_ids is None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(member)
    except IntegrityError as error:
        raise Invalid("This person is a member already.", "email") from error
    set_scope(actor=actor, membership_id=member.id, service_ids=service_ids)
    audit.record(
        actor=actor, tag="member:added", subject_id=member.id, after={"roles": member.roles}
    )
    return member.id


def set_scope(*, actor: Actor, membership_id: UUID, service_ids: list[UUID] | None) -> None:
    """Replace the services that a membership reaches (None: all)."""
    db.session.query(MembershipService).filter_by(
        org_id=actor.org_id, membership_id=membership_id
    ).delete()
    for service_id in service_ids or []:
        db.session.add(
            MembershipService(
                org_id=actor.org_id, membership_id=membership_id, service_id=service_id
            )
        )
    db.session.flush()


def member(*, actor: Actor, membership_id: UUID) -> Membership:
    """The membership. Raises NotFound for another organisation's."""
    return load(Membership, actor.org_id, membership_id)


def change_standing(
    *,
    actor: Actor,
    membership_id: UUID,
    name: str,
    job_title: str,
    roles: list[str],
    service_ids: list[UUID] | None,
    active: bool,
) -> None:
    """Change a member's name, roles, reach or whether they may sign in.

    Raises Invalid without a role, or when it would leave the organisation without an active
    administrator.
    """
    actor.require(Permission.MANAGE_PEOPLE)
    changed, administrators = _hold(actor, membership_id)
    _check_roles(actor, roles)
    before = {"roles": list(changed.roles), "active": changed.active}
    loses = Role.ADMINISTRATOR in changed.roles and not (active and Role.ADMINISTRATOR in roles)
    if loses and changed.active and administrators <= 1:
        raise Invalid("Somebody must remain administrator. Make another person one first.", "roles")
    changed.name, changed.job_title, changed.active = name, job_title, active
    changed.roles, changed.all_services = sorted(roles), service_ids is None
    set_scope(actor=actor, membership_id=membership_id, service_ids=service_ids)
    if changed.roles != before["roles"]:
        # Whoever signed in with other rights signs in again.
        sessions.end_all(account_id=changed.account_id)
    audit.record(
        actor=actor,
        tag="member:changed",
        subject_id=membership_id,
        before=before,
        after={"roles": changed.roles, "active": active},
    )


def end_membership(*, actor: Actor, membership_id: UUID) -> Membership:
    """End a member's access to the organisation, at once; returns the membership.

    Raises Invalid when it is one's own, has ended, or is the last active administrator's.
    """
    actor.require(Permission.MANAGE_PEOPLE)
    leaver, administrators = _hold(actor, membership_id)
    if leaver.id == actor.membership_id:
        raise Invalid("You cannot end your own access. Ask another administrator.")
    if not leaver.active:
        raise Invalid(f"The access of {leaver.name} has ended already.")
    if Role.ADMINISTRATOR in leaver.roles and administrators <= 1:
        raise Invalid("Somebody must remain administrator. Make another person one first.")
    leaver.active = False
    db.session.flush()
    return leaver


def _check_roles(actor: Actor, roles: list[str]) -> None:
    allowed = PROVIDER_ROLES if actor.org_kind == "provider" else (Role.COMMISSIONER_READER,)
    if not roles or not set(roles) <= {role.value for role in allowed}:
        raise Invalid("Choose at least one role.", "roles")


def _hold(actor: Actor, membership_id: UUID) -> tuple[Membership, int]:
    """The membership, and how many active administrators there are.

    All of them are held until the transaction ends, in one order: two administrators who take
    each other's role at once would leave none.
    """
    administers = Membership.active & Membership.roles.contains([Role.ADMINISTRATOR.value])
    statement = (
        select(Membership)
        .where(Membership.org_id == actor.org_id, (Membership.id == membership_id) | administers)
        .order_by(Membership.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    held = {member.id: member for member in db.session.scalars(statement)}
    if membership_id not in held:
        raise NotFound()
    active = [m for m in held.values() if m.active and Role.ADMINISTRATOR in m.roles]
    return held[membership_id], len(active)


_TELL = text("SELECT set_config('app.org', :org, true)")


def tell_organisations(*, account_id: UUID, tag: str) -> int:
    """Leave that event of the person's own sign-in in each of their organisations, in the present
    transaction; returns how many they belong to."""
    own = tenancy.memberships(account_id)
    for row in own:
        db.session.execute(_TELL, {"org": str(row.org_id)})
        audit.append_now(org_id=row.org_id, actor=str(account_id), tag=tag, subject=account_id)
    db.session.execute(_TELL, {"org": ""})
    return len(own)

"""Inviting a person: a standing in the organisation, and a link to set a password."""

from __future__ import annotations

from uuid import UUID

from careboard import audit
from careboard.accounts import service
from careboard.accounts.models import Account, Membership
from careboard.db import db, load, new_id
from careboard.errors import Invalid
from careboard.permissions import Permission
from careboard.reminders import outbox
from careboard.tenancy import Actor


def invite(
    *,
    actor: Actor,
    name: str,
    email: str,
    job_title: str,
    roles: list[str],
    service_ids: list[UUID] | None,
) -> UUID:
    """Add the person and owe them an e-mail; returns the membership's id.

    Someone who has a sign-in already is told that they have been added; anyone else gets a link,
    good for three days, to set a password. Raises Invalid as `service.add_member` does.
    """
    actor.require(Permission.MANAGE_PEOPLE)
    account_id = service.ensure_account(email=email, name=name)
    member_id = service.add_member(
        actor=actor,
        account_id=account_id,
        name=name,
        email=email,
        roles=roles,
        job_title=job_title,
        service_ids=service_ids,
    )
    _write(actor, load(Membership, actor.org_id, member_id), f"invitation:{member_id}")
    return member_id


def invite_again(*, actor: Actor, membership_id: UUID) -> None:
    """Owe the person another invitation, with another link.

    Raises NotFound, and Invalid when they have a password or their access has ended.
    """
    actor.require(Permission.MANAGE_PEOPLE)
    member = load(Membership, actor.org_id, membership_id)
    if not is_open(member):
        raise Invalid("This person has a password already, or their access has ended.")
    _write(actor, member, f"invitation:{new_id()}")
    audit.record(actor=actor, tag="member:invited_again", subject_id=member.id)


def is_open(member: Membership) -> bool:
    """Whether the person was invited and has not set a password yet."""
    return member.active and db.session.get_one(Account, member.account_id).password is None


def _write(actor: Actor, member: Membership, dedupe_key: str) -> None:
    content = {"organisation": actor.org_name, "inviter": actor.name}
    if is_open(member):
        content["account_id"] = str(member.account_id)
    outbox.post(
        actor=actor,
        kind="invitation",
        membership_id=member.id,
        to_email=member.email,
        to_name=member.name,
        template="invitation",
        content=content,
        subject=f"You have been added to {actor.org_name} on CareBoard",
        why=f"{actor.name} added you to {actor.org_name}.",
        dedupe_key=dedupe_key,
    )

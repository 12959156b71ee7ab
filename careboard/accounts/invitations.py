"""Inviting a person: a standing in the organisation, and a link to set a password."""

from __future__ import annotations

from uuid import UUID

from careboard.accounts import service
from careboard.accounts.models import Account
from careboard.db import db
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
    account = db.session.get(Account, account_id)
    member_id = service.add_member(
        actor=actor,
        account_id=account_id,
        name=name,
        email=email,
        roles=roles,
        job_title=job_title,
        service_ids=service_ids,
    )
    content = {"organisation": actor.org_name, "inviter": actor.name}
    if account.password is None:
        content["account_id"] = str(account_id)
    outbox.post(
        actor=actor,
        kind="invitation",
        membership_id=member_id,
        to_email=email,
        to_name=name,
        template="invitation",
        content=content,
        subject=f"You have been added to {actor.org_name} on CareBoard",
        why=f"{actor.name} added you to {actor.org_name}.",
        dedupe_key=f"invitation:{member_id}",
    )
    return member_id

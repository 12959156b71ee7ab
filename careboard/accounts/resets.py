"""An administrator signs somebody out everywhere, or takes away a second factor that was lost."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from careboard import audit, tenancy
from careboard.accounts import notices, second_factor, sessions
from careboard.accounts.models import Account, Membership
from careboard.db import db, load
from careboard.errors import Invalid, NotFound
from careboard.permissions import Permission
from careboard.tenancy import Actor

ELSEWHERE = (
    "This person also signs in to another organisation, whose records the second factor guards as "
    "well. The operator of CareBoard resets it, once both administrators agree."
)


def reset_second_factor(*, actor: Actor, membership_id: UUID) -> None:
    """Take away app, passkeys and recovery codes, end every session, and tell the person.

    Raises NotFound, and Invalid for one's own, or where another organisation is guarded too:
    whoever could add somebody as a member here could otherwise weaken them there.
    """
    actor.require(Permission.MANAGE_PEOPLE)
    member = load(Membership, actor.org_id, membership_id)
    if member.id == actor.membership_id:
        raise Invalid("Change your own under My sign-in, or ask another administrator.")
    if len(tenancy.memberships(member.account_id)) > 1:
        raise Invalid(ELSEWHERE)
    _take_away(member.account_id)
    audit.record(actor=actor, tag="member:second_factor_reset", subject_id=member.id)
    account = db.session.get_one(Account, member.account_id)
    notices.write(actor=actor, account=account, change="second_factor_reset")


def sign_out(*, actor: Actor, membership_id: UUID) -> int:
    """End every session of a member; returns how many there were. Raises NotFound."""
    actor.require(Permission.MANAGE_PEOPLE)
    member = load(Membership, actor.org_id, membership_id)
    audit.record(actor=actor, tag="member:signed_out", subject_id=member.id)
    return sessions.end_all(account_id=member.account_id)


def by_operator(*, email: str) -> None:
    """The same for anybody with a sign-in, outside any organisation. Raises NotFound."""
    account = db.session.scalar(select(Account).where(Account.email_norm == email.lower()))
    if account is None:
        raise NotFound("Nobody signs in with that address.")
    _take_away(account.id)
    notices.changed(account=account, change="second_factor_reset")


def _take_away(account_id: UUID) -> None:
    second_factor.remove_all(account_id=account_id)
    sessions.end_all(account_id=account_id)

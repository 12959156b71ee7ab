"""Whatever changes a sign-in is told to its owner by e-mail: nobody does it behind their back."""

from __future__ import annotations

from careboard import tenancy
from careboard.accounts.models import Account
from careboard.accounts.service import tell_organisations
from careboard.db import db, new_id
from careboard.reminders import outbox
from careboard.tenancy import Actor

CHANGES = {
    "password_set": "A new password was set.",
    "authenticator_set_up": "An authenticator app was set up.",
    "recovery_code_used": "Somebody signed in with one of your recovery codes.",
    "recovery_codes_renewed": "New recovery codes were made; the old ones no longer work.",
    "passkey_added": "A passkey was added.",
    "passkey_removed": "A passkey was removed.",
    "second_factor_reset": (
        "An administrator took away your second factor, because it was lost. You set up a new one "
        "when you next sign in."
    ),
}


def changed(*, account: Account, change: str) -> None:
    """Leave the event in each of the person's organisations, and tell its owner."""
    tell_organisations(account_id=account.id, tag=f"account:{change}")
    tell(account=account, change=change)


def tell(*, account: Account, change: str) -> None:
    """Owe the person a letter, in the name of the first of their organisations."""
    own = tenancy.memberships(account.id)
    if not own:
        return
    tenancy.bind(tenancy.Tenant(org_id=own[0].org_id))
    write(actor=tenancy.system_actor(own[0].org_id), account=account, change=change)


def write(*, actor: Actor, account: Account, change: str) -> None:
    """Owe the person a letter about it, in the name of the actor's organisation."""
    outbox.post(
        actor=actor,
        kind="security",
        membership_id=None,
        to_email=account.email,
        to_name=account.name,
        template="security",
        content={"change": CHANGES[change]},
        subject="Your CareBoard sign-in was changed",
        why="Whatever changes your sign-in is told to you.",
        dedupe_key=f"security:{new_id()}",
    )
    db.session.flush()

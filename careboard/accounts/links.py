"""Links that let a person set a password."""

from __future__ import annotations

from uuid import UUID

from careboard.accounts import tokens
from careboard.db import db


def password_token(account_id: UUID, purpose: str) -> str:
    """A token for the page that sets a password: of an `invitation` or a `reset`.

    Made while the letter is sent, and good before it leaves.
    """
    token = tokens.issue(account_id=account_id, purpose=purpose)
    db.session.commit()
    return token

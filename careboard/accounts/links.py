"""Links that let a person set a password."""

from __future__ import annotations

from uuid import UUID

from flask_security.recoverable import generate_reset_password_token

from careboard.accounts.models import Account
from careboard.db import db


def password_token(account_id: UUID) -> str:
    """A token for the reset page: good for a day, and for one password only.

    Made while the letter is sent, so that none is ever stored.
    """
    return generate_reset_password_token(db.session.get(Account, account_id))

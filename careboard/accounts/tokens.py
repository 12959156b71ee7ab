"""Links that work once: random, expiring, and stored as nothing but a hash.

Source: reliability, Sign-in: an opaque token, single use, 24 to 72 hours.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from careboard import clock
from careboard.accounts.models import Account
from careboard.accounts.second_factor_models import SingleUseToken
from careboard.db import db

LASTS = {"invitation": timedelta(hours=72), "reset": timedelta(hours=24)}


def issue(*, account_id: UUID, purpose: str) -> str:
    """A new token for `invitation` or `reset`, which is stored nowhere.

    Earlier ones stay good until one of them is used: the letter may have been sent twice.
    """
    now = clock.utc_now()
    db.session.execute(
        delete(SingleUseToken).where(
            SingleUseToken.account_id == account_id, SingleUseToken.expires_at < now
        )
    )
    token = secrets.token_urlsafe(32)
    db.session.add(
        SingleUseToken(
            token_hash=_hash(token),
            account_id=account_id,
            purpose=purpose,
            expires_at=now + LASTS[purpose],
        )
    )
    db.session.flush()
    return token


def holder(token: str) -> Account | None:
    """Whose password the link may set; None when it was used, has expired or never was."""
    statement = (
        select(Account)
        .join(SingleUseToken, SingleUseToken.account_id == Account.id)
        .where(*_living(), SingleUseToken.token_hash == _hash(token), Account.active)
    )
    return db.session.scalar(statement)


def take(token: str) -> Account | None:
    """As `holder`, using the token up: of two at once, one gets it."""
    account = holder(token)
    taken = db.session.execute(
        update(SingleUseToken)
        .where(*_living(), SingleUseToken.token_hash == _hash(token))
        .values(used_at=clock.utc_now())
    )
    return account if taken.rowcount else None


def use_up(*, account_id: UUID) -> None:
    """End every link of the person that still works."""
    db.session.execute(
        update(SingleUseToken)
        .where(*_living(), SingleUseToken.account_id == account_id)
        .values(used_at=clock.utc_now())
    )


def _living() -> tuple:
    return (
        SingleUseToken.purpose.in_(LASTS),
        SingleUseToken.used_at.is_(None),
        SingleUseToken.expires_at > clock.utc_now(),
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

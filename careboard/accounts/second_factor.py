"""The second factor: a code from an authenticator app, each of which works once.

Flask-Security's Totp (passlib) checks; this file seals the secrets and remembers the latest code's
counter, which the database lets only grow. Source: RFC 6238, 5.2; reliability, Sign-in.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import segno
from flask_security.totp import Totp
from passlib.exc import TokenError, UsedTokenError
from passlib.totp import TOTP, TotpMatch
from sqlalchemy import delete, exists, select, update

from careboard import sealing
from careboard.accounts import recovery_codes
from careboard.accounts.models import Account
from careboard.accounts.second_factor_models import Authenticator, Passkey
from careboard.db import db
from careboard.errors import Invalid

STEP = 30  # seconds that a code is shown
_PURPOSE = "authenticator"
_BYTES = 20  # what authenticator apps expect, as RFC 4226 recommends
WRONG = "This code is not right, or was used before. Wait for the next one and try again."


class _OnceOnly(Totp):
    """Refuses the code of a period that was used, or one before it, also when two come at once."""

    def __init__(self) -> None:
        # Without secrets of its own: what it encrypts is not authenticated, so it is given TOTPs.
        self._totp = TOTP.using(issuer="CareBoard")

    def get_last_counter(self, user: Account) -> int | None:
        return db.session.scalar(
            select(Authenticator.last_counter).where(Authenticator.account_id == user.id)
        )

    def set_last_counter(self, user: Account, tmatch: TotpMatch) -> None:
        moved = db.session.execute(
            update(Authenticator)
            .where(Authenticator.account_id == user.id, Authenticator.last_counter < tmatch.counter)
            .values(last_counter=tmatch.counter)
        )
        if not moved.rowcount:
            raise UsedTokenError()


_once_only = _OnceOnly()


def _opened(keys: Sequence[str], secret: str) -> TOTP:
    """Raises sealing.Unsealable for a secret that none of the keys has sealed."""
    return _once_only._totp(key=_unsealed(secret, keys), format="raw")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a person needs to put a secret into their app: a picture, or the letters to type."""

    qr_code: str  # a data: address of an SVG
    letters: str


def enrolment(*, keys: Sequence[str], account: Account, secret: str) -> Enrolment:
    """How to show a secret of `new_secret`. `keys` as in sealing.py."""
    totp = _opened(keys, secret)
    picture = segno.make(_once_only.get_totp_uri(account.email, totp), error="m")
    return Enrolment(
        qr_code=picture.svg_data_uri(scale=5, border=4, light="white"),
        letters=_once_only.get_totp_pretty_key(totp),
    )


def new_secret(*, keys: Sequence[str]) -> str:
    """A fresh secret, encrypted with the site's key, for one person to put into their app."""
    return _sealed(secrets.token_bytes(_BYTES), keys)


def _unsealed(secret: str, keys: Sequence[str]) -> bytes:
    return sealing.unseal(base64.urlsafe_b64decode(secret), keys=keys, purpose=_PURPOSE)


def _sealed(plain: bytes, keys: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(sealing.seal(plain, keys=keys, purpose=_PURPOSE)).decode()


def has_any(account_id: UUID) -> bool:
    """Whether the person can prove themselves by an app or a passkey."""
    of_app = exists().where(Authenticator.account_id == account_id)
    of_key = exists().where(Passkey.account_id == account_id)
    return bool(db.session.scalar(select(of_app | of_key)))


def has_app(account_id: UUID) -> bool:
    """Whether an authenticator app is set up."""
    return bool(db.session.scalar(select(exists().where(Authenticator.account_id == account_id))))


def set_up(*, keys: Sequence[str], account: Account, secret: str, code: str) -> list[str]:
    """Take the secret into use once the app has shown a right code for it, in place of any other.

    Returns the new recovery codes, to be shown once. Raises Invalid at `code`.
    """
    db.session.execute(delete(Authenticator).where(Authenticator.account_id == account.id))
    db.session.add(Authenticator(account_id=account.id, secret=secret, last_counter=0))
    db.session.flush()
    verify(keys=keys, account=account, code=code)
    return recovery_codes.renew(account_id=account.id)


def verify(*, keys: Sequence[str], account: Account, code: str) -> None:
    """Use up a code of the person's app: of now, or of the half minute before or after.

    Raises Invalid at `code` when it is wrong, was used, or there is no app.
    """
    secret = db.session.scalar(
        select(Authenticator.secret).where(Authenticator.account_id == account.id)
    )
    digits = "".join(code.split())
    if secret is None or not _accepts(keys, digits, secret, account):
        raise Invalid(WRONG, "code")


def _accepts(keys: Sequence[str], digits: str, secret: str, account: Account) -> bool:
    try:
        return _once_only.verify_totp(digits, _opened(keys, secret), account, window=STEP)
    except (TokenError, sealing.Unsealable, ValueError):
        return False


def sealed_before(*, keys: Sequence[str]) -> list[UUID]:
    """Whose secret the present key does not open, by account."""
    found = []
    for row in db.session.execute(select(Authenticator.account_id, Authenticator.secret)):
        try:
            _unsealed(row.secret, keys[:1])
        except sealing.Unsealable:
            found.append(row.account_id)
    return found


def reseal(*, keys: Sequence[str]) -> int:
    """Seal again, under the present key, what keys of before have sealed; returns how many secrets
    were. One that no key opens any more stays as it is."""
    resealed = 0
    for account_id in sealed_before(keys=keys):
        # Held, so that a code used meanwhile stays used: the row is put anew with its counter.
        known = db.session.get(Authenticator, account_id, with_for_update=True)
        with suppress(sealing.Unsealable):
            secret = _sealed(_unsealed(known.secret, keys), keys)
            kept = {"last_counter": known.last_counter, "created_at": known.created_at}
            db.session.delete(known)
            db.session.flush()
            db.session.add(Authenticator(account_id=account_id, secret=secret, **kept))
            db.session.flush()
            resealed += 1
    return resealed


def remove_all(*, account_id: UUID) -> None:
    """Take away every second factor: the next sign-in sets one up anew."""
    for model in (Authenticator, Passkey):
        db.session.execute(delete(model).where(model.account_id == account_id))
    recovery_codes.remove(account_id=account_id)

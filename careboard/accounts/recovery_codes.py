"""Codes for when the device is lost: ten, each for one sign-in, stored as hashes alone.

Twenty-eight letters and digits hold 136 bits, so that a plain hash is enough: there is nothing to
guess.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from uuid import UUID

from sqlalchemy import delete, func, select, update

from careboard import clock
from careboard.accounts.second_factor_models import RecoveryCode
from careboard.db import db
from careboard.errors import Invalid

HOW_MANY = 10
WRONG = "This recovery code is not right, or was used before."


def renew(*, account_id: UUID) -> list[str]:
    """Ten new codes in place of all others, in groups of four; this is the only time that they
    can be seen."""
    remove(account_id=account_id)
    codes = [_random() for _ in range(HOW_MANY)]
    db.session.add_all(
        RecoveryCode(account_id=account_id, code_hash=_hash(account_id, code)) for code in codes
    )
    db.session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def _random() -> str:
    return base64.b32encode(secrets.token_bytes(17)).decode().rstrip("=").lower()


def use(*, account_id: UUID, code: str) -> int:
    """Use up one code; returns how many are left. Raises Invalid at `recovery_code`."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    used = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == _hash(account_id, plain),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.utc_now())
    )
    if not used.rowcount:
        raise Invalid(WRONG, "recovery_code")
    return left(account_id=account_id)


def left(*, account_id: UUID) -> int:
    """How many codes have not been used."""
    statement = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    )
    return db.session.scalar(statement)


def remove(*, account_id: UUID) -> None:
    """Forget all codes of the person."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def _hash(account_id: UUID, code: str) -> bytes:
    return hashlib.sha256(account_id.bytes + code.encode()).digest()

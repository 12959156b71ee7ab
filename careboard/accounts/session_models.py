"""Sign-ins and attempts at them. The app role may not touch these tables: it calls the functions
of migration 0031, so no statement can list who is signed in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Integer, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base


def _now() -> Mapped[datetime]:
    return mapped_column(DateTime(timezone=True), server_default=func.now())


def _when() -> Mapped[datetime | None]:
    return mapped_column(DateTime(timezone=True))


class AccountSession(Base):
    """One sign-in on one device. The cookie holds a 256-bit token, this row only its SHA-256.

    `idle_seconds`: how long it may stay idle, as the person's organisations asked when it was last
    seen; what they ask for since counts only where it is less. `held`: what was sent after the
    session had run out, encrypted, until the next sign-in.
    """

    __tablename__ = "account_session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = _now()
    last_seen_at: Mapped[datetime] = _now()
    absolute_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    idle_seconds: Mapped[int] = mapped_column(Integer)
    second_factor_at: Mapped[datetime | None] = _when()
    revoked_at: Mapped[datetime | None] = _when()
    address: Mapped[str] = mapped_column(Text, server_default="")
    agent: Mapped[str] = mapped_column(Text, server_default="")
    held: Mapped[bytes | None] = mapped_column(LargeBinary)
    held_at: Mapped[datetime | None] = _when()

    __table_args__ = (
        Index("ix_account_session_account_id", "account_id"),
        Index("ix_account_session_absolute_until", "absolute_until"),
    )


class SignInAttempt(Base):
    """How often a sign-in was tried in vain; `key` is a hash of the address that was typed, so
    that people who have no sign-in are delayed just the same."""

    __tablename__ = "sign_in_attempt"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    attempts: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = _now()

    __table_args__ = (Index("ix_sign_in_attempt_last_at", "last_at"),)

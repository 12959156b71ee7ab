"""The heads of the audit chain as they were signed; never changed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow


class SignedHead(TenantRow, Base):
    """The chain's last event on a day, signed; the same stands outside, in the file store.

    `signed_at` is text because it is signed as it is written; `key` and `signature` are hex.
    """

    __tablename__ = "signed_head"
    __table_args__ = (UniqueConstraint("org_id", "on_date"),)

    on_date: Mapped[date]
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(Text)

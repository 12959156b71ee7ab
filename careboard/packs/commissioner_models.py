"""Readers of a commissioner, as the provider that invited or shut them out knows them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class CommissionerReader(Base, TenantRow):
    """That a person was invited to read through a link, or was shut out of it.

    `account_id` is the person's sign-in, which belongs to no organisation; an invitation by
    another provider leaves no row here until their access is ended.
    """

    __tablename__ = "commissioner_reader"

    link_id: Mapped[UUID]
    account_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    invited_by_id: Mapped[UUID | None]
    invited_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Unique("org_id", "link_id", "account_id"),
        CheckConstraint(
            "(invited_at IS NULL) = (invited_by_id IS NULL) "
            "AND (ended_at IS NULL) = (ended_by_id IS NULL)",
            name="by_whom",
        ),
        parent("link_id", "commissioner_link"),
        parent("invited_by_id", "membership"),
        parent("ended_by_id", "membership"),
    )

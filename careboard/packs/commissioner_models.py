"""A commissioner's domains as CareBoard's operator confirmed them, and its readers as the provider
that invited or shut them out knows them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class CommissionerDomain(Base):
    """That addresses at a domain are the commissioner's own. The owner of the tables alone writes
    here (`careboard commissioner`); `how` says what the confirmation rests on."""

    __tablename__ = "commissioner_domain"

    commissioner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    domain: Mapped[str] = mapped_column(Text, primary_key=True)
    confirmed_on: Mapped[date]
    how: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint(
            "domain = lower(domain) AND domain ~ '^[a-z0-9-]+([.][a-z0-9-]+)+$'", name="domain"
        ),
        CheckConstraint("how <> ''", name="how"),
    )


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

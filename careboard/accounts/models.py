"""People and their standing in organisations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_security import UserMixin, hash_password
from sqlalchemy import (
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    func,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from careboard import clock
from careboard.accounts import peppers
from careboard.db import Base, TenantRow, new_id, parent


class Organisation(Base):
    """A tenant: a provider or a commissioner."""

    __tablename__ = "organisation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    cqc_provider_id: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text, server_default="Europe/London")
    idle_minutes: Mapped[int] = mapped_column(SmallInteger, server_default="15")
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=clock.now, server_default=func.now()
    )

    __table_args__ = (
        CheckConstraint("kind IN ('provider', 'commissioner')", name="kind"),
        CheckConstraint("idle_minutes BETWEEN 5 AND 30", name="idle_minutes"),
        CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="slug"),
    )


class Account(Base, UserMixin):
    """One person's sign-in, whatever organisations they belong to."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(Text)
    email_norm: Mapped[str] = mapped_column(
        Text, Computed("lower(email)", persisted=True), unique=True
    )
    name: Mapped[str] = mapped_column(Text)
    password: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(server_default="true")
    fs_uniquifier: Mapped[str] = mapped_column(Text, unique=True)
    demo: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    # Flask-Security asks for roles; CareBoard's are per organisation and stand on Membership.
    roles = ()

    def verify_and_update_password(self, password: str) -> bool:
        """Whether it is the person's password; of one hashed under an earlier key the hash is
        made anew. Commit afterwards."""
        if super().verify_and_update_password(password):
            return True
        if not peppers.matches_earlier(password, self.password):
            return False
        self.password = hash_password(password)
        return True


class Membership(Base, TenantRow):
    """An account's standing in one organisation; what tenant rows name as owner or author."""

    __tablename__ = "membership"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    job_title: Mapped[str] = mapped_column(Text, server_default="")
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    all_services: Mapped[bool] = mapped_column(server_default="true")
    active: Mapped[bool] = mapped_column(server_default="true")
    mail_mode: Mapped[str] = mapped_column(Text, server_default="daily")

    __table_args__ = (
        Unique("org_id", "account_id"),
        Index("ix_membership_account_id", "account_id"),
        CheckConstraint("mail_mode IN ('daily', 'weekly', 'urgent')", name="mail_mode"),
        CheckConstraint(
            "roles <@ ARRAY['administrator','governance_lead','registered_manager','contributor',"
            "'verifier','contracts_lead','board_member','commissioner_reader']::text[]",
            name="roles",
        ),
    )


class MembershipService(Base, TenantRow):
    """One service within the scope of a membership that does not reach all."""

    __tablename__ = "membership_service"

    membership_id: Mapped[UUID]
    service_id: Mapped[UUID]

    __table_args__ = (
        Unique("org_id", "membership_id", "service_id"),
        parent("membership_id", "membership"),
        parent("service_id", "service"),
    )


class OrganisationKey(Base, TenantRow):
    """The key that turns an organisation's person references into keyed hashes."""

    __tablename__ = "organisation_key"

    person_key: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Unique("org_id"),)


class Heartbeat(Base):
    """When a periodic process last did its round."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

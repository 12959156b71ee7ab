"""Packs as they were published, who was granted them, and who has read them.

Source: issue "Sharing with commissioners", Packs and The portal.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class CommissionerLink(Base, TenantRow):
    """A commissioner organisation whose identity a person here has confirmed.

    `email_domain` is the official one, that its readers have addresses at; `how_confirmed` says
    what the confirmation rests on. Ended, its grants open nothing.
    """

    __tablename__ = "commissioner_link"

    commissioner_org_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    email_domain: Mapped[str] = mapped_column(Text)
    confirmed_by_id: Mapped[UUID]
    confirmed_on: Mapped[date]
    how_confirmed: Mapped[str] = mapped_column(Text)
    ended_on: Mapped[date | None]
    ended_by_id: Mapped[UUID | None]
    end_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "id", "commissioner_org_id"),
        parent("confirmed_by_id", "membership"),
        parent("ended_by_id", "membership"),
        CheckConstraint("commissioner_org_id <> org_id", name="another"),
        CheckConstraint(
            "email_domain = lower(email_domain) AND email_domain ~ '^[a-z0-9-]+([.][a-z0-9-]+)+$'",
            name="email_domain",
        ),
        CheckConstraint("how_confirmed <> ''", name="how_confirmed"),
        CheckConstraint(
            "(ended_on IS NULL) = (ended_by_id IS NULL) AND (ended_on IS NULL) = (end_reason = '')",
            name="ended",
        ),
        Index("ix_commissioner_link_commissioner_org_id", "commissioner_org_id"),
        Index(
            "uq_commissioner_link_live",
            "org_id",
            "commissioner_org_id",
            unique=True,
            postgresql_where="ended_on IS NULL",
        ),
    )


class Pack(Base, TenantRow):
    """A publication, frozen. What can still happen to it is that it is withdrawn or superseded.

    `content`, `manifest` and `events` are the very texts that were hashed, with LF line ends;
    `subject_id` is the update, the episode, or for an extract of the board the service, or the
    organisation itself. The PDF lies in the store under its hash, as do the attachments that the
    manifest names.
    """

    __tablename__ = "pack"

    reference: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID]
    service_id: Mapped[UUID | None]
    provider_name: Mapped[str] = mapped_column(Text)
    service_name: Mapped[str] = mapped_column(Text, server_default="")
    title: Mapped[str] = mapped_column(Text)
    period_from: Mapped[date]
    period_to: Mapped[date]
    content: Mapped[str] = mapped_column(Text)
    content_sha256: Mapped[str] = mapped_column(Text)
    manifest: Mapped[str] = mapped_column(Text)
    manifest_sha256: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(Text)
    events: Mapped[str] = mapped_column(Text)
    pdf_file_id: Mapped[UUID]
    pdf_sha256: Mapped[str] = mapped_column(Text)
    published_by_id: Mapped[UUID]
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    published_on: Mapped[date]
    supersedes_id: Mapped[UUID | None]
    withdrawn_on: Mapped[date | None]
    withdrawn_by_id: Mapped[UUID | None]
    withdraw_reason: Mapped[str] = mapped_column(Text, server_default="")
    superseded_by_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "reference"),
        Unique("org_id", "supersedes_id"),
        Unique("org_id", "id", "kind", "subject_id"),
        parent("service_id", "service"),
        parent("pdf_file_id", "stored_file"),
        parent("published_by_id", "membership"),
        parent("withdrawn_by_id", "membership"),
        parent("superseded_by_id", "pack"),
        ForeignKeyConstraint(
            ["org_id", "supersedes_id", "kind", "subject_id"],
            ["pack.org_id", "pack.id", "pack.kind", "pack.subject_id"],
            name="fk_pack_supersedes",
        ),
        CheckConstraint("kind IN ('update', 'board', 'episode')", name="kind"),
        CheckConstraint("title <> ''", name="title"),
        CheckConstraint("period_from <= period_to", name="period"),
        CheckConstraint(
            "content_sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex')", name="content"
        ),
        CheckConstraint(
            "manifest_sha256 = encode(sha256(convert_to(manifest, 'UTF8')), 'hex')",
            name="manifest",
        ),
        CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawn_by_id IS NULL) "
            "AND (withdrawn_on IS NULL) = (withdraw_reason = '')",
            name="withdrawn",
        ),
        CheckConstraint("supersedes_id <> id AND superseded_by_id <> id", name="another"),
        Index("ix_pack_org_id_subject_id", "org_id", "subject_id"),
        Index("ix_pack_org_id_service_id", "org_id", "service_id"),
        Index("ix_pack_org_id_published_at", "org_id", "published_at"),
    )


class PackOverride(Base, TenantRow):
    """Why something that looked like personal data was published as it stood. Never changed.

    `place` and `kind` are those of `privacy.Finding`.
    """

    __tablename__ = "pack_override"

    pack_id: Mapped[UUID]
    place: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID]

    __table_args__ = (
        Unique("org_id", "pack_id", "place", "kind"),
        parent("pack_id", "pack"),
        parent("by_id", "membership"),
        CheckConstraint("reason <> ''", name="reason"),
    )


class PackGrant(Base, TenantRow):
    """That a commissioner may read a pack, up to and with `expires_on`, unless it is revoked."""

    __tablename__ = "pack_grant"

    pack_id: Mapped[UUID]
    link_id: Mapped[UUID]
    commissioner_org_id: Mapped[UUID]
    granted_by_id: Mapped[UUID]
    granted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_on: Mapped[date]
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_by_id: Mapped[UUID | None]
    revoke_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        parent("pack_id", "pack"),
        parent("granted_by_id", "membership"),
        parent("revoked_by_id", "membership"),
        ForeignKeyConstraint(
            ["org_id", "link_id", "commissioner_org_id"],
            [f"commissioner_link.{name}" for name in ("org_id", "id", "commissioner_org_id")],
            name="fk_pack_grant_link",
        ),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL) "
            "AND (revoked_at IS NULL) = (revoke_reason = '')",
            name="revoked",
        ),
        Index(
            "uq_pack_grant_live",
            "org_id",
            "pack_id",
            "link_id",
            unique=True,
            postgresql_where="revoked_at IS NULL",
        ),
        Index("ix_pack_grant_commissioner_org_id", "commissioner_org_id"),
    )


class PackRead(Base, TenantRow):
    """That somebody of a commissioner opened, printed or took a pack. Never changed.

    `reader_id` is their account; `number` is an attachment's. Looking again on one day leaves no
    second row; each download leaves its own.
    """

    __tablename__ = "pack_read"

    pack_id: Mapped[UUID]
    commissioner_org_id: Mapped[UUID]
    reader_id: Mapped[UUID]
    what: Mapped[str] = mapped_column(Text)
    number: Mapped[int | None]
    read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    read_on: Mapped[date]

    __table_args__ = (
        parent("pack_id", "pack"),
        CheckConstraint(
            "what IN ('viewed', 'printed', 'pdf', 'bundle', 'attachment')", name="what"
        ),
        CheckConstraint("(what = 'attachment') = (number IS NOT NULL)", name="number"),
        Index("ix_pack_read_org_id_pack_id", "org_id", "pack_id"),
        Index(
            "uq_pack_read_look",
            "org_id",
            "pack_id",
            "reader_id",
            "what",
            "read_on",
            unique=True,
            postgresql_where="what IN ('viewed', 'printed')",
        ),
    )

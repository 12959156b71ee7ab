"""Imports: the file as it came, how it was read, what was loaded, held back or superseded."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Text, func
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard import clock
from careboard.db import Base, TenantRow, parent


class StoredFile(Base, TenantRow):
    """A file kept by its content. Its name is what the person called it, cleaned.

    It is handed out only while `clean`. `finding` is what the scanner said of it, or why it did
    not; `looked_at` when its content was last read and hashed, `damaged_at` since when it is lost
    or no longer the same.
    """

    __tablename__ = "stored_file"

    sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="clean")
    finding: Mapped[str] = mapped_column(Text, server_default="")
    looked_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=clock.utc_now, server_default=func.now()
    )
    damaged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_by_id: Mapped[UUID | None]

    __table_args__ = (
        parent("created_by_id", "membership"),
        CheckConstraint("state IN ('quarantined', 'clean', 'rejected', 'disposed')", name="state"),
        Index("ix_stored_file_org_id_sha256", "org_id", "sha256"),
        Index("ix_stored_file_org_id_looked_at", "org_id", "looked_at"),
        Index(
            "ix_stored_file_quarantined",
            "org_id",
            postgresql_where="state = 'quarantined'",
        ),
    )


class DataMap(Base, TenantRow):
    """How one source's columns and codes become ours. A change makes a version."""

    __tablename__ = "data_map"

    feed: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_by_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "feed", "source", "version"),
        parent("created_by_id", "membership"),
    )


class ImportBatch(Base, TenantRow):
    """One file's way in. `report` is what the check found, counts and rows by code."""

    __tablename__ = "import_batch"

    reference: Mapped[str] = mapped_column(Text)
    feed: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    file_id: Mapped[UUID]
    sha256: Mapped[str] = mapped_column(Text)
    data_map_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(Text)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    rows_total: Mapped[int] = mapped_column(server_default="0")
    rows_done: Mapped[int] = mapped_column(server_default="0")
    accepted: Mapped[int] = mapped_column(server_default="0")
    rejected: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str] = mapped_column(Text, server_default="")
    created_by_id: Mapped[UUID | None]
    loaded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by_id: Mapped[UUID | None]

    __table_args__ = (
        parent("file_id", "stored_file"),
        parent("data_map_id", "data_map"),
        parent("created_by_id", "membership"),
        parent("undone_by_id", "membership"),
        CheckConstraint(
            "status IN ('mapping', 'previewed', 'queued', 'loading', 'loaded', 'failed', 'undone',"
            " 'cancelled')",
            name="status",
        ),
        Index("ix_import_batch_org_id_sha256", "org_id", "feed", "sha256"),
        Index("ix_import_batch_org_id_created_at", "org_id", "created_at"),
    )


class QuarantinedRow(Base, TenantRow):
    """A row that was not loaded, why, and what became of it."""

    __tablename__ = "quarantined_row"

    batch_id: Mapped[UUID]
    row_no: Mapped[int]
    code: Mapped[str] = mapped_column(Text)
    field: Mapped[str | None] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    raw: Mapped[dict[str, Any]] = mapped_column(JSONB)
    corrected: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(Text, server_default="waiting")
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "batch_id", "row_no"),
        parent("batch_id", "import_batch"),
        parent("decided_by_id", "membership"),
        CheckConstraint("status IN ('waiting', 'loaded', 'dismissed')", name="status"),
    )


class HeldText(Base, TenantRow):
    """Free text that may name someone, kept apart until a person decides.

    The record itself shows the redacted text meanwhile. `original` is emptied by a decision to
    keep it redacted.
    """

    __tablename__ = "held_text"

    batch_id: Mapped[UUID]
    row_no: Mapped[int]
    table_name: Mapped[str] = mapped_column(Text)
    record_id: Mapped[UUID]
    service_id: Mapped[UUID | None]
    field: Mapped[str] = mapped_column(Text)
    original: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    fingerprint: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="held")
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        parent("batch_id", "import_batch"),
        parent("service_id", "service"),
        parent("decided_by_id", "membership"),
        CheckConstraint("status IN ('held', 'released', 'redacted')", name="status"),
        Index("ix_held_text_org_id_status", "org_id", "status"),
        Index("ix_held_text_org_id_fingerprint", "org_id", "fingerprint"),
        Index("ix_held_text_org_id_batch_id", "org_id", "batch_id"),
    )


class SupersededRow(Base, TenantRow):
    """An earlier version of a row of `table_name`, as it stood; a later one took its place.

    `replaced_by_batch_id` None: an undone import withdrew the row.
    """

    __tablename__ = "superseded_row"

    table_name: Mapped[str] = mapped_column(Text)
    record_id: Mapped[UUID]
    batch_id: Mapped[UUID | None]
    replaced_by_batch_id: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    superseded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        parent("batch_id", "import_batch"),
        parent("replaced_by_batch_id", "import_batch"),
        Index("ix_superseded_row_org_id_record_id", "org_id", "table_name", "record_id"),
        Index("ix_superseded_row_org_id_replaced_by", "org_id", "replaced_by_batch_id"),
    )

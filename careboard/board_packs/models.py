"""Board packs: what was asked for, how far the worker is, and the two files that came of it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class BoardPack(Base, TenantRow):
    """A pack of papers for the board. Once done it is never changed.

    `progress` runs from 0 to 100 and `step` says in words what is being done. A worker holds a
    pack by `lease_token` until `lease_until`; `attempts` counts how often it was taken up.
    `audit_seq` and `audit_hash` are the head of the audit chain at the moment that it shows.
    """

    __tablename__ = "board_pack"

    reference: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    period_from: Mapped[date]
    period_to: Mapped[date]
    review_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(Text, server_default="queued")
    progress: Mapped[int] = mapped_column(server_default="0")
    step: Mapped[str] = mapped_column(Text, server_default="")
    error: Mapped[str] = mapped_column(Text, server_default="")
    requested_by_id: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    pdf_file_id: Mapped[UUID | None]
    zip_file_id: Mapped[UUID | None]
    pdf_sha256: Mapped[str | None] = mapped_column(Text)
    zip_sha256: Mapped[str | None] = mapped_column(Text)
    audit_seq: Mapped[int | None] = mapped_column(BigInteger)
    audit_hash: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("review_id", "review"),
        parent("requested_by_id", "membership"),
        parent("pdf_file_id", "stored_file"),
        parent("zip_file_id", "stored_file"),
        CheckConstraint("title <> ''", name="title"),
        CheckConstraint("period_from <= period_to", name="period"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("status IN ('queued', 'working', 'done', 'failed')", name="status"),
        CheckConstraint(
            "(status = 'working') = (num_nonnulls(lease_token, lease_until) = 2)", name="lease"
        ),
        CheckConstraint(
            "num_nonnulls(pdf_file_id, zip_file_id, pdf_sha256, zip_sha256, audit_seq, "
            "audit_hash, finished_at) = CASE WHEN status = 'done' THEN 7 ELSE 0 END",
            name="done",
        ),
        CheckConstraint("status <> 'failed' OR error <> ''", name="failed"),
        Index("ix_board_pack_org_id_created_at", "org_id", "created_at"),
        Index(
            "uq_board_pack_in_hand",
            "org_id",
            "period_from",
            "period_to",
            "review_id",
            unique=True,
            postgresql_where="status IN ('queued', 'working')",
            postgresql_nulls_not_distinct=True,
        ),
    )

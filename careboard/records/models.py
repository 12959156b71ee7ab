"""The provider's own records: audits, their concerns, and concerns of every other kind."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent
from careboard.imports.provenance import Imported


class Audit(Base, TenantRow, Imported):
    """One audit's score for a theme. Scores are in hundredths, so that they index as integers."""

    __tablename__ = "audit"

    service_id: Mapped[UUID]
    theme: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = mapped_column(Text)
    cycle: Mapped[str] = mapped_column(Text)
    completed_on: Mapped[date]
    score: Mapped[int | None]
    max_score: Mapped[int | None]
    rag: Mapped[str | None] = mapped_column(Text)
    auditor: Mapped[str] = mapped_column(Text, server_default="")
    evidence_source: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "source_key"),
        parent("service_id", "service"),
        parent("batch_id", "import_batch"),
        CheckConstraint("rag IN ('green', 'amber', 'red')", name="rag"),
        Index("ix_audit_org_id_completed_on", "org_id", "completed_on"),
        Index("ix_audit_org_id_service_id", "org_id", "service_id", "completed_on"),
    )


class AuditConcern(Base, TenantRow, Imported):
    """A finding of an audit. Amber or red and open, it is a dashboard audit risk (rule N1).

    `closed_by_id` and `close_reason` tell of one closed in CareBoard, not by its source.
    """

    __tablename__ = "audit_concern"

    audit_id: Mapped[UUID | None]
    service_id: Mapped[UUID]
    theme: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = mapped_column(Text)
    raised_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    closed_on: Mapped[date | None]
    close_reason: Mapped[str] = mapped_column(Text, server_default="")
    closed_by_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "source_key"),
        parent("audit_id", "audit"),
        parent("service_id", "service"),
        parent("closed_by_id", "membership"),
        parent("batch_id", "import_batch"),
        CheckConstraint("severity IN ('green', 'amber', 'red')", name="severity"),
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        Index("ix_audit_concern_org_id_status", "org_id", "status", "severity"),
        Index("ix_audit_concern_org_id_service_id", "org_id", "service_id", "raised_on"),
        Index("ix_audit_concern_org_id_audit_id", "org_id", "audit_id"),
    )


class Concern(Base, TenantRow, Imported):
    """One intelligence item: incident, complaint, feedback, safeguarding, commissioner query.

    What the kinds share has columns; what one alone has stands in `details` under its canonical
    field name. `person_ref` is a keyed hash, never a name. Since `disposed_on` its words are gone.
    """

    __tablename__ = "concern"

    kind: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    domain: Mapped[str] = mapped_column(Text)
    occurred_on: Mapped[date]
    occurred_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    theme: Mapped[str] = mapped_column(Text, server_default="")
    level: Mapped[str] = mapped_column(Text, server_default="")
    place: Mapped[str] = mapped_column(Text, server_default="")
    source_role: Mapped[str] = mapped_column(Text, server_default="")
    person_ref: Mapped[str] = mapped_column(Text, server_default="")
    status: Mapped[str] = mapped_column(Text, server_default="")
    closed_on: Mapped[date | None]
    score: Mapped[int | None]
    max_score: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text, server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    disposed_on: Mapped[date | None]

    __table_args__ = (
        Unique("org_id", "kind", "source_key"),
        parent("service_id", "service"),
        parent("batch_id", "import_batch"),
        CheckConstraint(
            "kind IN ('incident', 'complaint', 'feedback', 'safeguarding', 'commissioner_query')",
            name="kind",
        ),
        Index("ix_concern_org_id_kind_occurred_on", "org_id", "kind", "occurred_on"),
        Index("ix_concern_org_id_service_id", "org_id", "service_id", "occurred_on"),
    )

"""Actions: what someone undertook to do, by when, and how it is known that it worked."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Numeric, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent
from careboard.imports.provenance import Imported


class Action(Base, TenantRow, Imported):
    """An action. An owner who has no sign-in is known by `owner_name` and `owner_email` alone.

    `source_reference` is the reference of the record it answers as the source wrote it;
    `updated_on` is the last day on which its status was confirmed. `measure` is a code of
    `measures.MEASURES`; its baseline is taken when the measure is named, and never again.
    """

    __tablename__ = "action"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    domain: Mapped[str | None] = mapped_column(Text)
    audit_concern_id: Mapped[UUID | None]
    concern_id: Mapped[UUID | None]
    risk_id: Mapped[UUID | None]
    plan_id: Mapped[UUID | None]
    episode_id: Mapped[UUID | None]
    priority: Mapped[bool] = mapped_column(server_default="false")
    source_reference: Mapped[str] = mapped_column(Text, server_default="")
    title: Mapped[str] = mapped_column(Text)
    outcome_measure: Mapped[str] = mapped_column(Text, server_default="")
    baseline: Mapped[str] = mapped_column(Text, server_default="")
    measure: Mapped[str | None] = mapped_column(Text)
    measure_theme: Mapped[str] = mapped_column(Text, server_default="")
    baseline_value: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    target_value: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    lag_days: Mapped[int] = mapped_column(server_default="14")
    evidence_required: Mapped[str] = mapped_column(Text, server_default="")
    owner_id: Mapped[UUID | None]
    owner_name: Mapped[str] = mapped_column(Text, server_default="")
    owner_email: Mapped[str] = mapped_column(Text, server_default="")
    due_on: Mapped[date | None]
    original_due_on: Mapped[date | None]
    extensions: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[str] = mapped_column(Text)
    completion_detail: Mapped[str] = mapped_column(Text, server_default="")
    completed_on: Mapped[date | None]
    completed_by_id: Mapped[UUID | None]
    verified_by_id: Mapped[UUID | None]
    verified_on: Mapped[date | None]
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")
    return_reason: Mapped[str] = mapped_column(Text, server_default="")
    cancel_reason: Mapped[str] = mapped_column(Text, server_default="")
    updated_on: Mapped[date | None]
    created_by_id: Mapped[UUID | None]
    lock_version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": lock_version}
    __table_args__ = (
        Unique("org_id", "reference"),
        Unique("org_id", "source_key"),
        parent("service_id", "service"),
        parent("audit_concern_id", "audit_concern"),
        parent("concern_id", "concern"),
        parent("risk_id", "risk"),
        parent("plan_id", "recovery_plan"),
        parent("episode_id", "monitoring_episode"),
        parent("owner_id", "membership"),
        parent("completed_by_id", "membership"),
        parent("verified_by_id", "membership"),
        parent("created_by_id", "membership"),
        parent("batch_id", "import_batch"),
        CheckConstraint(
            "status IN ('draft', 'open', 'in_progress', 'completed', 'verified', 'cancelled')",
            name="status",
        ),
        CheckConstraint(
            "status IN ('draft', 'cancelled') OR batch_id IS NOT NULL OR ("
            "owner_id IS NOT NULL AND due_on IS NOT NULL AND outcome_measure <> '' "
            "AND baseline <> '' AND evidence_required <> '')",
            name="not_vague",
        ),
        CheckConstraint(
            "verified_by_id IS NULL OR same_person_reason <> '' OR "
            "(verified_by_id IS DISTINCT FROM completed_by_id "
            "AND verified_by_id IS DISTINCT FROM owner_id)",
            name="verified_by_someone_else",
        ),
        CheckConstraint(
            "status <> 'cancelled' OR cancel_reason <> '' OR batch_id IS NOT NULL",
            name="cancel_reason",
        ),
        CheckConstraint(
            "measure IS NULL OR status IN ('draft', 'cancelled') "
            "OR coalesce(target_value <> baseline_value, false)",
            name="measured",
        ),
        CheckConstraint("lag_days BETWEEN 0 AND 365", name="lag_days"),
        Index("ix_action_org_id_status_due_on", "org_id", "status", "due_on"),
        Index("ix_action_org_id_owner_id", "org_id", "owner_id"),
        Index("ix_action_org_id_service_id", "org_id", "service_id"),
        Index("ix_action_org_id_audit_concern_id", "org_id", "audit_concern_id"),
        Index("ix_action_org_id_concern_id", "org_id", "concern_id"),
        Index("ix_action_org_id_risk_id", "org_id", "risk_id"),
        Index("ix_action_org_id_plan_id", "org_id", "plan_id"),
        Index("ix_action_org_id_episode_id", "org_id", "episode_id"),
        Index(
            "ix_action_org_id_measure",
            "org_id",
            postgresql_where="measure IS NOT NULL AND status = 'verified'",
        ),
    )


class ActionUpdate(Base, TenantRow):
    """One thing that happened to an action; never changed afterwards."""

    __tablename__ = "action_update"

    action_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    by_id: Mapped[UUID | None]
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")

    __table_args__ = (
        parent("action_id", "action"),
        parent("by_id", "membership"),
        CheckConstraint(
            "kind IN ('created', 'opened', 'started', 'noted', 'completed', 'verified', "
            "'returned', 'extended', 'reassigned', 'cancelled', 'imported', 'escalated')",
            name="kind",
        ),
        Index("ix_action_update_org_id_action_id", "org_id", "action_id", "happened_at"),
        Index("ix_action_update_org_id_happened_at", "org_id", "happened_at"),
    )


class OutcomeReading(Base, TenantRow):
    """A value of an action's measure, entered by hand; never changed.

    Of several for one day the one entered last counts.
    """

    __tablename__ = "outcome_reading"

    action_id: Mapped[UUID]
    on_date: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    by_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        parent("action_id", "action"),
        parent("by_id", "membership"),
        Index("ix_outcome_reading_org_id_action_id", "org_id", "action_id", "on_date"),
    )

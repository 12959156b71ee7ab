"""Claims about a service, their validation by someone else, and the samples drawn for it.

Source: DESIGN section 4; steps S0-3.1 and S0-3.2; rules 3.3, unsupported assurance.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent

_DEGREES = "('yes', 'partly', 'no')"
_OUTCOMES = "('proves', 'partly', 'does_not_prove')"


class Claim(Base, TenantRow):
    """Something that is said to be so, with the evidence attached to it.

    `submitted_by_id` is its author, also of a draft. `outcome` and what follows repeat its
    completed validation. A service assurance return is a claim about a risk, a monitoring return
    what a manager claims of one week of an episode, a recovery update what is claimed of one
    fortnight.
    """

    __tablename__ = "claim"

    reference: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    domain: Mapped[str | None] = mapped_column(Text)
    risk_id: Mapped[UUID | None]
    statement: Mapped[str] = mapped_column(Text)
    period_from: Mapped[date]
    period_to: Mapped[date]
    status: Mapped[str] = mapped_column(Text)
    submitted_by_id: Mapped[UUID]
    submitted_on: Mapped[date | None]
    withdraw_reason: Mapped[str] = mapped_column(Text, server_default="")
    outcome: Mapped[str | None] = mapped_column(Text)
    unsupported: Mapped[bool] = mapped_column(server_default="false")
    validated_by_id: Mapped[UUID | None]
    validated_on: Mapped[date | None]

    __table_args__ = (
        Unique("org_id", "reference"),
        Unique("org_id", "id", "submitted_by_id"),
        parent("service_id", "service"),
        parent("risk_id", "risk"),
        parent("submitted_by_id", "membership"),
        parent("validated_by_id", "membership"),
        CheckConstraint(
            "kind IN ('claim', 'assurance_return', 'monitoring_return', 'recovery_update')",
            name="kind",
        ),
        CheckConstraint(
            "kind <> 'assurance_return' OR risk_id IS NOT NULL", name="return_about_a_risk"
        ),
        CheckConstraint(
            "status IN ('draft', 'submitted', 'validated', 'withdrawn')", name="status"
        ),
        CheckConstraint("statement <> ''", name="statement"),
        CheckConstraint("period_from <= period_to", name="period"),
        CheckConstraint(
            "status NOT IN ('submitted', 'validated') OR submitted_on IS NOT NULL",
            name="submitted",
        ),
        CheckConstraint("status <> 'withdrawn' OR withdraw_reason <> ''", name="withdraw_reason"),
        CheckConstraint(f"outcome IN {_OUTCOMES}", name="outcome"),
        CheckConstraint(
            "CASE WHEN status = 'validated' "
            "THEN num_nulls(outcome, validated_by_id, validated_on) = 0 "
            "ELSE num_nonnulls(outcome, validated_by_id, validated_on) = 0 AND NOT unsupported END",
            name="validated",
        ),
        Index("ix_claim_org_id_status", "org_id", "status", "submitted_on"),
        Index("ix_claim_org_id_service_id", "org_id", "service_id"),
        Index("ix_claim_org_id_risk_id", "org_id", "risk_id"),
    )


class Validation(Base, TenantRow):
    """One claim's check by someone else; never changed once `completed_on` is set.

    `sampled` counts the rows compared with their source, `matched` those that agree, `critical`
    those that contradict a claim of safety.
    """

    __tablename__ = "validation"

    claim_id: Mapped[UUID]
    submitted_by_id: Mapped[UUID]
    validated_by_id: Mapped[UUID]
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")
    relevant: Mapped[str | None] = mapped_column(Text)
    relevant_note: Mapped[str] = mapped_column(Text, server_default="")
    is_current: Mapped[str | None] = mapped_column(Text)
    is_current_note: Mapped[str] = mapped_column(Text, server_default="")
    sufficient: Mapped[str | None] = mapped_column(Text)
    sufficient_note: Mapped[str] = mapped_column(Text, server_default="")
    findings: Mapped[str] = mapped_column(Text, server_default="")
    outcome: Mapped[str | None] = mapped_column(Text)
    sampled: Mapped[int] = mapped_column(server_default="0")
    matched: Mapped[int] = mapped_column(server_default="0")
    critical: Mapped[int] = mapped_column(server_default="0")
    unsupported: Mapped[bool] = mapped_column(server_default="false")
    started_on: Mapped[date]
    completed_on: Mapped[date | None]

    __table_args__ = (
        Unique("org_id", "claim_id"),
        ForeignKeyConstraint(
            ["org_id", "claim_id", "submitted_by_id"],
            ["claim.org_id", "claim.id", "claim.submitted_by_id"],
        ),
        parent("validated_by_id", "membership"),
        CheckConstraint(
            "validated_by_id <> submitted_by_id OR same_person_reason <> ''",
            name="validated_by_someone_else",
        ),
        CheckConstraint(f"relevant IN {_DEGREES}", name="relevant"),
        CheckConstraint(f"is_current IN {_DEGREES}", name="is_current"),
        CheckConstraint(f"sufficient IN {_DEGREES}", name="sufficient"),
        CheckConstraint(f"outcome IN {_OUTCOMES}", name="outcome"),
        CheckConstraint(
            "0 <= critical AND 0 <= matched AND matched + critical <= sampled", name="counts"
        ),
        CheckConstraint(
            "completed_on IS NULL OR (num_nulls(relevant, is_current, sufficient, outcome) = 0 "
            "AND findings <> '')",
            name="completed",
        ),
        CheckConstraint(
            "completed_on IS NULL OR outcome = 'does_not_prove' OR sampled > 0", name="sampled"
        ),
        CheckConstraint(
            "completed_on IS NULL OR unsupported = (critical > 0 OR matched * 100 < sampled * 90)",
            name="unsupported",
        ),
    )


class Sample(Base, TenantRow):
    """A random sample, with all that is needed to draw it again. Never changed.

    `population` has a line for every row that could have been drawn (see `sampling`).
    """

    __tablename__ = "sample"

    validation_id: Mapped[UUID]
    number: Mapped[int]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    size: Mapped[int]
    seed: Mapped[str] = mapped_column(Text)
    population: Mapped[str] = mapped_column(Text)
    population_size: Mapped[int]
    population_sha256: Mapped[str] = mapped_column(Text)
    redraw_reason: Mapped[str] = mapped_column(Text, server_default="")
    drawn_by_id: Mapped[UUID]
    drawn_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Unique("org_id", "validation_id", "number"),
        parent("validation_id", "validation"),
        parent("drawn_by_id", "membership"),
        CheckConstraint("number >= 1 AND (number = 1 OR redraw_reason <> '')", name="redraw"),
        CheckConstraint("size BETWEEN 1 AND population_size", name="size"),
    )


class SampleItem(Base, TenantRow):
    """One drawn row and what its source says. `label` is what the row was called when drawn."""

    __tablename__ = "sample_item"

    sample_id: Mapped[UUID]
    position: Mapped[int]
    record_kind: Mapped[str] = mapped_column(Text)
    record_id: Mapped[UUID]
    label: Mapped[str] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, server_default="")
    critical: Mapped[bool] = mapped_column(server_default="false")
    checked_by_id: Mapped[UUID | None]
    checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Unique("org_id", "sample_id", "position"),
        Unique("org_id", "sample_id", "record_kind", "record_id"),
        parent("sample_id", "sample"),
        parent("checked_by_id", "membership"),
        CheckConstraint(
            "record_kind IN ('audit', 'audit_concern', 'concern', 'action', 'evidence')",
            name="record_kind",
        ),
        CheckConstraint("result IN ('matches', 'mismatch', 'not_found')", name="result"),
        CheckConstraint(
            "result IS NULL OR result = 'matches' OR description <> ''", name="described"
        ),
        CheckConstraint(
            "NOT critical OR (result IS NOT NULL AND result <> 'matches')", name="critical"
        ),
        CheckConstraint("(result IS NULL) = (checked_by_id IS NULL)", name="checked"),
    )

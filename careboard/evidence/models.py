"""Evidence: files and links that a claim rests on, in immutable revisions."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class Evidence(Base, TenantRow):
    """One item of evidence, of one of the four kinds, for a period, valid until a date."""

    __tablename__ = "evidence"

    reference: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID | None]
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    valid_until: Mapped[date]
    status: Mapped[str] = mapped_column(Text)
    submitted_by_id: Mapped[UUID | None]
    decided_by_id: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    decision_note: Mapped[str] = mapped_column(Text, server_default="")
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("submitted_by_id", "membership"),
        parent("decided_by_id", "membership"),
        CheckConstraint(
            "kind IN ('audits', 'care_records', 'feedback', 'staff_practice')", name="kind"
        ),
        CheckConstraint(
            "status IN ('draft', 'submitted', 'in_review', 'accepted', 'rejected', "
            "'change_requested', 'withdrawn')",
            name="status",
        ),
        CheckConstraint("period_from <= period_to", name="period"),
        CheckConstraint(
            "status NOT IN ('accepted', 'rejected', 'change_requested') OR decided_by_id IS NULL "
            "OR decided_by_id IS DISTINCT FROM submitted_by_id OR same_person_reason <> ''",
            name="judged_by_another",
        ),
        CheckConstraint(
            "same_person_reason = '' OR decided_by_id IS NOT NULL "
            "AND status IN ('accepted', 'rejected', 'change_requested')",
            name="exception",
        ),
        Index("ix_evidence_org_id_service_id", "org_id", "service_id"),
        Index("ix_evidence_org_id_valid_until", "org_id", "valid_until"),
    )


class EvidenceRevision(Base, TenantRow):
    """What the evidence is: a stored file or a link to a source record. Never changed."""

    __tablename__ = "evidence_revision"

    evidence_id: Mapped[UUID]
    number: Mapped[int]
    file_id: Mapped[UUID | None]
    source_link: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    created_by_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "evidence_id", "number"),
        parent("evidence_id", "evidence"),
        parent("file_id", "stored_file"),
        parent("created_by_id", "membership"),
        CheckConstraint("num_nonnulls(file_id, source_link) = 1", name="file_or_link"),
    )


class EvidenceLink(Base, TenantRow):
    """What an item of evidence is attached to: exactly one thing per link."""

    __tablename__ = "evidence_link"

    evidence_id: Mapped[UUID]
    action_id: Mapped[UUID | None]
    audit_concern_id: Mapped[UUID | None]
    concern_id: Mapped[UUID | None]
    risk_id: Mapped[UUID | None]
    rating_review_id: Mapped[UUID | None]
    claim_id: Mapped[UUID | None]
    dispute_id: Mapped[UUID | None]
    plan_id: Mapped[UUID | None]
    created_by_id: Mapped[UUID | None]

    __table_args__ = (
        Unique(
            "org_id",
            "evidence_id",
            "action_id",
            "audit_concern_id",
            "concern_id",
            "risk_id",
            "rating_review_id",
            "claim_id",
            "dispute_id",
            "plan_id",
            name="uq_evidence_link_target",
            postgresql_nulls_not_distinct=True,
        ),
        parent("evidence_id", "evidence"),
        parent("action_id", "action"),
        parent("audit_concern_id", "audit_concern"),
        parent("concern_id", "concern"),
        parent("risk_id", "risk"),
        parent("rating_review_id", "rating_review"),
        parent("claim_id", "claim"),
        parent("dispute_id", "rating_dispute"),
        parent("plan_id", "recovery_plan"),
        parent("created_by_id", "membership"),
        CheckConstraint(
            "num_nonnulls(action_id, audit_concern_id, concern_id, risk_id, rating_review_id, "
            "claim_id, dispute_id, plan_id) = 1",
            name="one_target",
        ),
        Index("ix_evidence_link_org_id_action_id", "org_id", "action_id"),
        Index("ix_evidence_link_org_id_audit_concern_id", "org_id", "audit_concern_id"),
        Index("ix_evidence_link_org_id_risk_id", "org_id", "risk_id"),
        Index("ix_evidence_link_org_id_rating_review_id", "org_id", "rating_review_id"),
        Index("ix_evidence_link_org_id_claim_id", "org_id", "claim_id"),
        Index("ix_evidence_link_org_id_dispute_id", "org_id", "dispute_id"),
        Index("ix_evidence_link_org_id_plan_id", "org_id", "plan_id"),
    )

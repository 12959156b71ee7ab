"""The risk profile and actions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_actions"
down_revision = "0002_records"


def upgrade() -> None:
    op.create_table(
        "risk",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("original_cause", sa.Text(), nullable=False),
        sa.Column("rating", sa.Text(), nullable=False),
        sa.Column("rated_on", sa.Date(), nullable=False),
        sa.Column("rating_review_id", sa.Uuid(), nullable=True),
        sa.Column("outcome_position", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "domain IN ('safety', 'medicines', 'safeguarding', 'staffing', 'complaints', 'experience', 'records', 'audits')",
            name=op.f("ck_risk_domain"),
        ),
        sa.CheckConstraint("original_cause <> ''", name=op.f("ck_risk_original_cause")),
        sa.CheckConstraint(
            "rating IN ('low', 'moderate', 'high', 'very_high')", name=op.f("ck_risk_rating")
        ),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_risk_status")),
        sa.ForeignKeyConstraint(
            ["org_id", "opened_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_risk_org_id_opened_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_risk_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_risk_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_risk")),
        sa.UniqueConstraint("org_id", "reference", name=op.f("uq_risk_org_id_reference")),
    )
    op.create_index(
        "uq_risk_org_id_service_id_domain",
        "risk",
        ["org_id", "service_id", "domain"],
        unique=True,
        postgresql_where="status = 'open'",
    )
    op.create_table(
        "rating_review",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("risk_id", sa.Uuid(), nullable=False),
        sa.Column("rating_from", sa.Text(), nullable=True),
        sa.Column("rating_to", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("outcome_position", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "decision IN ('set', 'raise', 'hold', 'lower')", name=op.f("ck_rating_review_decision")
        ),
        sa.CheckConstraint(
            "rating_from IN ('low', 'moderate', 'high', 'very_high')",
            name=op.f("ck_rating_review_rating_from"),
        ),
        sa.CheckConstraint(
            "rating_to IN ('low', 'moderate', 'high', 'very_high')",
            name=op.f("ck_rating_review_rating_to"),
        ),
        sa.CheckConstraint("rationale <> ''", name=op.f("ck_rating_review_rationale")),
        sa.ForeignKeyConstraint(
            ["org_id", "decided_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_rating_review_org_id_decided_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "risk_id"],
            ["risk.org_id", "risk.id"],
            name=op.f("fk_rating_review_org_id_risk_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_rating_review_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_rating_review")),
    )
    op.create_index(
        "ix_rating_review_org_id_decided_on",
        "rating_review",
        ["org_id", "decided_on"],
        unique=False,
    )
    op.create_index(
        "ix_rating_review_org_id_risk_id",
        "rating_review",
        ["org_id", "risk_id", "decided_at"],
        unique=False,
    )
    op.create_table(
        "action",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("audit_concern_id", sa.Uuid(), nullable=True),
        sa.Column("concern_id", sa.Uuid(), nullable=True),
        sa.Column("risk_id", sa.Uuid(), nullable=True),
        sa.Column("source_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("outcome_measure", sa.Text(), server_default="", nullable=False),
        sa.Column("baseline", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence_required", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("owner_name", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_email", sa.Text(), server_default="", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("original_due_on", sa.Date(), nullable=True),
        sa.Column("extensions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("completion_detail", sa.Text(), server_default="", nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("completed_by_id", sa.Uuid(), nullable=True),
        sa.Column("verified_by_id", sa.Uuid(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("same_person_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("return_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("cancel_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("lock_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("row_no", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status <> 'cancelled' OR cancel_reason <> '' OR batch_id IS NOT NULL",
            name=op.f("ck_action_cancel_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'cancelled') OR batch_id IS NOT NULL OR (owner_id IS NOT NULL AND due_on IS NOT NULL AND outcome_measure <> '' AND baseline <> '' AND evidence_required <> '')",
            name=op.f("ck_action_not_vague"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'open', 'in_progress', 'completed', 'verified', 'cancelled')",
            name=op.f("ck_action_status"),
        ),
        sa.CheckConstraint(
            "verified_by_id IS NULL OR same_person_reason <> '' OR (verified_by_id IS DISTINCT FROM completed_by_id AND verified_by_id IS DISTINCT FROM owner_id)",
            name=op.f("ck_action_verified_by_someone_else"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "audit_concern_id"],
            ["audit_concern.org_id", "audit_concern.id"],
            name=op.f("fk_action_org_id_audit_concern_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_action_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "completed_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_action_org_id_completed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "concern_id"],
            ["concern.org_id", "concern.id"],
            name=op.f("fk_action_org_id_concern_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "created_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_action_org_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "owner_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_action_org_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "risk_id"], ["risk.org_id", "risk.id"], name=op.f("fk_action_org_id_risk_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_action_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "verified_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_action_org_id_verified_by_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_action_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_action")),
        sa.UniqueConstraint("org_id", "reference", name=op.f("uq_action_org_id_reference")),
        sa.UniqueConstraint("org_id", "source_key", name=op.f("uq_action_org_id_source_key")),
    )
    op.create_index(
        "ix_action_org_id_audit_concern_id", "action", ["org_id", "audit_concern_id"], unique=False
    )
    op.create_index("ix_action_org_id_concern_id", "action", ["org_id", "concern_id"], unique=False)
    op.create_index("ix_action_org_id_owner_id", "action", ["org_id", "owner_id"], unique=False)
    op.create_index("ix_action_org_id_risk_id", "action", ["org_id", "risk_id"], unique=False)
    op.create_index("ix_action_org_id_service_id", "action", ["org_id", "service_id"], unique=False)
    op.create_index(
        "ix_action_org_id_status_due_on", "action", ["org_id", "status", "due_on"], unique=False
    )
    op.create_table(
        "action_update",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "changes", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('created', 'opened', 'started', 'noted', 'completed', 'verified', 'returned', 'extended', 'reassigned', 'cancelled', 'imported', 'escalated')",
            name=op.f("ck_action_update_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "action_id"],
            ["action.org_id", "action.id"],
            name=op.f("fk_action_update_org_id_action_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_action_update_org_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_action_update_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_action_update")),
    )
    op.create_index(
        "ix_action_update_org_id_action_id",
        "action_update",
        ["org_id", "action_id", "happened_at"],
        unique=False,
    )
    op.create_index(
        "ix_action_update_org_id_happened_at",
        "action_update",
        ["org_id", "happened_at"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("action_update")
    op.drop_table("action")
    op.drop_table("rating_review")
    op.drop_table("risk")

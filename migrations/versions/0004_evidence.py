"""Evidence and what it is attached to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_evidence"
down_revision = "0003_actions"


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_note", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('audits', 'care_records', 'feedback', 'staff_practice')",
            name=op.f("ck_evidence_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'in_review', 'accepted', 'rejected', 'change_requested', 'withdrawn')",
            name=op.f("ck_evidence_status"),
        ),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_evidence_period")),
        sa.ForeignKeyConstraint(
            ["org_id", "decided_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_evidence_org_id_decided_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_evidence_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "submitted_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_evidence_org_id_submitted_by_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_evidence_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("org_id", "reference", name=op.f("uq_evidence_org_id_reference")),
    )
    op.create_index(
        "ix_evidence_org_id_service_id", "evidence", ["org_id", "service_id"], unique=False
    )
    op.create_index(
        "ix_evidence_org_id_valid_until", "evidence", ["org_id", "valid_until"], unique=False
    )
    op.create_table(
        "evidence_revision",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("source_link", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "num_nonnulls(file_id, source_link) = 1", name=op.f("ck_evidence_revision_file_or_link")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "created_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_evidence_revision_org_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "evidence_id"],
            ["evidence.org_id", "evidence.id"],
            name=op.f("fk_evidence_revision_org_id_evidence_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "file_id"],
            ["stored_file.org_id", "stored_file.id"],
            name=op.f("fk_evidence_revision_org_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_evidence_revision_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_evidence_revision")),
        sa.UniqueConstraint(
            "org_id",
            "evidence_id",
            "number",
            name=op.f("uq_evidence_revision_org_id_evidence_id_number"),
        ),
    )
    op.create_table(
        "evidence_link",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("audit_concern_id", sa.Uuid(), nullable=True),
        sa.Column("concern_id", sa.Uuid(), nullable=True),
        sa.Column("risk_id", sa.Uuid(), nullable=True),
        sa.Column("rating_review_id", sa.Uuid(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "num_nonnulls(action_id, audit_concern_id, concern_id, risk_id, rating_review_id) = 1",
            name=op.f("ck_evidence_link_one_target"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "action_id"],
            ["action.org_id", "action.id"],
            name=op.f("fk_evidence_link_org_id_action_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "audit_concern_id"],
            ["audit_concern.org_id", "audit_concern.id"],
            name=op.f("fk_evidence_link_org_id_audit_concern_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "concern_id"],
            ["concern.org_id", "concern.id"],
            name=op.f("fk_evidence_link_org_id_concern_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "created_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_evidence_link_org_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "evidence_id"],
            ["evidence.org_id", "evidence.id"],
            name=op.f("fk_evidence_link_org_id_evidence_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "rating_review_id"],
            ["rating_review.org_id", "rating_review.id"],
            name=op.f("fk_evidence_link_org_id_rating_review_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "risk_id"],
            ["risk.org_id", "risk.id"],
            name=op.f("fk_evidence_link_org_id_risk_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_evidence_link_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_evidence_link")),
        sa.UniqueConstraint(
            "org_id",
            "evidence_id",
            "action_id",
            "audit_concern_id",
            "concern_id",
            "risk_id",
            "rating_review_id",
            name="uq_evidence_link_target",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_evidence_link_org_id_action_id", "evidence_link", ["org_id", "action_id"], unique=False
    )
    op.create_index(
        "ix_evidence_link_org_id_audit_concern_id",
        "evidence_link",
        ["org_id", "audit_concern_id"],
        unique=False,
    )
    op.create_index(
        "ix_evidence_link_org_id_rating_review_id",
        "evidence_link",
        ["org_id", "rating_review_id"],
        unique=False,
    )
    op.create_index(
        "ix_evidence_link_org_id_risk_id", "evidence_link", ["org_id", "risk_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("evidence_link")
    op.drop_table("evidence_revision")
    op.drop_table("evidence")

"""The provider's own records, and what an import held back or superseded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_records"
down_revision = "0001_ground"


def upgrade() -> None:
    op.create_table(
        "quarantined_row",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("raw", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("corrected", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'loaded', 'dismissed')", name=op.f("ck_quarantined_row_status")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_quarantined_row_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "decided_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_quarantined_row_org_id_decided_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_quarantined_row_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_quarantined_row")),
        sa.UniqueConstraint(
            "org_id", "batch_id", "row_no", name=op.f("uq_quarantined_row_org_id_batch_id_row_no")
        ),
    )
    op.create_table(
        "held_text",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), server_default="held", nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status IN ('held', 'released', 'redacted')", name=op.f("ck_held_text_status")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_held_text_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "decided_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_held_text_org_id_decided_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_held_text_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_held_text_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_held_text")),
    )
    op.create_index(
        "ix_held_text_org_id_batch_id", "held_text", ["org_id", "batch_id"], unique=False
    )
    op.create_index("ix_held_text_org_id_status", "held_text", ["org_id", "status"], unique=False)
    op.create_table(
        "superseded_row",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("replaced_by_batch_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_superseded_row_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "replaced_by_batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_superseded_row_org_id_replaced_by_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_superseded_row_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_superseded_row")),
    )
    op.create_index(
        "ix_superseded_row_org_id_record_id",
        "superseded_row",
        ["org_id", "table_name", "record_id"],
        unique=False,
    )
    op.create_index(
        "ix_superseded_row_org_id_replaced_by",
        "superseded_row",
        ["org_id", "replaced_by_batch_id"],
        unique=False,
    )
    op.create_table(
        "audit",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("max_score", sa.Integer(), nullable=True),
        sa.Column("rag", sa.Text(), nullable=True),
        sa.Column("auditor", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence_source", sa.Text(), server_default="", nullable=False),
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
        sa.CheckConstraint("rag IN ('green', 'amber', 'red')", name=op.f("ck_audit_rag")),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_audit_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_audit_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_audit_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_audit")),
        sa.UniqueConstraint("org_id", "source_key", name=op.f("uq_audit_org_id_source_key")),
    )
    op.create_index(
        "ix_audit_org_id_completed_on", "audit", ["org_id", "completed_on"], unique=False
    )
    op.create_index(
        "ix_audit_org_id_service_id",
        "audit",
        ["org_id", "service_id", "completed_on"],
        unique=False,
    )
    op.create_table(
        "audit_concern",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
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
            "severity IN ('green', 'amber', 'red')", name=op.f("ck_audit_concern_severity")
        ),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_audit_concern_status")),
        sa.ForeignKeyConstraint(
            ["org_id", "audit_id"],
            ["audit.org_id", "audit.id"],
            name=op.f("fk_audit_concern_org_id_audit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_audit_concern_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_audit_concern_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_audit_concern_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_audit_concern")),
        sa.UniqueConstraint(
            "org_id", "source_key", name=op.f("uq_audit_concern_org_id_source_key")
        ),
    )
    op.create_index(
        "ix_audit_concern_org_id_audit_id", "audit_concern", ["org_id", "audit_id"], unique=False
    )
    op.create_index(
        "ix_audit_concern_org_id_service_id",
        "audit_concern",
        ["org_id", "service_id", "raised_on"],
        unique=False,
    )
    op.create_index(
        "ix_audit_concern_org_id_status",
        "audit_concern",
        ["org_id", "status", "severity"],
        unique=False,
    )
    op.create_table(
        "concern",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("theme", sa.Text(), server_default="", nullable=False),
        sa.Column("level", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("source_role", sa.Text(), server_default="", nullable=False),
        sa.Column("person_ref", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("max_score", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
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
            "kind IN ('incident', 'complaint', 'feedback', 'safeguarding', 'commissioner_query')",
            name=op.f("ck_concern_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_concern_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_concern_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_concern_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_concern")),
        sa.UniqueConstraint(
            "org_id", "kind", "source_key", name=op.f("uq_concern_org_id_kind_source_key")
        ),
    )
    op.create_index(
        "ix_concern_org_id_kind_occurred_on",
        "concern",
        ["org_id", "kind", "occurred_on"],
        unique=False,
    )
    op.create_index(
        "ix_concern_org_id_service_id",
        "concern",
        ["org_id", "service_id", "occurred_on"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("concern")
    op.drop_table("audit_concern")
    op.drop_table("audit")
    op.drop_table("superseded_row")
    op.drop_table("held_text")
    op.drop_table("quarantined_row")

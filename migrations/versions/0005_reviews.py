"""Sittings, their agendas, decisions and challenges."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_reviews"
down_revision = "0004_evidence"


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("forum", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("assurance", sa.Text(), nullable=True),
        sa.Column("attendance", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "figures", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column("signed_by_id", sa.Uuid(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(status = 'signed') = (signed_at IS NOT NULL AND sha256 IS NOT NULL)",
            name=op.f("ck_review_signed"),
        ),
        sa.CheckConstraint(
            "assurance IN ('given', 'partial', 'withheld')", name=op.f("ck_review_assurance")
        ),
        sa.CheckConstraint(
            "forum IN ('weekly_manager', 'weekly_monitoring', 'monthly_governance', 'fortnightly_recovery', 'quarterly_board', 'quarterly_safeguarding')",
            name=op.f("ck_review_forum"),
        ),
        sa.CheckConstraint("status IN ('open', 'signed')", name=op.f("ck_review_status")),
        sa.ForeignKeyConstraint(
            ["org_id", "opened_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_review_org_id_opened_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_review_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "signed_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_review_org_id_signed_by_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_review_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_review")),
        sa.UniqueConstraint("org_id", "reference", name=op.f("uq_review_org_id_reference")),
    )
    op.create_index(
        "ix_review_org_id_forum", "review", ["org_id", "forum", "period_to"], unique=False
    )
    op.create_table(
        "review_item",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("audit_concern_id", sa.Uuid(), nullable=True),
        sa.Column("risk_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "section IN ('overdue', 'unlinked', 'returned', 'changed', 'challenges', 'added')",
            name=op.f("ck_review_item_section"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "action_id"],
            ["action.org_id", "action.id"],
            name=op.f("fk_review_item_org_id_action_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "audit_concern_id"],
            ["audit_concern.org_id", "audit_concern.id"],
            name=op.f("fk_review_item_org_id_audit_concern_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "review_id"],
            ["review.org_id", "review.id"],
            name=op.f("fk_review_item_org_id_review_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "risk_id"],
            ["risk.org_id", "risk.id"],
            name=op.f("fk_review_item_org_id_risk_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_review_item_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_review_item")),
    )
    op.create_index(
        "ix_review_item_org_id_review_id",
        "review_item",
        ["org_id", "review_id", "position"],
        unique=False,
    )
    op.create_table(
        "review_entry",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('decision', 'challenge', 'note')", name=op.f("ck_review_entry_kind")
        ),
        sa.CheckConstraint("text <> ''", name=op.f("ck_review_entry_text")),
        sa.ForeignKeyConstraint(
            ["org_id", "by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_review_entry_org_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["review_item.org_id", "review_item.id"],
            name=op.f("fk_review_entry_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "review_id"],
            ["review.org_id", "review.id"],
            name=op.f("fk_review_entry_org_id_review_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_review_entry_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_review_entry")),
    )
    op.create_index(
        "ix_review_entry_org_id_review_id",
        "review_entry",
        ["org_id", "review_id", "entered_at"],
        unique=False,
    )
    op.create_table(
        "challenge_answer",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("text <> ''", name=op.f("ck_challenge_answer_text")),
        sa.ForeignKeyConstraint(
            ["org_id", "by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_challenge_answer_org_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "entry_id"],
            ["review_entry.org_id", "review_entry.id"],
            name=op.f("fk_challenge_answer_org_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_challenge_answer_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_challenge_answer")),
        sa.UniqueConstraint("org_id", "entry_id", name=op.f("uq_challenge_answer_org_id_entry_id")),
    )


def downgrade() -> None:
    op.drop_table("challenge_answer")
    op.drop_table("review_entry")
    op.drop_table("review_item")
    op.drop_table("review")

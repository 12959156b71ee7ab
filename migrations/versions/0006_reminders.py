"""E-mail that is owed, and readings of figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_reminders"
down_revision = "0005_reviews"


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column("to_email", sa.Text(), nullable=False),
        sa.Column("to_name", sa.Text(), server_default="", nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="ready", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status IN ('ready', 'sending', 'sent', 'dead', 'suppressed')",
            name=op.f("ck_outbox_status"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "membership_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_outbox_org_id_membership_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_outbox_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("org_id", "dedupe_key", name=op.f("uq_outbox_org_id_dedupe_key")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["not_before"],
        unique=False,
        postgresql_where="status IN ('ready', 'sending')",
    )
    op.create_index("ix_outbox_org_id_created_at", "outbox", ["org_id", "created_at"], unique=False)
    op.create_table(
        "reminder",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Date(), nullable=False),
        sa.Column("to_email", sa.Text(), nullable=False),
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "rule IN ('due_soon', 'due_today', 'overdue', 'manager', 'governance')",
            name=op.f("ck_reminder_rule"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "action_id"],
            ["action.org_id", "action.id"],
            name=op.f("fk_reminder_org_id_action_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "outbox_id"],
            ["outbox.org_id", "outbox.id"],
            name=op.f("fk_reminder_org_id_outbox_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_reminder_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "org_id",
            "action_id",
            "rule",
            "occurrence",
            "to_email",
            name=op.f("uq_reminder_org_id_action_id_rule_occurrence_to_email"),
        ),
    )
    op.create_table(
        "suppression",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email_norm", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "reason IN ('hard_bounce', 'asked')", name=op.f("ck_suppression_reason")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_suppression_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_suppression")),
        sa.UniqueConstraint("org_id", "email_norm", name=op.f("uq_suppression_org_id_email_norm")),
    )
    op.create_table(
        "figure_reading",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("numerator", sa.Integer(), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=True),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_figure_reading_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_figure_reading")),
        sa.UniqueConstraint(
            "org_id",
            "code",
            "version",
            "on_date",
            name=op.f("uq_figure_reading_org_id_code_version_on_date"),
        ),
    )


def downgrade() -> None:
    op.drop_table("figure_reading")
    op.drop_table("suppression")
    op.drop_table("reminder")
    op.drop_table("outbox")

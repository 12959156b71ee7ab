"""The measure of an action's outcome, values of it taken by hand, and reminders of more than
actions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import LASTING, protect

revision = "0020_action_outcomes"
down_revision = "0019_experience"

OF_ACTIONS = (
    "'due_soon', 'due_today', 'overdue', 'manager', 'governance', 'verification'"
)
OF_DUTIES = (
    "'evidence_expiry', 'claim_waiting', 'dispute_due', 'watch_ending', 'return_due', "
    "'experience_due', 'sitting_overdue', 'challenge_open'"
)


def upgrade() -> None:
    op.add_column("action", sa.Column("measure", sa.Text(), nullable=True))
    op.add_column(
        "action", sa.Column("measure_theme", sa.Text(), server_default="", nullable=False)
    )
    op.add_column("action", sa.Column("baseline_value", sa.Numeric(12, 2), nullable=True))
    op.add_column("action", sa.Column("target_value", sa.Numeric(12, 2), nullable=True))
    op.add_column("action", sa.Column("lag_days", sa.Integer(), server_default="14", nullable=False))
    op.create_check_constraint(
        op.f("ck_action_measured"),
        "action",
        "measure IS NULL OR status IN ('draft', 'cancelled') "
        "OR coalesce(target_value <> baseline_value, false)",
    )
    op.create_check_constraint(
        op.f("ck_action_lag_days"), "action", "lag_days BETWEEN 0 AND 365"
    )
    op.create_index(
        "ix_action_org_id_measure",
        "action",
        ["org_id"],
        postgresql_where="measure IS NOT NULL AND status = 'verified'",
    )
    _readings()
    _reminders()


def _readings() -> None:
    op.create_table(
        "outcome_reading",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(12, 2), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "action_id"],
            ["action.org_id", "action.id"],
            name=op.f("fk_outcome_reading_org_id_action_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_outcome_reading_org_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_outcome_reading_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_outcome_reading")),
    )
    op.create_index(
        "ix_outcome_reading_org_id_action_id",
        "outcome_reading",
        ["org_id", "action_id", "on_date"],
    )
    protect("outcome_reading", LASTING)
    op.execute(
        "CREATE TRIGGER outcome_reading_is_kept BEFORE UPDATE ON outcome_reading "
        "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
    )


def _reminders() -> None:
    op.drop_constraint(op.f("fk_reminder_org_id_action_id"), "reminder")
    op.alter_column("reminder", "action_id", new_column_name="subject_id")
    op.execute(
        "ALTER TABLE reminder RENAME CONSTRAINT "
        "uq_reminder_org_id_action_id_rule_occurrence_to_email "
        "TO uq_reminder_org_id_subject_id_rule_occurrence_to_email"
    )
    op.drop_constraint(op.f("ck_reminder_rule"), "reminder")
    op.create_check_constraint(
        op.f("ck_reminder_rule"), "reminder", f"rule IN ({OF_ACTIONS}, {OF_DUTIES})"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_reminder_rule"), "reminder")
    op.execute(
        f"ALTER TABLE reminder ADD CONSTRAINT ck_reminder_rule CHECK (rule IN ({OF_ACTIONS})) "
        "NOT VALID"
    )
    op.execute(
        "ALTER TABLE reminder RENAME CONSTRAINT "
        "uq_reminder_org_id_subject_id_rule_occurrence_to_email "
        "TO uq_reminder_org_id_action_id_rule_occurrence_to_email"
    )
    op.alter_column("reminder", "subject_id", new_column_name="action_id")
    op.execute(
        "ALTER TABLE reminder ADD CONSTRAINT fk_reminder_org_id_action_id "
        "FOREIGN KEY (org_id, action_id) REFERENCES action (org_id, id) NOT VALID"
    )
    op.drop_table("outcome_reading")
    op.drop_index("ix_action_org_id_measure", "action")
    op.drop_constraint(op.f("ck_action_lag_days"), "action")
    op.drop_constraint(op.f("ck_action_measured"), "action")
    for column in ("lag_days", "target_value", "baseline_value", "measure_theme", "measure"):
        op.drop_column("action", column)

"""Completed work that waits for a verifier is reminded of too, and a person finds their own mail."""

from __future__ import annotations

from alembic import op

revision = "0010_verification_reminders"
down_revision = "0009_concern_closing"

RULES = "rule IN ('due_soon', 'due_today', 'overdue', 'manager', 'governance'"

DUE_ORGANISATIONS = """
CREATE OR REPLACE FUNCTION app.organisations_with_due_actions(latest date)
RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id FROM organisation o
  WHERE EXISTS (SELECT FROM action a WHERE a.org_id = o.id
    AND a.status IN ('open', 'in_progress') AND a.due_on <= latest)
"""
COMPLETED = """
  OR EXISTS (SELECT FROM action a WHERE a.org_id = o.id
    AND a.status = 'completed' AND a.completed_by_id IS NOT NULL)
"""


def upgrade() -> None:
    op.drop_constraint(op.f("ck_reminder_rule"), "reminder")
    op.create_check_constraint(op.f("ck_reminder_rule"), "reminder", f"{RULES}, 'verification')")
    op.create_index(
        "ix_outbox_org_id_membership_id", "outbox", ["org_id", "membership_id", "created_at"]
    )
    op.execute(f"{DUE_ORGANISATIONS}{COMPLETED}$$")


def downgrade() -> None:
    op.execute(f"{DUE_ORGANISATIONS}$$")
    op.drop_index("ix_outbox_org_id_membership_id", "outbox")
    op.execute("ALTER TABLE reminder DROP CONSTRAINT ck_reminder_rule")
    op.execute(
        f"ALTER TABLE reminder ADD CONSTRAINT ck_reminder_rule CHECK ({RULES})) NOT VALID"
    )

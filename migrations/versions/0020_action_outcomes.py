"""The measure of an action's outcome, values of it taken by hand, and reminders of more than
actions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import DISPATCH, LASTING, across_organisations, open_to_dispatch, protect

revision = "0020_action_outcomes"
down_revision = "0019_experience"

OF_ACTIONS = (
    "'due_soon', 'due_today', 'overdue', 'manager', 'governance', 'verification'"
)
OF_DUTIES = (
    "'evidence_expiry', 'claim_waiting', 'dispute_due', 'watch_ending', 'return_due', "
    "'experience_due', 'sitting_overdue', 'challenge_open'"
)

DUE_ACTIONS = "app.organisations_with_due_actions(date)"
DUE_WORK = (
    "app.organisations_with_due_work(date, date, timestamptz, date, text[], date[])"
)
LOOKED_AT = (
    *("service", "evidence", "claim", "risk", "rating_dispute", "rating_watch"),
    *("experience_summary", "forum_rule", "review", "review_entry", "challenge_answer"),
)

# Organisations in which somebody may have to be told of something: `day` is the day, `latest` the
# furthest day that a digest looks ahead to. One whose round began at or after `since` is left out.
# `summary_month` is the month whose summary is asked for, `forums` and `ends` say up to when each
# forum must have sat.
ORGANISATIONS = """
CREATE FUNCTION app.organisations_with_due_work(
  day date, latest date, since timestamptz, summary_month date, forums text[], ends date[])
RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id FROM organisation o
  LEFT JOIN heartbeat h ON h.name = 'reminders:' || o.id
  WHERE (since IS NULL OR h.beat_at IS NULL OR h.beat_at < since) AND (
    EXISTS (SELECT FROM action a WHERE a.org_id = o.id
      AND a.status IN ('open', 'in_progress', 'completed') AND a.due_on <= latest)
    OR EXISTS (SELECT FROM action a WHERE a.org_id = o.id
      AND a.status = 'completed' AND a.completed_by_id IS NOT NULL)
    OR EXISTS (SELECT FROM evidence e WHERE e.org_id = o.id
      AND e.status IN ('submitted', 'in_review', 'accepted')
      AND e.valid_until BETWEEN day - 14 AND latest + 30)
    OR EXISTS (SELECT FROM claim c WHERE c.org_id = o.id AND c.status = 'submitted')
    OR EXISTS (SELECT FROM rating_dispute d WHERE d.org_id = o.id AND d.status = 'open')
    OR EXISTS (SELECT FROM rating_watch w WHERE w.org_id = o.id
      AND w.outcome IS NULL AND w.until <= latest + 7)
    OR EXISTS (SELECT FROM risk r WHERE r.org_id = o.id AND r.status = 'open'
      AND r.rated_on BETWEEN day - 50 AND latest - 29)
    OR EXISTS (SELECT FROM review_entry e WHERE e.org_id = o.id AND e.kind = 'challenge'
      AND NOT EXISTS (SELECT FROM challenge_answer w
        WHERE w.org_id = e.org_id AND w.entry_id = e.id))
    OR EXISTS (SELECT FROM experience_summary p WHERE p.org_id = o.id) AND EXISTS (
      SELECT FROM service s WHERE s.org_id = o.id AND s.active AND NOT EXISTS (
        SELECT FROM experience_summary p WHERE p.org_id = o.id AND p.service_id = s.id
          AND p.month = summary_month AND p.superseded_at IS NULL))
    OR EXISTS (SELECT FROM unnest(forums, ends) f (forum, period_end)
      WHERE (EXISTS (SELECT FROM review v WHERE v.org_id = o.id AND v.forum = f.forum
            AND v.status = 'signed')
          OR EXISTS (SELECT FROM forum_rule u WHERE u.org_id = o.id AND u.forum = f.forum
            AND u.in_use_from <= f.period_end))
        AND (f.forum NOT IN ('weekly_manager', 'weekly_monitoring') AND NOT EXISTS (
            SELECT FROM review v WHERE v.org_id = o.id AND v.forum = f.forum
              AND v.status = 'signed' AND v.period_to >= f.period_end)
          OR f.forum IN ('weekly_manager', 'weekly_monitoring') AND EXISTS (
            SELECT FROM service s WHERE s.org_id = o.id AND s.active AND NOT EXISTS (
              SELECT FROM review v WHERE v.org_id = o.id AND v.forum = f.forum
                AND v.service_id = s.id AND v.status = 'signed'
                AND v.period_to >= f.period_end)))))
$$
"""
BEFORE = """
CREATE FUNCTION app.organisations_with_due_actions(latest date)
RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id FROM organisation o
  WHERE EXISTS (SELECT FROM action a WHERE a.org_id = o.id
    AND a.status IN ('open', 'in_progress', 'completed') AND a.due_on <= latest)
  OR EXISTS (SELECT FROM action a WHERE a.org_id = o.id
    AND a.status = 'completed' AND a.completed_by_id IS NOT NULL)
$$
"""


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
    op.create_index(
        "ix_risk_rated_on", "risk", ["org_id", "rated_on"], postgresql_where="status = 'open'"
    )
    _readings()
    _reminders()
    _due_work()


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


def _due_work() -> None:
    for table in LOOKED_AT:
        open_to_dispatch(table, "SELECT")
    op.execute(f"GRANT SELECT ON heartbeat TO {DISPATCH}")
    op.execute(f"DROP FUNCTION {DUE_ACTIONS}")
    op.execute(ORGANISATIONS)
    across_organisations(DUE_WORK)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {DUE_WORK}")
    op.execute(BEFORE)
    across_organisations(DUE_ACTIONS)
    for table in (*LOOKED_AT, "heartbeat"):
        op.execute(f"REVOKE ALL ON {table} FROM {DISPATCH}")
    for table in LOOKED_AT:
        op.execute(f"DROP POLICY {table}_dispatch ON {table}")
    op.drop_index("ix_risk_rated_on", "risk")
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

"""Thresholds that an organisation set, the triggers that its rows made fire, and what the rules
read of a row before it changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.rls import LASTING, across_organisations, open_to_dispatch, protect
from migrations.said import ACTION, forget_versions, keep_versions

revision = "0028_rules"
down_revision = "0027_rests_on_once"

GRANTS = {
    "rule_setting": LASTING,
    "trigger": "SELECT, INSERT, UPDATE (closed_on, closed_why)",
    "trigger_change": LASTING,
    "rule_pass": "SELECT, INSERT, UPDATE (known_at, audit_seq, rules, next_on, outcomes)",
    "row_version": LASTING,
}
# What the rules read of rows that change. Words that people wrote are left out.
SAID = {
    "service": "name, active",
    "audit": "service_id, theme, domain, cycle, completed_on, score, max_score, rag",
    "audit_concern": "audit_id, service_id, theme, domain, raised_on, severity, status, closed_on",
    "concern": (
        "kind, service_id, domain, occurred_on, theme, level, place, source_role, person_ref, "
        "status, closed_on, score, max_score, details"
    ),
    "action": ACTION,
    "risk": "service_id, domain, rating, rated_on, rating_review_id, status, opened_on",
    "rating_dispute": (
        "risk_id, rating_review_id, filed_on, due_on, escalated, status, moderated_on"
    ),
    "rating_watch": (
        "risk_id, rating_review_id, started_on, until, signal, before, lowered_at, outcome, "
        "decided_on, standing_review_id"
    ),
    "evidence": (
        "kind, service_id, period_from, period_to, valid_until, status, submitted_by_id, "
        "decided_by_id, decided_on"
    ),
    "evidence_link": (
        "evidence_id, action_id, audit_concern_id, concern_id, risk_id, rating_review_id, "
        "claim_id, dispute_id, plan_id"
    ),
    "claim": (
        "kind, service_id, domain, risk_id, period_from, period_to, status, submitted_on, "
        "outcome, unsupported, validated_on"
    ),
    "validation": "claim_id, outcome, sampled, matched, critical, unsupported, completed_on",
    "indicator": (
        "service_id, measure, name, domain, unit, good, baseline_value, baseline_on, cadence, "
        "computed_by, active"
    ),
    "reading": "indicator_id, period_start, period_end, value, numerator, denominator",
    "rebase": "indicator_id, on_date, withdrawn_at",
    "care_review": "service_id, person_ref, due_on, completed_on, high_risk, actions",
    "medicine_dose": "service_id, due_on, outcome, as_needed",
    "practice_check": "service_id, kind, on_date, verdict, staff_ref, checked_by_id, withdrawn_at",
    "check_finding": "check_id, place, kind, round, critical, detected_at, reviewed_at",
    "experience_summary": (
        "service_id, month, number, sample_size, invited, people, superseded_at"
    ),
}
# The application's clock: outside production its calendar may be frozen on a day.
INSTANT = """
CREATE FUNCTION app.instant() RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN coalesce(current_setting('app.frozen_day', true), '') = ''
    THEN clock_timestamp()
    ELSE (current_setting('app.frozen_day')::date + (clock_timestamp() AT TIME ZONE 'UTC')::time)
      AT TIME ZONE 'UTC' END
$$
"""
# Its arguments are the columns to keep. Rows that go with their organisation's retention leave
# no trace: nobody acts for the organisation then.
KEEP_VERSION = """
CREATE FUNCTION app.keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF app.org() IS NULL THEN RETURN NULL; END IF;
  INSERT INTO row_version (org_id, id, table_name, record_id, said_until, version)
  SELECT OLD.org_id, gen_random_uuid(), TG_TABLE_NAME, OLD.id, app.instant(),
    jsonb_object_agg(e.key, e.value)
  FROM jsonb_each(to_jsonb(OLD)) e
  WHERE e.key = ANY(TG_ARGV)
    OR e.key IN ('org_id', 'id', 'created_at', 'reference', 'source_key');
  RETURN NULL;
END $$
"""
# Providers that no pass has looked at with these rules, where something was recorded since, or
# where the day has come on which time alone may change an answer. What is in `beside` is no input.
BESIDE = (
    "^(account|address|board_pack|data_log|delivery|forum|held_text|member|organisation|session|"
    "trigger):|:(downloaded|exported|seen|rows_exported|file_downloaded)$"
)
TO_EVALUATE = f"""
CREATE FUNCTION app.providers_to_evaluate(day date, present text) RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id FROM organisation o
  LEFT JOIN LATERAL (SELECT p.audit_seq, p.rules, p.next_on FROM rule_pass p
    WHERE p.org_id = o.id AND p.on_date <= day ORDER BY p.on_date DESC LIMIT 1) p ON true
  WHERE o.kind = 'provider' AND (p.rules IS DISTINCT FROM present OR p.next_on <= day
    OR EXISTS (SELECT FROM audit_event e WHERE e.org_id = o.id AND e.seq > p.audit_seq
      AND e.tag !~ '{BESIDE}'))
$$
"""
_TO_EVALUATE = "app.providers_to_evaluate(date, text)"


def upgrade() -> None:
    _settings()
    _triggers()
    _passes()
    for table, grants in GRANTS.items():
        protect(table, grants)
    for table in ("rule_setting", "trigger_change", "row_version"):
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
        )
    op.execute(INSTANT)
    op.execute(KEEP_VERSION)
    for table, columns in SAID.items():
        keep_versions(table, columns)
    open_to_dispatch("rule_pass", "SELECT")
    op.execute(TO_EVALUATE)
    across_organisations(_TO_EVALUATE)


def _row(name: str, *parts: sa.schema.SchemaItem) -> None:
    """A table of tenant rows."""
    op.create_table(
        name,
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *parts,
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{name}_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f(f"pk_{name}")),
    )


def _words(name: str, *, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _link(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{parent}.org_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _settings() -> None:
    table = "rule_setting"
    _row(
        table,
        _words("rule_code"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parameters", JSONB(), nullable=False),
        sa.Column("in_use_from", sa.Date(), nullable=False),
        _words("reason"),
        sa.Column("set_by_id", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        _link(table, "set_by_id", "membership"),
        _check(table, "reason", "reason <> ''"),
        _check(table, "number", "number >= 1"),
        sa.UniqueConstraint(
            "org_id", "rule_code", "number", name=op.f(f"uq_{table}_org_id_rule_code_number")
        ),
    )


def _triggers() -> None:
    table = "trigger"
    _row(
        table,
        _words("reference"),
        _words("rule_code"),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("setting_id", sa.Uuid(), nullable=True),
        sa.Column("parameters", JSONB(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        _words("key"),
        sa.Column("fired_on", sa.Date(), nullable=False),
        _words("sentence"),
        sa.Column("rows", JSONB(), nullable=False),
        sa.Column("suggests", sa.Boolean(), nullable=False),
        sa.Column("decide_by", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        _words("closed_why", default=""),
        _link(table, "setting_id", "rule_setting"),
        _link(table, "service_id", "service"),
        _check(table, "sentence", "sentence <> ''"),
        _check(table, "decide_by", "suggests = (decide_by IS NOT NULL)"),
        _check(table, "closed", "(closed_on IS NULL) = (closed_why = '')"),
        sa.UniqueConstraint("org_id", "reference", name=op.f(f"uq_{table}_org_id_reference")),
    )
    op.create_index(
        "uq_trigger_open",
        table,
        ["org_id", "rule_code", "service_id", "key"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index(f"ix_{table}_org_id_service_id", table, ["org_id", "service_id", "fired_on"])
    op.create_index(f"ix_{table}_org_id_rule_code", table, ["org_id", "rule_code", "fired_on"])
    table = "trigger_change"
    _row(
        table,
        sa.Column("trigger_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        _words("sentence"),
        sa.Column("rows", JSONB(), nullable=False),
        _link(table, "trigger_id", "trigger"),
    )
    op.create_index(f"ix_{table}_org_id_trigger_id", table, ["org_id", "trigger_id", "created_at"])


def _passes() -> None:
    table = "rule_pass"
    _row(
        table,
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audit_seq", sa.BigInteger(), nullable=False),
        _words("rules"),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("outcomes", JSONB(), nullable=False),
        _check(table, "next_on", "next_on > on_date"),
        sa.UniqueConstraint("org_id", "on_date", name=op.f(f"uq_{table}_org_id_on_date")),
    )
    table = "row_version"
    _row(
        table,
        _words("table_name"),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("said_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", JSONB(), nullable=False),
    )
    op.create_index(
        "ix_row_version_record", table, ["org_id", "table_name", "record_id", "said_until"]
    )


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {_TO_EVALUATE}")
    for table in SAID:
        forget_versions(table)
    op.execute("DROP FUNCTION app.keep_version()")
    op.execute("DROP FUNCTION app.instant()")
    for table in ("row_version", "rule_pass", "trigger_change", "trigger", "rule_setting"):
        op.drop_table(table)

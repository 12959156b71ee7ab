"""Declines with their responses; reviews of recovery plans with their story."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import LASTING, across_organisations, open_to_dispatch, protect

revision = "0024_responses"
down_revision = "0023_recovery_plans"

DOMAINS = (
    "'safety', 'medicines', 'safeguarding', 'staffing', 'complaints', 'experience', "
    "'records', 'audits'"
)
KINDS = "'risk_register', 'provider_oversight', 'additional_audit', 'revised_controls', 'none'"
DECIDED = (
    "asked_id, kind, owner_id, due_on, reason, same_person_reason, decided_by_id, decided_at, "
    "action_id, risk_id"
)
GRANTS = {
    "response": f"SELECT, INSERT, UPDATE (status, {DECIDED}, closed_on, closing)",
    "plan_review": LASTING,
    "plan_review_story": LASTING,
}
RULES = (
    "'due_soon', 'due_today', 'overdue', 'manager', 'governance', 'verification', "
    "'evidence_expiry', 'claim_waiting', 'dispute_due', 'watch_ending', 'return_due', "
    "'experience_due', 'sitting_overdue', 'challenge_open'"
)
LOOKED_AT = ("indicator", "reading", "response")
OF_RESPONSES = "'response_unanswered', 'response_escalated'"

# What was decided stands; the rest of a response is not in the app role's grants.
KEEP_DECISION = f"""
CREATE FUNCTION app.keep_response() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'closed' OR OLD.kind IS NOT NULL AND
     ({", ".join(f"NEW.{name.strip()}" for name in DECIDED.split(","))}) IS DISTINCT FROM
     ({", ".join(f"OLD.{name.strip()}" for name in DECIDED.split(","))}) THEN
    RAISE EXCEPTION 'what was decided on a decline is kept as it was'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
# Checked when the transaction ends, since a review comes before its stories.
TELL_STORY = """
CREATE FUNCTION app.require_stories() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM jsonb_array_elements(NEW.position) p
             WHERE (p->>'moved')::boolean AND NOT EXISTS (
               SELECT FROM plan_review_story s WHERE s.org_id = NEW.org_id
                 AND s.plan_review_id = NEW.id AND s.indicator_id = (p->>'indicator')::uuid)) THEN
    RAISE EXCEPTION 'an indicator that moved by a special cause needs its story'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$
"""
# Providers whose indicators nobody has looked at on that day (since `since`), or that have new
# readings or imports since they were. The look is the heartbeat 'declines:<id>'.
TO_LOOK = """
CREATE FUNCTION app.providers_to_look_at(since timestamptz) RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id FROM organisation o
  LEFT JOIN heartbeat h ON h.name = 'declines:' || o.id
  WHERE o.kind = 'provider'
    AND EXISTS (SELECT FROM indicator i WHERE i.org_id = o.id AND i.active)
    AND (h.beat_at IS NULL OR h.beat_at < since
      OR EXISTS (SELECT FROM reading r WHERE r.org_id = o.id AND r.recorded_at > h.beat_at)
      OR EXISTS (SELECT FROM import_batch b WHERE b.org_id = o.id
        AND greatest(b.loaded_at, b.undone_at) > h.beat_at))
$$
"""
_TO_LOOK = "app.providers_to_look_at(timestamptz)"
# As before, and those with a decline that nobody has answered.
DUE_WORK = """
CREATE OR REPLACE FUNCTION app.organisations_with_due_work(
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
{responses}    OR EXISTS (SELECT FROM rating_dispute d WHERE d.org_id = o.id AND d.status = 'open')
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
_UNANSWERED = """\
    OR EXISTS (SELECT FROM response r WHERE r.org_id = o.id AND r.status = 'open')
"""


def upgrade() -> None:
    _responses()
    _reviews()
    for table, grants in GRANTS.items():
        protect(table, grants)
    op.execute(KEEP_DECISION)
    op.execute(
        "CREATE TRIGGER response_is_kept BEFORE UPDATE ON response "
        "FOR EACH ROW EXECUTE FUNCTION app.keep_response()"
    )
    op.execute(TELL_STORY)
    op.execute(
        "CREATE CONSTRAINT TRIGGER plan_review_tells_its_story AFTER INSERT ON plan_review "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.require_stories()"
    )
    for table in ("plan_review", "plan_review_story"):
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
        )
    op.create_index("ix_reading_org_id_recorded_at", "reading", ["org_id", "recorded_at"])
    _rules(f"{RULES}, {OF_RESPONSES}")
    for table in LOOKED_AT:
        open_to_dispatch(table, "SELECT")
    op.execute(DUE_WORK.format(responses=_UNANSWERED))
    op.execute(TO_LOOK)
    across_organisations(_TO_LOOK)


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


def _one(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _links(table: str, **parents: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["org_id", column],
            [f"{parent}.org_id", f"{parent}.id"],
            name=op.f(f"fk_{table}_org_id_{column}"),
        )
        for column, parent in parents.items()
    ]


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _responses() -> None:
    table = "response"
    _row(
        table,
        _words("reference"),
        _one("service_id", nullable=False),
        _words("domain"),
        _one("indicator_id"),
        _one("plan_id"),
        sa.Column("fired_on", sa.Date(), nullable=False),
        _words("rule"),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("rows", sa.dialects.postgresql.JSONB(), nullable=False),
        _words("sentence"),
        _words("status", default="open"),
        _one("asked_id"),
        sa.Column("kind", sa.Text(), nullable=True),
        _one("owner_id"),
        sa.Column("due_on", sa.Date(), nullable=True),
        _words("reason", default=""),
        _words("same_person_reason", default=""),
        _one("decided_by_id"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        _one("action_id"),
        _one("risk_id"),
        sa.Column("closed_on", sa.Date(), nullable=True),
        _words("closing", default=""),
        *_links(
            table,
            service_id="service",
            indicator_id="indicator",
            plan_id="recovery_plan",
            asked_id="membership",
            owner_id="membership",
            decided_by_id="membership",
            action_id="action",
            risk_id="risk",
        ),
        _check(table, "domain", f"domain IN ({DOMAINS})"),
        _check(table, "status", "status IN ('open', 'answered', 'not_needed', 'closed')"),
        _check(table, "kind", f"kind IN ({KINDS})"),
        _check(table, "one_subject", "num_nonnulls(indicator_id, plan_id) = 1"),
        _check(table, "closed", "(closed_on IS NULL) = (status <> 'closed')"),
        _check(
            table,
            "decided",
            "(status <> 'open' OR kind IS NULL) AND (status <> 'answered' OR kind <> 'none') "
            "AND (status <> 'not_needed' OR kind = 'none') "
            "AND (status NOT IN ('answered', 'not_needed') OR kind IS NOT NULL)",
        ),
        _check(
            table,
            "decision",
            "CASE WHEN kind IS NULL THEN num_nonnulls(decided_by_id, decided_at) = 0 "
            "ELSE num_nulls(decided_by_id, decided_at) = 0 AND reason <> '' END",
        ),
        _check(
            table,
            "owned",
            "kind = 'none' OR kind IS NULL OR num_nulls(owner_id, due_on) = 0",
        ),
        _check(table, "on_the_register", "kind <> 'risk_register' OR risk_id IS NOT NULL"),
        _check(
            table,
            "acted_on",
            "kind NOT IN ('additional_audit', 'revised_controls') OR action_id IS NOT NULL",
        ),
        _check(
            table,
            "not_needed_by_someone_else",
            "kind <> 'none' OR asked_id IS NULL OR decided_by_id <> asked_id "
            "OR same_person_reason <> ''",
        ),
        sa.UniqueConstraint("org_id", "reference", name=op.f(f"uq_{table}_org_id_reference")),
    )
    op.create_index(
        "uq_response_standing",
        table,
        ["org_id", "service_id", "rule", "indicator_id", "plan_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("status <> 'closed'"),
    )
    op.create_index(f"ix_{table}_org_id_service_id", table, ["org_id", "service_id", "fired_on"])
    for column in ("indicator_id", "action_id", "risk_id"):
        op.create_index(f"ix_{table}_org_id_{column}", table, ["org_id", column])


def _reviews() -> None:
    table = "plan_review"
    _row(
        table,
        _one("plan_id", nullable=False),
        _words("cadence"),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("position", sa.dialects.postgresql.JSONB(), nullable=False),
        *(_words(name) for name in ("changed", "why", "followed", "decision")),
        sa.Column("assurance", sa.Text(), nullable=True),
        _one("lead_id", nullable=False),
        _one("by_id", nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        _words("same_person_reason", default=""),
        *_links(table, plan_id="recovery_plan", lead_id="membership", by_id="membership"),
        _check(table, "cadence", "cadence IN ('week', 'month')"),
        _check(table, "period", "period_end >= period_start AND period_end <= on_date"),
        _check(table, "story", "changed <> '' AND why <> '' AND followed <> ''"),
        _check(
            table,
            "decision",
            "decision IN ('continue', 'change', 'enhanced_review', 'close')",
        ),
        _check(table, "assurance", "assurance IN ('assured', 'further_action', 'escalated')"),
        _check(table, "assurance_of_month", "(cadence = 'month') = (assurance IS NOT NULL)"),
        _check(
            table,
            "month_by_someone_else",
            "cadence = 'week' OR by_id <> lead_id OR same_person_reason <> ''",
        ),
        sa.UniqueConstraint(
            "org_id",
            "plan_id",
            "cadence",
            "period_end",
            name=op.f(f"uq_{table}_org_id_plan_id_cadence_period_end"),
        ),
    )
    table = "plan_review_story"
    _row(
        table,
        _one("plan_review_id", nullable=False),
        _one("indicator_id", nullable=False),
        *(_words(name) for name in ("changed", "why", "followed")),
        *_links(table, plan_review_id="plan_review", indicator_id="indicator"),
        _check(table, "story", "changed <> '' AND why <> '' AND followed <> ''"),
        sa.UniqueConstraint(
            "org_id",
            "plan_review_id",
            "indicator_id",
            name=op.f(f"uq_{table}_org_id_plan_review_id_indicator_id"),
        ),
    )


def _rules(words: str, *, unchecked: bool = False) -> None:
    """Which rules a reminder may follow."""
    op.drop_constraint(op.f("ck_reminder_rule"), "reminder")
    more = " NOT VALID" if unchecked else ""
    op.execute(
        f"ALTER TABLE reminder ADD CONSTRAINT ck_reminder_rule CHECK (rule IN ({words})){more}"
    )


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {_TO_LOOK}")
    op.execute(DUE_WORK.format(responses=""))
    for table in LOOKED_AT:
        op.execute(f"DROP POLICY {table}_dispatch ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM careboard_dispatch")
    _rules(RULES, unchecked=True)
    op.drop_index("ix_reading_org_id_recorded_at", "reading")
    for table in ("plan_review_story", "plan_review", "response"):
        op.drop_table(table)
    op.execute("DROP FUNCTION app.require_stories()")
    op.execute("DROP FUNCTION app.keep_response()")

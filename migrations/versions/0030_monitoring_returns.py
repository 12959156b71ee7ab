"""Weekly returns of an episode, the reports on them, and contract governance notes.

A return is a claim, which somebody else validates; the report of its week is by somebody else too.
Returns, reports and notes never change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.due_work import DUE_WORK, MONITORING
from migrations.rls import DISPATCH, LASTING, open_to_dispatch, protect
from migrations.tables import (
    checks,
    days,
    documents,
    ids,
    index,
    links,
    numbers,
    tenant_table,
    texts,
    unique,
)

revision = "0030_monitoring_returns"
down_revision = "0029_monitoring"

TABLES = ("monitoring_return", "monitoring_report", "contract_note")
LOOKED_AT = ("trigger", "decision_trigger", "monitoring_episode")
RULES = (
    "'due_soon', 'due_today', 'overdue', 'manager', 'governance', 'verification', "
    "'evidence_expiry', 'claim_waiting', 'dispute_due', 'watch_ending', 'return_due', "
    "'experience_due', 'sitting_overdue', 'challenge_open', 'response_unanswered', "
    "'response_escalated'"
)
OF_MONITORING = (
    "'trigger_undecided', 'weekly_return', 'weekly_return_late', 'return_unverified', "
    "'episode_review', 'episode_follow_up'"
)
KINDS = "'claim', 'assurance_return'"


def upgrade() -> None:
    _returns()
    _reports()
    _notes()
    for table in TABLES:
        protect(table, LASTING)
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
        )
    _claims(f"{KINDS}, 'monitoring_return'", "kind <> 'assurance_return' OR risk_id IS NOT NULL")
    _rules(f"{RULES}, {OF_MONITORING}")
    for table in LOOKED_AT:
        open_to_dispatch(table, "SELECT")
    op.execute(DUE_WORK.format(more=MONITORING))


def _returns() -> None:
    table = "monitoring_return"
    tenant_table(
        table,
        texts("reference"),
        ids("episode_id"),
        numbers("week"),
        days("due_on", "submitted_on"),
        ids("submitted_by_id", "claim_id"),
        documents("prefilled", "actions"),
        texts("narrative"),
        texts("help_needed", default=""),
        unique(table, "reference"),
        unique(table, "episode_id", "week"),
        unique(table, "claim_id"),
        unique(table, "id", "episode_id", "week", "submitted_by_id"),
        links(table, episode_id="monitoring_episode"),
        sa.ForeignKeyConstraint(
            ["org_id", "claim_id", "submitted_by_id"],
            ["claim.org_id", "claim.id", "claim.submitted_by_id"],
            name=op.f(f"fk_{table}_org_id_claim_id_submitted_by_id"),
        ),
        checks(table, week="week >= 1", narrative="narrative <> ''"),
    )


def _reports() -> None:
    table = "monitoring_report"
    tenant_table(
        table,
        texts("reference"),
        ids("episode_id"),
        numbers("week"),
        ids("return_id", "returned_by_id", null=True),
        documents("position", "actions"),
        texts("assessment", "decision"),
        texts("next_steps", default=""),
        ids("written_by_id"),
        days("written_on"),
        texts("same_person_reason", default=""),
        unique(table, "reference"),
        unique(table, "episode_id", "week"),
        links(table, episode_id="monitoring_episode", written_by_id="membership"),
        sa.ForeignKeyConstraint(
            ["org_id", "return_id", "episode_id", "week", "returned_by_id"],
            [
                f"monitoring_return.{name}"
                for name in ("org_id", "id", "episode_id", "week", "submitted_by_id")
            ],
            name=op.f(f"fk_{table}_return"),
        ),
        checks(
            table,
            week="week >= 1",
            assessment="assessment <> ''",
            decision="decision IN ('on_track', 'more_needed', 'review_now')",
            next_steps="decision = 'on_track' OR next_steps <> ''",
            returned="(return_id IS NULL) = (returned_by_id IS NULL)",
            written_by_someone_else="written_by_id <> returned_by_id OR same_person_reason <> ''",
        ),
    )


def _notes() -> None:
    table = "contract_note"
    told = ("commissioner", "shared", "progress", "remaining_risk")
    tenant_table(
        table,
        texts("reference"),
        ids("service_id"),
        ids("episode_id", "concern_id", null=True),
        days("on_date"),
        texts(*told),
        ids("by_id"),
        unique(table, "reference"),
        links(
            table,
            service_id="service",
            episode_id="monitoring_episode",
            concern_id="concern",
            by_id="membership",
        ),
        checks(table, told=" AND ".join(f"{name} <> ''" for name in told)),
    )
    index(table, "service_id", "on_date")
    index(table, "episode_id")


def _claims(kinds: str, about_a_risk: str, *, unchecked: bool = False) -> None:
    """Which kinds of claim there are."""
    more = " NOT VALID" if unchecked else ""
    rules = {"kind": f"kind IN ({kinds})", "return_about_a_risk": about_a_risk}
    for name, rule in rules.items():
        op.drop_constraint(op.f(f"ck_claim_{name}"), "claim")
        op.execute(f"ALTER TABLE claim ADD CONSTRAINT ck_claim_{name} CHECK ({rule}){more}")


def _rules(words: str, *, unchecked: bool = False) -> None:
    """Which rules a reminder may follow."""
    op.drop_constraint(op.f("ck_reminder_rule"), "reminder")
    more = " NOT VALID" if unchecked else ""
    op.execute(
        f"ALTER TABLE reminder ADD CONSTRAINT ck_reminder_rule CHECK (rule IN ({words})){more}"
    )


def downgrade() -> None:
    op.execute(DUE_WORK.format(more=""))
    for table in LOOKED_AT:
        op.execute(f"DROP POLICY {table}_dispatch ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM {DISPATCH}")
    _rules(RULES, unchecked=True)
    _claims(KINDS, "kind = 'claim' OR risk_id IS NOT NULL", unchecked=True)
    for table in reversed(TABLES):
        op.drop_table(table)

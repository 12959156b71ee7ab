"""Enhanced monitoring: decisions, episodes, what they change, how they end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import monitoring_walls
from migrations.rls import LASTING, protect
from migrations.said import ACTION, keep_versions
from migrations.tables import (
    checks,
    days,
    documents,
    flags,
    ids,
    index,
    instants,
    links,
    numbers,
    tenant_table,
    texts,
    unique,
)

revision = "0029_monitoring"
down_revision = "0028_rules"

KINDS = "'safeguarding', 'audit', 'commissioner', 'other'"
CHANGES = (
    "'weekly_review', 'provider_visits', 'action_verification', 'senior_reporting', "
    "'temporary_support'"
)
DECISIONS = "'continue', 'escalate', 'step_down', 'sustained', 'not_sustained'"
ESCALATIONS = "'local_authority', 'provider_intervention', 'board', 'commissioner'"
GRANTS = {
    "monitoring_episode": (
        "SELECT, INSERT, UPDATE (status, ended_on, re_escalation, follow_up_on, "
        "planned_review_on, governance_lead_id, manager_id, same_person_reason)"
    ),
    "monitoring_decision": LASTING,
    "decision_trigger": LASTING,
    "confidence_note": LASTING,
    "episode_change": "SELECT, INSERT, UPDATE (done_on, done_by_id)",
    "episode_criterion": (
        "SELECT, INSERT, UPDATE (withdrawn_on, withdrawn_by_id, withdrawn_reason)"
    ),
    "criterion_judgement": LASTING,
    "monitoring_visit": LASTING,
    "commissioner_statement": LASTING,
    "episode_review": LASTING,
}
KEPT = [table for table, grants in GRANTS.items() if grants == LASTING]


def upgrade() -> None:
    _episodes()
    _decisions()
    _entry()
    _course()
    _reviews()
    _actions()
    for table, grants in GRANTS.items():
        protect(table, grants)
    monitoring_walls.raise_walls(KEPT)


def _episodes() -> None:
    table = "monitoring_episode"
    tenant_table(
        table,
        texts("reference", "title", "kind", "requires"),
        ids("service_id", "governance_lead_id", "manager_id"),
        days("started_on", "planned_review_on"),
        numbers("frequency_days", default="7"),
        texts("status", default="open"),
        days("ended_on", "follow_up_on", null=True),
        texts("re_escalation", "same_person_reason", default=""),
        links(
            table, service_id="service", governance_lead_id="membership", manager_id="membership"
        ),
        checks(
            table,
            kind=f"kind IN ({KINDS})",
            status="status IN ('open', 'stepped_down', 'closed')",
            words="title <> '' AND requires <> ''",
            frequency_days="frequency_days BETWEEN 1 AND 31",
            planned_review_on="planned_review_on > started_on",
            two_leads="governance_lead_id <> manager_id OR same_person_reason <> ''",
            stepped_down=(
                "CASE WHEN status = 'open' THEN num_nonnulls(ended_on, follow_up_on) = 0 "
                "ELSE num_nulls(ended_on, follow_up_on) = 0 AND re_escalation <> '' END"
            ),
            follow_up_on="follow_up_on > ended_on AND follow_up_on <= ended_on + 28",
        ),
        unique(table, "reference"),
    )
    op.create_index(
        "uq_monitoring_episode_open",
        table,
        ["org_id", "service_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    index(table, "service_id")


def _decisions() -> None:
    table = "monitoring_decision"
    tenant_table(
        table,
        texts("reference", "decision", "reason"),
        ids("service_id", "decided_by_id"),
        days("decided_on"),
        instants("decided_at"),
        ids("episode_id", null=True),
        links(
            table,
            service_id="service",
            decided_by_id="membership",
            episode_id="monitoring_episode",
        ),
        checks(
            table,
            decision="decision IN ('start', 'do_not_start')",
            reason="reason <> ''",
            started="(decision = 'start') = (episode_id IS NOT NULL)",
        ),
        unique(table, "reference"),
    )
    index(table, "service_id", "decided_at")
    index(table, "episode_id")
    table = "decision_trigger"
    tenant_table(
        table,
        ids("decision_id", "trigger_id"),
        texts("sentence"),
        documents("rows"),
        links(table, decision_id="monitoring_decision", trigger_id="trigger"),
        unique(table, "decision_id", "trigger_id"),
    )
    index(table, "trigger_id")
    table = "confidence_note"
    tenant_table(
        table,
        ids("service_id", "by_id"),
        texts("text"),
        days("on_date"),
        links(table, service_id="service", by_id="membership"),
        checks(table, text="text <> ''"),
    )
    index(table, "service_id", "on_date")


def _entry() -> None:
    table = "episode_change"
    tenant_table(
        table,
        ids("episode_id", "owner_id"),
        texts("kind", "what"),
        days("due_on"),
        days("done_on", null=True),
        ids("done_by_id", null=True),
        links(
            table,
            episode_id="monitoring_episode",
            owner_id="membership",
            done_by_id="membership",
        ),
        checks(
            table,
            kind=f"kind IN ({CHANGES})",
            what="what <> ''",
            done="(done_on IS NULL) = (done_by_id IS NULL)",
        ),
    )
    index(table, "episode_id")
    table = "episode_criterion"
    tenant_table(
        table,
        ids("episode_id", "added_by_id"),
        numbers("number"),
        texts("code", null=True),
        documents("parameters", default="{}"),
        texts("words"),
        days("added_on"),
        days("withdrawn_on", null=True),
        ids("withdrawn_by_id", null=True),
        texts("withdrawn_reason", default=""),
        links(
            table,
            episode_id="monitoring_episode",
            added_by_id="membership",
            withdrawn_by_id="membership",
        ),
        checks(
            table,
            words="words <> ''",
            number="number >= 1",
            withdrawn=(
                "CASE WHEN withdrawn_on IS NULL THEN withdrawn_by_id IS NULL "
                "ELSE withdrawn_by_id IS NOT NULL AND withdrawn_reason <> '' END"
            ),
        ),
        unique(table, "episode_id", "number"),
    )


def _course() -> None:
    table = "criterion_judgement"
    tenant_table(
        table,
        ids("criterion_id", "judged_by_id"),
        flags("met"),
        texts("reason"),
        ids("evidence_id", null=True),
        days("judged_on"),
        links(
            table,
            criterion_id="episode_criterion",
            evidence_id="evidence",
            judged_by_id="membership",
        ),
        checks(table, reason="reason <> ''", evidenced="NOT met OR evidence_id IS NOT NULL"),
    )
    index(table, "criterion_id")
    table = "monitoring_visit"
    tenant_table(
        table,
        ids("episode_id", "visited_by_id", "recorded_by_id"),
        days("on_date"),
        flags("independent"),
        texts("findings"),
        texts("verifies", default=""),
        links(
            table,
            episode_id="monitoring_episode",
            visited_by_id="membership",
            recorded_by_id="membership",
        ),
        checks(table, findings="findings <> ''"),
    )
    index(table, "episode_id", "on_date")
    table = "commissioner_statement"
    tenant_table(
        table,
        ids("episode_id", "recorded_by_id"),
        flags("restored"),
        texts("text"),
        days("stated_on"),
        links(table, episode_id="monitoring_episode", recorded_by_id="membership"),
        checks(table, text="text <> ''"),
    )
    index(table, "episode_id", "stated_on")


def _reviews() -> None:
    table = "episode_review"
    tenant_table(
        table,
        ids("episode_id", "decided_by_id"),
        numbers("number"),
        texts("kind", "decision", "reason"),
        days("due_on", "held_on"),
        texts("cause", default=""),
        texts("escalated_to", null=True),
        documents("criteria"),
        flags("all_met"),
        instants("decided_at"),
        ids("sitting_id", null=True),
        links(
            table,
            episode_id="monitoring_episode",
            decided_by_id="membership",
            sitting_id="review",
        ),
        checks(
            table,
            kind="kind IN ('scheduled', 'out_of_cycle', 'follow_up')",
            decision=f"decision IN ({DECISIONS})",
            escalated_to=f"escalated_to IN ({ESCALATIONS})",
            escalated="(decision = 'escalate') = (escalated_to IS NOT NULL)",
            out_of_cycle="(kind = 'out_of_cycle') = (cause <> '')",
            follow_up="(kind = 'follow_up') = (decision IN ('sustained', 'not_sustained'))",
            reason="reason <> ''",
            number="number >= 1",
            step_down="decision <> 'step_down' OR (all_met AND sitting_id IS NOT NULL)",
        ),
        unique(table, "episode_id", "number"),
    )
    index(table, "sitting_id")


def _actions() -> None:
    """An action may be a priority, and part of an episode."""
    for column in (*flags("priority", default="false"), *ids("episode_id", null=True)):
        op.add_column("action", column)
    op.create_foreign_key(
        "fk_action_org_id_episode_id",
        "action",
        "monitoring_episode",
        ["org_id", "episode_id"],
        ["org_id", "id"],
    )
    index("action", "episode_id")
    keep_versions("action", f"{ACTION}, priority, episode_id")
    keep_versions("monitoring_episode", "service_id, kind, started_on, status, ended_on")


def downgrade() -> None:
    keep_versions("action", ACTION)
    op.drop_column("action", "episode_id")
    op.drop_column("action", "priority")
    for table in reversed(GRANTS):
        op.drop_table(table)
    monitoring_walls.drop_functions()

"""Fortnightly recovery updates: what is tracked, its schedule, each fortnight, what was said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import update_walls
from migrations.reminding import fewer_rules, less_work, more_rules, more_work
from migrations.rls import LASTING, across_organisations, open_to_dispatch, protect
from migrations.tables import (
    checks,
    days,
    ids,
    index,
    instants,
    links,
    numbers,
    tenant_table,
    texts,
    unique,
)

revision = "0039_updates"
down_revision = "0038_packs"

STATUSES = "'draft', 'validated', 'approved', 'published', 'missed'"
SECTIONS = "'asked', 'progress', 'validated', 'not_validated', 'remaining_risk', 'next'"
GRANTS = {
    "tracked_concern": (
        "SELECT, INSERT, UPDATE (link_id, status, closed_on, closed_by_id, close_reason, lead_id, "
        "manager_id)"
    ),
    "update_schedule": (
        "SELECT, INSERT, UPDATE (status, ended_on, ended_by_id, end_reason, end_entry_id)"
    ),
    "recovery_update": (
        "SELECT, INSERT, UPDATE (status, content, content_sha256, drafted_at, claim_id, "
        "claim_by_id, edited_by_id, validated_by_id, validated_on, approved_by_id, approved_on, "
        "published_by_id, published_on, pack_id, same_person_reason)"
    ),
    "update_words": LASTING,
    "update_feedback": LASTING,
    "feedback_answer": LASTING,
}
KEPT = [table for table, grants in GRANTS.items() if grants == LASTING]
KINDS = "'claim', 'assurance_return', 'monitoring_return'"
RULES = (
    "update_evidence_due",
    "update_validation_due",
    "update_approval_due",
    "update_publication_due",
    "update_missed",
)
RUNNING = "EXISTS (SELECT FROM update_schedule u WHERE u.org_id = o.id AND u.status = 'running')"
# Nine o'clock by the organisation's own clock; the fortnights are those of careboard/updates/
# fortnights.py. A schedule is due where its newest fortnight has no row.
UPDATES_DUE = """
CREATE FUNCTION app.updates_due(present timestamptz) RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT DISTINCT s.org_id FROM update_schedule s
  JOIN organisation o ON o.id = s.org_id
  CROSS JOIN LATERAL (
    SELECT ((present AT TIME ZONE o.time_zone) - interval '9 hours')::date AS day) p
  WHERE s.status = 'running' AND s.anchor_on <= p.day
    AND NOT EXISTS (SELECT FROM recovery_update u WHERE u.org_id = s.org_id
      AND u.schedule_id = s.id
      AND u.due_on = s.anchor_on + (p.day - s.anchor_on) / s.every_days * s.every_days)
$$
"""
_UPDATES_DUE = "app.updates_due(timestamptz)"
# What is told outside, and what is read there, is no input of the rules: it wakes none of them.
_TO_EVALUATE = "app.providers_to_evaluate(date, text)"
OUTSIDE = (
    "commissioner|communication|pack|partner_advice|recovery_update|tracked_concern|"
    "update_feedback|update_schedule|"
)


def upgrade() -> None:
    _tracked()
    _updates()
    _words()
    _feedback()
    for table, grants in GRANTS.items():
        protect(table, grants)
    update_walls.raise_walls(KEPT)
    for table in ("update_schedule", "recovery_update"):
        open_to_dispatch(table, "SELECT")
    op.execute(UPDATES_DUE)
    across_organisations(_UPDATES_DUE)
    _claims(f"{KINDS}, 'recovery_update'")
    more_rules(*RULES)
    more_work(RUNNING)
    _told_outside("^(account|", f"^(account|{OUTSIDE}")


def _told_outside(old: str, new: str) -> None:
    """Which events wake no rule."""
    found = op.get_bind().scalar(
        sa.text("SELECT pg_get_functiondef(CAST(:name AS regprocedure))"), {"name": _TO_EVALUATE}
    )
    if old not in found:
        raise RuntimeError("app.providers_to_evaluate is not as this migration expects it.")
    op.execute(sa.text(found.replace(old, new).replace(":", r"\:")))


def _tracked() -> None:
    table = "tracked_concern"
    tenant_table(
        table,
        texts("reference", "theme", "required_assurance"),
        ids("concern_id", "service_id", "lead_id", "manager_id"),
        ids("link_id", null=True),
        days("due_on"),
        texts("status", default="open"),
        days("closed_on", null=True),
        ids("closed_by_id", null=True),
        texts("close_reason", default=""),
        links(
            table,
            concern_id="concern",
            service_id="service",
            lead_id="membership",
            manager_id="membership",
            link_id="commissioner_link",
            closed_by_id="membership",
        ),
        checks(
            table,
            words="theme <> '' AND required_assurance <> ''",
            status="status IN ('open', 'met', 'closed_unmet')",
            closed=(
                "CASE WHEN status = 'open' "
                "THEN num_nonnulls(closed_on, closed_by_id) = 0 AND close_reason = '' "
                "ELSE num_nulls(closed_on, closed_by_id) = 0 AND close_reason <> '' END"
            ),
        ),
        unique(table, "reference"),
        unique(table, "concern_id"),
    )
    index(table, "service_id")
    table = "update_schedule"
    tenant_table(
        table,
        ids("tracked_id", "started_by_id"),
        days("anchor_on"),
        numbers("every_days", default="14"),
        texts("status", default="running"),
        days("ended_on", null=True),
        ids("ended_by_id", "end_entry_id", null=True),
        texts("end_reason", default=""),
        links(
            table,
            tracked_id="tracked_concern",
            started_by_id="membership",
            ended_by_id="membership",
            end_entry_id="review_entry",
        ),
        checks(
            table,
            every_days="every_days = 14",
            status="status IN ('running', 'ended')",
            ended=(
                "CASE WHEN status = 'running' "
                "THEN num_nonnulls(ended_on, ended_by_id, end_entry_id) = 0 AND end_reason = '' "
                "ELSE num_nulls(ended_on, ended_by_id, end_entry_id) = 0 "
                "AND end_reason <> '' END"
            ),
        ),
        unique(table, "tracked_id"),
    )


def _updates() -> None:
    table = "recovery_update"
    tenant_table(
        table,
        texts("reference"),
        ids("schedule_id"),
        numbers("number"),
        days("due_on"),
        texts("status"),
        texts("content", "content_sha256", null=True),
        instants("drafted_at", null=True),
        ids("claim_id", "claim_by_id", "edited_by_id", "validated_by_id", null=True),
        days("validated_on", null=True),
        ids("approved_by_id", null=True),
        days("approved_on", null=True),
        ids("published_by_id", null=True),
        days("published_on", null=True),
        ids("pack_id", null=True),
        texts("same_person_reason", default=""),
        links(
            table,
            schedule_id="update_schedule",
            edited_by_id="membership",
            validated_by_id="membership",
            approved_by_id="membership",
            published_by_id="membership",
            pack_id="pack",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "claim_id", "claim_by_id"],
            ["claim.org_id", "claim.id", "claim.submitted_by_id"],
            name=op.f(f"fk_{table}_org_id_claim_id_claim_by_id"),
        ),
        checks(
            table,
            number="number >= 1",
            status=f"status IN ({STATUSES})",
            drafted=(
                "num_nulls(content, content_sha256, drafted_at) IN (0, 3) "
                "AND (content IS NOT NULL OR status = 'missed')"
            ),
            claimed="(claim_id IS NULL) = (claim_by_id IS NULL)",
            validated=(
                "CASE WHEN status IN ('validated', 'approved', 'published') "
                "THEN num_nulls(claim_id, validated_by_id, validated_on) = 0 "
                "ELSE num_nulls(validated_by_id, validated_on) = 2 OR status = 'missed' END"
            ),
            approved=(
                "CASE WHEN status IN ('approved', 'published') "
                "THEN num_nulls(approved_by_id, approved_on) = 0 "
                "ELSE num_nulls(approved_by_id, approved_on) = 2 OR status = 'missed' END"
            ),
            published=(
                "num_nulls(published_by_id, published_on, pack_id) "
                "= CASE WHEN status = 'published' THEN 0 ELSE 3 END"
            ),
            validated_by_someone_else=(
                "validated_by_id <> claim_by_id OR same_person_reason <> ''"
            ),
            approved_by_someone_else=(
                "(approved_by_id <> validated_by_id "
                "AND coalesce(approved_by_id <> edited_by_id, true)) OR same_person_reason <> ''"
            ),
        ),
        unique(table, "reference"),
        unique(table, "schedule_id", "due_on"),
        unique(table, "schedule_id", "number"),
        unique(table, "claim_id"),
    )
    index(table, "due_on")


def _words() -> None:
    table = "update_words"
    tenant_table(
        table,
        ids("update_id", "by_id"),
        texts("section", "words"),
        links(table, update_id="recovery_update", by_id="membership"),
        checks(table, section=f"section IN ({SECTIONS})"),
    )
    index(table, "update_id", "created_at")


def _feedback() -> None:
    table = "update_feedback"
    tenant_table(
        table,
        ids("update_id", "recorded_by_id"),
        days("on_date"),
        texts("said", "content"),
        links(table, update_id="recovery_update", recorded_by_id="membership"),
        checks(table, said="said <> ''", content="content IN ('yes', 'partly', 'no')"),
    )
    index(table, "update_id", "on_date")
    table = "feedback_answer"
    tenant_table(
        table,
        ids("feedback_id", "sitting_id", "by_id"),
        texts("decision"),
        texts("next_steps", default=""),
        links(table, feedback_id="update_feedback", sitting_id="review", by_id="membership"),
        checks(table, decision="decision <> ''"),
    )
    index(table, "feedback_id")
    index(table, "sitting_id")


def _claims(kinds: str, *, unchecked: bool = False) -> None:
    """Which kinds of claim there are."""
    op.drop_constraint(op.f("ck_claim_kind"), "claim")
    more = " NOT VALID" if unchecked else ""
    op.execute(f"ALTER TABLE claim ADD CONSTRAINT ck_claim_kind CHECK (kind IN ({kinds})){more}")


def downgrade() -> None:
    _told_outside(f"^(account|{OUTSIDE}", "^(account|")
    less_work(RUNNING)
    fewer_rules(*RULES)
    _claims(KINDS, unchecked=True)
    op.execute(f"DROP FUNCTION {_UPDATES_DUE}")
    for table in reversed(GRANTS):
        op.drop_table(table)
    update_walls.drop_functions()

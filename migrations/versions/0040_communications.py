"""What was said outside, what was answered, and what came of it. None of it is ever changed.

Whoever checked a safeguarding pattern does not decide on it: not before and not afterwards, unless
nobody else could, with the reason on the note.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import LASTING, protect
from migrations.tables import checks, days, ids, index, links, numbers, tenant_table, texts, unique

revision = "0040_communications"
down_revision = "0039_updates"

CHECKED_BY_ANOTHER = """
CREATE FUNCTION app.pattern_checked_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'pattern_review' THEN
    IF NEW.same_person_reason = '' AND EXISTS (SELECT FROM sharing_decision d
        WHERE d.org_id = NEW.org_id AND d.trigger_id = NEW.trigger_id
          AND d.decided_by_id = NEW.by_id) THEN
      RAISE EXCEPTION 'whoever decided on a pattern does not check it'
        USING ERRCODE = 'restrict_violation';
    END IF;
  ELSIF EXISTS (SELECT FROM pattern_review p
      WHERE p.org_id = NEW.org_id AND p.trigger_id = NEW.trigger_id
        AND p.by_id = NEW.decided_by_id AND p.same_person_reason = '') THEN
    RAISE EXCEPTION 'whoever checked a pattern does not decide on it'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
WATCHED = ("pattern_review", "sharing_decision")
TABLES = (
    "communication",
    "communication_answer",
    "partner_advice",
    "pattern_review",
    "control_check",
)


def upgrade() -> None:
    _communication()
    _advice()
    _pattern_review()
    _control_check()
    for table in TABLES:
        protect(table, LASTING)
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
        )
    op.execute(CHECKED_BY_ANOTHER)
    for table in WATCHED:
        op.execute(
            f"CREATE TRIGGER {table}_checked_by_another BEFORE INSERT ON {table} "
            "FOR EACH ROW WHEN (NEW.trigger_id IS NOT NULL) "
            "EXECUTE FUNCTION app.pattern_checked_by_another()"
        )
    op.execute(
        "CREATE TRIGGER control_check_in_open_sitting BEFORE INSERT ON control_check "
        "FOR EACH ROW WHEN (NEW.sitting_id IS NOT NULL) "
        "EXECUTE FUNCTION app.decide_in_open_sitting()"
    )


def _communication() -> None:
    table = "communication"
    tenant_table(
        table,
        texts("reference"),
        ids("service_id"),
        ids("decision_id", "tracked_id", "update_id", "pack_id", null=True),
        texts("direction"),
        days("on_date"),
        texts("channel", "partner_kind", "partner", "person_role", "said"),
        days("answer_due_on", null=True),
        ids("by_id"),
        unique(table, "reference"),
        unique(table, "id", "decision_id"),
        links(
            table,
            service_id="service",
            decision_id="sharing_decision",
            tracked_id="tracked_concern",
            update_id="recovery_update",
            pack_id="pack",
            by_id="membership",
        ),
        checks(
            table,
            direction="direction IN ('out', 'in')",
            channel="channel IN ('meeting', 'phone', 'email', 'letter', 'portal', 'other')",
            partner_kind="partner_kind IN "
            "('commissioner', 'safeguarding_partner', 'health_professional', 'other')",
            words="partner <> '' AND person_role <> '' AND said <> ''",
            answer_due_on="answer_due_on >= on_date",
        ),
    )
    index(table, "service_id", "on_date")
    index(table, "decision_id")
    index(table, "tracked_id")
    answer = "communication_answer"
    tenant_table(
        answer,
        ids("communication_id"),
        days("on_date"),
        texts("answered"),
        ids("by_id"),
        links(answer, communication_id="communication", by_id="membership"),
        checks(answer, answered="answered <> ''"),
    )
    index(answer, "communication_id")


def _advice() -> None:
    table = "partner_advice"
    tenant_table(
        table,
        texts("reference"),
        ids("service_id", "communication_id"),
        ids("decision_id", "follows_id", null=True),
        texts("kind", "authority"),
        texts("authority_reference", default=""),
        days("received_on"),
        texts("guidance", "outcome", "what_follows"),
        ids("by_id"),
        unique(table, "reference"),
        unique(table, "follows_id"),
        links(
            table,
            service_id="service",
            communication_id="communication",
            decision_id="sharing_decision",
            follows_id="partner_advice",
            by_id="membership",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "communication_id", "decision_id"],
            ["communication.org_id", "communication.id", "communication.decision_id"],
            name=op.f("fk_partner_advice_communication_decision"),
        ),
        checks(
            table,
            kind="kind IN ('advice', 'referral')",
            outcome="outcome IN "
            "('awaited', 'section_42', 'other_enquiry', 'advice_only', 'no_further_action')",
            words="authority <> '' AND guidance <> '' AND what_follows <> ''",
        ),
    )
    for column, *rest in (("service_id", "received_on"), ("communication_id",), ("decision_id",)):
        index(table, column, *rest)


def _pattern_review() -> None:
    table = "pattern_review"
    tenant_table(
        table,
        texts("reference"),
        ids("service_id"),
        ids("trigger_id", null=True),
        days("on_date"),
        texts("care_records", "staff_notes", "escalating", "findings"),
        ids("by_id"),
        texts("same_person_reason", default=""),
        unique(table, "reference"),
        links(table, service_id="service", trigger_id="trigger", by_id="membership"),
        checks(
            table,
            escalating="escalating IN ('yes', 'no', 'uncertain')",
            words="care_records <> '' AND staff_notes <> '' AND findings <> ''",
        ),
    )
    index(table, "service_id", "on_date")
    index(table, "trigger_id")


def _control_check() -> None:
    table = "control_check"
    tenant_table(
        table,
        ids("decision_id", "service_id"),
        days("control_on", "checked_on"),
        ids("indicator_id", null=True),
        texts("source", default=""),
        numbers("before_count", "before_of", "after_count", "after_of"),
        texts("outcome", "findings"),
        ids("by_id"),
        ids("sitting_id", null=True),
        links(
            table,
            decision_id="sharing_decision",
            service_id="service",
            indicator_id="indicator",
            by_id="membership",
            sitting_id="review",
        ),
        checks(
            table,
            source="(indicator_id IS NULL) = (source <> '')",
            before_count="before_count BETWEEN 0 AND before_of",
            after_count="after_count BETWEEN 0 AND after_of",
            sizes="greatest(before_of, after_of) <= 10000000",
            outcome="outcome IN ('reduced', 'not_reduced', 'too_little_data')",
            computed="outcome = CASE WHEN least(before_of, after_of) < 10 "
            "OR before_count + after_count = 0 THEN 'too_little_data' "
            "WHEN 10::bigint * after_count * before_of <= 9::bigint * before_count * after_of "
            "THEN 'reduced' ELSE 'not_reduced' END",
            checked_on="checked_on >= control_on",
            findings="findings <> ''",
        ),
    )
    index(table, "decision_id", "checked_on")
    index(table, "sitting_id")


def downgrade() -> None:
    for table in WATCHED:
        op.execute(f"DROP TRIGGER {table}_checked_by_another ON {table}")
    op.execute("DROP FUNCTION app.pattern_checked_by_another()")
    for table in reversed(TABLES):
        op.drop_table(table)

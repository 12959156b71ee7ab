"""Decisions to share and not to share, the thresholds they look at, risks that a manager raises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.due_work import DUE_WORK, MONITORING, SHARING
from migrations.rls import DISPATCH, LASTING, open_to_dispatch, protect
from migrations.tables import (
    checks,
    columns,
    days,
    flags,
    ids,
    index,
    instants,
    links,
    tenant_table,
    texts,
    unique,
)

revision = "0037_sharing"
down_revision = "0036_monitoring_separation"

LASTS = ("sharing_decision", "contract_threshold", "sharing_consideration", "raised_risk_ground")
SUBJECTS = ("risk_id", "trigger_id", "concern_id", "episode_id")
FACTORS = (
    "'safety', 'continuity', 'safeguarding', 'contract_delivery', 'public_confidence', "
    "'multi_agency'"
)
DOMAINS = (
    "'safety', 'medicines', 'safeguarding', 'staffing', 'complaints', 'experience', 'records', "
    "'audits'"
)
REMINDERS = (
    "'due_soon', 'due_today', 'overdue', 'manager', 'governance', 'verification', "
    "'evidence_expiry', 'claim_waiting', 'dispute_due', 'watch_ending', 'return_due', "
    "'experience_due', 'sitting_overdue', 'challenge_open', 'response_unanswered', "
    "'response_escalated', 'trigger_undecided', 'weekly_return', 'weekly_return_late', "
    "'return_unverified', 'episode_review', 'episode_follow_up'"
)
OF_SHARING = (
    "'sharing_undecided', 'sharing_untold', 'control_check_due', 'update_evidence_due', "
    "'update_validation_due', 'update_approval_due', 'update_publication_due', 'update_missed'"
)
# Checked when the transaction ends: a decision comes before what was considered for it.
CONSIDER_ALL = """
CREATE FUNCTION app.consider_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM sharing_consideration c WHERE c.org_id = NEW.org_id
      AND c.decision_id = NEW.id AND c.factor IS NOT NULL) < 6 THEN
    RAISE EXCEPTION 'a decision on sharing considers each of the six thresholds'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$
"""
# As of enhanced monitoring: not by the manager, while a governance lead could.
NOT_KEPT_BY_OWN = """
CREATE FUNCTION app.not_kept_by_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM service s WHERE s.org_id = NEW.org_id AND s.id = NEW.service_id
      AND s.manager_id = NEW.decided_by_id)
    AND EXISTS (SELECT FROM membership m WHERE m.org_id = NEW.org_id AND m.active
      AND m.id <> NEW.decided_by_id AND 'governance_lead' = ANY(m.roles)
      AND (m.all_services OR EXISTS (SELECT FROM membership_service r
        WHERE r.org_id = m.org_id AND r.membership_id = m.id AND r.service_id = NEW.service_id)))
  THEN
    RAISE EXCEPTION 'whoever manages a service does not decide to keep its risk inside'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    _decisions()
    _thresholds()
    _considerations()
    _raised()
    for table in LASTS:
        protect(table, LASTING)
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
        )
    protect("raised_risk", LASTING)
    op.execute(
        "GRANT UPDATE (risk_id, answer, answered_by_id, answered_on) ON raised_risk "
        "TO careboard_app"
    )
    op.execute(
        "CREATE TRIGGER raised_risk_is_answered_once BEFORE UPDATE ON raised_risk "
        "FOR EACH ROW WHEN (OLD.answered_by_id IS NOT NULL) "
        "EXECUTE FUNCTION app.refuse_change()"
    )
    for function in (CONSIDER_ALL, NOT_KEPT_BY_OWN):
        op.execute(function)
    op.execute(
        "CREATE CONSTRAINT TRIGGER sharing_decision_considers_all AFTER INSERT ON sharing_decision "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.consider_all()"
    )
    op.execute(
        "CREATE TRIGGER sharing_decision_not_kept_by_own BEFORE INSERT ON sharing_decision "
        "FOR EACH ROW WHEN (NEW.decision = 'do_not_share') "
        "EXECUTE FUNCTION app.not_kept_by_own()"
    )
    _reminders(f"{REMINDERS}, {OF_SHARING}")
    open_to_dispatch("sharing_decision", "SELECT")
    op.execute(DUE_WORK.format(more=MONITORING + SHARING))


def _decisions() -> None:
    table = "sharing_decision"
    tenant_table(
        table,
        texts("reference"),
        ids("service_id"),
        ids(*SUBJECTS, null=True),
        days("first_identified_on"),
        texts("decision", "rationale"),
        texts("what", "to_whom", "action_under_way", default=""),
        columns(ARRAY(sa.Text()), "recipients", default="{}"),
        days("control_on", "tell_by", null=True),
        ids("decided_by_id"),
        days("decided_on"),
        instants("decided_at"),
        unique(table, "reference"),
        links(
            table,
            service_id="service",
            risk_id="risk",
            trigger_id="trigger",
            concern_id="concern",
            episode_id="monitoring_episode",
            decided_by_id="membership",
        ),
        checks(
            table,
            subject=f"num_nonnulls({', '.join(SUBJECTS)}) = 1",
            decision="decision IN ('share', 'do_not_share', 'seek_advice')",
            rationale="rationale <> ''",
            told=(
                "decision = 'do_not_share' OR (what <> '' AND action_under_way <> '' "
                "AND cardinality(recipients) > 0 AND tell_by IS NOT NULL)"
            ),
            recipients=(
                "recipients <@ ARRAY['commissioner', 'safeguarding_partner', "
                "'health_professional', 'other']"
            ),
            to_whom="NOT ('other' = ANY(recipients)) OR to_whom <> ''",
            identified="first_identified_on <= decided_on",
            tell_by="tell_by >= decided_on",
        ),
    )
    index(table, "service_id", "decided_at")
    for subject in SUBJECTS:
        index(table, subject)


def _thresholds() -> None:
    table = "contract_threshold"
    tenant_table(
        table,
        texts("reference", "words"),
        texts("commissioner", default=""),
        texts("measure", "way", null=True),
        columns(sa.Numeric(12, 2), "number", null=True),
        texts("unit", default=""),
        days("in_use_from"),
        flags("in_use", default="true"),
        texts("reason"),
        ids("set_by_id"),
        ids("replaces_id", null=True),
        unique(table, "reference"),
        unique(table, "replaces_id"),
        links(table, set_by_id="membership", replaces_id=table),
        checks(
            table,
            words="words <> ''",
            reason="reason <> ''",
            way="way IN ('at_least', 'at_most')",
            measured="num_nonnulls(way, number) IN (0, 2) AND (measure IS NULL OR way IS NOT NULL)",
        ),
    )


def _considerations() -> None:
    table = "sharing_consideration"
    tenant_table(
        table,
        ids("decision_id"),
        texts("factor", null=True),
        ids("threshold_id", null=True),
        texts("affected"),
        texts("reading", "note", default=""),
        unique(table, "decision_id", "factor"),
        unique(table, "decision_id", "threshold_id"),
        links(table, decision_id="sharing_decision", threshold_id="contract_threshold"),
        checks(
            table,
            factor=f"factor IN ({FACTORS})",
            about="num_nonnulls(factor, threshold_id) = 1",
            affected="affected IN ('yes', 'no', 'uncertain')",
        ),
    )


def _raised() -> None:
    """A manager says that there is a risk, on what grounds; a lead answers by rating it, or not."""
    table = "raised_risk"
    tenant_table(
        table,
        texts("reference"),
        ids("service_id"),
        texts("domain", "original_cause"),
        texts("controls", default=""),
        ids("raised_by_id"),
        days("raised_on"),
        ids("risk_id", null=True),
        texts("answer", default=""),
        ids("answered_by_id", null=True),
        days("answered_on", null=True),
        unique(table, "reference"),
        links(
            table,
            service_id="service",
            raised_by_id="membership",
            risk_id="risk",
            answered_by_id="membership",
        ),
        checks(
            table,
            domain=f"domain IN ({DOMAINS})",
            original_cause="original_cause <> ''",
            answered=(
                "CASE WHEN answered_by_id IS NULL THEN num_nonnulls(answered_on, risk_id) = 0 "
                "ELSE answered_on IS NOT NULL AND (risk_id IS NOT NULL OR answer <> '') END"
            ),
            answered_by_another="answered_by_id <> raised_by_id",
        ),
    )
    index(table, "service_id", "raised_on")
    index(table, "risk_id")
    table = "raised_risk_ground"
    grounds = {
        "indicator_id": "indicator",
        "trigger_id": "trigger",
        "concern_id": "concern",
        "evidence_id": "evidence",
    }
    tenant_table(
        table,
        ids("raised_id"),
        ids(*grounds, null=True),
        texts("sentence"),
        links(table, raised_id="raised_risk", **grounds),
        checks(
            table,
            one=f"num_nonnulls({', '.join(grounds)}) = 1",
            sentence="sentence <> ''",
        ),
    )
    index(table, "raised_id")


def _reminders(words: str, *, unchecked: bool = False) -> None:
    """Which rules a reminder may follow."""
    op.drop_constraint(op.f("ck_reminder_rule"), "reminder")
    more = " NOT VALID" if unchecked else ""
    op.execute(
        f"ALTER TABLE reminder ADD CONSTRAINT ck_reminder_rule CHECK (rule IN ({words})){more}"
    )


def downgrade() -> None:
    op.execute(DUE_WORK.format(more=MONITORING))
    op.execute("DROP POLICY sharing_decision_dispatch ON sharing_decision")
    op.execute(f"REVOKE ALL ON sharing_decision FROM {DISPATCH}")
    _reminders(REMINDERS, unchecked=True)
    for table in (
        "raised_risk_ground",
        "raised_risk",
        "sharing_consideration",
        "contract_threshold",
        "sharing_decision",
    ):
        op.drop_table(table)
    for name in ("not_kept_by_own", "consider_all"):
        op.execute(f"DROP FUNCTION app.{name}()")

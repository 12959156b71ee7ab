"""Where nobody else can, who made evidence decides on it, or judges a criterion by it, with a reason
that stays on show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047_judging_exceptions"
down_revision = "0046_session_limits"

BY_ANOTHER = (
    "status NOT IN ('accepted', 'rejected', 'change_requested') OR decided_by_id IS NULL "
    "OR decided_by_id IS DISTINCT FROM submitted_by_id"
)
OF_A_DECISION = (
    "same_person_reason = '' OR decided_by_id IS NOT NULL "
    "AND status IN ('accepted', 'rejected', 'change_requested')"
)
NOT_ON_OWN_EVIDENCE = """
CREATE OR REPLACE FUNCTION app.not_on_own_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM evidence v
      JOIN episode_criterion c ON c.org_id = v.org_id AND c.id = NEW.criterion_id
      JOIN monitoring_episode e ON e.org_id = c.org_id AND e.id = c.episode_id
      WHERE v.org_id = NEW.org_id AND v.id = NEW.evidence_id
        AND v.submitted_by_id = NEW.judged_by_id AND e.same_person_reason = ''{unless}) THEN
    RAISE EXCEPTION 'nobody judges by evidence that they submitted'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    for table in ("evidence", "criterion_judgement"):
        op.add_column(
            table, sa.Column("same_person_reason", sa.Text(), server_default="", nullable=False)
        )
    _judged_by_another(f"{BY_ANOTHER} OR same_person_reason <> ''")
    op.create_check_constraint(op.f("ck_evidence_exception"), "evidence", OF_A_DECISION)
    op.execute(NOT_ON_OWN_EVIDENCE.format(unless="\n        AND NEW.same_person_reason = ''"))


def _judged_by_another(rule: str, **options: bool) -> None:
    op.drop_constraint(op.f("ck_evidence_judged_by_another"), "evidence")
    op.create_check_constraint(op.f("ck_evidence_judged_by_another"), "evidence", rule, **options)


def downgrade() -> None:
    op.execute(NOT_ON_OWN_EVIDENCE.format(unless=""))
    op.drop_constraint(op.f("ck_evidence_exception"), "evidence")
    # What was decided as an exception stays.
    _judged_by_another(BY_ANOTHER, postgresql_not_valid=True)
    for table in ("criterion_judgement", "evidence"):
        op.drop_column(table, "same_person_reason")

"""Whoever submitted evidence cannot be the one who accepts or rejects it."""

from __future__ import annotations

from alembic import op

revision = "0012_evidence_judged_by_another"
down_revision = "0011_one_open_sitting"


def upgrade() -> None:
    op.create_check_constraint(
        op.f("ck_evidence_judged_by_another"),
        "evidence",
        "status NOT IN ('accepted', 'rejected', 'change_requested') OR decided_by_id IS NULL "
        "OR decided_by_id IS DISTINCT FROM submitted_by_id",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_evidence_judged_by_another"), "evidence")

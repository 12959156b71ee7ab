"""One open sitting per forum, service and period."""

from __future__ import annotations

from alembic import op

revision = "0011_one_open_sitting"
down_revision = "0010_verification_reminders"


def upgrade() -> None:
    op.create_index(
        "uq_review_one_open",
        "review",
        ["org_id", "forum", "service_id", "period_from", "period_to"],
        unique=True,
        postgresql_where="status = 'open'",
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_index("uq_review_one_open", table_name="review")

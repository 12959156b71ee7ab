"""What computed indicators were, kept for the pages that show all of them at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import CHANGING, protect

revision = "0025_kept_series"
down_revision = "0024_responses"

TABLE = "kept_series"


def upgrade() -> None:
    amounts = sa.ARRAY(sa.Double())
    op.create_table(
        TABLE,
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("values", amounts, nullable=False),
        sa.Column("numerators", amounts, nullable=False),
        sa.Column("denominators", amounts, nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "cadence IN ('day', 'week', 'month')", name=op.f(f"ck_{TABLE}_cadence")
        ),
        sa.CheckConstraint(
            "cardinality(values) = cardinality(numerators) "
            "AND cardinality(values) = cardinality(denominators)",
            name=op.f(f"ck_{TABLE}_as_long"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f(f"fk_{TABLE}_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "indicator_id"],
            ["indicator.org_id", "indicator.id"],
            name=op.f(f"fk_{TABLE}_org_id_indicator_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint(
            "org_id", "indicator_id", name=op.f(f"uq_{TABLE}_org_id_indicator_id")
        ),
    )  # fmt: skip
    protect(TABLE, CHANGING)


def downgrade() -> None:
    op.drop_table(TABLE)

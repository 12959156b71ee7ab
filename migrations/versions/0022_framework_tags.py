"""Tags to the regulator's topics, the framework in use, and judgements on the crosswalk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import CHANGING, LASTING, protect

revision = "0022_framework_tags"
down_revision = "0021_recovery_records"


def _tenant(table: str, *columns) -> None:
    op.create_table(
        table,
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=f"fk_{table}_org_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name=f"pk_{table}"),
    )


def _parent(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{parent}.org_id", f"{parent}.id"],
        name=f"fk_{table}_org_id_{column}",
    )


def upgrade() -> None:
    _tenant(
        "framework_tag",
        sa.Column("framework", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("risk_id", sa.Uuid()),
        sa.Column("indicator_id", sa.Uuid()),
        sa.Column("action_id", sa.Uuid()),
        sa.Column("evidence_id", sa.Uuid()),
        sa.Column("tagged_by_id", sa.Uuid()),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("removed_by_id", sa.Uuid()),
        _parent("framework_tag", "risk_id", "risk"),
        _parent("framework_tag", "indicator_id", "indicator"),
        _parent("framework_tag", "action_id", "action"),
        _parent("framework_tag", "evidence_id", "evidence"),
        _parent("framework_tag", "tagged_by_id", "membership"),
        _parent("framework_tag", "removed_by_id", "membership"),
        sa.CheckConstraint(
            "num_nonnulls(risk_id, indicator_id, action_id, evidence_id) = 1",
            name=op.f("ck_framework_tag_one_target"),
        ),
    )
    op.create_index(
        "uq_framework_tag_once",
        "framework_tag",
        [
            "org_id",
            "framework",
            "topic",
            "risk_id",
            "indicator_id",
            "action_id",
            "evidence_id",
        ],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    _tenant(
        "framework_use",
        sa.Column("framework", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid()),
        _parent("framework_use", "decided_by_id", "membership"),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_framework_use_reason")),
    )
    _tenant(
        "crosswalk_decision",
        sa.Column("one_framework", sa.Text(), nullable=False),
        sa.Column("one_topic", sa.Text(), nullable=False),
        sa.Column("other_framework", sa.Text(), nullable=False),
        sa.Column("other_topic", sa.Text(), nullable=False),
        sa.Column("same", sa.Boolean(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid()),
        _parent("crosswalk_decision", "decided_by_id", "membership"),
    )
    op.create_index(
        "ix_crosswalk_decision_pair", "crosswalk_decision", ["org_id", "one_topic", "other_topic"]
    )
    protect("framework_tag", CHANGING)
    protect("framework_use", LASTING)
    protect("crosswalk_decision", LASTING)


def downgrade() -> None:
    for table in ("crosswalk_decision", "framework_use", "framework_tag"):
        op.drop_table(table)

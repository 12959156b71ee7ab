"""Who closed an audit concern in CareBoard, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_concern_closing"
down_revision = "0008_held_text_fingerprint"


def upgrade() -> None:
    op.add_column(
        "audit_concern",
        sa.Column("close_reason", sa.Text(), server_default="", nullable=False),
    )
    op.add_column("audit_concern", sa.Column("closed_by_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_audit_concern_org_id_closed_by_id"),
        "audit_concern",
        "membership",
        ["org_id", "closed_by_id"],
        ["org_id", "id"],
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_audit_concern_org_id_closed_by_id"), "audit_concern")
    op.drop_column("audit_concern", "closed_by_id")
    op.drop_column("audit_concern", "close_reason")

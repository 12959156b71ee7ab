"""A keyed fingerprint of held text, so that a decision on it is not asked for twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_held_text_fingerprint"
down_revision = "0007_walls"


def upgrade() -> None:
    op.add_column("held_text", sa.Column("fingerprint", sa.Text(), nullable=False))
    op.create_index("ix_held_text_org_id_fingerprint", "held_text", ["org_id", "fingerprint"])


def downgrade() -> None:
    op.drop_index("ix_held_text_org_id_fingerprint", "held_text")
    op.drop_column("held_text", "fingerprint")

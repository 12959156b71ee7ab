"""Retention schedule, legal holds and the disposal log."""

from __future__ import annotations

revision = "0035_retention"
down_revision = "0034_uploads"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

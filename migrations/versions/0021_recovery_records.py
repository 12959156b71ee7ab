"""Indicators with readings, care reviews and medicine rounds."""

from __future__ import annotations

revision = "0021_recovery_records"
down_revision = "0020_action_outcomes"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

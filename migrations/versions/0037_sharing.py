"""Decisions to share and not to share."""

from __future__ import annotations

revision = "0037_sharing"
down_revision = "0036_monitoring_separation"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

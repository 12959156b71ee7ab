"""Sign-ins that end when they are ended, and the delay after wrong passwords."""

from __future__ import annotations

revision = "0031_sessions"
down_revision = "0030_monitoring_returns"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

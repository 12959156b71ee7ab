"""Weekly returns of an episode and the reports on them."""

from __future__ import annotations

revision = "0030_monitoring_returns"
down_revision = "0029_monitoring"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

"""Enhanced monitoring: decisions, episodes, what they change, how they end."""

from __future__ import annotations

revision = "0029_monitoring"
down_revision = "0028_rules"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

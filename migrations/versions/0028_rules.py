"""Thresholds that an organisation set, and the triggers that its rows made fire."""

from __future__ import annotations

revision = "0028_rules"
down_revision = "0027_rests_on_once"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

"""Fortnightly recovery updates."""

from __future__ import annotations

revision = "0039_updates"
down_revision = "0038_packs"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

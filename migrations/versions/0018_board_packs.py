"""Board packs made by the worker."""

from __future__ import annotations

revision = "0018_board_packs"
down_revision = "0017_forums"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

"""Monthly experience summaries, their themes and the notes on them."""

from __future__ import annotations

revision = "0019_experience"
down_revision = "0018_board_packs"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

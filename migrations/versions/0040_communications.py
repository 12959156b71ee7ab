"""What was said outside, and what came of it."""

from __future__ import annotations

revision = "0040_communications"
down_revision = "0039_updates"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

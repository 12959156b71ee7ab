"""What was published to commissioners, frozen, and who was granted it."""

from __future__ import annotations

revision = "0038_packs"
down_revision = "0037_sharing"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

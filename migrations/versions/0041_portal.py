"""What the portal's role may read, and readers invited."""

from __future__ import annotations

revision = "0041_portal"
down_revision = "0040_communications"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

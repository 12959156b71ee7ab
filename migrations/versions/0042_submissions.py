"""Forms that were sent, so that one sent twice is kept once."""

from __future__ import annotations

revision = "0042_submissions"
down_revision = "0041_portal"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

"""Members, quorum and attendance of the forums; further sections of the agenda."""

from __future__ import annotations

revision = "0017_forums"
down_revision = "0016_rating_decisions"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

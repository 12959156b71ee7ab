"""The measure of an action's outcome, and values taken by hand."""

from __future__ import annotations

revision = "0020_action_outcomes"
down_revision = "0019_experience"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

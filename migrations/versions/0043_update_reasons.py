"""Why one person took two steps of an update: a reason for each step."""

from __future__ import annotations

revision = "0043_update_reasons"
down_revision = "0042_submissions"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

"""The day on which a risk was closed."""

from __future__ import annotations

revision = "0044_closed_risks"
down_revision = "0043_update_reasons"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

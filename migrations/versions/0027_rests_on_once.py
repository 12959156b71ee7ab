"""A return lowers a rating once; who filed a dispute has no part in deciding it."""

from __future__ import annotations

revision = "0027_rests_on_once"
down_revision = "0026_readings_are_kept"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

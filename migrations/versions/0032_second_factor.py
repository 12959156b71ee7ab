"""Second factors, passkeys, recovery codes, and links that work once."""

from __future__ import annotations

revision = "0032_second_factor"
down_revision = "0031_sessions"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

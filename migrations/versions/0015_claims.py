"""Claims, their validation, and the samples drawn for it."""

from __future__ import annotations

revision = "0015_claims"
down_revision = "0014_overdue_until_verified"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

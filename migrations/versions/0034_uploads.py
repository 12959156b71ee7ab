"""What was refused or held at the door."""

from __future__ import annotations

revision = "0034_uploads"
down_revision = "0033_audit_heads"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

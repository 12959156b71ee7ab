"""Signed heads of the audit trail, kept outside."""

from __future__ import annotations

revision = "0033_audit_heads"
down_revision = "0032_second_factor"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

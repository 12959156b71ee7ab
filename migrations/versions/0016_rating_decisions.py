"""What a rating decision rests on and who took part; disputes and watches."""

from __future__ import annotations

revision = "0016_rating_decisions"
down_revision = "0015_claims"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

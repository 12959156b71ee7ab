"""The day on which a risk was closed.

Nothing closed a risk but somebody at the database: of one that was, the records speak last on the
day of its latest rating. It was closed then or later, and stood high no longer than they say.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044_closed_risks"
down_revision = "0043_update_reasons"

FILL = "UPDATE risk SET closed_on = greatest(opened_on, rated_on) WHERE status = 'closed'"


def upgrade() -> None:
    op.add_column("risk", sa.Column("closed_on", sa.Date()))
    # The tables' owner sees no organisation's rows either, unless told so for the moment.
    op.execute("ALTER TABLE risk NO FORCE ROW LEVEL SECURITY")
    op.execute(FILL)
    op.execute("ALTER TABLE risk FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(
        op.f("ck_risk_closed"),
        "risk",
        "(status = 'closed') = (closed_on IS NOT NULL) AND coalesce(closed_on >= opened_on, true)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_risk_closed"), "risk")
    op.drop_column("risk", "closed_on")

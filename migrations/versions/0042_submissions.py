"""Forms that were sent, so that one sent twice is kept once."""

from __future__ import annotations

from alembic import op

from migrations.rls import CHANGING, across_organisations, open_to_dispatch, protect
from migrations.tables import tenant_table, texts

revision = "0042_submissions"
down_revision = "0041_portal"

# By the database's own clock, whatever day the calendar is frozen on.
FORGET = """
CREATE FUNCTION app.forget_submissions() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  DELETE FROM submission WHERE created_at < now() - interval '1 day'
$$
"""


def upgrade() -> None:
    tenant_table("submission", texts("location", null=True))
    protect("submission", CHANGING)
    open_to_dispatch("submission", "SELECT, DELETE")
    op.execute(FORGET)
    across_organisations("app.forget_submissions()")


def downgrade() -> None:
    op.execute("DROP FUNCTION app.forget_submissions()")
    op.drop_table("submission")

"""Whether a kept file was found clean, and when its content was last read and found the same."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import APP, across_organisations, open_to_dispatch

revision = "0034_uploads"
down_revision = "0033_audit_heads"

DUE = """
CREATE FUNCTION app.organisations_with_files_to_look_at(before timestamptz)
RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id FROM organisation o
  WHERE EXISTS (SELECT FROM stored_file f WHERE f.org_id = o.id AND f.state = 'quarantined')
     OR EXISTS (SELECT FROM stored_file f WHERE f.org_id = o.id AND f.looked_at < before)
$$
"""
SIGNATURE = "app.organisations_with_files_to_look_at(timestamptz)"
COLUMNS = "state, finding, looked_at, damaged_at"


def upgrade() -> None:
    op.add_column("stored_file", sa.Column("state", sa.Text(), server_default="clean"))
    op.add_column("stored_file", sa.Column("finding", sa.Text(), server_default=""))
    op.add_column(
        "stored_file",
        sa.Column("looked_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
    )
    op.add_column("stored_file", sa.Column("damaged_at", sa.DateTime(timezone=True)))
    for column in ("state", "finding", "looked_at"):
        op.alter_column("stored_file", column, nullable=False)
    op.create_check_constraint(
        op.f("ck_stored_file_state"),
        "stored_file",
        "state IN ('quarantined', 'clean', 'rejected')",
    )
    op.create_index("ix_stored_file_org_id_looked_at", "stored_file", ["org_id", "looked_at"])
    op.create_index(
        "ix_stored_file_quarantined",
        "stored_file",
        ["org_id"],
        postgresql_where="state = 'quarantined'",
    )
    op.execute(f"GRANT UPDATE ({COLUMNS}) ON stored_file TO {APP}")
    open_to_dispatch("stored_file", "SELECT")
    op.execute(DUE)
    across_organisations(SIGNATURE)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute("DROP POLICY stored_file_dispatch ON stored_file")
    op.execute("REVOKE SELECT ON stored_file FROM careboard_dispatch")
    op.execute(f"REVOKE UPDATE ({COLUMNS}) ON stored_file FROM {APP}")
    for column in ("state", "finding", "looked_at", "damaged_at"):
        op.drop_column("stored_file", column)

"""Work that a tracker calls completed is overdue until somebody verifies it, and is swept for."""

from __future__ import annotations

from alembic import op

revision = "0014_overdue_until_verified"
down_revision = "0013_daily_figures"

DUE_ORGANISATIONS = """
CREATE OR REPLACE FUNCTION app.organisations_with_due_actions(latest date)
RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id FROM organisation o
  WHERE EXISTS (SELECT FROM action a WHERE a.org_id = o.id
    AND a.status IN ('open', 'in_progress', 'completed') AND a.due_on <= latest)
  OR EXISTS (SELECT FROM action a WHERE a.org_id = o.id
    AND a.status = 'completed' AND a.completed_by_id IS NOT NULL)
$$
"""


def upgrade() -> None:
    op.execute(DUE_ORGANISATIONS)


def downgrade() -> None:
    op.execute(DUE_ORGANISATIONS.replace(", 'completed')", ")"))

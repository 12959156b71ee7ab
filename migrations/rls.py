"""The one spelling of row-level security, and of what the app role may do to a table.

Source: DESIGN section 7, Tenancy.
"""

from __future__ import annotations

from alembic import op

APP = "careboard_app"
DISPATCH = "careboard_dispatch"

CHANGING = "SELECT, INSERT, UPDATE"
REMOVABLE = "SELECT, INSERT, UPDATE, DELETE"
LASTING = "SELECT, INSERT"


def protect(table: str, grants: str = CHANGING) -> None:
    """Put a tenant table behind the wall and give the app role `grants` on it."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {table}_of_org ON {table} "
        "USING (org_id = (SELECT app.org())) WITH CHECK (org_id = (SELECT app.org()))"
    )
    op.execute(f"GRANT {grants} ON {table} TO {APP}")


def open_to_dispatch(table: str, grants: str) -> None:
    """Let the functions that look across organisations reach a table.

    A policy of its own for that role, so that the tenants' policy keeps a single branch.
    """
    op.execute(
        f"CREATE POLICY {table}_dispatch ON {table} TO {DISPATCH} USING (true) WITH CHECK (true)"
    )
    op.execute(f"GRANT {grants} ON {table} TO {DISPATCH}")


def across_organisations(signature: str) -> None:
    """Hand a SECURITY DEFINER function to the dispatch role; the app role may call it."""
    op.execute(f"GRANT CREATE ON SCHEMA app TO {DISPATCH}")
    op.execute(f"ALTER FUNCTION {signature} OWNER TO {DISPATCH}")
    op.execute(f"REVOKE CREATE ON SCHEMA app FROM {DISPATCH}")
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {APP}")

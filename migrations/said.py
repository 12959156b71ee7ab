"""What a row said before it changed or went, kept by the database itself (table `row_version`).

Source: rules 3.1, every firing can be replayed.
"""

from __future__ import annotations

from alembic import op

ACTION = (
    "service_id, domain, audit_concern_id, concern_id, risk_id, plan_id, measure, measure_theme, "
    "baseline_value, target_value, lag_days, owner_id, due_on, original_due_on, extensions, "
    "status, completed_on, verified_on"
)


def keep_versions(table: str, columns: str) -> None:
    """Keep these columns whenever one of them changes or the row goes, in place of those that were
    kept so far."""
    names = columns.split(", ")
    kept = ", ".join(f"'{name}'" for name in names)
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    forget_versions(table)
    op.execute(
        f"CREATE TRIGGER {table}_said AFTER UPDATE ON {table} FOR EACH ROW "
        f"WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION app.keep_version({kept})"
    )
    op.execute(
        f"CREATE TRIGGER {table}_gone AFTER DELETE ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION app.keep_version({kept})"
    )


def forget_versions(table: str) -> None:
    """Keep them no longer."""
    for what in ("gone", "said"):
        op.execute(f"DROP TRIGGER IF EXISTS {table}_{what} ON {table}")

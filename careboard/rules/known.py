"""What was known of an organisation at an instant in the past.

Before a row changes or goes, the database keeps what the rules read of it (`row_version`). Here
temporary views with the tables' own names stand before the tables, so that every statement of
every feature reads the rows as they were, without knowing it. Rows recorded later are not there.
Source: rules 3.1, a firing can be replayed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import text

from careboard.db import db
from careboard.tenancy import Actor

# Tables with a trigger that keeps what they said, and those whose rows never change.
_TABLES = text("""
SELECT c.relname, coalesce(bool_or(t.tgname = c.relname || '_said'), false) AS changes
FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid
WHERE c.relnamespace = CAST('public' AS regnamespace) AND c.relkind = 'r'
  AND (t.tgname = c.relname || '_said' OR c.relname = ANY(:lasting))
GROUP BY c.oid, c.relname ORDER BY c.relname
""")
LASTING = (
    *("action_update", "confidence_note", "episode_review", "experience_theme"),
    *("indicator_target", "intelligence_note", "outcome_reading", "rating_review", "theme_action"),
)
_VIEW = """
CREATE TEMPORARY VIEW {table} AS
SELECT p.* FROM public.{table} t
LEFT JOIN ({versions}) v ON v.record_id = t.id
CROSS JOIN LATERAL jsonb_populate_record(t, coalesce(v.version, '{{}}')) p
WHERE t.org_id = '{org}' AND t.created_at <= '{at}'
UNION ALL
SELECT p.* FROM ({versions}) v
CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS public.{table}), v.version) p
WHERE p.created_at <= '{at}'
  AND NOT EXISTS (SELECT FROM public.{table} t WHERE t.org_id = '{org}' AND t.id = v.record_id)
"""
_VERSIONS = """
SELECT DISTINCT ON (r.record_id) r.record_id, r.version FROM row_version r
WHERE r.org_id = '{org}' AND r.table_name = '{table}' AND r.said_until > '{at}'
ORDER BY r.record_id, r.said_until, r.id
"""
_LASTING_VIEW = """
CREATE TEMPORARY VIEW {table} AS
SELECT t.* FROM public.{table} t WHERE t.org_id = '{org}' AND t.created_at <= '{at}'
"""


@contextmanager
def as_known_at(*, actor: Actor, at: datetime | None) -> Iterator[None]:
    """Read the organisation's rows as they were known then (None: as they are known now).

    Nothing may be written meanwhile; whatever the session holds is forgotten before and after.
    """
    if at is None:
        yield
        return
    db.session.expunge_all()
    names = []
    for table, changes in db.session.execute(_TABLES, {"lasting": list(LASTING)}):
        given = {"org": actor.org_id, "table": table, "at": at.isoformat()}
        shape = _VIEW if changes else _LASTING_VIEW
        view = shape.format(**given, versions=_VERSIONS.format(**given))
        db.session.connection().exec_driver_sql(view.replace("%", "%%"))
        names.append(table)
    try:
        yield
    finally:
        db.session.expunge_all()
        for name in names:
            db.session.connection().exec_driver_sql(f"DROP VIEW pg_temp.{name}")

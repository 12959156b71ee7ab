"""Actions and the concerns they answer, whichever of the two came first."""

from __future__ import annotations

from sqlalchemy import text

from careboard.db import db
from careboard.imports.models import ImportBatch
from careboard.imports.projection import TARGETS
from careboard.tenancy import Actor

_LINK = """
UPDATE action a SET {column} = c.id, domain = coalesce(a.domain, c.domain)
FROM {table} c
WHERE a.org_id = :org AND c.org_id = :org AND a.{column} IS NULL
  AND a.source_reference <> '' AND a.source_reference = c.source_key AND c.batch_id = :batch
"""
_COLUMNS = {"audit_concern": "audit_concern_id", "concern": "concern_id"}


def relink_actions(*, actor: Actor, batch: ImportBatch) -> None:
    """Link imported actions to concerns that this batch brought, by the source's reference."""
    table = TARGETS[batch.feed].table
    if table in _COLUMNS:
        statement = text(_LINK.format(column=_COLUMNS[table], table=table))
        db.session.execute(statement, {"org": actor.org_id, "batch": batch.id})

"""Actions and the concerns they answer, whichever of the two came first."""

from __future__ import annotations

from sqlalchemy import text

from careboard.db import db
from careboard.imports.models import ImportBatch
from careboard.tenancy import Actor

_LINK = """
UPDATE action a SET {column} = c.id, domain = coalesce(a.domain, c.domain)
FROM {table} c
WHERE a.org_id = :org AND c.org_id = :org AND a.{column} IS NULL
  AND a.source_reference <> '' AND a.source_reference = c.source_key AND c.batch_id = :batch
"""
# CareBoard's own next reference must not be one that the tracker has given out already.
_COUNT = """
INSERT INTO reference_counter (org_id, id, prefix, last)
SELECT :org, gen_random_uuid(), 'ACT', coalesce(max(substring(reference FROM 5)::bigint), 0)
FROM action WHERE org_id = :org AND reference ~ '^ACT-[0-9]{1,9}$'
ON CONFLICT (org_id, prefix) DO UPDATE SET last = greatest(reference_counter.last, excluded.last)
"""


def relink_actions(*, actor: Actor, batch: ImportBatch) -> None:
    """Link imported actions to concerns that this batch brought, by the source's reference."""
    given = {"org": actor.org_id, "batch": batch.id}
    if batch.feed == "audit_concerns":
        statement = _LINK.format(column="audit_concern_id", table="audit_concern")
        db.session.execute(text(statement), given)
    elif batch.feed == "actions":
        db.session.execute(text(_COUNT), {"org": actor.org_id})
    elif batch.feed not in ("services", "audits"):
        statement = _LINK.format(column="concern_id", table="concern")
        db.session.execute(text(statement), given)

"""Rows that could not come in: kept with their reason, corrected in place, tried again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert

from careboard import audit, clock
from careboard.db import db, load, lock, new_id
from careboard.errors import Invalid
from careboard.imports import feeds, held, loading
from careboard.imports.checking import Rejection, check_rows
from careboard.imports.lookups import check_context, lookups
from careboard.imports.mapping import DataMap
from careboard.imports.models import DataMap as StoredMap
from careboard.imports.models import ImportBatch, QuarantinedRow
from careboard.imports.privacy import redact
from careboard.imports.projection import project
from careboard.imports.relinking import relink_actions
from careboard.permissions import Permission
from careboard.tenancy import Actor

# Nobody needs to correct these: the row is there already, or is no row.
_SETTLED = {"duplicate", "footer"}


def keep(*, actor: Actor, batch: ImportBatch, rejected: Sequence[Rejection]) -> None:
    """Put rejected rows into quarantine; repeats and total lines are dismissed at once."""
    rows = [
        {
            "org_id": actor.org_id,
            "id": new_id(),
            "batch_id": batch.id,
            "row_no": item.row,
            "code": item.code,
            "field": item.field,
            "message": item.message,
            "raw": {title: redact(cell) for title, cell in item.raw.items()},
            "status": "dismissed" if item.code in _SETTLED else "waiting",
        }
        for item in rejected
    ]
    if rows:
        db.session.execute(insert(QuarantinedRow), rows)


def correct(*, actor: Actor, row_id: UUID, cells: dict[str, str]) -> None:
    """Try the row again with these cells (title to text); loaded if good.

    Raises Invalid, at the cell in question, when it is still bad; what was typed is then kept by
    the form.
    """
    actor.require(Permission.IMPORT)
    row = lock(QuarantinedRow, actor.org_id, row_id)
    if row.status != "waiting":
        raise Invalid("This row has been dealt with already.")
    batch = load(ImportBatch, actor.org_id, row.batch_id)
    if batch.status != "loaded":
        raise Invalid("The import of this row has been undone.")
    stored_map = load(StoredMap, actor.org_id, batch.data_map_id)
    data_map = DataMap.from_json(stored_map.mapping)
    full = {**row.raw, **cells}
    checked = check_rows(
        [(row.row_no, full)],
        feeds.get_feed(batch.feed),
        data_map,
        check_context(actor=actor, feed=batch.feed),
    )
    if checked.rejected:
        raise Invalid(checked.rejected[0].message, checked.rejected[0].field)
    if checked.accepted.is_empty():
        raise Invalid("The row is empty.")
    frame = project(
        batch.feed,
        checked.accepted,
        lookups(actor=actor, feed=batch.feed, source_label=f"{batch.reference}, corrected by hand"),
    )
    frame, texts = held.redact(actor=actor, batch=batch, frame=frame, pii=checked.pii)
    loading.merge(org_id=actor.org_id, batch_id=batch.id, feed=batch.feed, frame=frame)
    held.hold(actor=actor, batch=batch, texts=texts)
    relink_actions(actor=actor, batch=batch)
    row.corrected = {title: redact(cell) for title, cell in full.items()}
    _settle(actor, row, "loaded", "")
    batch.accepted, batch.rejected = batch.accepted + 1, batch.rejected - 1


def dismiss(*, actor: Actor, row_id: UUID, reason: str) -> None:
    """Leave the row out for good, for that reason."""
    actor.require(Permission.IMPORT)
    row = lock(QuarantinedRow, actor.org_id, row_id)
    if row.status != "waiting":
        raise Invalid("This row has been dealt with already.")
    if not reason.strip():
        raise Invalid("Say why this row is left out.", "reason")
    _settle(actor, row, "dismissed", reason.strip())


def _settle(actor: Actor, row: QuarantinedRow, status: str, reason: str) -> None:
    row.status, row.reason = status, reason
    row.decided_by_id, row.decided_at = actor.membership_id, clock.utc_now()
    audit.record(
        actor=actor,
        tag=f"quarantined_row:{status}",
        subject_id=row.id,
        after={"batch": row.batch_id, "row": row.row_no},
    )
    db.session.flush()

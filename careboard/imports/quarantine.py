"""Rows that could not come in: kept with their reason, corrected in place, tried again.

What is kept of a row is redacted; a second try reads the original file's own cells again, with
the corrections over them. The row keeps its number and its batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import polars as pl
from sqlalchemy import insert, select, text, update

from careboard import audit, clock
from careboard.db import db, load, new_id
from careboard.errors import Invalid
from careboard.imports import headers, reading
from careboard.imports.bringing import bring_in
from careboard.imports.checking import Checked, Rejection
from careboard.imports.claims import take
from careboard.imports.models import ImportBatch, QuarantinedRow
from careboard.imports.privacy import redact
from careboard.imports.projection import TARGETS
from careboard.imports.rights import require_import
from careboard.imports.tables import Table
from careboard.tenancy import Actor

# Nobody needs to correct these: the row is there already, or is no row.
SETTLED = ("duplicate", "footer")
_LONGEST_CELL = 20_000


@dataclass(frozen=True, slots=True)
class Retried:
    """How many rows came in, and how many still wait."""

    loaded: int
    waiting: int


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
            "status": "dismissed" if item.code in SETTLED else "waiting",
        }
        for item in rejected
    ]
    if rows:
        db.session.execute(insert(QuarantinedRow), rows)


def correct(*, actor: Actor, row_id: UUID, cells: Mapping[str, str]) -> None:
    """Try the row again with these cells (title to text) over its own; loaded if good.

    Raises Invalid, at the field in question, when it is still bad; what was typed is then kept by
    the form.
    """
    batch, row = _waiting_row(actor, row_id)
    table, changes = _original_rows(actor, batch, [row]), _changes(row, cells)
    checked = _check(actor, batch, _changed(table, changes))
    if checked.rejected:
        raise Invalid(checked.rejected[0].message, checked.rejected[0].field)
    if checked.accepted.is_empty():
        raise Invalid("The row is empty.")
    later = _later_versions(actor, batch, checked.accepted).get(row.row_no)
    if later is not None:
        raise Invalid(f"A later version of this row stands in {later}. Dismiss this one.")
    _bring_in(actor, batch, checked)
    if changes:
        row.corrected = {title: redact(cell) for title, cell in {**row.raw, **changes}.items()}
    _settle(actor, row, "loaded", "")
    batch.accepted, batch.rejected = batch.accepted + 1, batch.rejected - 1
    db.session.flush()


def retry(*, actor: Actor, batch_id: UUID) -> Retried:
    """Try every waiting row of the batch again as it came, as when its service exists by now."""
    require_import(actor)
    batch = take(actor=actor, batch_id=batch_id, wait=True)
    _require_loaded(batch)
    waiting = list(
        db.session.scalars(
            select(QuarantinedRow).where(
                QuarantinedRow.org_id == actor.org_id,
                QuarantinedRow.batch_id == batch.id,
                QuarantinedRow.status == "waiting",
            )
        )
    )
    if not waiting:
        return Retried(0, 0)
    checked = _check(actor, batch, _original_rows(actor, batch, waiting))
    later = list(_later_versions(actor, batch, checked.accepted))
    checked = replace(checked, accepted=checked.accepted.filter(~pl.col("row").is_in(later)))
    _bring_in(actor, batch, checked)
    came_in = set(checked.accepted["row"].to_list())
    _settle_rows(actor, batch, sorted(came_in))
    _note_reasons(waiting, checked.rejected)
    batch.accepted += len(came_in)
    batch.rejected -= len(came_in)
    db.session.flush()
    return Retried(len(came_in), len(waiting) - len(came_in))


def dismiss(*, actor: Actor, row_id: UUID, reason: str) -> None:
    """Leave the row out for good, for that reason. Raises Invalid without one."""
    _, row = _waiting_row(actor, row_id)
    if not reason.strip():
        raise Invalid("Say why this row is left out.", "reason")
    _settle(actor, row, "dismissed", reason.strip())


def _waiting_row(actor: Actor, row_id: UUID) -> tuple[ImportBatch, QuarantinedRow]:
    require_import(actor)
    row = load(QuarantinedRow, actor.org_id, row_id)
    batch = take(actor=actor, batch_id=row.batch_id, wait=True)
    db.session.refresh(row)
    if row.status != "waiting":
        raise Invalid("This row has been dealt with already.")
    _require_loaded(batch)
    return batch, row


def _require_loaded(batch: ImportBatch) -> None:
    if batch.status != "loaded":
        raise Invalid("The import of these rows has been undone, so they cannot come in.")


def _original_rows(actor: Actor, batch: ImportBatch, rows: Sequence[QuarantinedRow]) -> Table:
    table = reading.table_of_batch(actor=actor, batch=batch)
    wanted = [row.row_no for row in rows]
    return replace(table, frame=table.frame.filter(pl.col("row").is_in(wanted)))


def _changes(row: QuarantinedRow, cells: Mapping[str, str]) -> dict[str, str]:
    """What the person typed, less what stands there already."""
    return {
        title: cell.replace("\x00", "")[:_LONGEST_CELL]
        for title, cell in cells.items()
        if title in row.raw and cell != row.raw[title]
    }


def _changed(table: Table, changes: Mapping[str, str]) -> Table:
    names = headers.unique(table.columns)
    new = [pl.lit(cell).alias(f"c{names.index(title)}") for title, cell in changes.items()]
    return replace(table, frame=table.frame.with_columns(new))


def _check(actor: Actor, batch: ImportBatch, table: Table) -> Checked:
    feed = reading.feed_of(actor=actor, name=batch.feed, source=batch.source)
    data_map = reading.map_of(actor=actor, batch=batch)
    return reading.examine(actor=actor, feed=feed, table=table, data_map=data_map).checked


def _later_versions(actor: Actor, batch: ImportBatch, accepted: pl.DataFrame) -> dict[int, str]:
    """Rows that must not come in, because a later version of the record is there: {row: where}."""
    table = TARGETS[batch.feed].table
    found = db.session.execute(
        text(
            f"SELECT t.source_key, t.row_no, b.reference, b.id = :batch AS own FROM {table} t "
            "JOIN import_batch b ON b.org_id = t.org_id AND b.id = t.batch_id "
            "WHERE t.org_id = :org AND t.source_key = ANY(:keys) AND b.feed = :feed "
            "AND (b.id = :batch OR b.loaded_at > :loaded)"
        ),
        {
            "org": actor.org_id,
            "batch": batch.id,
            "keys": accepted["source_key"].to_list(),
            "loaded": batch.loaded_at,
            "feed": batch.feed,
        },
    )
    held_now = {row.source_key: row for row in found}
    later = {}
    for row_no, key in accepted.select("row", "source_key").iter_rows():
        there = held_now.get(key)
        if there is not None and not (there.own and there.row_no <= row_no):
            later[row_no] = f"row {there.row_no} of {there.reference}"
    return later


def _bring_in(actor: Actor, batch: ImportBatch, checked: Checked) -> None:
    label = f"{batch.reference}, corrected by hand"
    bring_in(actor=actor, batch=batch, checked=checked, label=label)


def _settle(actor: Actor, row: QuarantinedRow, status: str, reason: str) -> None:
    row.status, row.reason = status, reason
    row.decided_by_id, row.decided_at = actor.membership_id, clock.now()
    audit.record(
        actor=actor,
        tag=f"quarantined_row:{status}",
        subject_id=row.id,
        after={"batch": row.batch_id, "row": row.row_no},
    )
    db.session.flush()


def _settle_rows(actor: Actor, batch: ImportBatch, rows: list[int]) -> None:
    db.session.execute(
        update(QuarantinedRow)
        .where(
            QuarantinedRow.org_id == actor.org_id,
            QuarantinedRow.batch_id == batch.id,
            QuarantinedRow.row_no.in_(rows),
        )
        .values(status="loaded", decided_by_id=actor.membership_id, decided_at=clock.now())
    )
    audit.record(
        actor=actor,
        tag="quarantined_row:loaded",
        subject_id=batch.id,
        after={"batch": batch.id, "rows": rows[:1000], "count": len(rows)},
    )


def _note_reasons(waiting: Sequence[QuarantinedRow], rejected: Sequence[Rejection]) -> None:
    """The reason of a row may be another one by now."""
    by_row = {row.row_no: row for row in waiting}
    for item in rejected:
        row = by_row[item.row]
        row.code, row.field, row.message = item.code, item.field, item.message

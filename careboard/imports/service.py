"""A file's way in: received, mapped, previewed, loaded; and what is held back on the way.

Source: DESIGN section 7, Source rows and lineage.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from careboard import audit, clock, jobs, storage
from careboard.db import db, load, lock
from careboard.errors import Invalid
from careboard.imports import feeds, held, loading, quarantine
from careboard.imports.checking import Checked, check
from careboard.imports.errors import UnreadableFile
from careboard.imports.lookups import check_context, lookups
from careboard.imports.mapping import DataMap, propose
from careboard.imports.models import DataMap as StoredMap
from careboard.imports.models import ImportBatch, QuarantinedRow, StoredFile
from careboard.imports.projection import project
from careboard.imports.relinking import relink_actions
from careboard.imports.tables import Table, read_table
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.tenancy import Actor

# More rows than this are loaded by the worker, with a progress bar.
INLINE_ROWS = 5_000
_SHOWN_REJECTIONS = 5_000
_SAMPLE_ROWS = 12


@dataclass(frozen=True, slots=True)
class Receipt:
    """`already_loaded`: the very same file was loaded before; nothing needs to be done."""

    batch_id: UUID
    already_loaded: bool


def receive(
    *, actor: Actor, feed: str, source: str, file_name: str, content: bytes
) -> Receipt:
    """Keep the file, propose how to read it and say what would come in.

    `source` names the system that the file comes from; its data map is remembered. Raises Invalid
    when the file cannot be read as a table.
    """
    actor.require(Permission.IMPORT)
    known = _known_feed(feed)
    digest = hashlib.sha256(content).hexdigest()
    loaded = db.session.scalar(
        select(ImportBatch.id).where(
            ImportBatch.org_id == actor.org_id,
            ImportBatch.feed == known.name,
            ImportBatch.sha256 == digest,
            ImportBatch.status.in_(("loaded", "loading", "queued")),
        )
    )
    if loaded is not None:
        return Receipt(loaded, already_loaded=True)
    table = _read(content, file_name, known)
    stored = StoredFile(
        org_id=actor.org_id,
        sha256=storage.put(actor.org_id, content),
        size=len(content),
        media_type="application/octet-stream",
        file_name=file_name,
        created_by_id=actor.membership_id,
    )
    db.session.add(stored)
    db.session.flush()
    batch = ImportBatch(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "IMP"),
        feed=known.name,
        source=source,
        file_id=stored.id,
        sha256=digest,
        status="mapping",
        created_by_id=actor.membership_id,
    )
    db.session.add(batch)
    db.session.flush()
    remembered = latest_map(actor=actor, feed=known.name, source=source)
    data_map = DataMap.from_json(remembered.mapping) if remembered else propose(table, known)
    _preview(actor, batch, table, data_map)
    audit.record(
        actor=actor,
        tag="import:received",
        subject_id=batch.id,
        after={"feed": batch.feed, "sha256": digest, "rows": batch.rows_total},
    )
    return Receipt(batch.id, already_loaded=False)


def set_map(*, actor: Actor, batch_id: UUID, mapping: dict[str, Any]) -> None:
    """Read the batch by this map instead, and remember it for the source.

    Raises Invalid when the batch has been loaded, or the map does not fit the feed.
    """
    actor.require(Permission.IMPORT)
    batch = lock(ImportBatch, actor.org_id, batch_id)
    if batch.status not in ("mapping", "previewed"):
        raise Invalid("This import has been loaded; its mapping can no longer be changed.")
    try:
        data_map = DataMap.from_json(mapping)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"The mapping cannot be read: {error}", "mapping") from error
    _preview(actor, batch, read_batch(actor, batch), data_map)


def latest_map(*, actor: Actor, feed: str, source: str) -> StoredMap | None:
    """The newest data map of that source for the feed."""
    return db.session.scalar(
        select(StoredMap)
        .where(
            StoredMap.org_id == actor.org_id, StoredMap.feed == feed, StoredMap.source == source
        )
        .order_by(StoredMap.version.desc())
        .limit(1)
    )


def start_load(*, actor: Actor, batch_id: UUID) -> bool:
    """Load the batch now, or hand it to the worker when it is long; true when it is loaded.

    Raises Invalid when it is not waiting to be loaded, or lacks a field that the feed needs.
    """
    actor.require(Permission.IMPORT)
    batch = lock(ImportBatch, actor.org_id, batch_id)
    if batch.status != "previewed":
        raise Invalid("This import is not waiting to be loaded.")
    if batch.rows_total > INLINE_ROWS:
        batch.status = "queued"
        jobs.enqueue_after_commit(
            "imports", "workers.imports.load", str(actor.org_id), str(batch.id)
        )
        return False
    load_batch(actor=actor, batch_id=batch_id)
    return True


def load_batch(
    *, actor: Actor, batch_id: UUID, progress: Callable[[int], None] = lambda done: None
) -> None:
    """Bring the good rows in and the bad ones to quarantine. Loading again changes nothing."""
    batch = lock(ImportBatch, actor.org_id, batch_id)
    if batch.status in ("loaded", "undone", "cancelled"):
        return
    stored_map = load(StoredMap, actor.org_id, batch.data_map_id)
    checked = _check(actor, batch, read_batch(actor, batch), DataMap.from_json(stored_map.mapping))
    file = load(StoredFile, actor.org_id, batch.file_id)
    place = f", sheet {checked.table.sheet}" if checked.table.sheet else ""
    frame = project(
        batch.feed,
        checked.accepted,
        lookups(actor=actor, feed=batch.feed, source_label=f"{file.file_name}{place}"),
    )
    frame, texts = held.redact(actor=actor, batch=batch, frame=frame, pii=checked.pii)
    outcome = loading.merge(
        org_id=actor.org_id, batch_id=batch.id, feed=batch.feed, frame=frame, progress=progress
    )
    held.hold(actor=actor, batch=batch, texts=texts)
    quarantine.keep(actor=actor, batch=batch, rejected=checked.rejected)
    relink_actions(actor=actor, batch=batch)
    batch.status, batch.loaded_at = "loaded", clock.utc_now()
    batch.accepted, batch.rejected = checked.accepted.height, len(checked.rejected)
    batch.rows_done = batch.rows_total
    batch.report = {
        **batch.report,
        "outcome": {
            "new": outcome.new,
            "changed": outcome.changed,
            "unchanged": outcome.unchanged,
            "held": len(texts),
        },
    }
    audit.record(
        actor=actor, tag="import:loaded", subject_id=batch.id, after=batch.report["outcome"]
    )
    db.session.flush()


def cancel(*, actor: Actor, batch_id: UUID) -> None:
    """Give up an import that has not been loaded. The file stays."""
    actor.require(Permission.IMPORT)
    batch = lock(ImportBatch, actor.org_id, batch_id)
    if batch.status not in ("mapping", "previewed", "queued", "failed"):
        raise Invalid("This import has been loaded; undo it instead.")
    batch.status = "cancelled"
    db.session.execute(
        delete(QuarantinedRow).where(
            QuarantinedRow.org_id == actor.org_id, QuarantinedRow.batch_id == batch.id
        )
    )
    audit.record(actor=actor, tag="import:cancelled", subject_id=batch.id)


def read_batch(actor: Actor, batch: ImportBatch) -> Table:
    """The batch's original file as a table."""
    file = load(StoredFile, actor.org_id, batch.file_id)
    return _read(storage.get(actor.org_id, file.sha256), file.file_name, _known_feed(batch.feed))


def _known_feed(name: str) -> feeds.Feed:
    try:
        return feeds.get_feed(name)
    except KeyError as error:
        raise Invalid(f"There is no feed called “{name}”.", "feed") from error


def _read(content: bytes, file_name: str, feed: feeds.Feed) -> Table:
    """Parsers want a path; the person's own name for the file is not used for it."""
    with tempfile.TemporaryDirectory(prefix="careboard-") as folder:
        path = Path(folder) / f"file{Path(file_name).suffix.lower()[:8]}"
        path.write_bytes(content)
        try:
            return read_table(path, feed=feed)
        except UnreadableFile as error:
            raise Invalid(error.message, "file") from error


def _check(actor: Actor, batch: ImportBatch, table: Table, data_map: DataMap) -> Checked:
    context = check_context(actor=actor, feed=batch.feed)
    return check(table, _known_feed(batch.feed), data_map, context)


def _preview(actor: Actor, batch: ImportBatch, table: Table, data_map: DataMap) -> None:
    checked = _check(actor, batch, table, data_map)
    batch.data_map_id = _remember(actor, batch, data_map)
    batch.report = _report(checked, data_map)
    batch.rows_total = checked.counts["data_rows_total"]
    batch.accepted, batch.rejected = checked.accepted.height, len(checked.rejected)
    batch.status = "mapping" if checked.missing else "previewed"
    db.session.flush()


def _remember(actor: Actor, batch: ImportBatch, data_map: DataMap) -> UUID:
    held_map = latest_map(actor=actor, feed=batch.feed, source=batch.source)
    mapping = data_map.to_json()
    if held_map is not None and held_map.mapping == mapping:
        return held_map.id
    last = db.session.scalar(
        select(func.max(StoredMap.version)).where(
            StoredMap.org_id == actor.org_id,
            StoredMap.feed == batch.feed,
            StoredMap.source == batch.source,
        )
    )
    stored = StoredMap(
        org_id=actor.org_id,
        feed=batch.feed,
        source=batch.source,
        version=(last or 0) + 1,
        mapping=mapping,
        created_by_id=actor.membership_id,
    )
    db.session.add(stored)
    db.session.flush()
    return stored.id


def _report(checked: Checked, data_map: DataMap) -> dict[str, Any]:
    """The check's outcome as the pages show it: bounded, whatever the file's size.

    Personal data does not belong in a stored preview: sample rows with any are left out.
    """
    shown = checked.rejected[:_SHOWN_REJECTIONS]
    clean = [
        at
        for at, row in enumerate(checked.accepted["row"][: _SAMPLE_ROWS * 4])
        if row not in checked.pii
    ][:_SAMPLE_ROWS]
    sample = checked.accepted[clean].drop("service_id", "source_key", strict=False)
    return {
        **checked.report(),
        "rejected": [
            {"row": item.row, "code": item.code, "field": item.field, "message": item.message}
            for item in shown
        ],
        "rejected_by_code": checked.rejected_by_code(),
        "missing": checked.missing,
        "columns": list(checked.table.columns),
        "sheets": list(checked.table.sheets or ()),
        "mapping": data_map.to_json(),
        "sample": {
            "columns": sample.columns,
            "rows": [["" if cell is None else str(cell) for cell in row] for row in sample.rows()],
        },
    }

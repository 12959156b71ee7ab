"""A file's way in: received, mapped, previewed, loaded; and what is held back on the way.

Source: DESIGN section 7, Source rows and lineage.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.exc import DataError, IntegrityError

from careboard import audit, clock, jobs, uploads
from careboard.db import db, load
from careboard.errors import CareBoardError, Conflict, Invalid
from careboard.imports import quarantine, reading
from careboard.imports.bringing import bring_in
from careboard.imports.claims import Progress, take, unheard
from careboard.imports.mapping import DataMap
from careboard.imports.models import DataMap as StoredMap
from careboard.imports.models import ImportBatch, StoredFile
from careboard.imports.previews import preview
from careboard.imports.reading import Examined
from careboard.imports.rights import require_import
from careboard.references import next_reference
from careboard.tenancy import Actor
from careboard.uploads import Upload, clean_name

# More rows than this are loaded by the worker, with a progress bar.
INLINE_ROWS = 5_000
# The share of a load's time after which the file has been read and checked.
_CHECKED = 0.2
_LONGEST_SOURCE = 80


@dataclass(frozen=True, slots=True)
class Receipt:
    """`already_loaded`: the very same file was loaded before; nothing needs to be done.

    `familiar`: the source's data map was remembered, and no column is new to it.
    """

    batch_id: UUID
    already_loaded: bool
    familiar: bool = False


def receive(*, actor: Actor, feed: str, source: str, file_name: str, content: bytes) -> Receipt:
    """Keep the file and how to read it, and say what would come in.

    `source` names the system that the file comes from; its data map is remembered. Raises Invalid
    when the file cannot be read as a table.
    """
    require_import(actor)
    source = " ".join(source.split())[:_LONGEST_SOURCE]
    known = reading.feed_of(actor=actor, name=feed, source=source)
    if not source:
        raise Invalid("Name the system that the file comes from.", "source")
    digest = hashlib.sha256(content).hexdigest()
    earlier = already_loaded(actor=actor, feed=known.name, sha256=digest)
    if earlier is not None:
        return Receipt(earlier.id, already_loaded=True)
    table = reading.table_of_stranger(content, feed=known)
    data_map = reading.starting_map(actor=actor, feed=known, source=source, table=table)
    examined = reading.examine(actor=actor, feed=known, table=table, data_map=data_map)
    familiar = _is_remembered(actor, known.name, source, data_map)
    batch_id = keep(
        actor=actor, source=source, file_name=file_name, content=content, examined=examined
    )
    return Receipt(batch_id, already_loaded=False, familiar=familiar)


def keep(*, actor: Actor, source: str, file_name: str, content: bytes, examined: Examined) -> UUID:
    """Open an import of a file that has been read and checked; returns its id."""
    batch = _open(actor, examined.feed.name, source, clean_name(file_name), content)
    _read_by(actor, batch, examined)
    audit.record(
        actor=actor,
        tag="import:received",
        subject_id=batch.id,
        after={"feed": batch.feed, "sha256": batch.sha256, "rows": batch.rows_total},
    )
    return batch.id


def already_loaded(*, actor: Actor, feed: str, sha256: str) -> ImportBatch | None:
    """The import that has brought in (or is bringing in) this very file."""
    return db.session.scalar(
        select(ImportBatch).where(
            ImportBatch.org_id == actor.org_id,
            ImportBatch.feed == feed,
            ImportBatch.sha256 == sha256,
            ImportBatch.status.in_(("loaded", "queued")),
        )
    )


def set_map(*, actor: Actor, batch_id: UUID, mapping: dict[str, Any]) -> bool:
    """Read the batch by this map instead, and remember it for the source; true when it will do.

    Raises Invalid when the batch has been loaded, or the map does not fit the feed.
    """
    require_import(actor)
    batch = take(actor=actor, batch_id=batch_id)
    if batch.status not in ("mapping", "previewed"):
        raise Invalid("This import has been loaded; its mapping can no longer be changed.")
    feed = reading.feed_of(actor=actor, name=batch.feed, source=batch.source)
    data_map = reading.parse_map(mapping)
    table = reading.table_of_batch(actor=actor, batch=batch)
    examined = reading.examine(actor=actor, feed=feed, table=table, data_map=data_map)
    _read_by(actor, batch, examined)
    return not examined.lacking


def start_load(*, actor: Actor, batch_id: UUID) -> bool:
    """Load the batch now, or hand it to the worker when it is long; true when it is loaded.

    Asked again for one that waits for the worker, rings again. Raises Invalid when it is not
    waiting to be loaded, Conflict while it is being loaded.
    """
    require_import(actor)
    batch = take(actor=actor, batch_id=batch_id)
    if batch.status not in ("previewed", "failed", "queued"):
        raise Invalid("This import is not waiting to be loaded.")
    earlier = already_loaded(actor=actor, feed=batch.feed, sha256=batch.sha256)
    if earlier is not None and earlier.id != batch.id:
        raise Conflict(f"This very file has been loaded already, as {earlier.reference}.")
    if batch.rows_total <= INLINE_ROWS:
        load_batch(actor=actor, batch_id=batch_id)
        return True
    batch.status, batch.error, batch.rows_done = "queued", "", 0
    jobs.enqueue_after_commit("imports", "workers.imports.load", str(actor.org_id), str(batch.id))
    db.session.flush()
    return False


def load_batch(
    *,
    actor: Actor,
    batch_id: UUID,
    progress: Progress = unheard,
    examined: Examined | None = None,
) -> None:
    """Bring the good rows in and the bad ones to quarantine. Loading again changes nothing.

    `examined` spares a second check in the transaction that received the file. Raises Conflict
    while somebody else loads the same batch; Invalid when its rows cannot be stored.
    """
    batch = take(actor=actor, batch_id=batch_id)
    if batch.status not in ("previewed", "queued", "failed"):
        return
    progress(0.0)
    if examined is None:
        table = reading.table_of_batch(actor=actor, batch=batch)
        data_map = reading.map_of(actor=actor, batch=batch)
        feed = reading.feed_of(actor=actor, name=batch.feed, source=batch.source)
        examined = reading.examine(actor=actor, feed=feed, table=table, data_map=data_map)
        del table
    progress(_CHECKED)
    try:
        with db.session.begin_nested():
            outcome = _bring_in(actor, batch, examined, progress)
    except (DataError, IntegrityError) as error:
        raise Invalid(
            "These rows could not be stored, because they contradict what CareBoard holds already "
            f"({error.orig.diag.constraint_name or error.orig.diag.message_primary}). Nothing was "
            "loaded. Correct the file and import it again."
        ) from error
    batch.status, batch.loaded_at, batch.error = "loaded", clock.now(), ""
    batch.accepted = examined.checked.accepted.height
    batch.rejected = len(examined.checked.rejected)
    batch.rows_done = batch.rows_total
    batch.report = {**batch.report, **preview(examined), "outcome": outcome}
    audit.record(actor=actor, tag="import:loaded", subject_id=batch.id, after=outcome)
    db.session.flush()


def fail(*, actor: Actor, batch_id: UUID, error: Exception) -> None:
    """Note that a load in the worker came to nothing, and why; it can be tried again."""
    batch = take(actor=actor, batch_id=batch_id)
    if batch.status != "queued":
        return
    known = isinstance(error, CareBoardError) and error.message
    batch.status, batch.rows_done = "failed", 0
    batch.error = known or (
        "Something went wrong on our side, and nothing was stored. Try again; if it fails again, "
        "tell whoever looks after CareBoard."
    )
    audit.record(
        actor=actor, tag="import:failed", subject_id=batch.id, after={"error": type(error).__name__}
    )
    db.session.flush()


def cancel(*, actor: Actor, batch_id: UUID) -> None:
    """Give up an import that has not been loaded. The file stays.

    Raises Invalid once it is loaded, Conflict while it is being loaded.
    """
    require_import(actor)
    batch = take(actor=actor, batch_id=batch_id)
    if batch.status not in ("mapping", "previewed", "queued", "failed"):
        raise Invalid("This import has been loaded or given up already.")
    batch.status = "cancelled"
    audit.record(actor=actor, tag="import:cancelled", subject_id=batch.id)
    db.session.flush()


def _open(actor: Actor, feed: str, source: str, file_name: str, content: bytes) -> ImportBatch:
    verdict = uploads.scanned(file_name, content)
    kind = "application/octet-stream"
    stored = uploads.keep(actor=actor, upload=Upload(file_name, kind, content, verdict))
    batch = ImportBatch(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "IMP"),
        feed=feed,
        source=source,
        file_id=stored.id,
        sha256=stored.sha256,
        status="mapping",
        created_by_id=actor.membership_id,
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def _read_by(actor: Actor, batch: ImportBatch, examined: Examined) -> None:
    """Keep what the check found, and its map for the source."""
    batch.data_map_id = _remember(actor, batch, examined.data_map)
    batch.report = preview(examined)
    batch.rows_total = examined.checked.counts["data_rows_total"]
    batch.accepted = examined.checked.accepted.height
    batch.rejected = len(examined.checked.rejected)
    batch.status = "mapping" if examined.lacking else "previewed"
    db.session.flush()


def _is_remembered(actor: Actor, feed: str, source: str, data_map: DataMap) -> bool:
    last = reading.latest_map(actor=actor, feed=feed, source=source)
    return last is not None and last.mapping == data_map.to_json()


_MAP_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))")


def _remember(actor: Actor, batch: ImportBatch, data_map: DataMap) -> UUID:
    # Two people who map files of one source at once must not make the same version.
    db.session.execute(_MAP_LOCK, {"key": f"{actor.org_id}{batch.feed}{batch.source}"})
    last = reading.latest_map(actor=actor, feed=batch.feed, source=batch.source)
    mapping = data_map.to_json()
    if last is not None and last.mapping == mapping:
        return last.id
    stored = StoredMap(
        org_id=actor.org_id,
        feed=batch.feed,
        source=batch.source,
        version=(last.version if last else 0) + 1,
        mapping=mapping,
        created_by_id=actor.membership_id,
    )
    db.session.add(stored)
    db.session.flush()
    return stored.id


def _bring_in(
    actor: Actor, batch: ImportBatch, examined: Examined, progress: Progress
) -> dict[str, int]:
    checked = examined.checked
    file = load(StoredFile, actor.org_id, batch.file_id)
    place = f", sheet {checked.table.sheet}" if checked.table.sheet else ""
    outcome = bring_in(
        actor=actor,
        batch=batch,
        checked=checked,
        label=f"{file.file_name}{place}",
        progress=lambda share: progress(_CHECKED + (1 - _CHECKED) * share),
    )
    quarantine.keep(actor=actor, batch=batch, rejected=checked.rejected)
    return outcome

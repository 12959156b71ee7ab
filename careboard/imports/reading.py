"""A file as it would come in: read, mapped and checked, with nothing stored.

Source: DESIGN section 5 screen 11 (map, preview); domain/data-shapes.md 6.3.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import select

from careboard import storage, uploads
from careboard.db import db, load
from careboard.errors import Invalid, NotFound
from careboard.imports import confined, feeds
from careboard.imports.checking import Checked, check
from careboard.imports.errors import UnreadableFile
from careboard.imports.lookups import check_context, own_words
from careboard.imports.mapping import DataMap, MappedColumn, propose
from careboard.imports.models import DataMap as StoredMap
from careboard.imports.models import ImportBatch, StoredFile
from careboard.imports.rights import require_import
from careboard.imports.tables import Table, known_titles, read_table
from careboard.tenancy import Actor

_LEFT_OUT = "-"
_LOST = "The file is not in the store. Tell your administrator."


@dataclass(frozen=True, slots=True)
class Examined:
    """`lacking`: labels of the fields without which the feed cannot be loaded."""

    feed: feeds.Feed
    data_map: DataMap
    checked: Checked

    @property
    def lacking(self) -> list[str]:
        # A row without a reference is known by what it says, so the key alone is not missed.
        fields = (self.feed.field(key) for key in self.feed.keys)
        keys = {item.label for item in fields if item.kind == "id"}
        optional = set() if self.feed.own_provider else keys
        return [label for label in self.checked.missing if label not in optional]


def known_feed(name: str) -> feeds.Feed:
    """The feed of that name. Raises Invalid."""
    try:
        return feeds.get_feed(name)
    except KeyError as error:
        message = f"There is no feed called “{name}”. Choose one of {', '.join(feeds.FEEDS)}."
        raise Invalid(message, "feed") from error


def feed_of(*, actor: Actor, name: str, source: str) -> feeds.Feed:
    """The feed in the words of that source and of the organisation. Raises Invalid."""
    return known_feed(name).spoken_by(source, own_words(actor=actor, feed=name))


def parse_map(mapping: dict[str, Any]) -> DataMap:
    """The map held in JSON. Raises Invalid when it is none."""
    try:
        return DataMap.from_json(mapping)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Invalid(f"The mapping cannot be read: {error}", "mapping") from error


def examine(*, actor: Actor, feed: feeds.Feed, table: Table, data_map: DataMap) -> Examined:
    """Check the table by the map against what the organisation holds now."""
    context = check_context(actor=actor, feed=feed.name)
    return Examined(feed, data_map, check(table, feed, data_map, context))


def latest_map(*, actor: Actor, feed: str, source: str) -> StoredMap | None:
    """The newest data map of that source for the feed."""
    return db.session.scalar(
        select(StoredMap)
        .where(StoredMap.org_id == actor.org_id, StoredMap.feed == feed, StoredMap.source == source)
        .order_by(StoredMap.version.desc())
        .limit(1)
    )


def starting_map(*, actor: Actor, feed: feeds.Feed, source: str, table: Table) -> DataMap:
    """What is remembered of the source; for columns that are new to it what their titles say."""
    proposal = propose(table, feed)
    remembered = latest_map(actor=actor, feed=feed.name, source=source)
    return proposal if remembered is None else _extended(remembered, proposal, table)


def _extended(remembered: StoredMap, proposal: DataMap, table: Table) -> DataMap:
    held = DataMap.from_json(remembered.mapping)
    marked = [MappedColumn(c.header, c.field or _LEFT_OUT) for c in held.columns]
    bound = DataMap(marked).bind(table.columns)
    taken = {name for name in bound if name}
    new = [
        MappedColumn(title, None if column.field in taken else column.field)
        for title, known, column in zip(table.columns, bound, proposal.columns, strict=True)
        if known is None
    ]
    titles = {column.header.strip() for column in new}
    private = [title for title in proposal.drop_columns if title in titles]
    return DataMap(
        columns=[*held.columns, *new],
        codes=held.codes,
        drop_columns=[*held.drop_columns, *private],
        extend_codes=held.extend_codes,
    )


def table_at(path: Path, *, feed: feeds.Feed) -> Table:
    """The table of a file on disk. Raises Invalid, on `file`, with what is wrong and what to do."""
    try:
        return _storable(read_table(path, feed=feed))
    except UnreadableFile as error:
        raise Invalid(error.message, "file") from error


def table_of(pieces: Iterable[bytes], *, feed: feeds.Feed) -> Table:
    """As `table_at`, of a kept file's content in pieces."""
    with _written(pieces) as path:
        return table_at(path, feed=feed)


def table_of_stranger(content: bytes, *, feed: feeds.Feed) -> Table:
    """As `table_at`, of content that nobody has read yet: in a confined child process."""
    with _written([content]) as path:
        try:
            return _storable(confined.read(path, known=known_titles(feed)))
        except UnreadableFile as error:
            raise Invalid(error.message, "file") from error


@contextmanager
def _written(pieces: Iterable[bytes]) -> Iterator[Path]:
    # Parsers want a path; the person's own name for the file is not used for it.
    with tempfile.TemporaryDirectory(prefix="careboard-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as out:
            out.writelines(pieces)
        yield path


# Characters that the database cannot hold, or that stand for nothing while rows are staged.
_UNSTORABLE = r"[\x00\x01]"


def _storable(table: Table) -> Table:
    texts = pl.col(pl.String)
    frame, columns = table.frame, table.columns
    if any(frame.select(texts.str.contains(_UNSTORABLE).any()).row(0)):
        frame = frame.with_columns(texts.str.replace_all(_UNSTORABLE, ""))
    if any("\x00" in title for title in columns):
        columns = [title.replace("\x00", "") for title in columns]
    return replace(table, frame=frame, columns=columns)


def original_of(*, actor: Actor, batch_id: UUID) -> bytes:
    """The batch's file as it came. Raises NotFound when the store has lost it, Held."""
    batch = load(ImportBatch, actor.org_id, batch_id)
    uploads.refuse_unclean(load(StoredFile, actor.org_id, batch.file_id))
    try:
        return storage.get(actor.org_id, batch.sha256)
    except FileNotFoundError as error:
        raise NotFound(_LOST) from error


def table_of_batch(*, actor: Actor, batch: ImportBatch) -> Table:
    """The batch's original file as a table."""
    file = load(StoredFile, actor.org_id, batch.file_id)
    pieces = storage.stream(actor.org_id, file.sha256)
    try:
        return table_of(pieces, feed=known_feed(batch.feed))
    except FileNotFoundError as error:
        raise NotFound(_LOST) from error


def map_of(*, actor: Actor, batch: ImportBatch) -> DataMap:
    """The data map by which the batch is read."""
    return DataMap.from_json(load(StoredMap, actor.org_id, batch.data_map_id).mapping)


def for_mapping(*, actor: Actor, batch_id: UUID) -> tuple[Table, feeds.Feed, DataMap]:
    """What the mapping page shows of an import. Raises NotFound."""
    require_import(actor)
    batch = load(ImportBatch, actor.org_id, batch_id)
    table = table_of_batch(actor=actor, batch=batch)
    feed = feed_of(actor=actor, name=batch.feed, source=batch.source)
    return table, feed, map_of(actor=actor, batch=batch)

"""A whole import in one call, for the command line and for set-up."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from careboard.errors import Invalid
from careboard.imports import reading, service
from careboard.imports.mapping import propose
from careboard.imports.reading import Examined
from careboard.imports.rights import require_import
from careboard.tenancy import Actor

_PLACE = ("encoding", "delimiter", "sheet", "header_row", "data_rows_total", "accepted")


def run(
    *,
    actor: Actor,
    feed: str,
    path: Path,
    mapping: dict[str, Any] | None = None,
    dry_run: bool = False,
    source: str | None = None,
) -> dict[str, Any]:
    """Receive the file, map it, and load it; with `dry_run` nothing at all is stored.

    Without `mapping` the data map of `source` is used, without a source what the titles say.
    Returns the check's outcome: {encoding, delimiter or sheet, header_row, data_rows_total,
    accepted, rejected_total, rejected: [{row, code, field}], warnings: {code: [rows]}}. A file
    that was loaded before gives the outcome it had then. Raises Invalid when it cannot be read or
    lacks a column that the feed needs.
    """
    require_import(actor)
    known = reading.feed_of(actor=actor, name=feed, source=source or "")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    earlier = service.already_loaded(actor=actor, feed=known.name, sha256=digest)
    if earlier is not None:
        return _outcome(earlier.report)
    if mapping is not None:
        data_map = reading.parse_map(mapping)
    table = reading.table_at(path, feed=known)
    if mapping is None:
        data_map = (
            propose(table, known)
            if source is None
            else reading.starting_map(actor=actor, feed=known, source=source, table=table)
        )
    examined = reading.examine(actor=actor, feed=known, table=table, data_map=data_map)
    if examined.lacking:
        raise Invalid(f"No column was found for: {', '.join(examined.lacking)}.")
    if not dry_run:
        _load(actor, path, source or "command line", examined)
    return _outcome(examined.checked.report())


def _load(actor: Actor, path: Path, source: str, examined: Examined) -> None:
    batch_id = service.keep(
        actor=actor,
        source=source,
        file_name=path.name,
        content=path.read_bytes(),
        examined=examined,
    )
    service.load_batch(actor=actor, batch_id=batch_id, examined=examined)


def _outcome(report: dict[str, Any]) -> dict[str, Any]:
    """The same words in the same order, whether fresh from the check or kept with the batch."""
    return {
        **{name: report[name] for name in _PLACE if name in report},
        "rejected_total": report["rejected_total"],
        "rejected": [
            {name: item[name] for name in ("row", "code", "field") if item.get(name)}
            for item in report["rejected"]
        ],
        "warnings": dict(sorted(report["warnings"].items())),
    }

"""Reading a stranger's file as a table in a confined child process.

The child leaves the table's cells beside the file, in Arrow's format, and answers with the rest.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import polars as pl

from careboard import confined
from careboard.imports.errors import UnreadableFile
from careboard.imports.tables import Table, read_by_titles

# A text of 60 MB, the longest that is taken, needs most of this; hostile files far less.
BOUNDS = confined.Bounds(megabytes=1_536, seconds=30)
_CELLS = "cells.arrow"
_TOO_MUCH = (
    "The file needs more time or memory to be read than any table of its size should. Save the "
    "table alone as CSV and send that."
)


def read(path: Path, *, known: set[str], bounds: confined.Bounds = BOUNDS) -> Table:
    """The file's table, whose header is sought by those keys. Raises UnreadableFile."""
    try:
        answer = confined.run("table", path, {"known": sorted(known)}, bounds)
    except confined.Unbearable as error:
        raise UnreadableFile("too_much", _TOO_MUCH) from error
    if "code" in answer:
        raise UnreadableFile(answer["code"], answer["message"])
    frame = pl.read_ipc(path.with_name(_CELLS))
    return Table(**answer["table"], frame=frame)


def work(file: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """In the child: {"table": all of it but the cells}, or {"code", "message"} of a refusal."""
    try:
        table = read_by_titles(file, known=set(asked["known"]))
    except UnreadableFile as error:
        return {"code": error.code, "message": error.message}
    except MemoryError:
        return {"code": "too_much", "message": _TOO_MUCH}
    table.frame.write_ipc(file.with_name(_CELLS))
    told = (field.name for field in fields(Table) if field.name != "frame")
    return {"table": {name: getattr(table, name) for name in told}}

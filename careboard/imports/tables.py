"""A file as a table of text with its real row numbers, whatever it was saved as.

Rule source: domain/data-shapes.md 6.3 points 1-3 and 17; `conventions` of the sample's
expected.json for row numbers, encoding labels and blank rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from careboard.imports import headers, text_files, workbooks
from careboard.imports.errors import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, UnreadableFile
from careboard.imports.feeds import FEEDS, Feed, get_feed

__all__ = ["Table", "UnreadableFile", "known_titles", "read_table", "table_of_rows"]


@dataclass(frozen=True, slots=True)
class Table:
    """One table found in a file.

    `columns` are the titles as written, repeats allowed; `frame` has `row` (UInt32, physical
    number, the first row of the file or sheet is 1) and text columns `c0`, `c1`, … one for each
    title, blank rows left out. `encoding` and `delimiter` are None for workbooks, `sheet` for text.
    """

    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header_row: int
    columns: list[str]
    frame: pl.DataFrame
    sheets: list[str] = field(default_factory=list)
    blank_rows: list[int] = field(default_factory=list)

    def raw(self, index: int, leave_out: Sequence[int] = ()) -> dict[str, str]:
        """Return the cells of one record by title; columns in `leave_out` never come out."""
        cells = self.frame.row(index)[1:]
        names = headers.unique(self.columns)
        return {
            name: cells[position] or ""
            for position, name in enumerate(names)
            if position not in leave_out
        }


def known_titles(feed: Feed | None) -> set[str]:
    """Return the header keys that a feed (or, without one, any feed) answers to."""
    feeds = [feed] if feed else list(FEEDS.values())
    return {headers.key(alias) for one in feeds for item in one.fields for alias in item.names()}


def read_table(
    path: str | Path,
    *,
    feed: Feed | str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    expect: Sequence[str] = (),
) -> Table:
    """Read a text file or a workbook (xlsx, xlsm, ods).

    `expect` are titles of a remembered map; they help to find the header of a source whose words
    no feed knows. Raises UnreadableFile with a code and a message for people.
    """
    known = known_titles(get_feed(feed) if isinstance(feed, str) else feed)
    known |= {headers.key(title) for title in expect if title.strip()}
    return read_by_titles(Path(path), known=known, sheet=sheet, header_row=header_row)


def read_by_titles(
    path: Path, *, known: set[str], sheet: str | None = None, header_row: int | None = None
) -> Table:
    """As `read_table`, the header being sought by its keys."""
    if not path.is_file():
        raise UnreadableFile("not_found", "The file is not there. Choose the file again.")
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile("empty", "The file is empty. Export it again and send the new file.")
    if size > MAX_BYTES:
        raise UnreadableFile("too_big", "The file is larger than 60 MB. Export a shorter period.")
    known = known - {""}
    with path.open("rb") as handle:
        start = handle.read(8)
    if start.startswith(b"PK") or start.startswith(b"\xd0\xcf\x11\xe0"):
        found = workbooks.read(path, known=known, sheet=sheet, header_row=header_row)
    else:
        found = text_files.read(path, known=known, header_row=header_row)
    return _checked(Table(**found))


def table_of_rows(columns: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]) -> Table:
    """Return a table made of given rows (number, cells), as when one corrected row is re-tried."""
    data: dict[str, list] = {"row": [number for number, _ in rows]}
    for position in range(len(columns)):
        data[f"c{position}"] = [str(cells[position] or "") for _, cells in rows]
    schema = {"row": pl.UInt32} | {f"c{i}": pl.String for i in range(len(columns))}
    return Table(
        encoding=None,
        delimiter=None,
        sheet=None,
        header_row=0,
        columns=list(columns),
        frame=pl.DataFrame(data, schema=schema),
    )


def _checked(table: Table) -> Table:
    if len(table.columns) > MAX_COLUMNS:
        raise UnreadableFile(
            "too_many_columns",
            f"The table has more than {MAX_COLUMNS} columns. Delete the ones you do not need.",
        )
    if table.frame.height > MAX_ROWS:
        raise UnreadableFile(
            "too_many_rows",
            f"The table has more than {MAX_ROWS:,} rows. Split the export by period.",
        )
    return table

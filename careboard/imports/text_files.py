"""Delimited text: encoding, delimiter, header and records with their physical line numbers.

Rule source: domain/data-shapes.md 6.3 points 1-3; `conventions.row` of the sample's expected.json.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from careboard.imports import headers
from careboard.imports.errors import MAX_COLUMNS, MAX_ROWS, UnreadableFile

_DELIMITERS = (",", "\t", ";", "|")
# A quote left open swallows the rest of a file; no real cell runs over so many lines.
_LONGEST_RECORD = 200
# Below this the careful reader is quick enough.
_FEW = 4_000
_BLOCK = 2_000_000
_ODD_QUOTES = (pl.col("line").str.count_matches('"', literal=True) % 2) == 1

Found = dict[str, Any]


class _Shape(NamedTuple):
    """Columns with a title, and whether columns without one stand right of them."""

    width: int
    beyond: bool

    @property
    def names(self) -> list[str]:
        return [f"c{i}" for i in range(self.width)]


def read(path: Path, *, known: set[str], header_row: int | None) -> Found:
    """Return the fields of a Table for a delimited text file; raises UnreadableFile."""
    data = path.read_bytes()
    encoding, text = decode(data)
    del data
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip("\n \t;,|"):
        raise UnreadableFile("empty", "The file holds no rows. Export it again and check it.")
    delimiter, header_line, titles = _layout(text, known, header_row)
    shape = _Shape(len(_trim(titles)), len(titles) > len(_trim(titles)))
    frame, blank = _records(text, delimiter, header_line, shape)
    return {
        "encoding": encoding,
        "delimiter": delimiter,
        "sheet": None,
        "header_row": header_line,
        "columns": _trim(titles),
        "frame": frame,
        "blank_rows": blank,
    }


def decode(data: bytes) -> tuple[str, str]:
    """Return (label, text). Labels: utf-8, utf-8-sig, utf-16, cp1252. Raises UnreadableFile."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig", data.decode("utf-8-sig", errors="replace")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", data.decode("utf-16", errors="replace")
    head = data[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 5 and even < odd // 10 + 1:
        return "utf-16", data.decode("utf-16-le", errors="replace")
    if even > len(head) // 5 and odd < even // 10 + 1:
        return "utf-16", data.decode("utf-16-be", errors="replace")
    strange = sum(byte < 32 and byte not in (9, 10, 12, 13, 26) for byte in head)
    if strange > len(head) // 100:
        raise UnreadableFile(
            "not_a_table",
            "This is not a text file or a workbook that can be read. Save it as CSV or XLSX.",
        )
    try:
        return "utf-8", data.decode("utf-8")
    except UnicodeDecodeError:
        mixed = data.decode("utf-8", errors="surrogateescape")
    wrong = len(re.findall("[\udc80-\udcff]", mixed))
    if wrong * 3 < len(re.findall("[\u0080-\ud7ff\ue000-\uffff]", mixed)):
        # One pasted cell of another encoding must not garble all the others.
        one = re.compile("[\udc80-\udcff]")
        return "utf-8", one.sub(lambda byte: _windows(ord(byte[0]) - 0xDC00), mixed)
    # Every byte has a meaning for people in Windows-1252 but five, which stay visible.
    return "cp1252", data.decode("cp1252", errors="replace")


def _windows(byte: int) -> str:
    return bytes([byte]).decode("cp1252", errors="replace")


def _layout(text: str, known: set[str], header_row: int | None) -> tuple[str, int, list[str]]:
    head = text[:400_000]
    best: tuple[float, float, str, int, list[str]] | None = None
    for order, delimiter in enumerate(_DELIMITERS):
        rows = _head_rows(head, delimiter)
        if header_row is not None:
            cells = dict(rows).get(header_row)
            found = (header_row, headers.score(cells, known)) if cells else None
        else:
            found = headers.find(rows, known)
        if found is None:
            continue
        titles = dict(rows)[found[0]]
        width = len(_trim(titles))
        if width < 2:
            continue
        candidate = (found[1], width - order / 10, delimiter, found[0], titles)
        if best is None or candidate[:2] > best[:2]:
            best = candidate
    if best is None:
        raise UnreadableFile(
            "no_header",
            "No row of column titles was found. The table needs one row of titles above its data.",
        )
    return best[2], best[3], best[4]


def _head_rows(head: str, delimiter: str) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            rows.append((line, cells[: MAX_COLUMNS + 1]))
            line = reader.line_num + 1
            if len(rows) >= headers.SEARCH_ROWS * 2:
                break
    except csv.Error:
        return rows
    return rows


def _trim(titles: list[str]) -> list[str]:
    titles = list(titles)
    while titles and not titles[-1].strip():
        titles.pop()
    return titles


def _records(
    text: str, delimiter: str, header_line: int, shape: _Shape
) -> tuple[pl.DataFrame, list[int]]:
    pieces: list[pl.DataFrame] = []
    blank: list[int] = []
    for first, block in _blocks(text):
        numbered = _numbered(block, first).filter(pl.col("row") > header_line)
        quoted = '"' in block
        if quoted and numbered.select(_ODD_QUOTES.any()).item():
            records = _read_records(block, delimiter, first, header_line)
            if records is None:
                records = _read_lines(numbered, delimiter)
            frame = _frame(records, delimiter, shape)
        else:
            frame = _split_lines(numbered, delimiter, shape, quoted=quoted)
        frame, gone = _without_blank(frame, shape)
        pieces.append(frame)
        blank += gone
        if first > MAX_ROWS * 4:
            raise UnreadableFile(
                "too_many_rows", "The file has too many lines. Split it by period."
            )
    return pl.concat(pieces).rechunk(), blank


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number of the first line, lines without the last break): memory stays small.

    A block does not end inside a quoted cell, unless that cell is too long to be one.
    """
    start, line = 0, 1
    length = len(text.rstrip("\n"))
    while start < length:
        end = text.find("\n", min(start + _BLOCK, length))
        end = length if end < 0 else min(end, length)
        quotes = text.count('"', start, end)
        for _ in range(_LONGEST_RECORD):
            if quotes % 2 == 0 or end >= length:
                break
            further = text.find("\n", end + 1)
            further = length if further < 0 else min(further, length)
            quotes += text.count('"', end, further)
            end = further
        block = text[start:end]
        yield line, block
        line += block.count("\n") + 1
        start = end + 1


def _numbered(block: str, first: int) -> pl.DataFrame:
    lines = pl.Series("line", [block]).str.split("\n").explode()
    return pl.DataFrame({"line": lines}).with_row_index("row", offset=first)


def _split_lines(
    lines: pl.DataFrame, delimiter: str, shape: _Shape, *, quoted: bool
) -> pl.DataFrame:
    if not quoted:
        return _split_plain(lines, delimiter, shape)
    marked = lines.with_columns(_quoting(delimiter).alias("quoting"))
    split = _split_plain(marked.filter(pl.col("quoting") == 0), delimiter, shape)
    tidy = _tidy_lines(marked.filter(pl.col("quoting") == 1), delimiter, shape)
    untidy = _frame(_read_lines(marked.filter(pl.col("quoting") == 2), delimiter), delimiter, shape)
    full = [piece for piece in (split, untidy, tidy) if piece.height]
    return pl.concat(full or [split]).sort("row")


def _split_plain(lines: pl.DataFrame, delimiter: str, shape: _Shape) -> pl.DataFrame:
    parts = pl.col("line").str.splitn(delimiter, shape.width + shape.beyond)
    names = [*shape.names, "beyond"][: shape.width + shape.beyond]
    cells = lines.select("row", parts.struct.rename_fields(names)).unnest("line")
    last = pl.col(shape.names[-1]).str.strip_chars_end(delimiter)
    return cells.with_columns(last).select("row", *shape.names)


def _quoting(delimiter: str) -> pl.Expr:
    mark = re.escape(delimiter)
    # A quote with ordinary text on both sides is an inch mark or speech, not quoting.
    stray = f'[^"{mark}]"[^"{mark}]'
    line = pl.col("line")
    return (
        pl.when(~line.str.contains('"', literal=True))
        .then(0)
        .when(line.str.contains(stray))
        .then(2)
        .otherwise(1)
    )


def _tidy_lines(lines: pl.DataFrame, delimiter: str, shape: _Shape) -> pl.DataFrame:
    if lines.height >= _FEW:
        try:
            cells = pl.read_csv(
                io.BytesIO("\n".join(lines["line"].to_list()).encode()),
                has_header=False,
                separator=delimiter,
                quote_char='"',
                schema=dict.fromkeys([*shape.names, "beyond"], pl.String),
                truncate_ragged_lines=True,
            )
        except pl.exceptions.PolarsError:
            cells = pl.DataFrame()
        if cells.height == lines.height and (shape.beyond or not cells["beyond"].count()):
            return cells.with_columns(lines["row"]).select("row", *shape.names)
    return _frame(_read_lines(lines, delimiter), delimiter, shape)


def _read_lines(lines: pl.DataFrame, delimiter: str) -> list[tuple[int, list[str]]]:
    # Each line by itself: a quote left open ends with its line.
    return [
        (row, next(csv.reader([line], delimiter=delimiter), []))
        for row, line in lines.select("row", "line").iter_rows()
    ]


def _read_records(
    block: str, delimiter: str, first: int, header_line: int
) -> list[tuple[int, list[str]]] | None:
    reader = csv.reader(io.StringIO(block, newline=""), delimiter=delimiter)
    records: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for cells in reader:
            if first + before > header_line:
                records.append((first + before, cells))
            if reader.line_num - before > _LONGEST_RECORD:
                return None
            before = reader.line_num
    except csv.Error:
        return None
    return records


def _frame(records: list[tuple[int, list[str]]], delimiter: str, shape: _Shape) -> pl.DataFrame:
    width = shape.width
    rows = [
        # What runs over belongs to the last cell: a delimiter that somebody forgot to quote.
        [*cells[: width - 1], delimiter.join(cells[width - 1 :]).rstrip(delimiter)]
        if len(cells) > width and not shape.beyond
        else cells
        for _, cells in records
    ]
    data: dict[str, Any] = {"row": pl.Series([r for r, _ in records], dtype=pl.UInt32)}
    for i, name in enumerate(shape.names):
        values = [cells[i] if i < len(cells) else None for cells in rows]
        data[name] = pl.Series(values, dtype=pl.String)
    return pl.DataFrame(data)


def _without_blank(frame: pl.DataFrame, shape: _Shape) -> tuple[pl.DataFrame, list[int]]:
    names = shape.names
    frame = frame.with_columns(pl.col(names).fill_null(""))
    blank = pl.all_horizontal(pl.col(names).str.strip_chars() == "")
    marked = frame.with_columns(blank.alias("blank"))
    gone = marked.filter("blank")["row"].to_list()
    return marked.filter(~pl.col("blank")).drop("blank").rechunk(), gone

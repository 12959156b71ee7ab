"""Delimited text: encoding, delimiter, header and records with their physical line numbers.

Rule source: domain/data-shapes.md 6.3 points 1-3; `conventions.row` of the sample's expected.json.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    frame, blank = _records(text, delimiter, header_line, len(titles))
    return {
        "encoding": encoding,
        "delimiter": delimiter,
        "sheet": None,
        "header_row": header_line,
        "columns": titles,
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
        # Every byte has a meaning for people in Windows-1252 but five, which stay visible.
        return "cp1252", data.decode("cp1252", errors="replace")


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
        titles = _trim(dict(rows)[found[0]])
        if len(titles) < 2:
            continue
        candidate = (found[1], len(titles) - order / 10, delimiter, found[0], titles)
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
    text: str, delimiter: str, header_line: int, width: int
) -> tuple[pl.DataFrame, list[int]]:
    pieces: list[pl.DataFrame] = []
    blank: list[int] = []
    for first, block in _blocks(text):
        numbered = _numbered(block, first).filter(pl.col("row") > header_line)
        quoted = '"' in block
        if quoted and numbered.select(_ODD_QUOTES.any()).item():
            return _slowly(text, delimiter, header_line, width)
        frame, gone = _without_blank(_split_lines(numbered, delimiter, width, quoted=quoted), width)
        pieces.append(frame)
        blank += gone
        if first > MAX_ROWS * 4:
            raise UnreadableFile(
                "too_many_rows", "The file has too many lines. Split it by period."
            )
    return pl.concat(pieces).rechunk(), blank


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number of the first line, lines without the last break): memory stays small."""
    start, line = 0, 1
    length = len(text.rstrip("\n"))
    while start < length:
        end = text.find("\n", min(start + _BLOCK, length))
        end = length if end < 0 else end
        block = text[start:end]
        yield line, block
        line += block.count("\n") + 1
        start = end + 1


def _numbered(block: str, first: int) -> pl.DataFrame:
    lines = pl.Series("line", [block]).str.split("\n").explode()
    return pl.DataFrame({"line": lines}).with_row_index("row", offset=first)


def _split_lines(lines: pl.DataFrame, delimiter: str, width: int, *, quoted: bool) -> pl.DataFrame:
    names = [f"c{i}" for i in range(width)]
    # One column more takes what stands right of the table, so that it cannot join the last.
    parts = pl.col("line").str.splitn(delimiter, width + 1).struct.rename_fields([*names, "x"])
    if not quoted:
        return lines.select("row", parts).unnest("line").select("row", *names)
    marked = lines.with_columns(_quoting(delimiter).alias("quoting"))
    plain = marked.filter(pl.col("quoting") == 0)
    split = plain.select("row", parts).unnest("line").select("row", *names)
    tidy = marked.filter(pl.col("quoting") == 1)
    untidy = marked.filter(pl.col("quoting") == 2)
    pieces = [split, _by_reader(untidy, delimiter, width), _tidy_lines(tidy, delimiter, names)]
    full = [piece for piece in pieces if piece.height]
    return pl.concat(full or [split]).sort("row")


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


def _tidy_lines(lines: pl.DataFrame, delimiter: str, names: list[str]) -> pl.DataFrame:
    if lines.height < _FEW:
        return _by_reader(lines, delimiter, len(names))
    try:
        cells = pl.read_csv(
            io.BytesIO("\n".join(lines["line"].to_list()).encode()),
            has_header=False,
            separator=delimiter,
            quote_char='"',
            schema=dict.fromkeys(names, pl.String),
            truncate_ragged_lines=True,
        )
    except pl.exceptions.PolarsError:
        return _by_reader(lines, delimiter, len(names))
    if cells.height != lines.height:
        return _by_reader(lines, delimiter, len(names))
    return cells.with_columns(lines["row"]).select("row", *names)


def _by_reader(lines: pl.DataFrame, delimiter: str, width: int) -> pl.DataFrame:
    reader = csv.reader(lines["line"].to_list(), delimiter=delimiter)
    return _frame(list(zip(lines["row"].to_list(), reader, strict=False)), width)


def _slowly(
    text: str, delimiter: str, header_line: int, width: int
) -> tuple[pl.DataFrame, list[int]]:
    records = _read_records(text, delimiter, header_line, csv.QUOTE_MINIMAL)
    if records is None:
        records = _read_records(text, delimiter, header_line, csv.QUOTE_NONE) or []
    return _without_blank(_frame(records, width), width)


def _read_records(
    text: str, delimiter: str, header_line: int, quoting: int
) -> list[tuple[int, list[str]]] | None:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if line > header_line:
                records.append((line, cells))
            if reader.line_num - line > _LONGEST_RECORD:
                return None
            line = reader.line_num + 1
    except csv.Error:
        return None
    return records


def _frame(records: list[tuple[int, list[str]]], width: int) -> pl.DataFrame:
    data: dict[str, Any] = {"row": pl.Series([r for r, _ in records], dtype=pl.UInt32)}
    for i in range(width):
        cells = [c[i] if i < len(c) else None for _, c in records]
        data[f"c{i}"] = pl.Series(cells, dtype=pl.String)
    return pl.DataFrame(data)


def _without_blank(frame: pl.DataFrame, width: int) -> tuple[pl.DataFrame, list[int]]:
    names = [f"c{i}" for i in range(width)]
    frame = frame.with_columns(pl.col(names).fill_null(""))
    blank = pl.all_horizontal(pl.col(names).str.strip_chars() == "")
    marked = frame.with_columns(blank.alias("blank"))
    gone = marked.filter("blank")["row"].to_list()
    return marked.filter(~pl.col("blank")).drop("blank").rechunk(), gone

"""Workbooks: xlsx, xlsm and ods, with the table on any sheet below any title.

Rule source: domain/data-shapes.md 6.3 points 1 and 17 (ODS with a README sheet first; sheets with
a million blank rows; zip bombs).
"""

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from careboard.imports import headers
from careboard.imports.errors import (
    MAX_COLUMNS,
    MAX_MEMBERS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_UNPACKED,
    UnreadableFile,
)
from careboard.inspection import swollen_directory

# The reader lays a sheet out in full, so width times height is what memory must bear.
_MAX_CELLS = 4_500_000
_DAMAGED = (
    "The workbook is damaged or not a workbook. Open it, save it again as XLSX and send that."
)

# What a damaged or doctored archive makes the standard reader raise.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    EOFError,
)

Found = dict[str, Any]


def read(path: Path, *, known: set[str], sheet: str | None, header_row: int | None) -> Found:
    """Return the fields of a Table for a workbook; raises UnreadableFile."""
    _refuse_unsafe(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            return _read_book(book, known=known, sheet=sheet, header_row=header_row)
    except PasswordError as error:
        raise UnreadableFile(
            "encrypted", "The workbook has a password. Save it without one and send it again."
        ) from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile("not_a_table", _DAMAGED) from error


def _refuse_unsafe(path: Path) -> None:
    with path.open("rb") as handle:
        if handle.read(4) == b"\xd0\xcf\x11\xe0":
            raise UnreadableFile(
                "encrypted",
                "The workbook has a password or is of the old XLS kind. Save it as XLSX without "
                "a password and send it again.",
            )
    swollen = UnreadableFile(
        "archive_unsafe",
        "The workbook unpacks to more than is safe to open. Save the table as CSV.",
    )
    if swollen_directory(path):
        raise swollen
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members) or 1
            if (
                len(members) > MAX_MEMBERS
                or unpacked > MAX_UNPACKED
                # Small sheets full of repeats pack well; only large ones can do harm.
                or (unpacked > 5 * 1024 * 1024 and unpacked / packed > MAX_RATIO)
            ):
                raise swollen
            names = {member.filename for member in members}
            _refuse_swollen(archive, names)
    except _BROKEN as error:
        raise UnreadableFile("not_a_table", _DAMAGED) from error


def _refuse_swollen(archive: zipfile.ZipFile, names: set[str]) -> None:
    if "content.xml" in names:
        manifest = "META-INF/manifest.xml"
        if manifest in names and b"manifest:encryption-data" in archive.read(manifest):
            raise UnreadableFile(
                "encrypted", "The workbook has a password. Save it without one and send it again."
            )
        _refuse_repeats(archive.read("content.xml"))
        return
    if not any(name.startswith("xl/") for name in names):
        raise UnreadableFile("not_a_table", _DAMAGED)
    for name in names:
        if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
            _refuse_spread(archive.read(name))


def _refuse_repeats(content: bytes) -> None:
    total = 0
    for row in re.finditer(rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>", content, re.S):
        if b"office:value-type" not in row[2]:
            continue
        rows = _repeat(row[1], rb"number-rows-repeated")
        cells = 0
        for cell in re.finditer(rb"<table:table-cell\b([^>]*office:value-type[^>]*)>", row[2]):
            cells += _repeat(cell[1], rb"number-columns-repeated")
        total += rows * cells
        if total > _MAX_CELLS:
            raise UnreadableFile(
                "too_many_rows", "The sheet repeats too many rows. Save the table as CSV."
            )


def _repeat(attributes: bytes, name: bytes) -> int:
    found = re.search(name + rb'="(\d{1,9})"', attributes)
    return int(found[1]) if found else 1


def _refuse_spread(sheet: bytes) -> None:
    if _spread(sheet) > _MAX_CELLS:
        raise UnreadableFile(
            "too_many_rows",
            "The sheet spreads over too many rows and columns. Copy the table to a new sheet.",
        )


def _spread(sheet: bytes) -> int:
    right = bottom = 0
    for cell in re.finditer(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>/]*>', sheet):
        column = 0
        for letter in cell[1]:
            column = column * 26 + letter - 64
        right, bottom = max(right, column), max(bottom, int(cell[2]))
    return right * bottom


def _read_book(
    book: CalamineWorkbook, *, known: set[str], sheet: str | None, header_row: int | None
) -> Found:
    names = [item.name for item in book.sheets_metadata if "Sheet" in str(item.typ)]
    names = names or list(book.sheet_names)
    if sheet is not None and sheet not in names:
        raise UnreadableFile("no_sheet", f"The workbook has no sheet called “{sheet}”.")
    best: tuple[float, int, str, int] | None = None
    for name in [sheet] if sheet is not None else names:
        page = book.get_sheet_by_name(name)
        head = list(islice(_rows(page), headers.SEARCH_ROWS * 2))
        if header_row is not None:
            cells = dict(head).get(header_row)
            found = (header_row, headers.score(cells, known)) if cells else None
        else:
            found = headers.find(head, known)
        if found and (best is None or (found[1], len(head)) > best[:2]):
            best = (found[1], len(head), name, found[0])
    if best is None:
        raise UnreadableFile(
            "no_header",
            "No sheet has a row of column titles. The table needs one row of titles above its "
            "data.",
        )
    return _table(book.get_sheet_by_name(best[2]), best[3]) | {"sheets": names}


def _rows(page: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(page.iter_rows(), start=1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield number, texts


def _table(page: CalamineSheet, header_row: int) -> Found:
    titles: list[str] = []
    numbers: list[int] = []
    columns: list[list[str]] = []
    for number, cells in _rows(page):
        if number < header_row:
            continue
        if number == header_row:
            titles = _trim(cells)
            columns = [[] for _ in titles]
            continue
        if not any(cell.strip() for cell in cells[: len(titles)]):
            continue
        if len(numbers) >= MAX_ROWS or len(titles) > MAX_COLUMNS:
            raise UnreadableFile(
                "too_many_rows", "The sheet has too many rows or columns. Split it by period."
            )
        numbers.append(number)
        for position, column in enumerate(columns):
            column.append(cells[position] if position < len(cells) else "")
    data: dict[str, Any] = {"row": pl.Series(numbers, dtype=pl.UInt32)}
    for position, column in enumerate(columns):
        data[f"c{position}"] = pl.Series(column, dtype=pl.String)
    last = numbers[-1] if numbers else header_row
    filled = set(numbers)
    blank = [n for n in range(header_row + 1, last) if n not in filled][:MAX_ROWS]
    return {
        "encoding": None,
        "delimiter": None,
        "sheet": page.name,
        "header_row": header_row,
        "columns": titles,
        "frame": pl.DataFrame(data),
        "blank_rows": blank,
    }


def _trim(titles: list[str]) -> list[str]:
    titles = list(titles)
    while titles and not titles[-1].strip():
        titles.pop()
    return titles


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return "" if cell is None else str(cell)

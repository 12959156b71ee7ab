"""The same pack as CSV files in one zip, with the SHA-256 of each."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from careboard.board_packs.tables import Content, Table
from careboard.imports.privacy import neutralise_formula
from careboard.vocabulary import in_words

SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class File:
    """One file of the archive; `rows` without its heading."""

    name: str
    rows: int
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def csv_files(content: Content) -> list[File]:
    """A file of each table, and one that says what the pack is."""
    about = (
        ("Organisation", content.organisation),
        ("Pack", content.reference),
        ("Title", content.title),
        ("Period from", content.period_from),
        ("Period to", content.period_to),
        ("Read at", content.taken_at.isoformat(timespec="seconds")),
        ("Requested by", content.requested_by),
        ("For", content.sitting),
        ("Audit chain, event", content.head.seq),
        ("Audit chain, hash", content.head.hash),
        ("Audit chain, signed at", content.head.signed_at),
        ("Audit chain, signature", content.head.signature),
        ("Audit chain, key", content.head.key),
    )
    return [
        File("about.csv", len(about), _csv(("What", "Value"), about)),
        *(
            File(f"{table.name}.csv", len(table.rows), _table_csv(table))
            for table in content.tables
        ),
    ]


def pack_zip(files: Sequence[File], *, others: dict[str, str], at: datetime) -> bytes:
    """The files with their sums, which `sha256sum -c SHA256SUMS` checks.

    `others` are sums of files that stand beside the archive: the PDF. The same files give the
    same bytes.
    """
    sums = {file.name: file.sha256 for file in files} | others
    manifest = "".join(f"{sha256}  {name}\n" for name, sha256 in sums.items())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for file in (*files, File(SUMS, len(sums), manifest.encode())):
            entry = zipfile.ZipInfo(file.name, date_time=at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.content)
    return out.getvalue()


def _table_csv(table: Table) -> bytes:
    """Codes of ratings and states become words."""
    coded = [column.kind in ("rating", "state") for column in table.columns]
    rows = [
        [in_words(cell) if code else cell for cell, code in zip(row, coded, strict=True)]
        for row in table.rows
    ]
    return _csv([column.heading for column in table.columns], rows)


def _csv(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte-order mark, so that spreadsheets read the letters right; days are ISO
    dates and no cell begins as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    for row in rows:
        writer.writerow(["" if cell is None else neutralise_formula(str(cell)) for cell in row])
    return out.getvalue().encode("utf-8-sig")

"""Rows that an import held back, as a file for the people who can put them right."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from careboard.imports.privacy import neutralise_formula
from careboard.imports.words import problem

_HEADS = ("Row", "State", "Problem", "What to do")


def rejected_csv(rows: Iterable[Any]) -> bytes:
    """CSV of rows (row_no, status, code, message, raw), with a mark by which spreadsheets know
    UTF-8. Cells that a spreadsheet would run as a formula are made harmless."""
    listed = list(rows)
    titles = list(dict.fromkeys(title for row in listed for title in row.raw))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*_HEADS, *(neutralise_formula(title) for title in titles)])
    for row in listed:
        cells = (neutralise_formula(row.raw.get(title) or "") for title in titles)
        told = neutralise_formula(row.message)
        writer.writerow([row.row_no, row.status, problem(row.code), told, *cells])
    return out.getvalue().encode("utf-8-sig")

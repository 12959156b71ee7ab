"""The data log as a file for a spreadsheet, which will run none of its cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from careboard.imports.privacy import neutralise_formula

HEADINGS = (
    "Audit",
    "Service",
    "Theme",
    "Cycle",
    "Completed on",
    "Score (%)",
    "RAG",
    "Concerns raised",
    "Concerns open",
    "Evidence source",
    "How it came",
    "Import",
    "Row in the file",
    "Recorded at (UTC)",
)


def data_log_csv(rows: Iterable[Any]) -> tuple[str, int]:
    """The rows of `queries.audits_listed` as CSV with a byte-order mark, and how many they are.

    Source: step S0-1.1.
    """
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    lines = [[_cell(value) for value in _line(row)] for row in rows]
    writer.writerows(lines)
    return out.getvalue(), len(lines)


def _line(row: Any) -> tuple:
    return (
        row.source_key,
        row.service,
        row.theme,
        row.cycle,
        row.completed_on.isoformat(),
        percent(row.score, row.max_score),
        row.rag,
        row.concerns,
        row.open_concerns,
        row.evidence_source,
        "imported" if row.batch_id else "by hand",
        row.batch,
        row.row_no,
        f"{row.recorded_at:%Y-%m-%d %H:%M}",
    )


def percent(score: int | None, max_score: int | None) -> float | None:
    """A score in hundredths as a percentage to two places; None when either is not known."""
    if score is None or not max_score:
        return None
    return round(100 * score / max_score, 2)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return neutralise_formula(value) if isinstance(value, str) else value

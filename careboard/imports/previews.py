"""What a check found, as the pages show it: bounded, whatever the file's size.

Personal data does not belong in a stored preview: sample rows with any are left out, and so are
the columns that say who someone is.
"""

from __future__ import annotations

from typing import Any

from careboard.clock import day_words
from careboard.imports.feeds import HASHED
from careboard.imports.reading import Examined

# Beyond these a rejected row is known by its code alone; nobody reads so many sentences.
MOST_EXPLAINED = 20_000
_SAMPLE_ROWS = 12


def preview(examined: Examined) -> dict[str, Any]:
    """The report kept with a batch: that of the command line, with words and sample rows.

    Each rejected row has its row, code and field, the first MOST_EXPLAINED also a message.
    """
    checked = examined.checked
    return {
        **checked.report(),
        "rejected": [
            {"row": item.row, "code": item.code, "field": item.field}
            | ({"message": item.message} if at < MOST_EXPLAINED else {})
            for at, item in enumerate(checked.rejected)
        ],
        "rejected_by_code": checked.rejected_by_code(),
        "flagged": len(checked.pii),
        "missing": examined.lacking,
        "columns": list(checked.table.columns),
        "sheets": list(checked.table.sheets or ()),
        "mapping": examined.data_map.to_json(),
        "sample": _sample(examined),
    }


def _sample(examined: Examined) -> dict[str, Any]:
    checked, feed = examined.checked, examined.feed
    clean = [
        at
        for at, row in enumerate(checked.accepted["row"][: _SAMPLE_ROWS * 4])
        if row not in checked.pii
    ][:_SAMPLE_ROWS]
    rows = checked.accepted[clean].drop("service_id", "source_key", *HASHED, strict=False)
    return {
        "columns": ["Row" if c == "row" else _label(feed, c) for c in rows.columns],
        "rows": [[_words(cell) for cell in row] for row in rows.rows()],
    }


def _label(feed, column: str) -> str:
    return feed.field(column).label if feed.has(column) else column


def _words(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        return f"{cell:g}"
    if isinstance(cell, list):
        return "; ".join(str(part) for part in cell)
    if hasattr(cell, "strftime") and hasattr(cell, "year"):
        moment = f"{cell:%H:%M}" if hasattr(cell, "hour") else ""
        return f"{day_words(cell)}{' ' + moment if moment else ''}"
    return str(cell)

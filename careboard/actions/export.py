"""The tracker as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date

from careboard.actions.outcomes import STATES
from careboard.actions.queries import ActionRow
from careboard.imports.privacy import neutralise_formula
from careboard.vocabulary import in_words

HEADINGS = (
    "Reference",
    "Action",
    "Service",
    "Domain",
    "Owner",
    "Due",
    "Original due",
    "Extensions",
    "Days overdue",
    "Status",
    "Completed",
    "Last update",
    "Evidence items",
    "Outcome",
)


def as_csv(rows: Iterable[ActionRow], *, on: date) -> bytes:
    """The rows as UTF-8 with a byte-order mark, so that spreadsheets read the letters right.

    No cell begins as a formula. Days are ISO dates.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for row in rows:
        late = row.lateness(on)
        cells = (
            row.reference,
            row.title,
            row.service_name,
            row.domain,
            row.owner,
            row.due_on,
            row.original_due_on,
            row.extensions,
            late.days if late.overdue else 0,
            in_words(row.status),
            row.completed_on,
            row.updated_on,
            row.evidence_count,
            STATES[row.outcome] if row.status != "cancelled" else "",
        )
        writer.writerow([neutralise_formula(str(c)) if c is not None else "" for c in cells])
    return out.getvalue().encode("utf-8-sig")

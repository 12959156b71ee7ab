"""What a pack consists of, as plain values: the PDF and the CSV files are both made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from careboard.audit_log.heads import Head

# What a column holds: it decides how the PDF shows a value; a CSV file holds it plainly.
Kind = Literal["text", "prose", "day", "number", "rating", "state", "trend"]


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is its share of the PDF's table; 0: it stands in the CSV file alone."""

    heading: str
    kind: Kind = "text"
    width: float = 1


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is that of its CSV file. `source` says what is counted, by which definition and when.

    `lede` stands above it in the PDF, `empty` in its place when it has no rows.
    """

    name: str
    title: str
    source: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    lede: str = ""
    empty: str = "None."


@dataclass(frozen=True, slots=True)
class Service:
    """A row of the board; `cells` in the order of the domains, each with rating, state, trend,
    whether the trend is known, and a missing response in words."""

    name: str
    about: str
    overdue: str
    cells: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Content:
    """A whole pack, read at one moment (`taken_at`, whose day is `on`).

    `glance` are the sentences of the first page; `chart` the number of ratings of each kind by
    domain; `head` the signed end of the audit chain at that moment.
    """

    organisation: str
    reference: str
    title: str
    period_from: date
    period_to: date
    on: date
    taken_at: datetime
    requested_by: str
    sitting: str
    head: Head
    glance: list[str]
    board: list[Service]
    chart: list[dict[str, Any]]
    tables: list[Table] = field(default_factory=list)

    def table(self, name: str) -> Table:
        return next(table for table in self.tables if table.name == name)

"""Every row of a table against its feed: what comes in, what is held back and why.

Rule source: `conventions`, `rejection_codes` and `warning_codes` of the sample's expected.json;
domain/data-shapes.md 6.2 and 6.3.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from careboard.imports import headers, messages
from careboard.imports.feeds import Feed
from careboard.imports.field_checks import Work
from careboard.imports.mapping import DataMap
from careboard.imports.services_matching import ServiceRef
from careboard.imports.tables import Table, table_of_rows


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What the organisation already holds.

    `known_refs`: feed name -> source keys that exist (a feed that is absent is not checked).
    """

    services: Sequence[ServiceRef] = ()
    provider_name: str = ""
    cqc_provider_id: str | None = None
    known_refs: Mapping[str, Collection[str]] = field(default_factory=dict)
    today: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row held back: physical `row`, `code`, the `field` at fault or None, words for people."""

    row: int
    code: str
    field: str | None
    message: str
    _raw: Callable[[], dict[str, str]] = field(repr=False, compare=False, default=dict)

    @property
    def raw(self) -> dict[str, str]:
        """The row's cells by title, without the columns that must not come in."""
        return self._raw()


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome for a table.

    `accepted`: `row`, `source_key`, `service_id` (service-bound feeds) and one typed column for
    each mapped field, rows in file order; of rows with one key the later wins.
    `warnings`: code -> rows (accepted rows only). `pii`: row -> kinds, of all rows.
    `missing`: labels of fields that the feed needs and the map does not give.
    `counts`: data_rows_total, accepted, rejected_total.
    """

    table: Table
    accepted: pl.DataFrame
    rejected: list[Rejection]
    warnings: dict[str, list[int]]
    pii: dict[int, list[str]]
    counts: dict[str, int]
    missing: list[str]

    def report(self) -> dict[str, Any]:
        """Return the outcome as the command line prints it."""
        place: dict[str, Any] = (
            {"sheet": self.table.sheet}
            if self.table.sheet is not None
            else {"encoding": self.table.encoding, "delimiter": self.table.delimiter}
        )
        return {
            **place,
            "header_row": self.table.header_row,
            **self.counts,
            "rejected": [
                {"row": r.row, "code": r.code} | ({"field": r.field} if r.field else {})
                for r in self.rejected
            ],
            "warnings": self.warnings,
        }

    def rejected_by_code(self) -> dict[str, int]:
        """Return how many rows each rejection code has."""
        return dict(sorted(Counter(item.code for item in self.rejected).items()))


def check(table: Table, feed: Feed, data_map: DataMap, context: CheckContext) -> Checked:
    """Return what of `table` comes in under `data_map`; never raises for bad rows."""
    work = Work(table=table, feed=feed, data_map=data_map, context=context)
    work.run()
    reasons = work.reasons()
    rejected = _rejections(table, feed, data_map, work, reasons)
    keep = reasons["code"].is_null()
    accepted = work.frame().filter(keep)
    rows = table.frame["row"]
    warnings = {
        code: rows.filter(mask & keep).to_list()
        for code, mask in sorted(work.warnings.items())
        if (mask & keep).any()
    }
    pii = {rows[position]: kinds for position, kinds in sorted(work.pii.items())}
    return Checked(
        table=table,
        accepted=accepted,
        rejected=rejected,
        warnings=warnings,
        pii=pii,
        counts={
            "data_rows_total": table.frame.height,
            "accepted": accepted.height,
            "rejected_total": len(rejected),
        },
        missing=work.missing,
    )


def check_rows(
    rows: Sequence[tuple[int, Mapping[str, str]]],
    feed: Feed,
    data_map: DataMap,
    context: CheckContext,
) -> Checked:
    """Check corrected rows, each (row number, {title: cell}) as `Rejection.raw` gives them.

    The path is that of `check`; only what needs the rest of the column (an odd date among others,
    lost zeros) cannot be told.
    """
    columns = data_map.headers()
    names = headers.unique(columns)
    cells = [(number, [str(row.get(name) or "") for name in names]) for number, row in rows]
    return check(table_of_rows(columns, cells), feed, data_map, context)


def _rejections(
    table: Table, feed: Feed, data_map: DataMap, work: Work, reasons: pl.DataFrame
) -> list[Rejection]:
    leave_out = data_map.dropped(table.columns)
    found = []
    faulty = reasons.with_row_index("at").filter(pl.col("code").is_not_null())
    for at, row, code, name in faulty.select("at", "row", "code", "field").iter_rows():
        label = feed.field(name).label if feed.has(name) else None
        value = work.shown(name, at)
        found.append(
            Rejection(
                row=row,
                code=code,
                field=name,
                message=messages.explain(code, label, value),
                _raw=_Raw(table, at, leave_out),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class _Raw:
    """Fetches a rejected row's cells when somebody looks at them, not before."""

    table: Table
    at: int
    leave_out: Sequence[int]

    def __call__(self) -> dict[str, str]:
        return self.table.raw(self.at, self.leave_out)

"""The checks of one table, field by field, as masks over its rows.

Rule source: `rejection_codes` of the sample's expected.json; domain/data-shapes.md 6.2 and 6.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from careboard.imports import columns, row_rules
from careboard.imports.cleaning import Cell
from careboard.imports.columns import Column
from careboard.imports.feeds import Feed, Field
from careboard.imports.mapping import DataMap, default_codes, word_key
from careboard.imports.service_checks import find_services, foreign_rows, quiet_names
from careboard.imports.tables import Table

if TYPE_CHECKING:
    from careboard.imports.checking import CheckContext

# Fields of which one is enough: a service by name or by id, a moment whole or in parts.
_EITHER = {
    "service.name": "service.id",
    "service.id": "service.name",
    "occurred_at": "occurred_at.d",
    "occurred_at.d": "occurred_at",
}


@dataclass
class Work:
    """The state of one check; `run` fills it, the rest reads it."""

    table: Table
    feed: Feed
    data_map: DataMap
    context: CheckContext
    cells: dict[str, pl.Series] = field(default_factory=dict)
    done: dict[str, Column] = field(default_factory=dict)
    errors: list[tuple[str | None, pl.Series]] = field(default_factory=list)
    warnings: dict[str, pl.Series] = field(default_factory=dict)
    pii: dict[int, list[str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    service_id: pl.Series | None = None

    def run(self) -> None:
        """Check everything, in the order in which reasons count."""
        stripped = self._strip()
        self._flag("footer", None, row_rules.footers(stripped, self.table.columns))
        self._flag("duplicate", None, row_rules.repeats(stripped, self.table.columns))
        if self.feed.own_provider:
            own = self.context.cqc_provider_id, self.context.provider_name
            for name, mask in foreign_rows(self.cells, own_id=own[0], own_name=own[1]):
                self._flag("other_provider", name, mask)
        for item in self.feed.fields:
            self._required(item)
            if item.kind == "service":
                continue
            if item.name in self.cells:
                self._convert(item)
        if self.feed.service_bound:
            found = find_services(self.cells, self.context.services)
            self.service_id = found.ids
            self.done |= {name: Column(values) for name, values in found.shown.items()}
            for name, mask in found.unknown:
                self._flag("unknown_service", name, mask)
        for item in self.feed.fields:
            if item.maximum:
                self._maximum(item)
        self._moments()

    def reasons(self) -> pl.DataFrame:
        """Return row, code, field: the first reason against each row, null where there is none."""
        frame = pl.DataFrame({"row": self.table.frame["row"]})
        code = pl.lit(None, dtype=pl.String)
        at = pl.lit(None, dtype=pl.String)
        ranked = sorted(self.errors, key=lambda error: self._rank(error[0]))
        for number, (name, error) in enumerate(ranked):
            frame = frame.with_columns(error.alias(f"e{number}"))
            first = code.is_null() & pl.col(f"e{number}").is_not_null()
            at = pl.when(first).then(pl.lit(name, dtype=pl.String)).otherwise(at)
            code = pl.coalesce(code, pl.col(f"e{number}"))
        return frame.select("row", code.alias("code"), at.alias("field"))

    def frame(self) -> pl.DataFrame:
        """Return all rows with typed columns, `source_key` and `service_id`."""
        data: dict[str, pl.Series] = {"row": self.table.frame["row"]}
        data["source_key"] = self._source_key()
        if self.feed.service_bound:
            nothing = pl.Series([None] * self.table.frame.height, dtype=pl.String)
            data["service_id"] = self.service_id if self.service_id is not None else nothing
        data |= {name: column.values for name, column in self.done.items()}
        return pl.DataFrame(data)

    def shown(self, name: str | None, at: int) -> str | None:
        """Return the cell at fault, for the message to people."""
        return self.cells[name][at] if name in self.cells else None

    def _rank(self, name: str | None) -> int:
        order = [item.name for item in self.feed.fields]
        return order.index(name) if name in order else -1

    def _strip(self) -> pl.DataFrame:
        frame = self.table.frame
        names = [f"c{i}" for i in range(len(self.table.columns))]
        stripped = pl.DataFrame([columns.strip(frame[name]) for name in names])
        dropped = set(self.data_map.dropped(self.table.columns))
        for position, name in enumerate(self.data_map.bind(self.table.columns)):
            if position in dropped or not self.feed.has(name) or name in self.cells:
                continue
            self.cells[name] = columns.without_placeholders(stripped[f"c{position}"])
        return stripped

    def _flag(self, code: str, name: str | None, mask: pl.Series) -> None:
        if mask.any():
            error = pl.select(pl.when(mask).then(pl.lit(code))).to_series()
            self.errors.append((name, error))

    def _warn(self, code: str, mask: pl.Series) -> None:
        held = self.warnings.get(code)
        self.warnings[code] = mask if held is None else held | mask

    def _required(self, item: Field) -> None:
        cells = self.cells.get(item.name)
        other = self.cells.get(_EITHER.get(item.name, ""))
        if cells is not None:
            empty = cells.is_null() if other is None else cells.is_null() & other.is_null()
            if item.required and (item.kind != "service" or self.feed.service_bound):
                self._flag("missing_required", item.name, empty)
            if item.warn_empty:
                self._warn(item.warn_empty, cells.is_null())
            return
        if item.warn_empty:
            self._warn(item.warn_empty, self._all())
        lacking = item.essential or (item.kind == "service" and item.required)
        if not lacking or other is not None or item.name == "occurred_at":
            return
        if item.label not in self.missing and item.name != "service.id":
            self.missing.append(item.label)
            # Without a column of references a row is known by what it says.
            if item.kind != "id" or self.feed.own_provider:
                self._flag("missing_required", item.name, self._all())

    def _all(self) -> pl.Series:
        return pl.ones(self.table.frame.height, dtype=pl.Boolean, eager=True)

    def _convert(self, item: Field) -> None:
        cells = self.cells[item.name]
        if item.kind in {"code", "bool"} or item.answer:
            cells = pl.select(pl.when(cells != "999").then(cells)).to_series()
            if item.required:
                self._flag("missing_required", item.name, cells.is_null())
        if item.unit in self.cells:
            # A duration is told by the unit that stands beside it.
            clock = cells.str.contains(r"^\d+:\d").fill_null(False)
            with_unit = cells + " " + self.cells[item.unit].fill_null("")
            cells = pl.select(pl.when(clock).then(with_unit).otherwise(cells)).to_series()
        column = columns.convert(cells, item, self._code_reader(item))
        if self.feed.own_provider and item.name == "name":
            column.values = quiet_names(column.values, self.context.services)
        self.done[item.name] = column
        if column.error is not None:
            self.errors.append((item.name, column.error))
        for code, mask in column.warnings.items():
            self._warn(code, mask)
        for position, kinds in column.pii.items():
            held = self.pii.setdefault(position, [])
            held.extend(kind for kind in kinds if kind not in held)
        if item.refers_to in self.context.known_refs:
            known = list(self.context.known_refs[item.refers_to])
            unknown = cells.is_not_null() & ~cells.is_in(known).fill_null(False)
            self._flag("unknown_ref", item.name, unknown)

    def _code_reader(self, item: Field) -> Callable[[str], Cell]:
        given = self.data_map.codes.get(item.name)
        said = {" ".join(word.casefold().split()): code for word, code in (given or {}).items()}
        known = default_codes(item) if given is None or self.data_map.extend_codes else {}
        strict = item.strict or given is not None or item.kind == "bool"
        # A map cannot give a word a meaning that the field does not have.
        meanings = set(item.codes.values()) if item.strict else None

        def read(word: str) -> Cell:
            code = said.get(" ".join(word.casefold().split())) or known.get(word_key(word))
            if item.kind == "bool" and code is not None:
                code = known_bool(code)
            if code is not None and (meanings is None or code in meanings):
                return Cell(code)
            return Cell(error="unmapped_code") if strict else Cell(word)

        return read

    def _maximum(self, item: Field) -> None:
        column, top = self.done.get(item.name), self.done.get(item.maximum or "")
        if column is None:
            return
        height = self.table.frame.height
        limit = top.values if top is not None else pl.Series([None] * height, dtype=pl.Float64)
        if column.maximum is not None:
            limit = limit.fill_null(column.maximum)
        title = self._title_of(item.name)
        if "%" in title or "percent" in title.casefold():
            limit = limit.fill_null(100.0)
        if _are_shares(column.values, limit):
            column.values = (column.values * 100).round(6)
            self._warn("unit_normalised", column.values.is_not_null())
        over = (column.values > limit).fill_null(False) | (column.values < 0).fill_null(False)
        self._flag("out_of_range", item.name, over)
        if item.maximum and limit.null_count() < height:
            self.done[item.maximum] = Column(limit)

    def _title_of(self, name: str) -> str:
        bound = self.data_map.bind(self.table.columns)
        return self.table.columns[bound.index(name)] if name in bound else ""

    def _moments(self) -> None:
        for name in [n.removesuffix(".d") for n in self.done if n.endswith(".d")]:
            day, time = self.done[f"{name}.d"].values, self.done.get(f"{name}.t")
            self.done[f"{name}.d"].values = day.dt.date()
            whole = self.done[name].values if name in self.done else None
            self.done[name] = Column(self._join(name, day, time, whole))
        for column in self.done.values():
            if column.values.dtype == pl.Datetime and column.values.dtype.time_zone is None:
                column.values, doubtful = columns.to_london(column.values)
                if doubtful.any():
                    self._warn("clock_change", doubtful)

    def _join(
        self, name: str, day: pl.Series, time: Column | None, whole: pl.Series | None
    ) -> pl.Series:
        frame = pl.DataFrame({"day": day})
        if time is None:
            # A day column may hold whole moments; one at midnight is only a day.
            has_time = pl.col("day").dt.time() != pl.time(0, 0)
            moment = frame.select(pl.when(has_time).then("day")).to_series()
        else:
            after = self.cells[f"{name}.t"].str.contains(r"^24[:.]?00").fill_null(False)
            frame = frame.with_columns(time.values.alias("time"), after.alias("after"))
            moment = frame.select(
                pl.col("day").dt.date().dt.combine(pl.col("time"))
                + pl.when("after").then(pl.duration(days=1)).otherwise(pl.duration(days=0))
            ).to_series()
        return moment if whole is None else whole.fill_null(moment)

    def _key_part(self, name: str) -> pl.Series | None:
        if len(self.feed.keys) == 1:
            return self.cells.get(name)
        if self.feed.field(name).kind == "service":
            return self.service_id
        column = self.done.get(name)
        return column.values.cast(pl.String) if column else None

    def _source_key(self) -> pl.Series:
        parts = [part for key in self.feed.keys if (part := self._key_part(key)) is not None]
        if len(parts) == len(self.feed.keys):
            joined = pl.DataFrame([p.alias(str(i)) for i, p in enumerate(parts)])
            return joined.select(
                pl.concat_str(pl.all(), separator="|", ignore_nulls=True)
            ).to_series()
        names = sorted(self.cells)
        if not names:
            return pl.Series([None] * self.table.frame.height, dtype=pl.String)
        content = pl.DataFrame([self.cells[n].alias(n) for n in names])
        text = content.select(pl.concat_str(pl.all().fill_null(""), separator="\x1f")).to_series()
        # Python's own digest: a key must be the same in years to come, on any version.
        return text.map_elements(_digest, return_dtype=pl.String)


def _are_shares(values: pl.Series, limit: pl.Series) -> bool:
    """Whether a whole column of percentages came as shares of one, as a workbook keeps them."""
    held = values.drop_nulls()
    if held.len() < 5 or limit.drop_nulls().unique().to_list() != [100.0]:
        return False
    return held.max() <= 1 and held.min() >= 0 and ((held > 0) & (held < 1)).sum() * 2 > held.len()


def known_bool(code: str) -> bool:
    """Return a yes-or-no code as a truth value."""
    return code.strip().casefold() in {"true", "yes", "y", "1"}


def _digest(text: str) -> str:
    return "row:" + hashlib.sha256(text.encode()).hexdigest()[:24]

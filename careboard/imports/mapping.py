"""The data map of a source: which column is which field, which word is which code.

A file's entry in the sample's expected.json (`columns`, `codes`, `drop_columns`) is itself a map.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from careboard.imports import cleaning, headers
from careboard.imports.feed_codes import YES_NO
from careboard.imports.feeds import Feed, Field
from careboard.imports.tables import Table

# What CareBoard has no use for and must not keep (data-shapes.md 6.1 A and B).
_PRIVATE = re.compile(
    r"\bkey ?safe|\bkey ?code|\bdoor code|\bentry code|\balarm code|\bnhs\b|\bdob\b|date of birth"
    r"|\bbirth|next of kin|\bnok\b|\bclient name|\bresident name|\bservice user name"
    r"|\bperson name|\bservice user details|\bname of (person|client|resident|service user)"
    r"|\b(client|resident|service user|person) (address|phone|postcode)|\bnational insurance"
)


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column of the source and the field it fills, or None."""

    header: str
    field: str | None


@dataclass(frozen=True, slots=True)
class DataMap:
    """`codes` is {field: {source word: canonical}}. With `extend_codes` words that the map lacks
    are looked up among the feed's own; without it they are refused."""

    columns: list[MappedColumn]
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    drop_columns: list[str] = field(default_factory=list)
    extend_codes: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "DataMap":
        """Return the map held in JSON; raises ValueError if it has no list of columns."""
        columns = data.get("columns")
        if not isinstance(columns, list) or not all(isinstance(c, Mapping) for c in columns):
            raise ValueError("The map needs a list “columns” of {header, field}.")
        codes = data.get("codes") or {}
        if not isinstance(codes, Mapping) or not all(
            isinstance(c, Mapping) for c in codes.values()
        ):
            raise ValueError("“codes” must be {field: {word in the file: code}}.")
        return cls(
            columns=[
                MappedColumn(str(c.get("header", "")), c.get("field") or None) for c in columns
            ],
            codes={
                str(name): {str(word): str(code) for word, code in words.items()}
                for name, words in codes.items()
            },
            drop_columns=[str(name) for name in data.get("drop_columns") or []],
            extend_codes=bool(data.get("extend_codes", False)),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the map as JSON can hold it; `from_json` reads it back."""
        return {
            "columns": [{"header": c.header, "field": c.field} for c in self.columns],
            "codes": {name: dict(words) for name, words in self.codes.items()},
            "drop_columns": list(self.drop_columns),
            "extend_codes": self.extend_codes,
        }

    def headers(self) -> list[str]:
        """Return the titles the map knows, to find the header row by."""
        return [column.header for column in self.columns]

    def bind(self, columns: Sequence[str]) -> list[str | None]:
        """Return the field of each of `columns`.

        Titles are compared without case, spaces and marks; the second `Location` of a file meets
        the second of the map, so a map still fits when the source re-orders its columns.
        """
        waiting: dict[str, list[str | None]] = {}
        for column in self.columns:
            waiting.setdefault(_title(column.header), []).append(column.field)
        found: list[str | None] = []
        for title in columns:
            fields = waiting.get(_title(title))
            found.append(fields.pop(0) if fields else None)
        return found

    def dropped(self, columns: Sequence[str]) -> list[int]:
        """Return the positions of the columns that must not come in."""
        names = {_title(name) for name in self.drop_columns}
        return [position for position, title in enumerate(columns) if _title(title) in names]

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Return mapped titles that the file does not have."""
        there = [_title(title) for title in columns]
        gone = []
        for column in self.columns:
            if column.field is None:
                continue
            if _title(column.header) in there:
                there.remove(_title(column.header))
            else:
                gone.append(column.header)
        return gone


def propose(table: Table, feed: Feed) -> DataMap:
    """Return the map that the feed's known titles and words suggest for a table."""
    fields = _match(table, feed)
    private = [
        title.strip()
        for title, name in zip(table.columns, fields, strict=True)
        if name is None and _PRIVATE.search(headers.normalise(title))
    ]
    return DataMap(
        columns=[
            MappedColumn(title, name) for title, name in zip(table.columns, fields, strict=True)
        ],
        codes=_codes(table, feed, fields),
        drop_columns=private,
        extend_codes=True,
    )


def _match(table: Table, feed: Feed) -> list[str | None]:
    rank: dict[str, list[tuple[int, Field]]] = {}
    for item in feed.fields:
        for strength, alias in enumerate(item.names()):
            options = rank.setdefault(headers.key(alias), [])
            if item not in [field for _, field in options]:
                options.append((strength, item))
    offers = sorted(
        (strength if _plausible(table, position, item) else strength + 1000, position, item.name)
        for position, title in enumerate(table.columns)
        for strength, item in rank.get(headers.key(title), ())
    )
    fields: list[str | None] = [None] * len(table.columns)
    taken: set[str] = set()
    for _, position, name in offers:
        if fields[position] is None and name not in taken:
            fields[position] = name
            taken.add(name)
    if feed.keys == ("id",) and "id" not in taken:
        position = _reference_column(table, fields)
        if position is not None:
            fields[position] = "id"
    return fields


def _reference_column(table: Table, fields: list[str | None]) -> int | None:
    """The leftmost strange column that calls itself a reference and differs in nearly every row."""
    for position, title in enumerate(table.columns):
        words = headers.normalise(title)
        if fields[position] or _PRIVATE.search(words):
            continue
        if headers.REFERENCE_WORDS & set(words.split()):
            cells = table.frame[f"c{position}"].filter(table.frame[f"c{position}"] != "")
            if cells.len() and cells.n_unique() * 10 >= cells.len() * 9:
                return position
    return None


_READERS = {
    "date": cleaning.parse_date,
    "datetime": cleaning.parse_datetime,
    "time": cleaning.parse_time,
    "number": cleaning.parse_number,
    "amount": cleaning.parse_amount,
}


def _plausible(table: Table, position: int, item: Field) -> bool:
    """A title may mean two things (`Response`: its reference or its date); the cells tell which."""
    reader = _READERS.get(item.kind)
    if reader is None:
        return True
    cells = table.frame[f"c{position}"].head(500).str.strip_chars().unique().head(60).to_list()
    cells = [cell for cell in cells if cell.casefold() not in cleaning.PLACEHOLDERS]
    read = sum(reader(cell).value is not None for cell in cells)
    return not cells or read * 4 >= len(cells)


def _codes(table: Table, feed: Feed, fields: list[str | None]) -> dict[str, dict[str, str]]:
    codes: dict[str, dict[str, str]] = {}
    for position, name in enumerate(fields):
        if name is None or feed.field(name).kind != "code":
            continue
        known = default_codes(feed.field(name))
        words = table.frame[f"c{position}"].unique().sort().to_list()
        # A column of a thousand words is not a code; the mapping page could not show it either.
        if len(words) > 500:
            continue
        found = {word.strip(): known.get(word_key(word)) for word in words if word.strip()}
        codes[name] = {word: code for word, code in found.items() if code}
    return {name: words for name, words in codes.items() if words}


def default_codes(item: Field) -> dict[str, str]:
    """Return {key of a word: code} of a field by the feed's own words."""
    words = YES_NO if item.kind == "bool" else item.codes
    return {word_key(word): code for word, code in words.items()}


def word_key(word: str) -> str:
    """Return a code word for comparing: no case, no marks; a question mark stays a doubt."""
    text = re.sub(r"[^a-z0-9?]+", " ", word.casefold())
    return text.strip()


def _title(header: str) -> str:
    return headers.normalise(header) or header.strip().casefold()

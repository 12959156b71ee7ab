"""The mapping of a file as a person sees and changes it: its columns with cells, its words.

Pure. Field names of the form: `column-<position>` and, for each word of a coded column,
`word-<position>-<number>`; the words themselves are those of the file, in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from careboard.imports import headers
from careboard.imports.feeds import HASHED, Feed, Field
from careboard.imports.mapping import DataMap, default_codes, word_key
from careboard.imports.privacy import redact
from careboard.imports.tables import Table
from careboard.vocabulary import titles

DROP = "drop at the door"
_SAMPLES = 3
_LONGEST_SAMPLE = 60
_MOST_WORDS = 60
_CODED = ("code", "bool")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a coded column, how often it stands there, and the code it has so far."""

    name: str
    text: str
    rows: int
    code: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file: its `header` as written, its `title` told apart from its namesakes.
    `chosen`: a field's name, DROP, or empty for left out."""

    position: int
    header: str
    title: str
    samples: list[str]
    chosen: str
    words: list[Word]
    codes: list[tuple[str, str]]

    @property
    def name(self) -> str:
        return f"column-{self.position}"

    @property
    def unknown(self) -> int:
        return sum(not word.code for word in self.words)


def columns_of(table: Table, feed: Feed, data_map: DataMap) -> list[Column]:
    """The columns of the file under that map."""
    dropped = set(data_map.dropped(table.columns))
    bound = data_map.bind(table.columns)
    titles = headers.unique(table.columns)
    found = []
    for position, title in enumerate(titles):
        name = bound[position] if feed.has(bound[position]) else None
        item = feed.field(name) if name else None
        coded = item is not None and item.kind in _CODED and position not in dropped
        found.append(
            Column(
                position=position,
                header=table.columns[position],
                title=title,
                samples=[]
                if position in dropped
                else _samples(table.frame[f"c{position}"], plain=_is_plain(item)),
                chosen=DROP if position in dropped else name or "",
                words=_words(table.frame[f"c{position}"], position, item, data_map)
                if coded
                else [],
                codes=_choices(item) if coded else [],
            )
        )
    return found


def field_choices(feed: Feed) -> list[tuple[str, str]]:
    """(name, label) of the feed's fields, those that it needs marked."""
    return [
        (item.name, f"{item.label} (needed)" if item.essential or item.required else item.label)
        for item in feed.fields
    ]


def read_form(
    form: Mapping[str, str], columns: list[Column], data_map: DataMap
) -> tuple[dict[str, Any], dict[str, str]]:
    """The map that the form asks for, as JSON, and errors {name of the select: message}."""
    elsewhere = set(data_map.missing([column.header for column in columns]))
    errors: dict[str, str] = {}
    first: dict[str, str] = {}
    chosen = {column.position: form.get(column.name, column.chosen) for column in columns}
    for column in columns:
        name = chosen[column.position]
        if name in ("", DROP):
            continue
        if name in first:
            errors[column.name] = f"“{first[name]}” gives this already. Choose one of the two."
        first.setdefault(name, column.title)
    codes = {name: dict(words) for name, words in data_map.codes.items()}
    for column in columns:
        name = chosen[column.position]
        for word in column.words:
            code = form.get(word.name, word.code)
            if name == column.chosen and code:
                codes.setdefault(name, {})[word.text] = code
            elif name == column.chosen:
                codes.get(name, {}).pop(word.text, None)
    return (
        {
            "columns": [
                *(
                    {"header": column.header, "field": _field(chosen[column.position])}
                    for column in columns
                ),
                # What this file lacks is remembered for the source's other files.
                *(
                    {"header": held.header, "field": held.field}
                    for held in data_map.columns
                    if held.header in elsewhere
                ),
            ],
            "codes": {name: words for name, words in codes.items() if words},
            "drop_columns": [c.header for c in columns if chosen[c.position] == DROP],
            "extend_codes": data_map.extend_codes,
        },
        errors,
    )


def as_typed(form: Mapping[str, str], columns: list[Column]) -> list[Column]:
    """The columns as the person left them, to show the form again."""
    return [
        replace(
            column,
            chosen=form.get(column.name, column.chosen),
            words=[replace(word, code=form.get(word.name, word.code)) for word in column.words],
        )
        for column in columns
    ]


def _field(name: str) -> str | None:
    return None if name in ("", DROP) else name


def _is_plain(item: Field | None) -> bool:
    """Whether the cells are what CareBoard keeps anyway, such as an owner's name or a service's
    postcode; all others may name someone who is cared for."""
    return item is not None and item.kind != "free_text" and item.name not in HASHED


def _samples(cells: pl.Series, *, plain: bool) -> list[str]:
    filled = cells.head(2_000).str.strip_chars()
    different = filled.filter(filled != "").unique(maintain_order=True).head(_SAMPLES).to_list()
    return [_short(cell if plain else redact(cell)) for cell in different]


def _short(cell: str) -> str:
    cell = " ".join(cell.split())
    return cell if len(cell) <= _LONGEST_SAMPLE else cell[: _LONGEST_SAMPLE - 1] + "…"


def _words(cells: pl.Series, position: int, item: Field, data_map: DataMap) -> list[Word]:
    stripped = cells.str.strip_chars()
    counts = stripped.filter(stripped != "").alias("word").value_counts().sort("word")
    given = data_map.codes.get(item.name)
    said = {" ".join(word.casefold().split()): code for word, code in (given or {}).items()}
    known = default_codes(item) if given is None or data_map.extend_codes else {}
    found = [
        Word(
            f"word-{position}-{number}",
            text,
            rows,
            said.get(" ".join(text.casefold().split())) or known.get(word_key(text), ""),
        )
        for number, (text, rows) in enumerate(counts.head(_MOST_WORDS).iter_rows())
    ]
    # What has no meaning yet comes first: it is what the person is here for.
    return sorted(found, key=lambda word: bool(word.code))


def _choices(item: Field) -> list[tuple[str, str]]:
    if item.kind == "bool":
        return [("true", "Yes"), ("false", "No")]
    codes = dict.fromkeys(item.codes.values())
    return list(titles(codes).items())

"""A row of quarantine as a form: its cells by column, the one at fault first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from careboard.errors import Invalid
from careboard.imports import headers
from careboard.imports.feeds import get_feed
from careboard.imports.mapping import DataMap

if TYPE_CHECKING:
    from careboard.imports.queries import QuarantinedLine

_LONG = 60


@dataclass(frozen=True, slots=True)
class Cell:
    """`label` is the field that the column gives, empty for none; `error` what is wrong there."""

    name: str
    title: str
    label: str
    value: str
    error: str

    @property
    def long(self) -> bool:
        return len(self.value) > _LONG or "\n" in self.value


def cells(
    line: QuarantinedLine,
    *,
    typed: Mapping[str, str] | None = None,
    error: Invalid | None = None,
) -> list[Cell]:
    """The row's cells, those that give a field first; with what was typed and what is wrong."""
    feed = get_feed(line.feed)
    bound = DataMap.from_json(line.mapping).bind(line.columns)
    at_fault, message = (error.field, error.message) if error else (line.field, line.message)
    found = []
    for position, title in _kept(line):
        name = bound[position]
        found.append(
            Cell(
                name=f"cell-{position}",
                title=title,
                label=feed.field(name).label if feed.has(name) else "",
                value=(typed or {}).get(f"cell-{position}", line.raw[title] or ""),
                error=message if name is not None and name == at_fault else "",
            )
        )
    return sorted(found, key=lambda cell: (not cell.error, not cell.label))


def typed_cells(line: QuarantinedLine, form: Mapping[str, str]) -> dict[str, str]:
    """{title: text} of the cells that the form sent."""
    return {
        title: form[f"cell-{position}"].replace("\r\n", "\n")
        for position, title in _kept(line)
        if f"cell-{position}" in form
    }


def _kept(line: QuarantinedLine) -> list[tuple[int, str]]:
    titles = headers.unique(line.columns)
    return [(position, title) for position, title in enumerate(titles) if title in line.raw]

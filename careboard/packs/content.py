"""What a pack says, as plain data: the one shape that is drafted, shown, printed and frozen.

Its exact JSON text is what is stored, hashed and handed over; `suppressed` has to have been
applied to whatever leaves the provider. Source: issue "Sharing with commissioners", Packs;
domain/expectations.md, UK GDPR.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from careboard.packs import drawing

LEAST_SHOWN = 5
LEAST_BASE = 10
FEW = "1 to 4"
SMALL = "small numbers"
NOT_SHOWN = "not shown"
_POINTS_HIDDEN = "Points that stand for 1 to 4, or for a base of fewer than 10, are not shown."
HIDDEN = (
    "Counts of 1 to 4 are shown as “1 to 4”. “Small numbers” stands for any number out of fewer "
    "than 10, and for a percentage of 1 to 4. Totals that would give one back are not shown. So "
    "nobody can be recognised."
)
_TOTALS = {"total", "totals", "subtotal", "all", "altogether", "together", "sum", "overall"}


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people or records; 1 to 4 of them could be recognised."""

    value: int

    def __str__(self) -> str:
        return f"{self.value:,}"

    @property
    def few(self) -> bool:
        return 0 < self.value < LEAST_SHOWN


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage with what it was counted from, for a cell of a table or a point of a chart."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> float:
        return 100 * self.numerator / self.denominator if self.denominator else 0.0

    def __str__(self) -> str:
        return f"{self.percent:.1f}%" if self.denominator else "–"

    @property
    def few(self) -> bool:
        return self.denominator < LEAST_BASE or Count(self.numerator).few


Cell = str | Count | Share


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its definition. `value` is words ("94.2%", "12 minutes") or a count;
    `numerator` and `denominator` stand behind a percentage. `validated` means that a claim which
    rests on it was validated by someone else."""

    label: str
    value: str | Count
    numerator: Count | str | None
    denominator: Count | str | None
    as_at: date
    definition: str
    validated: bool

    @property
    def basis(self) -> str:
        """What stands behind the value, to be read after it; empty for nothing."""
        if self.denominator is None:
            return ""
        whole = f"of {self.denominator}"
        return whole if self.value == self.numerator else f"({self.numerator} {whole})"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as long as `columns`. A row or column whose heading has the word “Total” is one."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


Point = tuple[str, float | Count | Share | str | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """A line of points, oldest first; `sentence` says what it shows. `unit` follows a number
    ("%", " minutes"); a value of None is a gap, words are one that is not shown."""

    caption: str
    sentence: str
    unit: str
    target: float | None
    points: tuple[Point, ...]

    def drawing(self) -> drawing.Drawing | None:
        """Where its points stand on paper; None for fewer than two that can be drawn."""
        return drawing.of([_height(value) for _, value in self.points], self.target)

    @property
    def key(self) -> str:
        """How to read its lines; empty where that needs no words."""
        words = []
        if self.target is not None:
            words.append(f"The dashed line is the target, {self.shown(self.target)}.")
        if any(_height(value) is None for _, value in self.points):
            words.append("Where the line stops, there is no value or none that may be shown.")
        return " ".join(words)

    def mark(self, value: float) -> str:
        """A value as its axis says it: short, as the sentence names the unit."""
        words = self.shown(round(value, 1))
        return words if self.unit == "%" else words.removesuffix(self.unit)

    def shown(self, value: float | Count | Share | str | None) -> str:
        """A point's value as its table says it."""
        if value is None:
            return "–"
        if isinstance(value, float | int):
            return f"{value:,.4g}{self.unit}" if abs(value) < 1_000 else f"{value:,.0f}{self.unit}"
        return str(value)


def _height(value: float | Count | Share | str | None) -> float | None:
    if isinstance(value, Count):
        return float(value.value)
    if isinstance(value, Share):
        return value.percent if value.denominator else None
    return None if isinstance(value, str) or value is None else float(value)


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A piece of evidence by its reference and hash; its validator by role, never by name."""

    reference: str
    title: str
    kind: str
    sha256: str | None
    validated_by_role: str | None
    validated_on: date | None


@dataclass(frozen=True, slots=True)
class Section:
    """`code` names it for those who edit its words; `words` are paragraphs, one a line."""

    code: str
    heading: str
    words: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """`taken_at` is the instant it was read from the records, ISO 8601 in UTC."""

    kind: Literal["update", "board", "episode"]
    title: str
    provider: str
    service: str | None
    period_from: date
    period_to: date
    taken_at: str
    sections: tuple[Section, ...]
    evidence: tuple[EvidenceLine, ...] = ()

    @property
    def read_at(self) -> str:
        """That instant in words."""
        at = datetime.fromisoformat(self.taken_at).astimezone(UTC)
        return f"{at.day} {at:%b %Y, %H:%M} UTC"

    @property
    def hidden_words(self) -> str:
        """What its readers have to know of small numbers."""
        return HIDDEN


# ---- Text


def to_json(content: Content) -> str:
    """The canonical text: keys sorted, no spaces, letters as they are."""
    return json.dumps(
        _plain(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def from_json(text: str) -> Content:
    """The content of a canonical text. Raises KeyError, TypeError or ValueError for any other."""
    given = json.loads(text)
    return Content(
        **{
            **given,
            "period_from": date.fromisoformat(given["period_from"]),
            "period_to": date.fromisoformat(given["period_to"]),
            "sections": tuple(_section(section) for section in given["sections"]),
            "evidence": tuple(
                EvidenceLine(**{**line, "validated_on": _day(line["validated_on"])})
                for line in given["evidence"]
            ),
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Count):
        return {"count": value.value}
    if isinstance(value, Share):
        return {"of": value.denominator, "share": value.numerator}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _section(given: dict[str, Any]) -> Section:
    figures = tuple(
        Figure(
            **{
                **figure,
                **{name: _cell(figure[name]) for name in ("value", "numerator", "denominator")},
                "as_at": date.fromisoformat(figure["as_at"]),
            }
        )
        for figure in given["figures"]
    )
    tables = tuple(
        Table(
            table["caption"],
            tuple(table["columns"]),
            tuple(tuple(_cell(cell) for cell in row) for row in table["rows"]),
        )
        for table in given["tables"]
    )
    charts = tuple(
        Chart(
            **{**chart, "points": tuple((label, _cell(value)) for label, value in chart["points"])}
        )
        for chart in given["charts"]
    )
    return Section(given["code"], given["heading"], given["words"], figures, tables, charts)


def _cell(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    return Count(given["count"]) if "count" in given else Share(given["share"], given["of"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# ---- Small numbers


def suppressed(content: Content) -> Content:
    """The same with every small number hidden, and whatever would give one back.

    A count of 1 to 4 becomes “1 to 4”. A percentage of fewer than ten, or of 1 to 4 among more,
    becomes “small numbers”. A total in whose row or column something is hidden is hidden itself.
    Suppressing twice changes nothing.
    """
    return replace(content, sections=tuple(_without_few(section) for section in content.sections))


def hidden_places(content: Content) -> int:
    """How many numbers `suppressed` would hide, for the publisher to see before it is done."""
    before, after = _values(content), _values(suppressed(content))
    return sum(one != other for one, other in zip(before, after, strict=True))


def _values(content: Content) -> list[Any]:
    return [
        value
        for section in content.sections
        for value in (
            *(figure.value for figure in section.figures),
            *(cell for table in section.tables for row in table.rows for cell in row),
            *(value for chart in section.charts for _, value in chart.points),
        )
    ]


def _without_few(section: Section) -> Section:
    return replace(
        section,
        figures=tuple(_figure(figure) for figure in section.figures),
        tables=tuple(_table(table) for table in section.tables),
        charts=tuple(_chart(chart) for chart in section.charts),
    )


def _hide(cell: Any) -> Any:
    if isinstance(cell, Count) and cell.few:
        return FEW
    return SMALL if isinstance(cell, Share) and cell.few else cell


def _figure(figure: Figure) -> Figure:
    base, part = figure.denominator, figure.numerator
    if isinstance(base, Count) and base.value < LEAST_BASE:
        return replace(figure, value=SMALL, numerator=None, denominator=None)
    if isinstance(part, Count) and part.few:
        return replace(figure, value=FEW if figure.value == part else SMALL, numerator=FEW)
    return replace(figure, value=_hide(figure.value))


def _chart(chart: Chart) -> Chart:
    points = tuple((label, _hide(value)) for label, value in chart.points)
    if points == chart.points:
        return chart
    # The sentence may say the very number that is hidden.
    return replace(chart, points=points, sentence=_POINTS_HIDDEN)


def _table(table: Table) -> Table:
    totals = _totals(table)
    cells = [[_hide(cell) for cell in row] for row in table.rows]
    hidden = {
        (y, x)
        for y, row in enumerate(cells)
        for x, cell in enumerate(row)
        if cell in (FEW, SMALL, NOT_SHOWN)
    }
    # A total of 1 to 4 says as much of its parts as any other.
    lines = [
        (total, line)
        for total, line in totals
        if isinstance(_at(cells, total), Count | Share)
        or (_at(cells, total) == FEW and hidden & line)
    ]
    while lines:
        gives_back = {total for total, line in lines if hidden & line}
        if not gives_back:
            break
        for y, x in gives_back:
            cells[y][x] = NOT_SHOWN
        hidden |= gives_back
        lines = [(total, line) for total, line in lines if total not in gives_back]
    return replace(table, rows=tuple(tuple(row) for row in cells))


def _at(cells: list[list[Any]], place: tuple[int, int]) -> Any:
    return cells[place[0]][place[1]]


def _totals(table: Table) -> list[tuple[tuple[int, int], set[tuple[int, int]]]]:
    """The place of each total with the places that it sums: those that are headed so, and any
    count that is the sum of all others of its row or column."""
    height, width = len(table.rows), len(table.columns)
    rows = [[(y, x) for x in range(width)] for y in range(height)]
    columns = [[(y, x) for y in range(height)] for x in range(width)]
    headed_rows = [isinstance(row[0], str) and _is_total(row[0]) for row in table.rows]
    headed_columns = [_is_total(heading) for heading in table.columns]
    found = []
    for line, headed, axis in (
        *((line, headed_columns, 1) for line in rows),
        *((line, headed_rows, 0) for line in columns),
    ):
        for place in line:
            others = {other for other in line if other != place}
            if headed[place[axis]] or _is_sum(table, place, others):
                found.append((place, others))
    return found


def _is_total(heading: str) -> bool:
    return not _TOTALS.isdisjoint(re.findall("[a-z]+", heading.lower()))


def _is_sum(table: Table, place: tuple[int, int], others: set[tuple[int, int]]) -> bool:
    whole = table.rows[place[0]][place[1]]
    parts = [table.rows[y][x] for y, x in others]
    counts = [part.value for part in parts if isinstance(part, Count)]
    known = not {FEW, NOT_SHOWN} & {part for part in parts if isinstance(part, str)}
    return isinstance(whole, Count) and known and len(counts) > 1 and whole.value == sum(counts)

"""Months of a theme as small columns, drawn on the server so that they also print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 240, 84
TOP, FOOT = 14, 16
GAP = 4


@dataclass(frozen=True, slots=True)
class Column:
    """`count` None: nobody was heard in the month, which is not the same as nobody complaining."""

    month: date
    count: int | None
    x: float
    y: float
    width: float
    height: float
    middle: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A day on which something was done, as a line across the columns."""

    x: float
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Coordinates of an SVG of `width` × `height`; `base` is the line on which columns stand."""

    columns: list[Column]
    marks: list[Mark]
    top: int
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - FOOT


def columns(
    months: Sequence[date],
    counts: Sequence[int | None],
    *,
    most: int | None = None,
    days: Sequence[tuple[date, str]] = (),
) -> Chart:
    """Columns for the months, oldest first. `most` is the value at the top (default: the highest),
    so that several charts have one scale; `days` are marked with their words."""
    base = HEIGHT - FOOT
    top = max(most or 0, *(count or 0 for count in counts), 1)
    step = WIDTH / max(len(months), 1)
    drawn = []
    for place, (month, count) in enumerate(zip(months, counts, strict=True)):
        height = round((base - TOP) * (count or 0) / top, 1)
        drawn.append(
            Column(
                month,
                count,
                round(place * step + GAP / 2, 1),
                round(base - height, 1),
                round(step - GAP, 1),
                height,
                round((place + 0.5) * step, 1),
            )
        )
    marks = [
        Mark(round(_place(months, day) * step, 1), words)
        for day, words in days
        if months and months[0] <= day
    ]
    return Chart(drawn, marks, top)


def _place(months: Sequence[date], day: date) -> float:
    """How many months after the first, within their run."""
    number = (day.year - months[0].year) * 12 + day.month - months[0].month
    return min(number + (day.day - 1) / 31, len(months))

"""A line of points as places on a small drawing, so that a page and a print need no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 600, 190, 14
# Room for the words of the axes: values on the left, days below.
LEFT, FOOT = 84, 26


@dataclass(frozen=True, slots=True)
class Drawing:
    """In units of a WIDTH by HEIGHT box. `runs` are points without a gap between them, from left
    to right; `target` is how far down its line is; `marks` are values of the axis with how far
    down each is."""

    runs: tuple[tuple[tuple[float, float], ...], ...]
    target: float | None
    marks: tuple[tuple[float, float], ...]
    left: int = LEFT
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def lines(self) -> list[str]:
        """The runs as points of an SVG line."""
        return [" ".join(f"{x},{y}" for x, y in run) for run in self.runs]

    @property
    def dots(self) -> list[tuple[float, float]]:
        return [point for run in self.runs for point in run]


def of(values: Sequence[float | None], target: float | None) -> Drawing | None:
    """The drawing of those values at equal steps; None when fewer than two can be drawn."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    heights = known if target is None else [*known, target]
    least, most = min(heights), max(heights)
    step = (WIDTH - LEFT - EDGE) / (len(values) - 1)

    def down(value: float) -> float:
        share = (value - least) / (most - least) if most > least else 0.5
        return round(HEIGHT - FOOT - share * (HEIGHT - FOOT - EDGE), 1)

    runs: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((round(LEFT + place * step, 1), down(value)))
    return Drawing(
        runs=tuple(tuple(run) for run in runs if run),
        target=None if target is None else down(target),
        marks=tuple((value, down(value)) for value in dict.fromkeys((most, least))),
    )

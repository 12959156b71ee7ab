"""A control chart as a page shows it: what is drawn, its sentence, its key and its table.

Rendered by templates/_macros/control_chart.html and static/js/control-chart.js.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from typing import Any, Literal

from careboard import spc
from careboard.clock import day_words
from careboard.spc import Improvement
from careboard.trend import FOR_LIMITS, Judgement, Targets, figure, judge, meets, per_reading

CAUSES = {
    spc.ABOVE_LIMIT: "above the upper limit",
    spc.BELOW_LIMIT: "below the lower limit",
    spc.RISING: "7 or more rising",
    spc.FALLING: "7 or more falling",
    spc.NEAR_UPPER: "2 of 3 close to the upper limit",
    spc.NEAR_LOWER: "2 of 3 close to the lower limit",
    spc.ABOVE_MEAN: "7 or more above the mean",
    spc.BELOW_MEAN: "7 or more below the mean",
}
_KINDS = {
    "special_cause_improvement": "improvement",
    "special_cause_concern": "concern",
    "special_cause_neutral_high": "change",
    "special_cause_neutral_low": "change",
}
_DECIMALS = 4  # more than a screen can show


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: an action, or a change of the process from which the limits start
    afresh (`rebase`)."""

    on: date
    kind: Literal["action", "rebase"]
    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A reading of the table, in words. `kind`: improvement, concern, change or None."""

    day: str
    value: str | None
    target: str | None
    met: bool | None
    kind: str | None
    cause: str | None


@dataclass(frozen=True, slots=True)
class Segment:
    """Readings with one mean, `first` to `last` by index; without limits while fewer than 12."""

    first: int
    last: int
    mean: float | None
    lower: float | None
    upper: float | None
    limited: bool


@dataclass(frozen=True, slots=True)
class ControlChart:
    """One indicator's chart. `key` is unique on its page."""

    key: str
    name: str
    unit: str
    improvement: Improvement
    days: Sequence[date]
    values: Sequence[float | None]
    targets: Sequence[float | None]
    marks: Sequence[Mark]
    segments: Sequence[Segment]
    judgement: Judgement

    @property
    def latest(self) -> str | None:
        """The latest reading in words."""
        return self.say(self.values[-1]) if self.values else None

    @property
    def target(self) -> str | None:
        """The target now, in words."""
        return self.say(self.targets[-1]) if self.targets else None

    def kinds(self) -> list[str | None]:
        """Of each reading: improvement, concern, change, or None for common cause. A segment too
        short for limits has none."""
        found: list[str | None] = []
        for segment in self.segments:
            for index in range(segment.first, segment.last + 1):
                kind = _KINDS.get(self.judgement.chart.point_type[index])
                found.append(kind if segment.limited else None)
        return found

    def table(self) -> Iterator[tuple[Segment, list[Row]]]:
        """Segments and their readings, the newest first."""
        kinds = self.kinds()
        for segment in reversed(self.segments):
            order = range(segment.last, segment.first - 1, -1)
            yield segment, [self._row(index, kinds[index]) for index in order]

    def data(self) -> dict[str, Any]:
        """What the script draws, as JSON can hold it; days count from 1 Jan 1970."""
        causes = self.judgement.chart.special_cause
        targets = groupby(range(len(self.targets)), key=self.targets.__getitem__)
        return {
            "days": [_number(day) for day in self.days],
            "values": [_short(value) for value in self.values],
            "unit": self.unit,
            "causes": {i: [kind, CAUSES[causes[i]]] for i, kind in enumerate(self.kinds()) if kind},
            "segments": [
                [part.first, part.last, _short(part.mean)]
                + ([_short(part.lower), _short(part.upper)] if part.limited else [None, None])
                for part in self.segments
            ],
            "targets": [[next(run), _short(target)] for target, run in targets],
            "marks": [[_number(mark.on), mark.kind] for mark in self.marks],
        }

    def say(self, value: float | None) -> str | None:
        return None if value is None else figure(value, self.unit)

    def _row(self, index: int, kind: str | None) -> Row:
        day, value, target = self.days[index], self.values[index], self.targets[index]
        return Row(
            day_words(day), self.say(value), self.say(target),
            meets(value, target, self.improvement),
            kind, CAUSES[self.judgement.chart.special_cause[index]] if kind else None,
        )  # fmt: skip


def control_chart(
    *,
    key: str,
    name: str,
    days: Sequence[date],
    values: Sequence[float | None],
    improvement: Improvement,
    unit: str = "",
    period: str = "week",
    targets: Targets = None,
    marks: Sequence[Mark] = (),
    screen_outliers: bool = True,
    baseline_points: int | None = None,
) -> ControlChart:
    """Judge a series and lay out its chart; arguments as in `careboard.trend.judge`.

    `days` are in order, one a value. Limits start afresh at the first day on or after a rebase.
    """
    marks = sorted(marks, key=lambda mark: mark.on)
    starts = {bisect_left(days, mark.on) for mark in marks if mark.kind == "rebase"}
    rebase_at = sorted(index for index in starts if 0 < index < len(values))
    judgement = judge(
        values, improvement=improvement, unit=unit, period=period, targets=targets,
        screen_outliers=screen_outliers, baseline_points=baseline_points, rebase_at=rebase_at,
    )  # fmt: skip
    limits = judgement.chart
    segments = [
        Segment(
            first, after - 1, limits.mean[first], limits.lower[first], limits.upper[first],
            sum(value is not None for value in values[first:after]) >= FOR_LIMITS,
        )
        for first, after in pairwise([0, *rebase_at, len(values)])
        if after > first
    ]  # fmt: skip
    return ControlChart(
        key, name, unit, improvement, days, values, per_reading(targets, len(values)), marks,
        segments, judgement,
    )  # fmt: skip


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)

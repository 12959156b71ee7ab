"""Control charts by the NHS "Making Data Count" method (XmR), as NHSRplotthedots computes them.

Limits are mean ± 2.66 × the average moving range; a point is a special cause when it lies outside
them, stands in a run of 7 on one side of the mean or of 7 rising or falling, or is one of 2 in 3
beyond the inner limit on one side. Source: rules 3.1, trend, tier (b).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise, repeat
from math import fsum, nan
from typing import Literal

Improvement = Literal["increase", "decrease", "neutral"]

LIMIT = 2.66  # of the average moving range, to either side of the mean
INNER = 2 * (LIMIT / 3)
SCREEN = 3.267  # a moving range of so many averages or more is an outlier
RUN = 7

COMMON = "Common Cause"
ABOVE_LIMIT, BELOW_LIMIT = "Above UCL", "Below LCL"
RISING, FALLING = "7 Point Trend (Increasing)", "7 Point Trend (Decreasing)"
NEAR_UPPER, NEAR_LOWER = "2 in 3 Above CL", "2 in 3 Below CL"
ABOVE_MEAN, BELOW_MEAN = "7 Points Above CL", "7 Points Below CL"

HIGH = (ABOVE_LIMIT, RISING, NEAR_UPPER, ABOVE_MEAN)
LOW = (BELOW_LIMIT, FALLING, NEAR_LOWER, BELOW_MEAN)
_TYPES = {
    "increase": ("special_cause_improvement", "special_cause_concern"),
    "decrease": ("special_cause_concern", "special_cause_improvement"),
    "neutral": ("special_cause_neutral_high", "special_cause_neutral_low"),
}
_POINT_TYPES = {
    improvement: {COMMON: "common_cause"} | dict.fromkeys(HIGH, high) | dict.fromkeys(LOW, low)
    for improvement, (high, low) in _TYPES.items()
}


@dataclass(frozen=True, slots=True)
class Xmr:
    """One entry a point in each list, in the order of the values.

    A limit is None where nothing can be said: a single value, or screening that leaves no moving
    range, as in a constant series. `assurance` is consistent_pass, consistent_fail or
    inconsistent (hit and miss); None without a target or a good direction.
    """

    mean: list[float | None]
    lower: list[float | None]
    upper: list[float | None]
    special_cause: list[str]
    point_type: list[str]
    assurance: str | None

    def __getitem__(self, column: str) -> list | str | None:
        """A column by its name."""
        return getattr(self, column)


def xmr(
    values: Sequence[float | None],
    *,
    improvement: Improvement,
    target: float | None = None,
    screen_outliers: bool = True,
    baseline_points: int | None = None,
    rebase_at: Iterable[int] = (),
) -> Xmr:
    """The control chart of a series, oldest first; None is a period without a value.

    `rebase_at` are indexes at which the limits start afresh; `baseline_points` takes the limits
    from so many first points after each start. A missing value breaks runs, trends and moving
    ranges, and is itself common cause. `assurance` compares the target with the last limits.
    """
    if baseline_points is not None and baseline_points < 1:
        raise ValueError("baseline_points must be 1 or more")
    point_types = _POINT_TYPES[improvement]
    ys = [nan if value is None else float(value) for value in values]
    starts = sorted({0, *(index for index in rebase_at if 0 < index < len(ys))})
    chart = Xmr([], [], [], [], [], None)
    lower = upper = nan
    for start, end in pairwise([*starts, len(ys)]):
        segment = ys[start:end]
        mean, lower, upper, inner = _limits(segment[:baseline_points], screen_outliers)
        chart.mean.extend(repeat(_known(mean), end - start))
        chart.lower.extend(repeat(_known(lower), end - start))
        chart.upper.extend(repeat(_known(upper), end - start))
        chart.special_cause.extend(_special_causes(segment, mean, lower, upper, inner))
    chart.point_type.extend(point_types[cause] for cause in chart.special_cause)
    if not ys or target is None or improvement == "neutral":
        return chart
    return Xmr(
        chart.mean, chart.lower, chart.upper, chart.special_cause, chart.point_type,
        _assurance(target, lower, upper, improvement),
    )  # fmt: skip


def _limits(baseline: list[float], screen: bool) -> tuple[float, float, float, float]:
    """Mean, lower and upper limit, and how far the inner limits lie from the mean."""
    mean = _mean([y for y in baseline if y == y])
    moves = [move for a, b in pairwise(baseline) if (move := abs(b - a)) == move]
    average = _mean(moves)
    if screen:
        average = _mean([move for move in moves if move < SCREEN * average])
    return mean, mean - LIMIT * average, mean + LIMIT * average, INNER * average


def _mean(numbers: list[float]) -> float:
    """The mean, rounded once: a value that equals it must be seen to lie on it."""
    if not numbers:
        return nan
    count = len(numbers)
    rough = fsum(numbers) / count
    return rough + fsum([*numbers, *repeat(-rough, count)]) / count


def _special_causes(
    ys: list[float], mean: float, lower: float, upper: float, inner: float
) -> list[str]:
    """What each point of a segment is named after. Nothing is true of a missing value or of a
    missing limit, because no comparison with nan is."""
    sides = [(y > mean) - (y < mean) for y in ys]
    outside = [(y > upper) - (y < lower) for y in ys]
    beyond = [(y > mean + inner) - (y < mean - inner) for y in ys]
    near = [0 if out else side for side, out in zip(beyond, outside, strict=True)]
    causes = [COMMON] * len(ys)
    # The gravest last: it names a point that meets several rules.
    for signs, high, low in (
        (_runs(sides, RUN), ABOVE_MEAN, BELOW_MEAN),
        (_two_in_three(near, sides), NEAR_UPPER, NEAR_LOWER),
        (_trends(ys), RISING, FALLING),
        (outside, ABOVE_LIMIT, BELOW_LIMIT),
    ):
        for i, sign in enumerate(signs):
            if sign:
                causes[i] = high if sign > 0 else low
    return causes


def _runs(signs: list[int], least: int) -> list[int]:
    """Each sign where it stands in a run of at least so many equal ones; 0 elsewhere."""
    kept: list[int] = []
    for sign, run in groupby(signs):
        length = sum(1 for _ in run)
        kept.extend(repeat(sign if length >= least else 0, length))
    return kept


def _trends(ys: list[float]) -> list[int]:
    """1 or -1 where a point belongs to 7 that rise or fall. Where two trends meet, the later one
    tells; a plateau between two counts as a fall, as in the reference."""
    steps = [(b > a) - (b < a) for a, b in pairwise(ys)]
    kept = _runs(steps, RUN - 1)
    within = [before or after for before, after in zip([0, *kept], [*kept, 0], strict=True)]
    found = [0] * len(ys)
    for i, is_within in enumerate(within):
        if is_within:
            follows = i + 1 < len(ys) and within[i + 1]
            found[i] = 1 if steps[i if follows else i - 1] > 0 else -1
    return found


def _two_in_three(near: list[int], sides: list[int]) -> list[int]:
    """The side of each point beyond an inner limit that has another within three in a row, all
    three on that side of the mean."""
    found = [0] * len(near)
    if any(near):
        for i in range(len(near) - 2):
            if abs(sum(sides[i : i + 3])) == 3 and near[i : i + 3].count(0) < 2:
                for k in (i, i + 1, i + 2):
                    found[k] = found[k] or near[k]
    return found


def _assurance(target: float, lower: float, upper: float, improvement: Improvement) -> str:
    if target > upper:
        return "consistent_fail" if improvement == "increase" else "consistent_pass"
    if target < lower:
        return "consistent_pass" if improvement == "increase" else "consistent_fail"
    return "inconsistent"


def _known(number: float) -> float | None:
    return number if number == number else None

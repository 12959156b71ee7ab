"""Better or worse: direction, band and one sentence of a series of readings. Source: rules 3.1.

With fewer than 12 readings the latest is compared with the mean of up to three before it; with 12
or more the NHS "Making Data Count" rules (careboard.spc) decide. After a change of the process the
count starts afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from math import nan
from typing import Literal

from careboard import spc
from careboard.spc import Improvement, Xmr

LEAST_PRIOR = 2
MOST_PRIOR = 3
POINTS = 2.0  # percentage points that count as a move
RELATIVE = 0.1  # share of the earlier mean that counts as a move, for anything else
AMBER_POINTS = 5.0  # percentage points by which amber may miss its target
AMBER_RELATIVE = 0.1  # share of the target, for anything else
FOR_LIMITS = 12
TARGETS_TOLD = 4
_EXACT = 1e-9

Direction = Literal["improving", "stable", "worsening", "changed"]
Band = Literal["green", "amber", "red", "grey"]
Targets = float | Sequence[float | None] | None

BANDS: dict[Band, str] = {
    "green": "Meets target",
    "amber": "Just misses target",
    "red": "Misses target",
    "grey": "No band",
}
ASSURANCES = {
    "consistent_pass": "Consistently passes: even the worse of its limits meets the target.",
    "consistent_fail": "Consistently fails: even the better of its limits misses the target, "
    "unless the process changes.",
    "inconsistent": "Hit and miss: the target lies within the limits, so ordinary variation meets "
    "it at one time and misses it at another.",
}
RULES = {
    "xmr": "Read by the NHS “Making Data Count” rules.",
    "short": "Fewer than 12 readings: the latest is compared with the mean of up to three before "
    "it.",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a series says now.

    `direction` is the meaning, whichever way the number went; `changed` where neither way is
    better; None: not enough data. `rule` tells which rule gave it. `special_cause` is that of the
    latest reading where `rule` is xmr, in the words of careboard.spc; None for common cause.
    `assurance` is the target against the limits, None where there are none. `met` of `told` of the
    last readings met the target of their time.
    """

    direction: Direction | None
    band: Band
    sentence: str
    rule: Literal["short", "xmr"] | None
    special_cause: str | None
    assurance: str | None
    met: int
    told: int
    chart: Xmr

    @property
    def band_words(self) -> str:
        return BANDS[self.band]

    @property
    def rule_words(self) -> str:
        """By which rule it was judged, and what the limits say of the target."""
        return f"{RULES.get(self.rule, '')} {ASSURANCES.get(self.assurance, '')}".strip()


def judge(
    values: Sequence[float | None],
    *,
    improvement: Improvement,
    unit: str = "",
    period: str = "week",
    targets: Targets = None,
    screen_outliers: bool = True,
    baseline_points: int | None = None,
    rebase_at: Sequence[int] = (),
) -> Judgement:
    """Judge a series, oldest first, None for a period without a reading.

    `unit` is "%" for percentages from 0 to 100, which move in percentage points, else the words
    after the number. `period` is what one reading stands for. `targets`: one for all, or one for
    each reading. A latest period without a reading is not enough data.
    """
    targets = per_reading(targets, len(values))
    latest, target = (values[-1], targets[-1]) if values else (None, None)
    chart = spc.xmr(
        values, improvement=improvement, target=target, screen_outliers=screen_outliers,
        baseline_points=baseline_points, rebase_at=rebase_at,
    )  # fmt: skip
    present = values[max((i for i in rebase_at if 0 < i < len(values)), default=0) :]
    readings = sum(value is not None for value in present)
    kept = [meets(*pair, improvement) for pair in zip(values, targets, strict=True)]
    told = [one for one in kept if one is not None][-TARGETS_TOLD:]
    say = _Words(unit, period)
    rule = direction = cause = assurance = None
    if latest is not None and readings >= FOR_LIMITS:
        rule, direction = "xmr", _DIRECTIONS[chart.point_type[-1]]
        cause = chart.special_cause[-1] if direction != "stable" else None
        assurance = None if chart.lower[-1] is None else chart.assurance
        words = say.charted(present, chart)
    elif compared(present) is not None:
        rule, words = "short", say.compared(present)
        direction = short_trend(present, improvement=improvement, percent=unit == "%")
    else:
        words = say.nothing(readings)
    head = direction.capitalize() if direction else "Not enough data"
    return Judgement(
        direction,
        band(latest, target, improvement, percent=unit == "%"),
        f"{head}: {words}{say.met(told)}.",
        rule, cause, assurance, sum(told), len(told), chart,
    )  # fmt: skip


_DIRECTIONS: dict[str, Direction] = {
    "common_cause": "stable",
    "special_cause_improvement": "improving",
    "special_cause_concern": "worsening",
    "special_cause_neutral_high": "changed",
    "special_cause_neutral_low": "changed",
}


def compared(values: Sequence[float | None]) -> tuple[float, float, int] | None:
    """The latest value, the mean of those before it, and of how many (2 or 3); None: too few."""
    prior = [value for value in values[:-1] if value is not None][-MOST_PRIOR:]
    if not values or values[-1] is None or len(prior) < LEAST_PRIOR:
        return None
    return values[-1], sum(prior) / len(prior), len(prior)


def short_trend(
    values: Sequence[float | None], *, improvement: Improvement, percent: bool
) -> Direction | None:
    """The direction of a short series, oldest first; None: not enough data.

    A move of 2 percentage points, or of a tenth of the earlier mean for anything else, counts.
    Source: rules 3.1, trend, tier (a).
    """
    found = compared(values)
    if found is None:
        return None
    latest, mean, _ = found
    move, least = latest - mean, POINTS if percent else abs(RELATIVE * mean)
    if abs(move) < _EXACT or abs(move) < least - _EXACT:
        return "stable"
    if improvement == "neutral":
        return "changed"
    return "improving" if (move > 0) == (improvement == "increase") else "worsening"


def band(
    value: float | None, target: float | None, improvement: Improvement, *, percent: bool
) -> Band:
    """Green meets the target; amber misses it by up to 5 percentage points, or by a tenth of it
    for anything else; red is worse; grey: nothing to compare. Source: rules 3.1, indicator band."""
    if meets(value, target, improvement) is None:
        return "grey"
    miss = target - value if improvement == "increase" else value - target
    amber = AMBER_POINTS if percent else abs(AMBER_RELATIVE * target)
    return "green" if miss <= _EXACT else "amber" if miss <= amber + _EXACT else "red"


def meets(value: float | None, target: float | None, improvement: Improvement) -> bool | None:
    """Whether the value meets the target; None without either, or where no way is better."""
    if value is None or target is None or improvement == "neutral":
        return None
    return value >= target - _EXACT if improvement == "increase" else value <= target + _EXACT


def per_reading(targets: Targets, count: int) -> list[float | None]:
    """The target of each reading."""
    if targets is None or isinstance(targets, int | float):
        return [targets] * count
    if len(targets) != count:
        raise ValueError("one target for each reading is needed")
    return list(targets)


def figure(value: float, unit: str = "") -> str:
    """A number with at most one decimal and its unit: `92.5%`, `3 days`."""
    rounded = f"{round(value, 1) + 0.0:,.1f}".removesuffix(".0")
    return f"{rounded}%" if unit == "%" else f"{rounded} {unit}".rstrip()


@dataclass(frozen=True, slots=True)
class _Words:
    """The parts of a series' sentence."""

    unit: str
    period: str

    def nothing(self, readings: int) -> str:
        if readings > LEAST_PRIOR:
            return f"no reading for the latest {self.period}"
        return f"{_counted(readings, 'reading')}; a trend needs {LEAST_PRIOR + 1}"

    def compared(self, values: Sequence[float | None]) -> str:
        latest, mean, count = compared(values)
        return (
            f"{self.figure(latest)} in the latest {self.period}, {self.figure(mean)} on average"
            f" in the {count} before it"
        )

    def charted(self, values: Sequence[float | None], chart: Xmr) -> str:
        """Why the latest value of a segment (`values`) is named as it is."""
        cause = chart.special_cause[-1]
        mean, lower, upper = chart.mean[-1], chart.lower[-1], chart.upper[-1]
        if cause == spc.COMMON:
            return self.usual(values, lower, upper)
        high = cause in spc.HIGH
        limit, side = ("upper", "above") if high else ("lower", "below")
        if cause in (spc.ABOVE_LIMIT, spc.BELOW_LIMIT):
            bound = self.figure(upper if high else lower)
            return f"the latest {self.period} is {side} the {limit} limit of {bound}"
        if cause in (spc.ABOVE_MEAN, spc.BELOW_MEAN):
            run = _last(values, lambda value: (value > mean) == high and value != mean)
            return f"{_counted(run, self.period)} {side} the mean of {self.figure(mean)}"
        if cause in (spc.RISING, spc.FALLING):
            moves = [b - a for a, b in pairwise(nan if v is None else v for v in values)]
            run = 1 + _last(moves, lambda move: move > 0 if high else move < 0)
            return f"{_counted(run, self.period)} {'rising' if high else 'falling'} in a row"
        inner = (upper - mean) * spc.INNER / spc.LIMIT
        near = sum(abs(value - mean) > inner for value in values[-3:])
        return f"{near} of the last 3 {self.period}s close to the {limit} limit"

    def usual(
        self, values: Sequence[float | None], lower: float | None, upper: float | None
    ) -> str:
        """The limits, as far as values of this kind can go."""
        if lower is None:
            return "no ordinary variation to set limits by"
        if self.unit == "%" or all(value is None or value >= 0 for value in values):
            lower = max(lower, 0.0)
        if self.unit == "%":
            upper = min(upper, 100.0)
        return f"within its usual range, {self.figure(lower)} to {self.figure(upper)}"

    def met(self, told: list[bool]) -> str:
        if len(told) < 2:
            return "".join(f"; target {'' if one else 'not '}met" for one in told)
        return f"; target met {sum(told)} of {len(told)} {self.period}s"

    def figure(self, value: float) -> str:
        return figure(value, self.unit)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _last(items: Sequence, holds: Callable[[float], bool]) -> int:
    """How many items at the end are there and hold."""
    return sum(1 for _ in takewhile(lambda item: item is not None and holds(item), items[::-1]))

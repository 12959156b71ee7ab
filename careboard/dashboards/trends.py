"""The trend of a cell's months, in words. Source: rules 3.1, trend, tier (a)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from careboard.trend import Direction, compared, figure, short_trend


@dataclass(frozen=True, slots=True)
class Trend:
    """`direction` is the meaning, better or worse, whichever way the number went; None: not
    enough data. `sentence` names the signal and its values."""

    direction: Direction | None
    sentence: str


_IMPROVEMENT = {"up": "increase", "down": "decrease"}
NOT_ENOUGH = Trend(None, "Not enough data for a trend: three months with values are needed.")


def trend(
    points: Sequence[float | None], *, signal: str, good: Literal["up", "down"], percent: bool
) -> Trend:
    """Compare the latest month with the mean of the three before it.

    `points` are monthly values, oldest first, None for a month without one; percentages run from
    0 to 100. A latest month without a value, or fewer than two before it, is not enough data.
    """
    found = compared(points)
    if found is None:
        return NOT_ENOUGH
    latest, mean, _ = found
    unit = "%" if percent else ""
    return Trend(
        short_trend(points, improvement=_IMPROVEMENT[good], percent=percent),
        f"{signal} {figure(mean, unit)} → {figure(latest, unit)}",
    )

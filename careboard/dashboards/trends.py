"""The direction of a short series of months. Source: rules 3.1, trend, tier (a)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LEAST_PRIOR = 2
MOST_PRIOR = 3
POINTS = 2.0  # percentage points that count as a move
RELATIVE = 0.1  # share of the earlier mean that counts as a move, for anything else
_EXACT = 1e-9

Direction = Literal["improving", "stable", "worsening"]


@dataclass(frozen=True, slots=True)
class Trend:
    """`direction` is the meaning, better or worse, whichever way the number went; None: not
    enough data. `sentence` names the signal and its values."""

    direction: Direction | None
    sentence: str


NOT_ENOUGH = Trend(None, "Not enough data for a trend: three months with values are needed.")


def trend(
    points: Sequence[float | None], *, signal: str, good: Literal["up", "down"], percent: bool
) -> Trend:
    """Compare the latest month with the mean of the three before it.

    `points` are monthly values, oldest first, None for a month without one; percentages run from
    0 to 100. A latest month without a value, or fewer than two before it, is not enough data.
    """
    prior = [point for point in points[:-1] if point is not None][-MOST_PRIOR:]
    latest = points[-1] if points else None
    if latest is None or len(prior) < LEAST_PRIOR:
        return NOT_ENOUGH
    mean = sum(prior) / len(prior)
    direction = _direction(latest - mean, POINTS if percent else RELATIVE * mean, good)
    return Trend(direction, f"{signal} {_words(mean, percent)} → {_words(latest, percent)}")


def _direction(move: float, least: float, good: str) -> Direction:
    if abs(move) < _EXACT or abs(move) < least - _EXACT:
        return "stable"
    return "improving" if (move > 0) == (good == "up") else "worsening"


def _words(value: float, percent: bool) -> str:
    rounded = f"{value:.1f}".removesuffix(".0")
    return f"{rounded}%" if percent else rounded

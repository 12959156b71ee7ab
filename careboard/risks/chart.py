"""A rating's history as a stepped line, drawn on the server so that it also prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from careboard.vocabulary import RATINGS, in_words

WIDTH, LEFT, RIGHT = 640, 112, 16
STEP, TOP = 30, 14
HEIGHT = TOP * 2 + STEP * (len(RATINGS) - 1) + 18


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    rating: str
    on_date: date


@dataclass(frozen=True, slots=True)
class Chart:
    """Coordinates of an SVG of WIDTH × HEIGHT; `sentence` says what it shows."""

    marks: list[Mark]
    path: str
    levels: list[tuple[str, int]]
    first: date
    last: date
    sentence: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def history_chart(reviews: Sequence[Any], on: date) -> Chart | None:
    """The line through the reviews (newest first, as stored) up to the day; None for fewer than
    two, which make no line."""
    ordered = list(reversed(reviews))
    if len(ordered) < 2:
        return None
    first = ordered[0].decided_on
    days = max((on - first).days, 1)
    marks = [
        Mark(
            round(LEFT + (WIDTH - LEFT - RIGHT) * (review.decided_on - first).days / days, 1),
            _height(review.rating_to),
            review.rating_to,
            review.decided_on,
        )
        for review in ordered
    ]
    path = f"M{marks[0].x} {marks[0].y}" + "".join(f"H{mark.x}V{mark.y}" for mark in marks[1:])
    return Chart(
        marks=marks,
        path=path + f"H{WIDTH - RIGHT}",
        levels=[(rating, _height(rating)) for rating in reversed(RATINGS)],
        first=first,
        last=on,
        sentence=_sentence(ordered),
    )


def _height(rating: str) -> int:
    return TOP + STEP * (len(RATINGS) - 1 - RATINGS.index(rating))


def _sentence(ordered: Sequence[Any]) -> str:
    changes = sum(1 for review in ordered[1:] if review.rating_from != review.rating_to)
    start, end = (in_words(review.rating_to) for review in (ordered[0], ordered[-1]))
    times = {0: "never changed", 1: "changed once"}.get(changes, f"changed {changes} times")
    return f"Rated {start} at first, {end} now; {times} in {len(ordered)} reviews."

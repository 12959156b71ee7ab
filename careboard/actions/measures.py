"""The measures that an action can name: what each counts, over what, and which way is better.

Source: DESIGN section 4, Action; domain rules 3.1 (a count or a percentage) and 3.3, no
improvement after action.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from careboard.vocabulary import in_words

DEFAULT_LAG = 14
MOST_LAG = 365
# A measure has moved when it went the good way by two percentage points, or by a tenth of the way
# from baseline to target, whichever is more.
LEAST_POINTS = Decimal(2)
LEAST_SHARE = Decimal("0.1")
MOST_VALUE = Decimal("9999999999.99")


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure. `good` is its better direction; None: the target says which.

    `theme` says whether a theme narrows it. A measure over records of `kind`, which the import
    feed `feed` brings, counts them; of the rest, those with `by_hand` have readings.
    """

    code: str
    words: str
    good: Literal["up", "down"] | None = None
    percent: bool = False
    period: Literal["month", "week"] = "month"
    theme: Literal["needed", "possible", "none"] = "none"
    kind: str = ""
    feed: str = ""
    by_hand: bool = False

    @property
    def computed(self) -> bool:
        """Whether its values come from records."""
        return not self.by_hand

    @property
    def unit(self) -> str:
        """What follows a value: `%`, ` a month`, or nothing."""
        if self.percent:
            return "%"
        return " a month" if self.kind else ""


MEASURES = {
    measure.code: measure
    for measure in (
        Measure("audit_score", "Audit score of a theme", "up", percent=True, theme="needed"),
        Measure(
            "negative_feedback",
            "Negative feedback a month",
            "down",
            theme="possible",
            kind="feedback",
            feed="feedback",
        ),
        Measure(
            "complaints",
            "Complaints a month",
            "down",
            theme="possible",
            kind="complaint",
            feed="complaints",
        ),
        Measure(
            "incidents",
            "Incidents a month",
            "down",
            theme="possible",
            kind="incident",
            feed="incidents",
        ),
        Measure(
            "safeguarding_concerns",
            "Safeguarding concerns a month",
            "down",
            theme="possible",
            kind="safeguarding",
            feed="safeguarding",
        ),
        Measure("manual_percent", "A percentage, entered by hand", percent=True, by_hand=True),
        Measure("manual", "A number, entered by hand", by_hand=True),
        Measure(
            "manual_percent_weekly",
            "A percentage, entered by hand each week",
            percent=True,
            period="week",
            by_hand=True,
        ),
        Measure(
            "manual_weekly", "A number, entered by hand each week", period="week", by_hand=True
        ),
    )
}


def number(value: Decimal) -> str:
    """`82.5`, `3`: without noughts at the end, to two places, thousands set apart."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def amount(measure: Measure, value: Decimal) -> str:
    """A value with its unit: `82.5%`, `3 a month`."""
    return f"{number(value)}{measure.unit}"


def title(code: str, theme: str = "") -> str:
    """`Audit score of medicines`, `Complaints a month about food`, for headings and lists."""
    measure = MEASURES.get(code)
    if measure is None:
        return in_words(code).capitalize()
    if measure.theme == "needed" and theme:
        return f"Audit score of {theme}"
    return f"{measure.words} about {theme}" if theme else measure.words

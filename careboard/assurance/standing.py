"""How a claim stands on a day: a pure function of its row, its evidence and the date.

Source: issue Assurance, evidence validation; rules 3.3, unsupported assurance.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from careboard.evidence.queries import Item

MATCH_PERCENT = 90
SUPPORTING = ("proves", "partly")


@dataclass(frozen=True, slots=True)
class Tally:
    """What comparing a sample with its source gave: rows compared, rows that agree, and critical
    mismatches (a claim of safety contradicted)."""

    sampled: int = 0
    matched: int = 0
    critical: int = 0

    @property
    def percent(self) -> float | None:
        """Of 100, to one place; None when nothing was compared."""
        return round(100 * self.matched / self.sampled, 1) if self.sampled else None

    @property
    def unsupported(self) -> bool:
        """Fewer than 90 % match, or one mismatch is critical. Source: rules 3.3."""
        return self.critical > 0 or self.matched * 100 < self.sampled * MATCH_PERCENT

    @property
    def sentence(self) -> str:
        if not self.sampled:
            return "Nothing was compared with its source yet."
        words = f"{self.matched} of {self.sampled} match their source ({self.percent:g}%)"
        return f"{words}, critical mismatches: {self.critical}." if self.critical else f"{words}."


def tally(items: Collection[Any]) -> Tally:
    """Count the rows that were checked, in whichever draw; each has `result` and `critical`."""
    checked = [item for item in items if item.result is not None]
    return Tally(
        len(checked),
        sum(item.result == "matches" for item in checked),
        sum(item.critical for item in checked),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """`state` is draft, submitted, withdrawn, proves, partly, does_not_prove, unsupported or
    expired; `supports` says whether a decision may rest on the claim."""

    state: str
    words: str
    sentence: str

    @property
    def supports(self) -> bool:
        return self.state in SUPPORTING


_WORDS = {
    "draft": ("Draft", "Not handed in yet: it supports nothing."),
    "submitted": ("Awaiting validation", "Nobody else has checked it yet."),
    "withdrawn": ("Withdrawn", "Taken back: it supports nothing."),
    "does_not_prove": ("Does not prove", "The evidence does not prove the claim."),
    "unsupported": (
        "Unsupported assurance",
        "The sample does not match its source, whatever else was found.",
    ),
    "expired": ("Evidence expired", "It was validated, but none of its evidence is in date."),
    "proves": ("Proves", "The evidence proves the claim."),
    "partly": ("Partly proves", "The evidence proves the claim in part."),
}


def standing(
    *, status: str, outcome: str | None, unsupported: bool, items: Collection[Item], on: date
) -> Standing:
    """The claim's standing on that day. An expired or refused item counts from that day on as if
    it were not there."""
    if status != "validated":
        return _standing(status)
    if unsupported:
        return _standing("unsupported")
    if outcome in SUPPORTING and not any(item.stands(on) for item in items):
        return _standing("expired")
    return _standing(outcome)


def _standing(state: str) -> Standing:
    return Standing(state, *_WORDS[state])

"""How far a rating may be relied upon, and the sentence that says why.

Source: rules 3.3 (missing evidence, stale rating, green without test).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

REVIEW_DAYS = 35
EVIDENCE_DAYS = 92
# An item that is a draft, was refused or withdrawn, or was sent back supports nothing.
SUPPORTING = ("submitted", "in_review", "accepted")


@dataclass(frozen=True, slots=True)
class Support:
    """What a rating rests on: counts and days, None where there is none.

    `items` counts its evidence; `in_date` that of it still valid; `newest_on` is the last day the
    valid items speak of; `valid_until` the last day any item was valid; `tested_on` the last day
    on which someone else accepted an item.
    """

    items: int = 0
    in_date: int = 0
    newest_on: date | None = None
    valid_until: date | None = None
    tested_on: date | None = None


@dataclass(frozen=True, slots=True)
class Assurance:
    """A state of `vocabulary.ASSURANCE_STATES` and one sentence."""

    state: str
    reason: str


def assess(*, rating: str, rated_on: date, support: Support, on: date) -> Assurance:
    """The assurance state of a rating on a day. The gravest finding wins."""
    if support.in_date == 0:
        return Assurance("unsupported", _unsupported(support))
    since_review = (on - rated_on).days
    if since_review > REVIEW_DAYS:
        return Assurance(
            "stale", f"Last reviewed {since_review} days ago; a rating holds for {REVIEW_DAYS}."
        )
    age = (on - support.newest_on).days if support.newest_on else 0
    if age > EVIDENCE_DAYS:
        return Assurance(
            "stale", f"The newest evidence is {age} days old; it holds for {EVIDENCE_DAYS}."
        )
    if rating == "low" and not tested(support, on):
        return Assurance("untested", _untested(support))
    count = f"{support.in_date} item{'s' if support.in_date != 1 else ''} of evidence in date"
    return Assurance("assured", f"{count}, reviewed {_ago(since_review)}.")


def tested(support: Support, on: date) -> bool:
    """Whether someone else accepted an item of its evidence in the last 92 days."""
    return support.tested_on is not None and (on - support.tested_on).days <= EVIDENCE_DAYS


def _unsupported(support: Support) -> str:
    if support.items == 0:
        return "No evidence stands behind this rating."
    last = f"{support.valid_until.day} {support.valid_until:%b %Y}" if support.valid_until else ""
    return f"Its evidence is out of date: the last item was valid until {last}."


def _untested(support: Support) -> str:
    if support.tested_on is None:
        return "Rated low, but nobody else has checked and accepted its evidence."
    day = f"{support.tested_on.day} {support.tested_on:%b %Y}"
    return f"Rated low, but its evidence was last checked on {day}, over {EVIDENCE_DAYS} days ago."


def _ago(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")

"""How late an action is, and what it lacks. Pure rules, no database.

Source: domain rules 3.3, overdue action and vague actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LIVE = ("open", "in_progress", "completed")
FINISHED = ("verified", "cancelled")
RED_AFTER = 7
ESCALATED_AFTER = 28
# Days suggested for an action on a finding of that severity; a person may choose another date.
SUGGESTED_DAYS = {"red": 7, "amber": 28, "green": 56}
SUGGESTED_DEFAULT = 28

GAPS = {
    "owner_id": "Choose an owner.",
    "due_on": "Give a due date.",
    "outcome_measure": "Say how anyone can measure that it worked.",
    "baseline": "Say where things stand today, so that change can be seen.",
    "evidence_required": "Say what evidence will show that it is done.",
}
GAP_WORDS = {
    "owner_id": "owner",
    "due_on": "due date",
    "outcome_measure": "measurable outcome",
    "baseline": "baseline",
    "evidence_required": "evidence needed",
}


@dataclass(frozen=True, slots=True)
class Lateness:
    """`days` overdue (negative: days left; None: no date or finished), and words for people.

    `tone` is that of an interface chip: plain, warn (1-7 days), bad (8 and more).
    """

    days: int | None
    words: str
    tone: str

    @property
    def overdue(self) -> bool:
        return self.days is not None and self.days > 0

    @property
    def band(self) -> str | None:
        """`1_to_7`, `8_to_28`, `over_28`, or None when not overdue."""
        if not self.overdue:
            return None
        if self.days <= RED_AFTER:
            return "1_to_7"
        return "8_to_28" if self.days <= ESCALATED_AFTER else "over_28"


def lateness(*, due_on: date | None, status: str, on: date) -> Lateness:
    """Where an action stands against its due date on a day.

    Completed and awaiting verification is overdue too; verified and cancelled never are.
    """
    if status in FINISHED:
        return Lateness(None, "", "plain")
    if due_on is None:
        return Lateness(None, "no due date", "warn")
    days = (on - due_on).days
    if days > 0:
        return Lateness(days, f"{count_days(days)} overdue", "bad" if days > RED_AFTER else "warn")
    if days == 0:
        return Lateness(0, "due today", "plain")
    return Lateness(days, f"in {count_days(-days)}", "plain")


def count_days(count: int) -> str:
    """`1 day`, `12 days`."""
    return f"{count} day" if count == 1 else f"{count:,} days"


def gaps(action) -> list[str]:
    """Names of the fields without which an action is vague, of those that are empty."""
    return [name for name in GAPS if not getattr(action, name)]

"""Whether assurance has improved enough for the fortnightly updates to end. Pure.

Source: rule N13 (updates until assurance improved); step S3-3.3 (does it prove improvement) and
S3-3.5 (the governance group says so).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from careboard import patterns

# Updates running whose evidence has to prove what it claims.
RUNNING = 2
LEAST_QUERIES, QUERY_DAYS = patterns.QUERIES


@dataclass(frozen=True, slots=True)
class Told:
    """An update that fell due. `outcome` and `unsupported` are of its evidence set's validation:
    None while nobody has completed one."""

    reference: str
    due_on: date
    status: str
    outcome: str | None = None
    unsupported: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that the rule asks for, whether it holds, and why, as a sentence."""

    holds: bool
    words: str


def reasons(
    *, updates: Sequence[Told], content: str | None, queries: Sequence[date], on: date
) -> list[Reason]:
    """What speaks for and against improvement on that day: three things, all of which must hold.

    `updates` in the order in which they fell due; `content` is whether the commissioner was, by
    its last feedback (None: none was recorded); `queries` are the days of its queries on the theme.
    """
    recent = [day for day in queries if 0 <= (on - day).days < QUERY_DAYS]
    return [_proved(updates[-RUNNING:]), _content(content), _quiet(len(recent))]


def improved(found: Sequence[Reason]) -> bool:
    """Whether everything holds."""
    return all(reason.holds for reason in found)


def _proved(last: Sequence[Told]) -> Reason:
    wrong = [words for update in last for words in _lacks(update)]
    if len(last) < RUNNING:
        wrong.append(f"{len(last)} of {RUNNING} updates have fallen due")
    if wrong:
        return Reason(False, f"{RUNNING} updates running must rest on proof: {'; '.join(wrong)}.")
    told = " and ".join(update.reference for update in last)
    return Reason(True, f"The evidence behind {told} proves what it claims.")


def _lacks(update: Told) -> list[str]:
    if update.status == "missed":
        return [f"{update.reference} was missed"]
    if update.unsupported:
        return [f"the evidence of {update.reference} is unsupported"]
    if update.outcome is None:
        return [f"the evidence of {update.reference} is not validated"]
    if update.outcome != "proves":
        part = "only in part" if update.outcome == "partly" else "nothing"
        return [f"the evidence of {update.reference} proves {part}"]
    return [] if update.status == "published" else [f"{update.reference} is not published"]


def _content(content: str | None) -> Reason:
    if content is None:
        return Reason(False, "The commissioner’s feedback is not recorded yet.")
    words = {
        "yes": "The commissioner is content, by its last feedback.",
        "partly": "The commissioner is content only in part, by its last feedback.",
        "no": "The commissioner is not content, by its last feedback.",
    }
    return Reason(content == "yes", words[content])


def _quiet(recent: int) -> Reason:
    if recent >= LEAST_QUERIES:
        return Reason(
            False, f"{recent} commissioner queries on this theme in the last {QUERY_DAYS} days."
        )
    return Reason(True, f"No repeated commissioner query in {QUERY_DAYS} days.")

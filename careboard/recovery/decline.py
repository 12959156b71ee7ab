"""When something has become worse by rule, so that somebody must answer. Pure.

A rule fires, holds (too little to fire now, but what fired is not over), is clear, or has too
little data to say so; only a clear one closes what it had opened. Source: rules 3.3, S1: falling
compliance, repeated response delays, repeated poor feedback, overdue actions, repeated overdue
dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal
from uuid import UUID

from careboard.actions import triggers
from careboard.actions.lateness import FINISHED
from careboard.clock import day_words
from careboard.experience.rules import least_for
from careboard.patterns import POOR_FEEDBACK
from careboard.recovery.periods import Period
from careboard.trend import Band, Direction

VERSION = 1
WORSENING_REVIEWS = 2
CROSSED_WITHIN = 4  # readings; a crossing that is older began before anyone could look
DELAYED = 10.0  # percent
DELAYED_WEEKS = 3
OF_WEEKS = 4

RULES = {
    "falling_compliance": "Falling compliance",
    "repeated_delays": "Repeated response delays",
    "poor_feedback": "Poor feedback",
    "overdue_actions": "Overdue recovery actions",
    "repeated_overdue_dates": "Repeated overdue dates",
}
State = Literal["fires", "holds", "clear", "not_enough_data"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says, in one sentence. `rows` are those that made it fire, as they are kept:
    each with its `kind` and what it said."""

    rule: str
    state: State
    sentence: str
    rows: tuple[Mapping[str, Any], ...] = ()
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Read:
    """A reading as it was judged when it was the latest. `direction` None: not enough data then;
    `sentence` is the judgement's, `value` the reading in words and `amount` in its unit, None
    where it says too little to be judged."""

    period: Period
    value: str
    direction: Direction | None
    band: Band
    sentence: str
    reading_id: UUID | None = None
    amount: float | None = None

    def row(self) -> dict[str, Any]:
        """As it is kept with what fired."""
        return {
            "kind": "reading" if self.reading_id else "period",
            "id": self.reading_id and str(self.reading_id),
            "from": self.period.start.isoformat(),
            "to": self.period.end.isoformat(),
            "value": self.value,
            "band": self.band,
            "direction": self.direction,
        }


def falling_compliance(reads: Sequence[Read]) -> Verdict:
    """Worsening in two consecutive readings, or one crossing into red that has not been undone.

    `reads` are the latest ones, oldest first. It is over once the latest neither worsens nor is
    red.
    """
    rule = "falling_compliance"
    if not reads or (reads[-1].direction is None and reads[-1].band == "grey"):
        return Verdict(rule, "not_enough_data", reads[-1].sentence if reads else "No reading.")
    latest, last = reads[-1], reads[-WORSENING_REVIEWS:]
    crossed = _crossing(reads)
    falls = len(last) == WORSENING_REVIEWS and all(r.direction == "worsening" for r in last)
    told = []
    if falls:
        told.append(f"worsening in {WORSENING_REVIEWS} consecutive readings")
    if crossed is not None:
        told.append(f"red since {day_words(reads[crossed].period.end)}")
    if told:
        start = min(len(reads) - WORSENING_REVIEWS, crossed - 1 if crossed else len(reads))
        said = " and ".join(told)
        return Verdict(
            rule,
            "fires",
            f"{said[:1].upper()}{said[1:]}. {latest.sentence}",
            tuple(read.row() for read in reads[start:]),
        )
    over = latest.direction != "worsening" and latest.band != "red"
    return Verdict(rule, "clear" if over else "holds", latest.sentence)


def _crossing(reads: Sequence[Read]) -> int | None:
    """Where the latest run of red began, if it did so lately after one that was not red."""
    if reads[-1].band != "red":
        return None
    banded = [i for i, read in enumerate(reads) if read.band != "grey"]
    for before, after in reversed(list(pairwise(banded))):
        if reads[before].band != "red":
            return after if len(reads) - after <= CROSSED_WITHIN else None
    return None


def repeated_delays(weeks: Sequence[Read]) -> Verdict:
    """A rate of delayed responses of one time band of at least 10% in 3 of the last 4 weeks."""
    rule = "repeated_delays"
    counted = [week for week in weeks[-OF_WEEKS:] if week.amount is not None]
    late = [week for week in counted if week.amount >= DELAYED - 1e-9]
    told = (
        f"{len(late)} of the last {OF_WEEKS} weeks with at least {DELAYED:g}% of responses delayed"
    )
    if len(late) >= DELAYED_WEEKS:
        return Verdict(rule, "fires", f"{told}.", tuple(read.row() for read in late))
    if len(counted) < DELAYED_WEEKS:
        short = f"{len(counted)} of the last {OF_WEEKS} weeks counted; {DELAYED_WEEKS} are needed."
        return Verdict(rule, "not_enough_data", short)
    return Verdict(rule, "clear", f"{told}.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A piece of feedback; `negative`: 1 or 2 of 5."""

    id: UUID
    on: date
    theme: str
    negative: bool
    reference: str = ""


def poor_feedback(answers: Sequence[Answer], on: date) -> Verdict:
    """Three negative answers on one theme in 61 days; two on safety or dignity."""
    rule, (_, days) = "poor_feedback", POOR_FEEDBACK
    first = on - timedelta(days=days - 1)
    own = [answer for answer in answers if first <= answer.on <= on]
    if not own:
        return Verdict(rule, "not_enough_data", f"No feedback in the last {days} days.")
    themes: dict[str, list[Answer]] = {}
    for answer in own:
        if answer.negative and answer.theme:
            themes.setdefault(answer.theme.casefold(), []).append(answer)
    found = {
        theme: negative for theme, negative in themes.items() if len(negative) >= least_for(theme)
    }
    if not found:
        most = max((len(negative) for negative in themes.values()), default=0)
        said = f"At most {most} negative of {len(own)} answers on one theme in {days} days."
        return Verdict(rule, "clear", said)
    told = ", ".join(
        f"{len(negative)} negative answers on {theme.replace('_', ' ')}"
        for theme, negative in found.items()
    )
    rows = tuple(
        {"kind": "concern", "id": str(one.id), "to": one.on.isoformat(), "value": one.reference}
        for negative in found.values()
        for one in negative
    )
    return Verdict(rule, "fires", f"{told} in {days} days.", rows)


@dataclass(frozen=True, slots=True)
class Planned:
    """An action of a recovery plan with its name."""

    row: triggers.Row
    reference: str


def overdue_actions(actions: Sequence[Planned], on: date) -> Verdict:
    """Any action of the plan that is past its date and not verified as done."""
    rule = "overdue_actions"
    if not actions:
        return Verdict(rule, "not_enough_data", "The plan has no action.")
    late = [
        one
        for one in actions
        if one.row.status not in (*FINISHED, "draft")
        and one.row.due_on is not None
        and one.row.due_on < on
    ]
    if not late:
        return Verdict(rule, "clear", "No action of the plan is overdue.")
    longest = max((on - one.row.due_on).days for one in late)
    told = f"{len(late)} of {len(actions)} actions of the plan overdue, the longest {longest} "
    rows = tuple(_of_action(one, one.row.due_on) for one in late)
    return Verdict(rule, "fires", f"{told}{'day' if longest == 1 else 'days'}.", rows)


def repeated_overdue_dates(actions: Sequence[Planned]) -> Verdict:
    """An open action of the plan whose date was put off twice or more."""
    rule = "repeated_overdue_dates"
    if not actions:
        return Verdict(rule, "not_enough_data", "The plan has no action.")
    put_off = [
        one
        for one in actions
        if one.row.status not in FINISHED and triggers.repeated_overdue_dates(one.row).fires
    ]
    if not put_off:
        return Verdict(rule, "clear", "No open action of the plan was put off twice.")
    told = ", ".join(f"{one.reference} {one.row.extensions} times" for one in put_off)
    rows = tuple(_of_action(one, one.row.due_on) for one in put_off)
    return Verdict(rule, "fires", f"Put off: {told}.", rows)


def _of_action(one: Planned, day: date | None) -> dict[str, Any]:
    return {
        "kind": "action",
        "id": str(one.row.id),
        "to": day and day.isoformat(),
        "value": one.reference,
    }

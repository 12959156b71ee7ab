"""What in a service's actions asks for a decision: pure rules over rows.

Source: domain rules 3.3 (late or weak action closure, repeated overdue dates, no improvement after
action) and 3.1 (a percentage needs ten).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from careboard.actions.lateness import FINISHED, RED_AFTER
from careboard.actions.outcomes import Position

CLOSURE_DAYS = 56
LATE_SHARE = 20
LEAST_CLOSURES = 10
RED_ACTIONS = 3
EXTENSIONS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """An action as these rules need it. `closed_on` is the day on which it was verified."""

    id: UUID
    status: str
    due_on: date | None = None
    original_due_on: date | None = None
    closed_on: date | None = None
    extensions: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule fires, in one sentence, and the rows that made it so."""

    state: Literal["fires", "quiet", "too_little_data"]
    sentence: str
    ids: tuple[UUID, ...] = ()

    @property
    def fires(self) -> bool:
        return self.state == "fires"


def weak_closure(
    rows: Iterable[Row],
    on: date,
    *,
    days: int = CLOSURE_DAYS,
    share: float = LATE_SHARE,
    closures: int = LEAST_CLOSURES,
    red: int = RED_ACTIONS,
) -> Verdict:
    """Of one service's actions: a fifth or more of those closed in 56 days closed after their
    first due date (`share` in percent, of at least ten), or three or more open ones are red (over
    7 days) overdue."""
    rows = list(rows)
    long_overdue = [row for row in rows if overdue_days(row, on) > RED_AFTER]
    closed = closed_in(rows, on, days)
    late = [row for row in closed if row.closed_on > row.original_due_on]
    said = (
        f"{len(late)} of {len(closed)} actions closed in {days} days were late; "
        f"{len(long_overdue)} open {'one is' if len(long_overdue) == 1 else 'ones are'} over "
        f"{RED_AFTER} days overdue"
    )
    enough = len(closed) >= closures
    many_late = enough and 100 * len(late) >= share * len(closed)
    many_open = len(long_overdue) >= red
    if many_late or many_open:
        causes = (late if many_late else []) + (long_overdue if many_open else [])
        return Verdict("fires", said, tuple(row.id for row in causes))
    return Verdict("quiet" if enough else "too_little_data", said)


def closed_in(rows: Iterable[Row], on: date, days: int) -> list[Row]:
    """Those verified in the window that ends on the day, whose first due date is known."""
    return [
        row
        for row in rows
        if row.status == "verified"
        and row.closed_on is not None
        and 0 <= (on - row.closed_on).days < days
        and row.original_due_on is not None
    ]


def repeated_overdue_dates(row: Row, *, least: int = EXTENSIONS) -> Verdict:
    """Two or more extensions of one action's due date."""
    if row.due_on is None:
        return Verdict("too_little_data", "It has no due date that could be extended.")
    if row.extensions >= least:
        return Verdict("fires", f"Its due date was extended {row.extensions} times.", (row.id,))
    return Verdict("quiet", "Its due date was extended once." if row.extensions else "")


def no_improvement(action_id: UUID, position: Position) -> Verdict:
    """The measure named on an action has not moved the good way by as much as it must."""
    if position.state == "no_measurable_improvement":
        return Verdict("fires", position.sentence, (action_id,))
    if position.state == "improved":
        return Verdict("quiet", position.sentence)
    return Verdict("too_little_data", position.sentence)


def overdue_days(row: Row, on: date) -> int:
    """By how many days an action that is under way is past its date; 0 or less: it is not."""
    if row.due_on is None or row.status in (*FINISHED, "draft"):
        return 0
    return (on - row.due_on).days

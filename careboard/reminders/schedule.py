"""When a reminder falls due: pure rules about days.

An occurrence is the civil day that a rule names. Mail goes on working days only, so an occurrence
at a weekend or on a bank holiday goes on the next working day; when several were missed, only the
newest is caught up. Source: the reminders of the first slice; rules.md 3.3, overdue action.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from careboard import clock

WEEK = timedelta(days=7)
BEFORE_DUE = timedelta(days=7)
TO_MANAGER = timedelta(days=7)
TO_GOVERNANCE = timedelta(days=28)
# The furthest due date that a sweep may speak of: 7 days before it, seen from a weekly digest
# that looks ahead to its Sunday.
FURTHEST = BEFORE_DUE + timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One falling due of one rule (`reminder.rule`) on a civil day."""

    rule: str
    on: date

    @property
    def goes_on(self) -> date:
        """The day that its mail leaves."""
        return clock.next_working_day(self.on)


def mail_leaves(on: date) -> bool:
    """Whether reminders go out at all on that day."""
    return clock.is_working_day(on)


def for_owner(due_on: date, until: date) -> Occurrence | None:
    """The owner's newest occurrence up to that day: 7 days before, on the day, then weekly."""
    if until < due_on - BEFORE_DUE:
        return None
    if until < due_on:
        return Occurrence("due_soon", due_on - BEFORE_DUE)
    weeks = (until - due_on) // WEEK
    if weeks == 0:
        return Occurrence("due_today", due_on)
    return Occurrence("overdue", due_on + weeks * WEEK)


def escalations(due_on: date, on: date) -> list[Occurrence]:
    """Those above the owner who must know by that day: the manager at 7 days, governance at 28."""
    steps = (("manager", due_on + TO_MANAGER), ("governance", due_on + TO_GOVERNANCE))
    return [Occurrence(rule, day) for rule, day in steps if day <= on]


def for_verifier(completed_on: date, on: date) -> Occurrence | None:
    """The newest call to verify: the day after completion, then weekly."""
    first = completed_on + timedelta(days=1)
    if on < first:
        return None
    return Occurrence("verification", first + (on - first) // WEEK * WEEK)


def week_opens(on: date) -> date:
    """The first working day of that day's week: a weekly digest's day."""
    return clock.next_working_day(on - timedelta(days=on.weekday()))


def week_ends(on: date) -> date:
    """The Sunday of that day's week."""
    return on + timedelta(days=6 - on.weekday())


def weekly_digest_leaves(on: date, last_round: date | None) -> bool:
    """On the week's first working day, or after it when that day's round was missed."""
    opens = week_opens(on)
    return on == opens or (on > opens and last_round is not None and last_round < opens)

"""Months of experience, and the working days on which things about them fall due.

Source: rules N2 and 3.3 (lack of response).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from careboard.clock import add_working_days

SUBMIT_WORKING_DAYS = 10
ANSWER_WORKING_DAYS = 10


def first_of(day: date) -> date:
    """The first day of its month, by which a month is known."""
    return day.replace(day=1)


def shifted(month: date, by: int) -> date:
    """The month so many after (or, negative, before) it."""
    number = month.year * 12 + month.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


def last_day(month: date) -> date:
    return shifted(month, 1) - timedelta(days=1)


def last_complete(on: date) -> date:
    """The last month that had ended before the day."""
    return shifted(first_of(on), -1)


def run(until: date, count: int) -> list[date]:
    """So many months up to and with `until`, oldest first."""
    return [shifted(until, back) for back in range(1 - count, 1)]


def due_on(month: date) -> date:
    """The tenth working day of the next month: the summary is on time up to then. Rule N2."""
    return add_working_days(last_day(month), SUBMIT_WORKING_DAYS)


@lru_cache(maxsize=64)
def last_due(on: date) -> date:
    """The latest month whose day of submission has passed."""
    month = last_complete(on)
    return month if due_on(month) < on else shifted(month, -1)


def answer_due_on(flagged_on: date) -> date:
    """The last day for an action or acknowledgement of a theme flagged on that day."""
    return add_working_days(flagged_on, ANSWER_WORKING_DAYS)


@lru_cache(maxsize=64)
def answers_were_due(on: date) -> date:
    """The latest day on which a flagged theme would have had its answer due before `on`."""
    day = on - timedelta(days=ANSWER_WORKING_DAYS)
    while answer_due_on(day) >= on:
        day -= timedelta(days=1)
    return day


def parse(text: str | None) -> date | None:
    """The month written as 2026-10; None for anything else."""
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 and f"{day:%Y-%m}" == text else None

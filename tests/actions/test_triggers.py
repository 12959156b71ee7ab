"""The triggers of actions: each fires, just does not, and says when there is too little data.

Source: domain rules 3.3; step S0-1's triggers.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from careboard.actions import triggers
from careboard.actions.outcomes import Watch, assess
from careboard.actions.triggers import Row

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def closed(late: bool, days_ago: int = 3) -> Row:
    day = TODAY - days_ago * DAY
    return Row(uuid4(), "verified", day, day - DAY if late else day, day)


def overdue(days: int, status: str = "open") -> Row:
    due = TODAY - days * DAY
    return Row(uuid4(), status, due, due)


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([closed(True)] * 2 + [closed(False)] * 8, "fires"),
        ([closed(True)] * 2 + [closed(False)] * 9, "quiet"),
        ([closed(True)] * 9, "too_little_data"),
        ([closed(True)] * 9 + [closed(False, 56)], "too_little_data"),
        ([closed(True, 55)] * 10, "fires"),
        ([closed(True, 56)] * 10, "too_little_data"),
        ([overdue(8)] * 3, "fires"),
        ([overdue(8, "completed")] * 3, "fires"),
        ([overdue(8)] * 2 + [overdue(7)], "too_little_data"),
        ([overdue(8)] * 2 + [closed(False)] * 10, "quiet"),
        ([overdue(30, "cancelled"), overdue(30, "draft"), *[overdue(9)] * 2], "too_little_data"),
        ([], "too_little_data"),
    ],
)
def test_late_or_weak_closure(rows, state):
    assert triggers.weak_closure(rows, TODAY).state == state


def test_late_or_weak_closure_names_its_rows():
    rows = [closed(True), closed(True), *[closed(False)] * 8, overdue(30)]
    found = triggers.weak_closure(rows, TODAY)
    assert found.ids == (rows[0].id, rows[1].id)
    assert found.sentence == (
        "2 of 10 actions closed in 56 days were late; 1 open one is over 7 days overdue"
    )


def test_a_closed_action_without_a_first_due_date_says_nothing():
    rows = [Row(uuid4(), "verified", TODAY, None, TODAY)] * 10
    assert triggers.weak_closure(rows, TODAY).state == "too_little_data"


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (Row(uuid4(), "open", TODAY, TODAY, extensions=2), "fires"),
        (Row(uuid4(), "open", TODAY, TODAY, extensions=1), "quiet"),
        (Row(uuid4(), "open", TODAY, TODAY), "quiet"),
        (Row(uuid4(), "open"), "too_little_data"),
    ],
)
def test_repeated_overdue_dates(row, state):
    assert triggers.repeated_overdue_dates(row).state == state


@pytest.mark.parametrize(
    ("values", "state"),
    [(("81", "82.98"), "fires"), (("81", "83"), "quiet"), (("81", None), "too_little_data")],
)
def test_no_improvement_after_action(values, state):
    first, second = (value and Decimal(value) for value in values)
    watch = Watch("manual_percent", "", Decimal(80), Decimal(95), 14, date(2026, 8, 10),
                  first, second)  # fmt: skip
    action_id = uuid4()
    found = triggers.no_improvement(action_id, assess(watch, TODAY))
    assert found.state == state
    assert found.ids == ((action_id,) if found.fires else ())

"""When something has become worse by rule: fires, just not, too little data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from uuid import UUID

import pytest

from careboard.actions.triggers import Row
from careboard.recovery import decline
from careboard.recovery.decline import Answer, Planned, Read
from careboard.recovery.periods import Period

ON = date(2026, 11, 20)
MONDAY = date(2026, 1, 5)
_numbers = count(1)


def some_id() -> UUID:
    return UUID(int=next(_numbers))


def reads(*told: tuple[str | None, str]) -> list[Read]:
    """Weeks as (direction, band), oldest first."""
    weeks = [MONDAY + timedelta(weeks=number) for number in range(len(told))]
    return [
        Read(Period(week, week + timedelta(days=6)), "1", direction, band, "As it is.", some_id())
        for week, (direction, band) in zip(weeks, told, strict=True)
    ]


W, S, B, N = "worsening", "stable", "improving", None


@pytest.mark.parametrize(
    ("told", "state", "rows"),
    [
        # Worsening in two consecutive readings.
        ([(S, "green"), (W, "amber"), (W, "amber")], "fires", 2),
        ([(W, "grey"), (W, "grey")], "fires", 2),
        ([(S, "green"), (S, "green"), (W, "amber")], "holds", 0),
        ([(W, "amber"), (S, "amber"), (W, "amber")], "holds", 0),
        ([(W, "amber"), (W, "amber"), (S, "amber")], "clear", 0),
        ([(W, "amber")], "holds", 0),
        # One crossing into red.
        ([(S, "green"), (S, "red")], "fires", 2),
        ([(S, "amber"), (B, "red"), (B, "red")], "fires", 3),
        ([(S, "green"), (N, "grey"), (N, "red")], "fires", 2),
        ([(S, "red"), (S, "red"), (S, "red")], "holds", 0),
        ([(S, "green"), *[(S, "red")] * 4], "fires", 5),
        ([(S, "green"), *[(S, "red")] * 5], "holds", 0),
        ([(S, "green"), (S, "red"), (S, "amber")], "clear", 0),
        # Both at once.
        ([(S, "green"), (W, "red"), (W, "red")], "fires", 3),
        # Too little to say so.
        ([], "not_enough_data", 0),
        ([(W, "red"), (W, "red"), (N, "grey")], "not_enough_data", 0),
    ],
)
def test_falling_compliance(told, state, rows):
    found = decline.falling_compliance(reads(*told))
    assert (found.state, len(found.rows)) == (state, rows)
    assert found.sentence and found.version == decline.VERSION


def test_what_fires_keeps_its_readings():
    given = reads((S, "green"), (S, "red"))
    found = decline.falling_compliance(given)
    assert found.sentence == "Red since 18 Jan 2026. As it is."
    assert found.rows[1] == {
        "kind": "reading",
        "id": str(given[1].reading_id),
        "from": "2026-01-12",
        "to": "2026-01-18",
        "value": "1",
        "band": "red",
        "direction": "stable",
    }


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ([10, 9.9, 12, 30], "fires"),
        ([50, 10, 10, 10], "fires"),
        ([9.9, 9.9, 10, 10], "clear"),
        ([10, 10, 10, 9.9, 9.9], "clear"),
        ([None, 10, 10, 10], "fires"),
        ([None, 9, 10, 10], "clear"),
        ([None, None, 10, 10], "not_enough_data"),
        ([40, 40], "not_enough_data"),
        ([], "not_enough_data"),
    ],
)
def test_repeated_delays(values, state):
    weeks = reads(*[(None, "grey")] * len(values))
    counted = [replace(week, amount=value) for week, value in zip(weeks, values, strict=True)]
    found = decline.repeated_delays(counted)
    assert found.state == state
    late = [value for value in values[-4:] if value is not None and value >= 10]
    assert len(found.rows) == (len(late) if state == "fires" else 0)


def said(*days: int, theme: str = "timeliness", negative: bool = True) -> list[Answer]:
    return [Answer(some_id(), ON - timedelta(days=ago), theme, negative) for ago in days]


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        (said(0, 30, 60), "fires"),
        (said(0, 30, 61), "clear"),
        (said(0, 30), "clear"),
        (said(0, 30, theme="Dignity"), "fires"),
        (said(0, theme="safety"), "clear"),
        (said(0, 1, theme="food") + said(2, theme="timeliness"), "clear"),
        (said(0, 1, 2, negative=False), "clear"),
        (said(0, 1) + said(2, negative=False), "clear"),
        (said(61, 62, 63), "not_enough_data"),
        ([], "not_enough_data"),
    ],
)
def test_poor_feedback(answers, state):
    assert decline.poor_feedback(answers, ON).state == state


def action(status: str = "open", late: int = 0, extensions: int = 0) -> Planned:
    return Planned(
        Row(some_id(), status, ON - timedelta(days=late), extensions=extensions), "ACT-0001"
    )


@pytest.mark.parametrize(
    ("actions", "state"),
    [
        ([action(late=1)], "fires"),
        ([action("completed", late=1)], "fires"),
        ([action(late=0)], "clear"),
        ([action("verified", late=9), action("cancelled", late=9)], "clear"),
        ([action("draft", late=9)], "clear"),
        ([], "not_enough_data"),
    ],
)
def test_overdue_actions(actions, state):
    found = decline.overdue_actions(actions, ON)
    assert (found.state, bool(found.rows)) == (state, state == "fires")


@pytest.mark.parametrize(
    ("actions", "state"),
    [
        ([action(extensions=2)], "fires"),
        ([action(extensions=1)], "clear"),
        ([action("verified", extensions=3)], "clear"),
        ([], "not_enough_data"),
    ],
)
def test_repeated_overdue_dates(actions, state):
    assert decline.repeated_overdue_dates(actions).state == state

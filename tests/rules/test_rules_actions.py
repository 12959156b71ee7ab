"""Rules on actions: each fires, just does not, has too little data, and is over again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from careboard.actions.outcomes import Position
from tests.rules.looking import ON, action, ago, ask, says

UP_TO = 365  # days for which a judgement asks for an answer


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([action(due_on=ago(1))], "fires"),
        ([action("completed", due_on=ago(1))], "fires"),  # done, and verified by nobody
        ([action(due_on=ago(0))], "quiet"),
        ([action(due_on=None)], "quiet"),
        ([action("verified", due_on=ago(9)), action("cancelled", due_on=ago(9))], "quiet"),
        ([], "too_little_data"),
    ],
)
def test_overdue(rows, outcome):
    assert says("actions_overdue", actions=rows) == outcome


def test_overdue_says_how_late_and_when_that_changes():
    rows = [action(due_on=ago(day)) for day in (2, 7, 8, 29)] + [action(due_on=ago(-3))]
    (found,) = ask("actions_overdue", actions=rows)
    assert found.sentence == (
        "4 of 5 actions under way overdue at Alder House, 2 by more than 7 days, 1 by more than 28 "
        "days."
    )
    assert found.next_on == ago(-1)
    (quiet,) = ask("actions_overdue", actions=rows[-1:])
    assert quiet.next_on == ago(-4)
    assert says("actions_overdue", actions=rows[-1:], on=quiet.next_on) == "fires"


def closed(late: bool, days: int = 3):
    first = ago(days + 1) if late else ago(days)
    return action("verified", due_on=ago(days), original_due_on=first, closed_on=ago(days))


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([closed(True)] * 2 + [closed(False)] * 8, "fires"),
        ([closed(True)] * 2 + [closed(False)] * 9, "quiet"),
        ([closed(True)] * 9, "too_little_data"),
        ([closed(False)] * 9, "quiet"),
        ([closed(True, 56)] * 10, "quiet"),
        ([action(due_on=ago(8)) for _ in range(3)], "fires"),
        ([action(due_on=ago(7)) for _ in range(3)], "quiet"),
        ([], "too_little_data"),
    ],
)
def test_closed_late_or_not_at_all(rows, outcome):
    assert says("actions_closed_late", actions=rows) == outcome


def test_late_closing_is_over_when_it_is_long_ago():
    rows = [closed(True)] * 10
    (found,) = ask("actions_closed_late", actions=rows)
    assert found.next_on == ago(3) + timedelta(days=56)
    assert says("actions_closed_late", actions=rows, on=found.next_on) == "quiet"


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([action(extensions=2)], "fires"),
        ([action(extensions=1)], "quiet"),
        ([action("verified", extensions=3)], "quiet"),
        ([], "too_little_data"),
    ],
)
def test_put_off(rows, outcome):
    assert says("actions_put_off", actions=rows) == outcome


@pytest.mark.parametrize(
    ("state", "days", "outcome"),
    [
        ("no_measurable_improvement", 10, "fires"),
        ("no_measurable_improvement", UP_TO - 1, "fires"),
        ("no_measurable_improvement", UP_TO, "quiet"),
        ("improved", 10, "quiet"),
        ("not_enough_data", 10, "too_little_data"),
        ("waiting", -10, "too_little_data"),
    ],
)
def test_no_improvement(state, days, outcome):
    done = action("verified", reference="ACT-7")
    position = Position(state, "12 on average, it had to fall.", (), ago(days))
    found = ask("no_improvement", actions=[done], outcomes={done.id: position})
    assert [(one.outcome, one.key) for one in found] == [(outcome, "ACT-7")]


def test_without_a_measure_nobody_can_tell():
    assert says("no_improvement", actions=[action("verified")]) == "too_little_data"


@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        ({"owned": False}, "owner"),
        ({"due_on": None}, "due date"),
        ({"outcome_measure": ""}, "measurable outcome"),
        ({"evidence_required": "", "owned": False}, "owner, evidence needed"),
    ],
)
def test_vague(lacks, words):
    (found,) = ask("actions_vague", actions=[action(**lacks), action(), action("draft", **lacks)])
    assert found.outcome == "fires"
    assert found.sentence == f"1 of 2 actions under way at Alder House lacking {words}."


def test_not_vague():
    assert says("actions_vague", actions=[action(), action("verified", owned=False)]) == "quiet"
    assert says("actions_vague") == "too_little_data"


# The day is a Friday: an action opened on Tuesday had to be started by Thursday.
@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"opened_on": ago(3)}, "fires"),
        ({"opened_on": ago(2)}, "quiet"),
        ({"opened_on": ago(3), "started_on": ago(0)}, "quiet"),
        ({"opened_on": ago(3), "status": "in_progress"}, "quiet"),
        ({"opened_on": ago(1), "due_on": ago(1)}, "fires"),
        ({"opened_on": ago(9), "due_on": ago(1), "status": "completed"}, "quiet"),
        ({"opened_on": ago(9), "priority": False}, "quiet"),
    ],
)
def test_delayed_controls(facts, outcome):
    assert says("delayed_controls", actions=[action(**{"priority": True, **facts})]) == outcome


def red(days: int, **facts):
    return action(due_on=ago(days), **{"priority": True, **facts})


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([red(14), red(20)], "fires"),
        ([red(13), red(20)], "quiet"),
        ([red(14, priority=False), red(20)], "quiet"),
        ([red(14, status="verified"), red(20)], "quiet"),
        ([], "too_little_data"),
    ],
)
def test_priority_actions_red_overdue(rows, outcome):
    assert says("priority_overdue", actions=rows) == outcome


def test_priority_actions_say_when_one_more_day_matters():
    (found,) = ask("priority_overdue", actions=[red(13), red(20)])
    assert found.next_on == ON + timedelta(days=1)
    rows = [red(13), red(20)]
    assert says("priority_overdue", actions=rows, on=found.next_on) == "fires"

"""Whether an action changed what people say: the trigger "no measurable improvement" of S0-2."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from careboard.actions import lifecycle, outcomes
from careboard.clock import freeze
from careboard.db import db
from careboard.experience import plan, trends
from careboard.experience.months import run
from tests.experience.sample import OCTOBER, TODAY, complain, say, submit

JULY = date(2026, 7, 3)


@pytest.fixture
def house(world):
    return world.service_id("Alder House")


@pytest.fixture
def act(world, house):
    """Opens alice's plan for rushed care on 3 July, done and verified two weeks later."""

    def begin(prepare) -> tuple:
        freeze(JULY)
        owner = world.member_id("rita")
        with world.acting("alice") as alice:
            prepare(alice)
            begun = plan.start(actor=alice, service_id=house, theme="rushed care")
            action_id = plan.open_action(
                actor=alice, service_id=house, theme="rushed care", title=begun.title,
                owner_id=owner, due_on=begun.due_on, outcome_measure=begun.outcome_measure,
                baseline=begun.baseline, evidence_required=begun.evidence_required,
                target_value=begun.target_value,
            )  # fmt: skip
            db.session.commit()
        freeze(date(2026, 7, 16))
        with world.acting("rita") as rita:
            lifecycle.complete(
                actor=rita, action_id=action_id, detail="Rounds re-planned", kind="feedback",
                source_link="Rota",
            )  # fmt: skip
            db.session.commit()
        freeze(date(2026, 7, 17))
        with world.acting("vera") as vera:
            lifecycle.verify(actor=vera, action_id=action_id, note="Seen")
            db.session.commit()
        freeze(TODAY)
        return action_id, begun

    yield begin
    freeze(TODAY)


def _eight_in_two_months(house):
    """A baseline of four a month: two full months before the action."""
    days = [date(2026, month, day) for month in (5, 6) for day in (10, 14, 20, 24)]
    return lambda actor: say(actor, house, *days)


@pytest.mark.parametrize(
    ("august", "september", "later", "state"),
    [
        (4, 4, 1, "no_measurable_improvement"),
        (4, 3, 1, "improved"),  # 3.5 on average; a fall to 3.8 is enough
        (0, 0, 1, "improved"),
        (5, 4, 1, "no_measurable_improvement"),
        (0, 0, 0, "not_enough_data"),  # no feedback since: not the same as no complaint
    ],
)
def test_trigger_no_measurable_improvement(world, house, act, august, september, later, state):
    action_id, begun = act(_eight_in_two_months(house))
    assert (begun.measure.code, begun.baseline_value, begun.target_value) == (
        "negative_feedback", Decimal(4), Decimal(2)
    )  # fmt: skip
    with world.acting("alice") as alice:
        say(alice, house, *[date(2026, 8, 3 + n) for n in range(august)])
        say(alice, house, *[date(2026, 9, 3 + n) for n in range(september)])
        content = [date(2026, month, 9) for month in (8, 9, 10)]
        say(alice, house, *content * later, theme="food", score=5)
        position = outcomes.positions(actor=alice, action_ids=[action_id], on=TODAY)[action_id]
        assert position.state == state
        waits = outcomes.positions(actor=alice, action_ids=[action_id], on=date(2026, 9, 30))
        assert waits[action_id].state == "waiting"


def test_the_board_sees_before_and_after(world, house, act):
    act(_eight_in_two_months(house))
    with world.acting("alice") as alice:
        say(alice, house, date(2026, 8, 3))
        say(alice, house, date(2026, 9, 3), date(2026, 10, 9), theme="food", score=5)
        (series,) = trends.trends(actor=alice).page.rows
    assert (series.theme, series.service) == ("rushed care", "Alder House")
    assert series.negative == [None] * 6 + [4, 4, None, 1, 0, 0]
    (answer,) = series.answers
    assert (answer.before, answer.after, answer.position.state) == (8, 1, "improved")
    words = [mark.words for mark in series.chart.marks]
    assert words == ["ACT-0001 opened", "ACT-0001 completed"]


def test_a_theme_known_from_summaries_alone_is_measured_by_hand(world, house, act):
    def prepare(actor):
        for month, count in ((date(2026, 5, 1), 3), (date(2026, 6, 1), 5)):
            submit(actor, house, month, ("rushed care", 0, count))

    action_id, begun = act(prepare)
    assert (begun.measure.code, begun.concern_id) == ("manual", None)
    assert begun.baseline_value == Decimal(4)
    with world.acting("alice") as alice:
        series = trends.of_theme(
            actor=alice, service_id=house, service="Alder House", theme="rushed care",
            months=run(OCTOBER, 12),
        )  # fmt: skip
        assert [answer.action.id for answer in series.answers] == [action_id]


def test_complaints_are_the_measure_where_nobody_wrote_feedback(world, house, act):
    def prepare(actor):
        complain(actor, house, date(2026, 6, 1))
        complain(actor, house, date(2026, 6, 9))

    _, begun = act(prepare)
    assert (begun.measure.code, begun.baseline_value) == ("complaints", Decimal(1))
    assert begun.concern_id is not None


def test_the_quarter_of_a_theme_over_all_services(world, house):
    lodge = world.service_id("Alder Lodge")
    with world.acting("alice") as alice:
        say(alice, house, date(2026, 10, 1), date(2026, 8, 31), date(2026, 7, 31))
        say(alice, lodge, date(2026, 9, 1), date(2026, 11, 2))
        say(alice, lodge, date(2026, 9, 2), score=5)
        found = trends.trends(actor=alice)
        (quarter,) = found.themes
        assert (quarter.negative, quarter.negative_before, quarter.positive) == (3, 1, 1)
        assert (quarter.services, found.page.total) == (2, 2)
        assert trends.trends(actor=alice, theme="food").page.total == 0
        assert trends.trends(actor=alice, service_id=lodge).page.total == 1

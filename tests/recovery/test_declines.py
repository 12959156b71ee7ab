"""Looking for declines: what fires stands once, and is closed once it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from careboard import clock
from careboard.db import db
from careboard.errors import Invalid
from careboard.recovery import indicator_service, plan_service, readings, response_rounds
from careboard.recovery.entries import Amounts
from careboard.recovery.models import Indicator, Reading
from careboard.recovery.service import Shape
from tests.actions.samples import add_action
from tests.recovery.answering import an_indicator, answer, look, standing
from tests.recovery.making import CONCERNS, ON, ago, bring
from tests.recovery.making import text as lines_of
from tests.recovery.planning import begin, discrepancies, read


def test_a_decline_fires_once_and_is_closed_when_it_is_answered_and_over(world):
    falls = an_indicator(world, target=5)
    read(world, falls, 4, 4, 4, 9)
    assert look(world).fired == 1
    assert look(world) == response_rounds.Looked()
    (one,) = standing(world)
    assert (one.reference, one.rule, one.status, one.fired_on) == (
        "RSP-0001", "falling_compliance", "open", ON,
    )  # fmt: skip
    assert one.asked_id == world.member_id("bob") and one.indicator_id == falls
    assert one.sentence.startswith("Red since 15 Nov 2026. Worsening: ")
    assert [row["value"] for row in one.rows] == ["4", "9"]
    later = ON + timedelta(days=7)
    clock.freeze(later)
    try:
        with world.acting("bob") as bob:
            readings.record_reading(
                actor=bob, indicator_id=falls, on=date(2026, 11, 22), amounts=Amounts(4)
            )
            db.session.commit()
        assert look(world, later) == response_rounds.Looked(), "nobody has answered it"
        answer(world, one.id)
        assert look(world, later).closed == 1
    finally:
        clock.freeze(ON)
    (one,) = standing(world)
    assert (one.status, one.closed_on, one.kind) == ("closed", later, "provider_oversight")
    assert one.closing.startswith("Improving: ")


def test_no_new_reading_closes_nothing(world):
    falls = an_indicator(world, target=5)
    read(world, falls, 4, 4, 4, 9)
    look(world)
    assert look(world, ON + timedelta(days=7)) == response_rounds.Looked()


def test_a_correction_is_seen(world):
    falls = an_indicator(world, target=5)
    read(world, falls, 4, 4, 4, 9)
    look(world)
    with world.acting("bob") as bob:
        last = db.session.scalar(
            select(Reading.id).where(Reading.indicator_id == falls, Reading.value == 9)
        )
        readings.correct_reading(
            actor=bob, reading_id=last, amounts=Amounts(4), reason="Counted twice"
        )
        db.session.commit()
    answer(world, standing(world)[0].id)
    assert look(world).closed == 1


def test_small_numbers_do_not_fire(world):
    share = Shape("Calls answered late", "staffing", "percent", "down")
    calls = an_indicator(world, share, target=5)
    with world.acting("bob") as bob:
        for back in range(4):
            readings.record_reading(
                actor=bob,
                indicator_id=calls,
                on=ago(7 * back),
                amounts=Amounts(numerator=8 if back == 0 else 0, denominator=9),
            )
        db.session.commit()
    assert look(world).fired == 0


def test_repeated_delays_fire_beside_the_fall(world):
    share = Shape("Delayed responses in the evening", "staffing", "percent", "down")
    evening = an_indicator(world, share)
    read(world, evening, 12, 11, 9, 12)
    assert look(world).fired == 1
    (one,) = standing(world)
    assert one.rule == "repeated_delays" and len(one.rows) == 3


def test_what_is_no_longer_watched_is_closed(world):
    falls = an_indicator(world, target=5)
    read(world, falls, 4, 4, 4, 9)
    look(world)
    with world.acting("alice") as alice:
        db.session.get(Indicator, (alice.org_id, falls)).active = False
        db.session.commit()
    assert look(world).closed == 1
    assert standing(world)[0].closing == response_rounds.NO_LONGER


def test_what_is_unanswered_is_not_put_away(world):
    falls = an_indicator(world, target=5)
    read(world, falls, 4, 4, 4, 9)
    look(world)
    with world.acting("bob") as bob:
        said = indicator_service.shape_now(db.session.get(Indicator, (bob.org_id, falls)))
        for shape, active in ((said, False), (replace(said, good="up"), True)):
            with pytest.raises(Invalid, match="unanswered") as refused:
                indicator_service.change_indicator(
                    actor=bob, indicator_id=falls, shape=shape, active=active
                )
            assert refused.value.field == ("good" if active else "active")
        indicator_service.change_indicator(
            actor=bob, indicator_id=falls, shape=replace(said, source="Falls log")
        )


def test_a_plan_is_not_closed_over_an_unanswered_decline(world):
    plan_id = begin(world)
    action_id = add_action(world, plan_id=plan_id)
    with world.acting("alice"):
        db.session.execute(
            text("UPDATE action SET due_on = :day WHERE id = :id"), {"day": ago(1), "id": action_id}
        )
        db.session.commit()
    assert look(world).fired == 1
    with world.acting("bob") as bob, pytest.raises(Invalid, match="unanswered"):
        plan_service.close_plan(actor=bob, plan_id=plan_id, reason="Held for a month")


def test_the_new_owner_is_asked(world):
    falls = an_indicator(world, target=5)
    read(world, falls, 4, 4, 4, 9)
    look(world)
    rita = world.member_id("rita")
    with world.acting("alice") as alice:
        db.session.get(Indicator, (alice.org_id, falls)).review_owner_id = rita
        db.session.commit()
    look(world)
    assert standing(world)[0].asked_id == world.member_id("rita")


def test_a_plans_checks_actions_and_feedback_fire(world):
    plan_id = begin(world, template="staffing")
    medicines = begin(world)
    discrepancies(world, "morning", "morning")
    action_id = add_action(world, plan_id=medicines)
    with world.acting("alice"):
        db.session.execute(
            text("UPDATE action SET due_on = :day, extensions = 2 WHERE id = :id"),
            {"day": ON - timedelta(days=1), "id": action_id},
        )
        db.session.commit()
    days = [ON - timedelta(days=ago) for ago in (1, 2, 3)]
    bring(
        world,
        "feedback",
        lines_of(
            CONCERNS["feedback"],
            [f"F-{n},Alder House,{day:%d/%m/%Y},Person,Support comes when needed,1,5"
             for n, day in enumerate(days)],
        ),
    )  # fmt: skip
    look(world)
    found = {one.rule: one for one in standing(world)}
    assert set(found) == {
        "repeated_discrepancies", "overdue_actions", "repeated_overdue_dates", "poor_feedback",
    }  # fmt: skip
    assert found["poor_feedback"].plan_id == plan_id
    assert {one.plan_id for one in found.values()} == {plan_id, medicines}
    assert found["overdue_actions"].rows == [
        {"kind": "action", "id": str(action_id), "to": "2026-11-19", "value": "ACT-0001"}
    ]
    assert look(world) == response_rounds.Looked()

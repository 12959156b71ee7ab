"""The story: weekly and monthly reviews of plans, and what cannot be reviewed without it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from careboard.assurance.exceptions import exceptions
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.recovery import story_queries, story_service
from careboard.recovery.plan_content import IndicatorSpec
from careboard.recovery.plan_models import RecoveryPlan
from careboard.recovery.plan_service import Line
from careboard.recovery.story_service import Story, Verdict
from tests.recovery.making import ON, SUNDAY, ago
from tests.recovery.planning import begin, read

TOLD = Story("Falls fell", "A sensor mat", "Two more mats were bought")
FALLS = Line(IndicatorSpec("", "Falls at night", "safety", "count", "down", 2, True), 6, 2, True)
STEADY = [6, 3, 9, 5, 8, 4, 9, 3, 7, 5, 8, 4, 7]


def a_plan(world, *values: float, **changes):
    """A plan on falls begun four weeks ago, with these weekly readings; (plan, indicator)."""
    plan_id = begin(world, lines=[FALLS], domain="safety", **({"started_on": ago(27)} | changes))
    with world.acting("alice") as alice:
        draft = story_queries.draft(actor=alice, plan_id=plan_id, cadence="week", on=ON)
        indicator_id = draft.positions[0].indicator
    read(world, indicator_id, *values)
    return plan_id, indicator_id


def review(world, plan_id, person="bob", *, cadence="week", stories=None, story=TOLD, **verdict):
    told = {"decision": "continue"} | ({"assurance": "assured"} if cadence == "month" else {})
    with world.acting(person) as actor:
        review_id = story_service.record_review(
            actor=actor,
            plan_id=plan_id,
            cadence=cadence,
            story=story,
            verdict=Verdict(**(told | verdict)),
            stories=stories or {},
        )
        db.session.commit()
    return review_id


def story(world, plan_id, person="alice"):
    with world.acting(person) as actor:
        return story_queries.of_plan(actor=actor, plan_id=plan_id)


def test_a_week_is_reviewed_once(world):
    plan_id, _ = a_plan(world, *STEADY)
    review(world, plan_id)
    (told,) = story(world, plan_id)
    assert (told.review.cadence, told.review.period_end, told.by) == ("week", SUNDAY, "Bob")
    assert told.record == "medicines governance action log"
    assert told.review.position[0]["name"] == "Falls at night"
    assert told.review.position[0]["sentence"].startswith("Stable: within its usual range")
    assert told.stories == []
    with pytest.raises(Conflict):
        review(world, plan_id, "alice")


def test_what_moved_by_a_special_cause_needs_its_own_story(world):
    plan_id, falls = a_plan(world, *STEADY, 24)
    with pytest.raises(Invalid) as refused:
        review(world, plan_id)
    assert refused.value.field == f"changed-{falls}"
    with pytest.raises(Invalid) as refused:
        review(world, plan_id, stories={falls: Story("Up", " ", "Done")})
    assert refused.value.field == f"why-{falls}"
    review(world, plan_id, stories={falls: Story("Up", "A new person", "Their plan was revised")})
    (told,) = story(world, plan_id)
    assert told.review.position[0]["moved"] is True
    assert told.review.position[0]["cause"] == "above the upper limit"
    assert [row.PlanReviewStory.why for row in told.stories] == ["A new person"]


def test_a_move_since_the_last_review_counts_though_it_is_over(world):
    plan_id, falls = a_plan(world, *STEADY, 24, 6)
    with pytest.raises(Invalid):
        review(world, plan_id)
    review(world, plan_id, stories={falls: TOLD})


def test_a_move_before_the_plan_does_not(world):
    plan_id, _ = a_plan(world, *STEADY[:-1], 24, 8, 4, 7, 5, 8)
    review(world, plan_id)


def test_fewer_than_twelve_readings_have_no_special_cause(world):
    plan_id, _ = a_plan(world, 6, 5, 6, 30)
    review(world, plan_id)


def test_a_month_is_reviewed_by_another_than_the_lead(world):
    plan_id, _ = a_plan(world, *STEADY, started_on=date(2026, 10, 1))
    with pytest.raises(Forbidden):
        review(world, plan_id, cadence="month")
    review(world, plan_id, "ben", cadence="month", assurance="further_action")
    (told,) = story(world, plan_id)
    assert (told.review.assurance, told.review.period_end) == ("further_action", date(2026, 10, 31))
    assert told.record == "provider oversight minutes"


def test_a_month_by_the_lead_where_there_is_somebody_else(world):
    plan_id, _ = a_plan(
        world, *STEADY, started_on=date(2026, 10, 1), lead_id=world.member_id("alice")
    )
    with pytest.raises(Invalid, match="Ben"):
        review(world, plan_id, "alice", cadence="month", same_person_reason="In a hurry")
    review(world, plan_id, "alice")


def test_a_month_by_the_lead_where_there_is_nobody_else(world):
    plan_id, _ = a_plan(
        world, *STEADY, started_on=date(2026, 10, 1), lead_id=world.member_id("alice")
    )
    with world.acting("alice"):
        db.session.execute(text("UPDATE membership SET active = false WHERE name = 'Ben'"))
        db.session.commit()
    with pytest.raises(Invalid, match="say why"):
        review(world, plan_id, "alice", cadence="month")
    review(world, plan_id, "alice", cadence="month", same_person_reason="Ben has left")
    with world.acting("alice") as alice:
        (found,) = exceptions(actor=alice).rows
        assert (found.kind, found.reason) == ("plan", "Ben has left")


def test_a_month_needs_its_assurance(world):
    plan_id, _ = a_plan(world, *STEADY, started_on=date(2026, 10, 1))
    with pytest.raises(Invalid) as refused:
        review(world, plan_id, "alice", cadence="month", assurance=None)
    assert refused.value.field == "assurance"


def test_deciding_to_close_closes_the_plan(world):
    plan_id, _ = a_plan(world, *STEADY)
    review(world, plan_id, decision="close")
    with world.acting("alice") as alice:
        plan = db.session.get(RecoveryPlan, (alice.org_id, plan_id))
        assert (plan.status, plan.close_reason) == ("closed", TOLD.followed)


def test_nothing_to_review_before_the_first_full_week(world):
    plan_id, _ = a_plan(world, *STEADY, started_on=ON - timedelta(days=2))
    with pytest.raises(Conflict, match="first full week"):
        review(world, plan_id)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"story": Story("", "b", "c")}, "changed"),
        ({"story": Story("a", "", "c")}, "why"),
        ({"story": Story("a", "b", " ")}, "followed"),
        ({"decision": "nonsense"}, "decision"),
        ({"cadence": "year"}, "cadence"),
    ],
)
def test_refusals(world, given, field):
    plan_id, _ = a_plan(world, *STEADY)
    with pytest.raises(Invalid) as refused:
        review(world, plan_id, **given)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("person", "cadence", "error"),
    [
        ("rita", "week", Forbidden),
        ("ben", "week", Forbidden),
        ("vera", "month", Forbidden),
        ("charlie", "week", NotFound),
    ],
)
def test_who_may_not(world, person, cadence, error):
    plan_id, _ = a_plan(world, *STEADY)
    with pytest.raises(error):
        review(world, plan_id, person, cadence=cadence)


def test_the_lead_may_be_a_contributor(world):
    plan_id, _ = a_plan(world, *STEADY, lead_id=world.member_id("rita"))
    review(world, plan_id, "rita")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE plan_review SET why = 'other'",
        "DELETE FROM plan_review",
        "UPDATE plan_review_story SET why = 'other'",
        "DELETE FROM plan_review_story",
    ],
)
def test_the_database_keeps_the_story(world, change):
    plan_id, falls = a_plan(world, *STEADY, 24)
    review(world, plan_id, stories={falls: TOLD})
    with world.acting("alice"), pytest.raises(DatabaseError):
        db.session.execute(text(change))


def test_the_database_refuses_a_review_without_the_stories(world):
    plan_id, falls = a_plan(world, *STEADY, 24)
    review(world, plan_id, stories={falls: TOLD})
    with world.acting("alice"), pytest.raises(DatabaseError, match="needs its story"):
        db.session.execute(
            text(
                "INSERT INTO plan_review (org_id, id, plan_id, cadence, period_start, period_end, "
                "position, changed, why, followed, decision, lead_id, by_id, on_date) "
                "SELECT org_id, gen_random_uuid(), plan_id, cadence, period_start - 7, "
                "period_end - 7, position, changed, why, followed, decision, lead_id, by_id, "
                "on_date FROM plan_review"
            )
        )
        db.session.commit()


def test_the_log_is_within_reach(world):
    plan_id, _ = a_plan(world, *STEADY)
    review(world, plan_id)
    assert len(story(world, plan_id, "rita")) == 1
    assert story(world, plan_id, "charlie") == []

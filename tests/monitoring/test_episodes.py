"""An episode from trigger to step-down, and what is refused on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from careboard import clock
from careboard.actions.models import Action
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.monitoring import (
    episode_queries,
    episodes,
    reviews,
)
from careboard.monitoring.entry import Wanted
from careboard.monitoring.episodes import Visit
from careboard.monitoring.models import MonitoringEpisode
from careboard.monitoring.story import story
from careboard.rules import queries
from tests.monitoring.making import (
    NO_RED,
    NO_REPEATS,
    START,
    STATEMENT,
    concern,
    fired,
    on,
    reviewed,
    sitting,
    started,
)
from tests.monitoring.weekly import priority_action

pytestmark = pytest.mark.usefixtures("calendar")


def state(world, episode_id, person: str = "alice"):
    with world.acting(person) as actor:
        whole = episode_queries.whole(actor=actor, episode_id=episode_id)
        db.session.expunge_all()
        return whole


def visited(world, episode_id, by: str = "vera", verifies: str = "The rota against the lounge"):
    visit = Visit(clock.today(), world.member_id(by), "Two staff, calm.", verifies)
    with world.acting("vera") as vera:
        episodes.record_visit(actor=vera, episode_id=episode_id, visit=visit)
        db.session.commit()


def down(world, episode_id, **more):
    given = {
        "sitting_id": more.pop("sitting_id", None) or sitting(world),
        "re_escalation": "A concern in the lounge",
        "follow_up_on": clock.today() + timedelta(days=28),
    }
    return reviewed(world, episode_id, "step_down", **given | more)


def test_eight_weeks_from_trigger_to_step_down(world):
    trigger_id = fired(world)
    concern(world, START - timedelta(days=40))
    concern(world, START - timedelta(days=20))
    episode_id = started(world, triggers=[trigger_id])
    whole = state(world, episode_id)
    assert [one["id"] for one in whole.triggers] == [str(trigger_id)]
    assert [one.standing.state for one in whole.episode.criteria] == ["not_met", "met"]
    assert (whole.due.kind, whole.due.due_on) == ("scheduled", START + timedelta(days=7))
    assert (whole.episode.week, whole.episode.weeks) == (1, 8)
    for week in range(1, 7):
        on(7 * week)
        assert reviewed(world, episode_id).all_met == (week > 5)
    on(45)
    visited(world, episode_id)
    on(49)
    assert reviewed(world, episode_id).number == 7
    on(56)
    whole = state(world, episode_id)
    assert (whole.against, whole.episode.week, whole.episode.weeks) == ([], 8, 8)
    made = down(world, episode_id)
    assert (made.all_met, made.decision, made.number) == (True, "step_down", 8)
    whole = state(world, episode_id)
    assert (whole.episode.row.status, whole.episode.row.ended_on) == ("stepped_down", on(56))
    assert (whole.due.kind, whole.due.due_on) == ("follow_up", START + timedelta(days=84))
    on(84)
    assert reviewed(world, episode_id, "sustained").kind == "follow_up"
    assert state(world, episode_id).due is None
    with world.acting("alice") as alice:
        told = story(actor=alice, episode_id=episode_id, on=clock.today())
        kinds = [one.kind for one in told]
    assert kinds[0] == "signal" and kinds[-1] == "review"
    assert kinds.index("trigger") < kinds.index("decision") < kinds.index("visit")


def test_what_stands_against_stepping_down(world):
    concern(world, START - timedelta(days=2))
    concern(world, START - timedelta(days=1))
    episode_id = started(world)
    on(7)
    with pytest.raises(Invalid, match="criteria not met") as refused:
        down(world, episode_id)
    for words in ("two running", "independent visit"):
        assert words in refused.value.message
    on(60)
    reviewed(world, episode_id, planned_review_on=START + timedelta(days=90))
    with pytest.raises(Invalid, match="counts from 13 Nov 2026, 7 days later"):
        down(world, episode_id)
    on(67)
    with pytest.raises(Invalid, match="independent"):
        down(world, episode_id)
    visited(world, episode_id)
    action_id = priority_action(world, episode_id, due_on=START + timedelta(days=50))
    with pytest.raises(Invalid, match="Overdue by more than a week: ACT"):
        down(world, episode_id)
    with world.acting("alice") as alice:
        db.session.get(Action, (alice.org_id, action_id)).status = "verified"
        db.session.commit()
    for field, wrong in (
        ("re_escalation", ""),
        ("follow_up_on", START + timedelta(days=67 + 29)),
        ("follow_up_on", START + timedelta(days=67)),
    ):
        with pytest.raises(Invalid) as refused:
            down(world, episode_id, **{field: wrong})
        assert refused.value.field == field
    with pytest.raises(Invalid) as refused:
        reviewed(world, episode_id, "step_down", re_escalation="x", follow_up_on=on(68))
    assert refused.value.field == "sitting"
    on(67)
    down(world, episode_id)
    with pytest.raises(Conflict):
        visited(world, episode_id)


def test_the_database_itself_refuses_to_step_down(world):
    episode_id = started(world, criteria=[NO_RED])
    insert = """INSERT INTO episode_review (org_id, id, episode_id, number, kind, due_on, held_on,
      decision, reason, criteria, all_met, decided_by_id, decided_at, sitting_id)
      VALUES (:org, gen_random_uuid(), :episode, :number, 'scheduled', :on, :on, 'step_down', 'x',
      '[]', true, :by, now(), :sitting)"""
    on(7)
    where = sitting(world)

    def refused(words: str, number: int) -> None:
        with world.acting("alice") as alice, pytest.raises(DatabaseError, match=words):
            db.session.execute(
                text(insert),
                {
                    "org": alice.org_id,
                    "episode": episode_id,
                    "number": number,
                    "on": clock.today(),
                    "by": alice.membership_id,
                    "sitting": where,
                },
            )

    refused("not all met at the review before", 1)
    reviewed(world, episode_id)
    on(14)
    refused("no independent visit", 2)
    visited(world, episode_id)
    priority_action(world, episode_id, due_on=START)
    on(15)
    refused("overdue by more than seven days", 2)
    with world.acting("alice") as alice, pytest.raises(DatabaseError, match="decision of a review"):
        row = db.session.get(MonitoringEpisode, (alice.org_id, episode_id))
        row.status, row.ended_on = "stepped_down", clock.today()
        row.re_escalation, row.follow_up_on = "x", clock.today() + timedelta(days=28)
        db.session.flush()


def test_an_episode_without_a_criterion_is_refused_by_the_database_too(world):
    with pytest.raises(Invalid) as refused:
        started(world, criteria=[])
    assert refused.value.field == "criteria"
    episode_id = started(world, criteria=[NO_RED])
    (only,) = state(world, episode_id).episode.criteria
    with world.acting("alice") as alice, pytest.raises(Invalid, match="last criterion"):
        episodes.withdraw_criterion(actor=alice, criterion_id=only.id, reason="Wrong")
    with world.acting("alice") as alice, pytest.raises(DatabaseError, match="needs a criterion"):
        db.session.execute(
            text(
                "UPDATE episode_criterion SET withdrawn_on = '2026-09-08', withdrawn_by_id = :by,"
                " withdrawn_reason = 'x' WHERE org_id = :org AND id = :id"
            ),
            {"by": alice.membership_id, "org": alice.org_id, "id": only.id},
        )
        db.session.commit()


def test_new_safeguarding_information_calls_a_review_within_two_working_days(world):
    concern(world, START - timedelta(days=3))
    episode_id = started(world)
    assert state(world, episode_id).due.kind == "scheduled"
    on(1)  # a Tuesday
    concern(world, clock.today())
    due = state(world, episode_id).due
    assert (due.kind, due.due_on) == ("out_of_cycle", START + timedelta(days=3))
    made = reviewed(world, episode_id, "escalate", escalated_to="local_authority")
    assert (made.kind, made.cause) == (
        "out_of_cycle",
        "New safeguarding information: a new safeguarding concern",
    )
    assert state(world, episode_id).due.kind == "scheduled"
    concern(world, clock.today(), level="low")  # of whatever level, and on the review's own day
    assert state(world, episode_id).due.kind == "out_of_cycle"
    with world.acting("alice") as alice:
        answers = queries.evaluation(actor=alice, on=clock.today()).answers
    found = next(one for one in answers if one.rule.code == "safeguarding_new").findings
    (said,) = [one.sentence for one in found if one.outcome == "fires"]
    assert "by 10 Sep 2026" in said


def test_what_becomes_known_late_is_reviewed_two_working_days_from_then(world):
    episode_id = started(world, frequency_days=31)
    on(7)
    concern(world, START + timedelta(days=1))
    due = state(world, episode_id).due
    assert (due.kind, due.due_on) == ("out_of_cycle", START + timedelta(days=9))


def test_a_criterion_added_since_the_last_review_has_to_hold_at_two(world):
    episode_id = started(world, criteria=[NO_RED])
    visited(world, episode_id)
    on(7)
    assert reviewed(world, episode_id).all_met
    with world.acting("alice") as alice:
        episodes.add_criterion(actor=alice, episode_id=episode_id, wanted=NO_REPEATS)
        db.session.commit()
    on(14)
    with pytest.raises(Invalid, match="1 of 2 criteria added since the last review"):
        down(world, episode_id)
    reviewed(world, episode_id)
    on(21)
    down(world, episode_id)


def test_confidence_returns_only_with_the_commissioner_s_statement(world):
    episode_id = started(world, kind="commissioner", criteria=[NO_RED])
    visited(world, episode_id)
    on(7)
    reviewed(world, episode_id)
    on(14)
    with pytest.raises(Invalid, match="commissioner has not stated"):
        down(world, episode_id)
    for restored in (False, True):
        with world.acting("bob") as bob, pytest.raises(Forbidden):
            episodes.record_statement(
                actor=bob, episode_id=episode_id, restored=True, words="x", stated_on=clock.today()
            )
        with world.acting("cora") as cora:
            episodes.record_statement(
                actor=cora,
                episode_id=episode_id,
                restored=restored,
                words="We see what has changed.",
                stated_on=clock.today(),
            )
            db.session.commit()
        if not restored:
            with pytest.raises(Invalid, match="commissioner has not stated"):
                down(world, episode_id)
    assert down(world, episode_id).decision == "step_down"


def test_a_visit_is_independent_only_of_those_who_answer_for_it(world):
    episode_id = started(world)
    visited(world, episode_id, by="alice")
    priority_action(world, episode_id, owner_id=world.member_id("alice"))
    visited(world, episode_id, by="alice")
    visited(world, episode_id)
    visits = state(world, episode_id).visits
    assert sorted((one["by"], one["independent"]) for one in visits) == [
        ("Alice", False),
        ("Alice", True),
        ("Vera", True),
    ]
    bob = world.member_id("bob")
    with world.acting("vera") as vera, pytest.raises(DatabaseError, match="not independent"):
        db.session.execute(
            text(
                "INSERT INTO monitoring_visit (org_id, id, episode_id, on_date, visited_by_id,"
                " independent, findings, recorded_by_id) VALUES (:org, gen_random_uuid(), :one,"
                " '2026-09-07', :bob, true, 'x', :bob)"
            ),
            {"org": vera.org_id, "one": episode_id, "bob": bob},
        )


def test_criteria_in_own_words_are_judged_on_evidence_by_somebody_else(world):
    episode_id = started(world, criteria=[NO_RED, Wanted(words="Families feel safe")])
    own = state(world, episode_id).episode.criteria[1]
    assert own.standing.state == "cannot_tell"
    with world.acting("vera") as vera, pytest.raises(Invalid) as refused:
        episodes.judge_criterion(
            actor=vera, criterion_id=own.id, met=True, reason="I asked ten.", evidence_id=None
        )
    assert refused.value.field == "evidence_id"
    with world.acting("vera") as vera:
        episodes.judge_criterion(
            actor=vera, criterion_id=own.id, met=False, reason="Three do not.", evidence_id=None
        )
        db.session.commit()
    found = state(world, episode_id).episode.criteria[1].standing
    assert (found.state, "Three do not" in found.sentence) == ("not_met", True)
    with world.acting("bob") as bob, pytest.raises(Forbidden):
        episodes.judge_criterion(
            actor=bob, criterion_id=own.id, met=False, reason="x", evidence_id=None
        )


def test_a_change_is_put_in_place_once(world):
    episode_id = started(world)
    (change,) = state(world, episode_id).changes
    with world.acting("bob") as bob, pytest.raises(Forbidden):
        episodes.put_in_place(actor=bob, change_id=change["id"])
    with world.acting("alice") as alice:
        episodes.put_in_place(actor=alice, change_id=change["id"])
        db.session.commit()
    with world.acting("alice") as alice, pytest.raises(Conflict):
        episodes.put_in_place(actor=alice, change_id=change["id"])


def test_a_criterion_is_added_and_withdrawn_with_its_reason(world):
    episode_id = started(world, criteria=[NO_RED])
    with world.acting("alice") as alice:
        for wanted in (NO_REPEATS, replace(STATEMENT)):
            episodes.add_criterion(actor=alice, episode_id=episode_id, wanted=wanted)
        db.session.commit()
    first = state(world, episode_id).episode.criteria[0]
    with world.acting("alice") as alice:
        episodes.withdraw_criterion(actor=alice, criterion_id=first.id, reason="Held elsewhere.")
        db.session.commit()
    whole = state(world, episode_id)
    assert [one.code for one in whole.episode.criteria] == [
        "no_repeat_themes",
        "commissioner_statement",
    ]
    assert [one["reason"] for one in whole.withdrawn] == ["Held elsewhere."]


def test_the_one_who_answers_for_it_does_not_review_it(world):
    episode_id = started(world)
    with world.acting("bob") as bob, pytest.raises(Forbidden):
        reviews.review(
            actor=bob, episode_id=episode_id, held=reviews.Held("continue", "All is well.")
        )

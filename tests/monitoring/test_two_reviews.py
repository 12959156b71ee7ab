"""Stepping down: the two reviews at which all criteria hold lie as far apart as reviews do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from careboard import clock
from careboard.db import db
from careboard.errors import Invalid
from careboard.monitoring import episodes
from careboard.monitoring.episodes import Visit
from tests.monitoring.making import NO_RED, NO_REPEATS, on, reviewed, sitting, started
from tests.monitoring.weekly import priority_action

pytestmark = pytest.mark.usefixtures("calendar")


def verified(world, **more):
    """An episode that an independent visit verified on its first day."""
    episode_id = started(world, criteria=[NO_RED], **more)
    visit = Visit(clock.today(), world.member_id("vera"), "Calm.", "The rota")
    with world.acting("vera") as vera:
        episodes.record_visit(actor=vera, episode_id=episode_id, visit=visit)
        db.session.commit()
    return episode_id


def down(world, episode_id, where):
    given = {
        "sitting_id": where,
        "re_escalation": "A concern in the lounge",
        "follow_up_on": clock.today() + timedelta(days=28),
    }
    return reviewed(world, episode_id, "step_down", **given)


INSERT = text(
    "INSERT INTO episode_review (org_id, id, episode_id, number, kind, due_on, held_on, decision,"
    " reason, criteria, all_met, decided_by_id, decided_at, sitting_id) SELECT org_id,"
    " gen_random_uuid(), id, :number, 'scheduled', :on, :on, 'step_down', 'x', '[]', true,"
    " governance_lead_id, now(), :sitting FROM monitoring_episode WHERE id = :id"
)


def refused(world, episode_id, where, *, number: int, words: str) -> None:
    """Both refuse it today: the service in these words, and the database."""
    with pytest.raises(Invalid, match=words):
        down(world, episode_id, where)
    values = {"number": number, "on": clock.today(), "sitting": where, "id": episode_id}
    with (
        world.acting("alice"),
        pytest.raises(DatabaseError, match="not held for as long as two reviews are apart"),
    ):
        db.session.execute(INSERT, values)


def test_two_reviews_on_days_that_follow_each_other_are_not_enough(world):
    episode_id = verified(world)
    on(7)
    where = sitting(world)
    reviewed(world, episode_id)
    on(8)
    refused(world, episode_id, where, number=2, words="counts from 21 Sep 2026, 7 days later")
    shown = world.client("alice").get(f"/o/alder/monitoring/episodes/{episode_id}").text
    assert "Stepping down is not offered" in shown and "counts from 21 Sep 2026" in shown
    on(14)
    shown = world.client("alice").get(f"/o/alder/monitoring/episodes/{episode_id}").text
    assert "held at every review since 14 Sep 2026 and hold today" in shown
    down(world, episode_id, where)


def test_reviews_in_between_that_found_them_met_do_no_harm(world):
    episode_id = verified(world, frequency_days=1)
    for day in range(7, 13):
        on(day)
        reviewed(world, episode_id)
    on(13)
    where = sitting(world)
    refused(world, episode_id, where, number=7, words="counts from 21 Sep 2026")
    reviewed(world, episode_id)
    on(14)
    down(world, episode_id, where)


def test_reviews_that_are_rarer_lie_further_apart(world):
    episode_id = verified(world, frequency_days=14)
    on(14)
    reviewed(world, episode_id)
    on(21)
    where = sitting(world)
    refused(world, episode_id, where, number=2, words="counts from 5 Oct 2026, 14 days later")
    on(28)
    down(world, episode_id, where)


def test_each_review_in_between_looked_at_every_criterion(world):
    episode_id = verified(world)
    on(7)
    reviewed(world, episode_id)
    with world.acting("alice") as alice:
        episodes.add_criterion(actor=alice, episode_id=episode_id, wanted=NO_REPEATS)
        db.session.commit()
    on(13)
    reviewed(world, episode_id)
    on(14)
    where = sitting(world)
    refused(world, episode_id, where, number=3, words="since 20 Sep 2026: .* counts from 27 Sep")
    on(20)
    down(world, episode_id, where)


def test_a_visitor_who_has_taken_on_work_since_verifies_nothing_more(world):
    episode_id = verified(world)
    on(7)
    reviewed(world, episode_id)
    priority_action(world, episode_id, due_on=on(30), owner_id=world.member_id("vera"))
    on(14)
    where = sitting(world)
    with pytest.raises(Invalid, match="No independent visit has verified"):
        down(world, episode_id, where)
    values = {"number": 2, "on": clock.today(), "sitting": where, "id": episode_id}
    with world.acting("alice"), pytest.raises(DatabaseError, match="no independent visit"):
        db.session.execute(INSERT, values)

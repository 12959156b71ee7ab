"""The decision on enhanced monitoring: by whom, on what, with which reasons."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from careboard.db import db
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.monitoring import decisions, trigger_queries
from careboard.monitoring.entry import Change, Wanted
from tests.monitoring.making import START, entry, fired, started

pytestmark = pytest.mark.usefixtures("calendar")


def test_starting_and_not_starting_keep_their_reasons(world):
    first, second = fired(world), fired(world, rule="multi_theme_decline", key="x")
    where = world.service_id("Alder House")
    with world.acting("alice") as alice:
        assert [row.id for row in trigger_queries.undecided(actor=alice)] == [first, second]
        decisions.decide(
            actor=alice,
            service_id=where,
            decision="do_not_start",
            reason="One shift, one cause, put right since.",
            trigger_ids=[second],
        )
        db.session.commit()
        assert [row.id for row in trigger_queries.undecided(actor=alice)] == [first]
        whole = trigger_queries.trigger(actor=alice, trigger_id=second)
        assert (whole.row.decision, whole.row.reason[:9]) == ("do_not_start", "One shift")
    with world.acting("alice") as alice, pytest.raises(DatabaseError):
        db.session.execute(text("UPDATE monitoring_decision SET reason = 'another'"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"kind": "sports"}, "kind"),
        ({"requires": ""}, "requires"),
        ({"planned_review_on": START}, "planned_review_on"),
        ({"frequency_days": 0}, "frequency_days"),
        ({"governance_lead_id": None}, "governance_lead_id"),
        ({"criteria": [Wanted("no_repeat_themes", {"days": 0})]}, "no_repeat_themes_days"),
        ({"criteria": [Wanted("audit_score", {"least": 90})]}, "audit_score_theme"),
        ({"criteria": [Wanted("themes_restored", {"target": 90})]}, "themes_restored_themes"),
        ({"criteria": [Wanted("indicator_target", {"periods": 2})]}, "indicator_target_indicator"),
        ({"criteria": [Wanted()]}, "own_words"),
        ({"criteria": [Wanted("flying", {})]}, "criteria"),
        ({"changes": [Change("weekly_review", "x", None, START)]}, "weekly_review_owner"),
    ],
)
def test_what_starting_asks_for(world, change, field):
    with pytest.raises(Invalid) as refused:
        started(world, **change)
    assert refused.value.field == field


def test_one_person_does_not_lead_both_sides(world):
    alice = world.member_id("alice")
    with pytest.raises(Invalid) as refused:
        started(world, manager_id=alice)
    assert refused.value.field == "same_person_reason" and "Bob" in refused.value.message


def test_who_may_decide(world):
    where = world.service_id("Alder House")
    own = entry(world)
    for person, error in (("bob", Forbidden), ("vera", Forbidden), ("charlie", NotFound)):
        with world.acting(person) as actor, pytest.raises(error):
            decisions.decide(actor=actor, service_id=where, decision="start", reason="x", entry=own)
    started(world)
    with pytest.raises(Invalid) as refused:
        started(world)
    assert refused.value.field == "kind"
    with world.acting("alice") as alice, pytest.raises(Invalid) as refused:
        decisions.decide(actor=alice, service_id=where, decision="do_not_start", reason="x")
    assert refused.value.field == "triggers"


def test_a_note_of_lost_confidence_is_by_the_provider(world):
    where = world.service_id("Alder House")
    for person in ("alice", "ben"):
        with world.acting(person) as actor:
            decisions.note_lost_confidence(actor=actor, service_id=where, words="Three promises.")
            db.session.commit()
    with world.acting("bob") as bob, pytest.raises(Forbidden):
        decisions.note_lost_confidence(actor=bob, service_id=where, words="x")

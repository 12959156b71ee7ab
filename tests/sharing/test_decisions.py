"""The decision on sharing: by whom, on what, with which thresholds and reasons."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from careboard import clock
from careboard.db import db
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.sharing import decision_queries as queries
from careboard.sharing.decisions import Answer
from careboard.sharing.models import FACTORS
from tests.monitoring.making import fired, started
from tests.sharing.making import concern, decided, risk


def no_to_all(**but):
    return {code: Answer(but.get(code, "no")) for code in FACTORS}


@pytest.mark.parametrize("decision", ["share", "do_not_share", "seek_advice"])
def test_every_answer_is_kept_with_what_was_considered(world, decision):
    made = decided(world, risk(world), decision)
    with world.acting("alice") as alice:
        line = queries.decision(actor=alice, decision_id=made)
        assert (line.row.decision, line.row.kind, line.row.reference) == (
            decision,
            "risk",
            "SHD-0001",
        )
        considered = queries.considered(actor=alice, decision_id=made)
        assert [row.factor for row in considered] == list(FACTORS)
        assert {row.factor: row.affected for row in considered}["continuity"] == "yes"
    assert world.sql("SELECT count(*) FROM audit_event WHERE tag = 'sharing:decided'") == [(1,)]


def test_a_decision_never_changes(world):
    decided(world, risk(world))
    for change in (
        "UPDATE sharing_decision SET rationale = 'another'",
        "DELETE FROM sharing_decision",
        "UPDATE sharing_consideration SET affected = 'no'",
    ):
        with world.acting("alice"), pytest.raises(DatabaseError):
            db.session.execute(text(change))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"decision": "shout"}, "decision"),
        ({"rationale": " "}, "rationale"),
        ({"what": ""}, "what"),
        ({"recipients": []}, "recipients"),
        ({"recipients": ["neighbour"]}, "recipients"),
        ({"recipients": ["other"]}, "to_whom"),
        ({"action_under_way": ""}, "action_under_way"),
        ({"tell_by": None}, "tell_by"),
        ({"tell_by": clock.today() - timedelta(days=400)}, "tell_by"),
        ({"factors": {}}, "factor_safety"),
        ({"factors": {**no_to_all(), "multi_agency": Answer("perhaps")}}, "factor_multi_agency"),
        ({"factors": no_to_all()}, "decision"),
    ],
)
def test_what_sharing_asks_for(world, change, field):
    about = risk(world)
    given = {"decision": "share"} | change
    with pytest.raises(Invalid) as refused:
        decided(world, about, **given)
    assert refused.value.field == field


def test_uncertain_about_safeguarding_asks_for_advice(world):
    about, unsure = concern(world), no_to_all(safeguarding="uncertain")
    with pytest.raises(Invalid, match="seek advice"):
        decided(world, about, "do_not_share", kind="concern", factors=unsure)
    decided(world, about, "seek_advice", kind="concern", factors=unsure)


def test_each_kind_of_subject(world):
    trigger, episode = fired(world), started(world)
    for kind, subject_id in (
        ("trigger", trigger),
        ("episode", episode),
        ("concern", concern(world)),
    ):
        made = decided(world, subject_id, kind=kind)
        with world.acting("alice") as alice:
            row = queries.decision(actor=alice, decision_id=made).row
            assert (row.kind, row.subject_id) == (kind, subject_id)
            assert row.safeguarding and row.subject_title


def test_a_subject_that_is_not_there_or_not_ours(world):
    about = risk(world)
    for kind, subject_id in (("risk", concern(world)), ("trigger", about), ("rumour", about)):
        with pytest.raises(NotFound):
            decided(world, subject_id, kind=kind)
    with pytest.raises(NotFound):
        decided(world, about, person="charlie")
    for person in ("bob", "cora", "ben", "vera"):
        with pytest.raises(Forbidden):
            decided(world, about, person=person)


def test_the_manager_does_not_keep_it_inside_while_another_could(world):
    about = risk(world)
    who = world.member_id("alice")
    with world.acting("alice"):
        db.session.execute(
            text("UPDATE service SET manager_id = :who WHERE name = 'Alder House'"), {"who": who}
        )
        db.session.execute(
            text("UPDATE membership SET roles = '{governance_lead}' WHERE name = 'Vera'")
        )
        db.session.commit()
    with pytest.raises(Forbidden, match="Vera can decide"):
        decided(world, about, "do_not_share")
    decided(world, about, "share")
    decided(world, about, "do_not_share", person="vera")


def test_the_database_wants_all_six(world):
    made = decided(world, risk(world))
    copy = (
        "INSERT INTO sharing_decision SELECT d.org_id, gen_random_uuid(), 'SHD-9', d.service_id, "
        "d.risk_id, d.trigger_id, d.concern_id, d.episode_id, d.first_identified_on, d.decision, "
        "d.rationale, d.what, d.to_whom, d.action_under_way, d.recipients, d.control_on, "
        "d.tell_by, d.decided_by_id, d.decided_on, d.decided_at, now() "
        "FROM sharing_decision d WHERE d.id = :id"
    )
    with world.acting("alice"):
        db.session.execute(text(copy), {"id": made})
        with pytest.raises(DatabaseError, match="six thresholds"):
            db.session.commit()


def test_the_latest_stands(world):
    about = risk(world)
    first, second = decided(world, about, "do_not_share"), decided(world, about)
    with world.acting("alice") as alice:
        lines = queries.of_subject(actor=alice, kind="risk", subject_id=about)
        assert [(line.row.id, line.row.later_id) for line in lines] == [
            (second, None),
            (first, second),
        ]
        standing = queries.log(actor=alice, asked=queries.Asked(show="standing"))
        assert [line.row.id for line in standing.rows] == [second]
        untold = queries.log(actor=alice, asked=queries.Asked(show="untold"))
        assert [line.row.id for line in untold.rows] == [second]


def test_people_see_the_decisions_of_their_services(world):
    made = decided(world, risk(world, service="Alder Lodge"))
    with world.acting("bob") as bob:
        assert queries.log(actor=bob, asked=queries.Asked()).rows == []
        with pytest.raises(Forbidden):
            queries.decision(actor=bob, decision_id=made)
    with world.acting("charlie") as charlie, pytest.raises(NotFound):
        queries.decision(actor=charlie, decision_id=made)

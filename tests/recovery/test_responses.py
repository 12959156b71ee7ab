"""Answering declines: each kind of response, who may, and what the database refuses."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from careboard.actions.models import Action
from careboard.assurance.exceptions import exceptions
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.recovery import agenda, response_queries, response_service
from careboard.recovery.response_queries import ResponseFilter
from careboard.recovery.response_service import Decision
from careboard.risks.models import RatingReview, Risk
from tests.recovery.answering import DUE, answer, fallen, look, standing
from tests.recovery.making import ON, ago


def one(world):
    return standing(world)[-1]


@pytest.mark.parametrize("kind", ["additional_audit", "revised_controls"])
def test_an_audit_or_revised_controls_open_an_action(world, kind):
    answer(world, fallen(world), kind=kind, owner="rita")
    found = one(world)
    assert (found.status, found.kind, found.due_on) == ("answered", kind, DUE)
    with world.acting("alice") as alice:
        action = db.session.get(Action, (alice.org_id, found.action_id))
        assert (action.status, action.due_on, action.domain) == ("open", DUE, "safety")
        assert action.title.endswith(": Falls at night")
        assert action.baseline == found.sentence and action.evidence_required
        assert action.owner_id == found.owner_id


def test_the_action_in_other_words(world):
    answer(world, fallen(world), kind="additional_audit", title="Audit the nights")
    found = one(world)
    with world.acting("alice") as alice:
        action = db.session.get(Action, (alice.org_id, found.action_id))
        assert action.title == "Audit the nights"


def test_a_risk_is_opened_raised_or_linked(world):
    first = fallen(world)
    with pytest.raises(Invalid, match="governance lead opens"):
        answer(world, first, kind="risk_register", rating="high")
    with pytest.raises(Invalid, match="rating"):
        answer(world, first, "alice", kind="risk_register")
    answer(world, first, "alice", kind="risk_register", rating="moderate")
    found = one(world)
    assert rating_of(world, found.risk_id) == ("moderate", "set")
    again(world)
    with pytest.raises(Invalid, match="does not lower"):
        answer(world, one(world).id, "alice", kind="risk_register", rating="low")
    answer(world, one(world).id, "alice", kind="risk_register", rating="high")
    assert rating_of(world, one(world).risk_id) == ("high", "raise")
    again(world)
    answer(world, one(world).id, kind="risk_register")
    assert one(world).risk_id == found.risk_id
    assert rating_of(world, found.risk_id) == ("high", "raise")


def again(world) -> None:
    """As if it had been over and had begun anew."""
    with world.acting("alice"):
        db.session.execute(
            text("UPDATE response SET status = 'closed', closed_on = :on WHERE status <> 'closed'"),
            {"on": ON},
        )
        db.session.commit()
    assert look(world).fired == 1


def rating_of(world, risk_id) -> tuple[str, str]:
    with world.acting("alice") as alice:
        risk = db.session.get(Risk, (alice.org_id, risk_id))
        review = db.session.get(RatingReview, (alice.org_id, risk.rating_review_id))
        return risk.rating, review.decision


def test_provider_oversight_stands_on_the_agenda(world):
    response_id = fallen(world)

    def lines():
        with world.acting("alice") as alice:
            found = agenda.lines(actor=alice, service_id=None, on=ON, since=None)
            return [(line.section, line.detail["what"]) for line in found]

    assert lines() == [("changed", "decline")]
    answer(world, response_id)
    assert lines() == [("changed", "oversight")]
    again(world)
    answer(world, one(world).id, kind="additional_audit")
    assert lines() == []


def test_that_none_is_needed_is_found_by_a_governance_lead(world):
    response_id = fallen(world)
    with pytest.raises(Forbidden):
        answer(world, response_id, kind="none", owner=None, due_on=None)
    answer(world, response_id, "alice", kind="none", owner=None, due_on=None)
    found = one(world)
    assert (found.status, found.kind, found.owner_id) == ("not_needed", "none", None)
    assert look(world).fired == 0


def test_not_by_who_answers_for_it_alone(world):
    response_id = fallen(world, owner="alice")
    given = {"kind": "none", "owner": None, "due_on": None}
    with pytest.raises(Invalid, match="nobody else can"):
        answer(world, response_id, "alice", **given)
    answer(world, response_id, "alice", same_person_reason="The only lead", **given)
    assert one(world).same_person_reason == "The only lead"
    with world.acting("alice") as alice:
        (found,) = exceptions(actor=alice).rows
        assert (found.kind, found.reference, found.who) == ("response", "RSP-0001", "Alice")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "nonsense"}, "kind"),
        ({"reason": "  "}, "reason"),
        ({"owner": None}, "owner_id"),
        ({"owner": "ben"}, "owner_id"),
        ({"due_on": None}, "due_on"),
        ({"due_on": ago(1)}, "due_on"),
    ],
)
def test_refusals(world, given, field):
    with pytest.raises(Invalid) as refused:
        answer(world, fallen(world), **given)
    assert refused.value.field == field


def test_an_answer_is_given_once(world):
    response_id = fallen(world)
    answer(world, response_id)
    with pytest.raises(Conflict):
        answer(world, response_id, "alice")


def test_who_may_not(world):
    response_id = fallen(world)
    owner = world.member_id("bob")
    for person, error in (("rita", Forbidden), ("ben", Forbidden), ("charlie", NotFound)):
        decision = Decision("provider_oversight", "So", owner, DUE)
        with world.acting(person) as actor, pytest.raises(error):
            response_service.answer(actor=actor, response_id=response_id, decision=decision)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE response SET reason = 'other'",
        "UPDATE response SET kind = 'none', status = 'not_needed'",
        "UPDATE response SET sentence = 'better'",
        "UPDATE response SET fired_on = fired_on - 1",
        "DELETE FROM response",
        "UPDATE response SET status = 'open'",
    ],
)
def test_the_database_keeps_what_was_decided(world, change):
    answer(world, fallen(world))
    with world.acting("alice"), pytest.raises(DatabaseError):
        db.session.execute(text(change))


def test_the_database_refuses_that_the_owner_finds_none_needed(world):
    fallen(world)
    with world.acting("alice"), pytest.raises(DatabaseError, match="not_needed_by_someone_else"):
        db.session.execute(
            text(
                "UPDATE response SET status = 'not_needed', kind = 'none', reason = 'So', "
                "decided_by_id = asked_id, decided_at = now()"
            )
        )


def test_one_state_of_affairs_stands_once(world):
    fallen(world)
    with world.acting("alice"), pytest.raises(DatabaseError, match="uq_response_standing"):
        db.session.execute(
            text(
                "INSERT INTO response (org_id, id, reference, service_id, domain, indicator_id, "
                "fired_on, rule, rule_version, rows, sentence) SELECT org_id, gen_random_uuid(), "
                "'RSP-9', service_id, domain, indicator_id, fired_on, rule, 1, rows, sentence "
                "FROM response"
            )
        )


def test_the_list_by_filter(world):
    answer(world, fallen(world))
    again(world)

    def shown(person="alice", **wanted):
        with world.acting(person) as actor:
            found = response_queries.list_responses(
                actor=actor, wanted=ResponseFilter(**wanted), page=1
            )
            return [row.Response.reference for row in found.rows]

    assert shown() == ["RSP-0002"]
    assert shown(show="closed") == ["RSP-0001"]
    assert shown(show="all") == ["RSP-0002", "RSP-0001"]
    assert shown(show="unanswered") == ["RSP-0002"]
    assert shown(show="all", kind="provider_oversight") == ["RSP-0001"]
    assert shown(domain="medicines") == shown(show="answered") == []
    assert shown("charlie", show="all") == []
    latest = one(world).id
    with world.acting("alice") as alice:
        whole = response_queries.response(actor=alice, response_id=latest)
        assert [row.Response.reference for row in whole.before] == ["RSP-0001"]

"""Someone else's look at evidence."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.errors import Forbidden, Invalid
from careboard.evidence import judging, queries, service
from tests.actions.samples import add_action, add_evidence, leave

FOUND = "Five of five entries match the source."


def _status(world) -> str:
    ((status,),) = [tuple(row) for row in world.sql("SELECT status FROM evidence")]
    return status


def _judge(
    world, person: str, evidence_id, outcome: str = "accepted", note: str = FOUND, reason: str = ""
) -> None:
    with world.acting(person) as actor:
        judging.judge(
            actor=actor,
            evidence_id=evidence_id,
            outcome=outcome,
            note=note,
            same_person_reason=reason,
        )
        db.session.commit()


def _revise(world, person: str, evidence_id) -> None:
    with world.acting(person) as actor:
        service.revise(actor=actor, evidence_id=evidence_id, source_link="The same", note="Title")
        db.session.commit()


@pytest.mark.parametrize("outcome", judging.OUTCOMES)
def test_a_verifier_decides_on_somebody_elses_evidence(world, outcome):
    evidence_id = add_evidence(world, add_action(world))
    _judge(world, "vera", evidence_id, outcome)
    assert _status(world) == outcome


def test_nobody_decides_on_their_own(world):
    evidence_id = add_evidence(world, add_action(world), person="alice")
    with pytest.raises(Invalid, match="Vera can decide on it") as refused:
        _judge(world, "alice", evidence_id, reason="In a hurry")
    assert refused.value.field == "same_person_reason"
    with pytest.raises(DBAPIError, match="judged_by_another"):
        world.sql("UPDATE evidence SET status = 'accepted', decided_by_id = submitted_by_id")


def test_nor_on_what_says_in_other_words_what_they_submitted(world):
    evidence_id = add_evidence(world, add_action(world), person="alice")
    _revise(world, "bob", evidence_id)
    with pytest.raises(Invalid, match="or an earlier revision of it. Vera can"):
        _judge(world, "alice", evidence_id)
    with world.acting("alice") as alice:
        assert len(queries.item(actor=alice, evidence_id=evidence_id).makers) == 2
    page = world.client("alice").get(f"/o/alder/evidence/{evidence_id}").text
    assert "Vera can decide on it" in page and "Record the decision" not in page
    _judge(world, "vera", evidence_id)


def test_where_nobody_else_could_a_reason_is_kept_and_shown(world):
    evidence_id = add_evidence(world, add_action(world), person="bob")
    _revise(world, "alice", evidence_id)
    leave(world, "vera")
    with pytest.raises(Invalid, match="nobody else can decide on it: say why"):
        _judge(world, "alice", evidence_id)
    client, address = world.client("alice"), f"/o/alder/evidence/{evidence_id}"
    assert "Why nobody else can decide on it" in client.get(address).text
    data = {"outcome": "accepted", "note": FOUND, "same_person_reason": "The post is vacant"}
    assert client.post(f"{address}/judgement", data=data).status_code == 303
    for page in (address, "/o/alder/assurance/exceptions"):
        assert "The post is vacant" in client.get(page).text
    assert "Checked by the same person" in client.get(address).text
    with pytest.raises(DBAPIError, match="judged_by_another"):
        world.sql("UPDATE evidence SET same_person_reason = ''")
    with pytest.raises(DBAPIError, match="ck_evidence_exception"):
        world.sql("UPDATE evidence SET status = 'submitted', decided_by_id = NULL")
    _revise(world, "bob", evidence_id)
    assert "The post is vacant" not in client.get("/o/alder/assurance/exceptions").text


def test_an_exception_of_the_whole_organisation_stands_in_the_list(world):
    vera_id = world.member_id("vera")
    with world.acting("alice") as alice:
        evidence_id = service.submit(
            actor=alice, title="Policy", kind="audits", source_link="https://care.example/p"
        )
        # Whoever verifies one service reaches what is of the whole organisation.
        vera = db.session.get(Membership, (alice.org_id, vera_id))
        vera.all_services = False
        db.session.commit()
    with pytest.raises(Invalid, match="Vera can decide on it"):
        _judge(world, "alice", evidence_id, reason="I am alone")
    leave(world, "vera")
    _judge(world, "alice", evidence_id, reason="I am alone")
    page = world.client("alice").get("/o/alder/assurance/exceptions").text
    assert "I am alone" in page and "Whole organisation" in page


@pytest.mark.parametrize("person", ["rita", "bob", "ben"])
def test_without_the_right_it_is_refused(world, person):
    evidence_id = add_evidence(world, add_action(world))
    with pytest.raises(Forbidden):
        _judge(world, person, evidence_id)


@pytest.mark.parametrize(("outcome", "note"), [("accepted", " "), ("perhaps", FOUND)])
def test_a_decision_needs_an_outcome_and_a_finding(world, outcome, note):
    evidence_id = add_evidence(world, add_action(world))
    with pytest.raises(Invalid):
        _judge(world, "vera", evidence_id, outcome, note)
    assert _status(world) == "submitted"


def test_what_was_decided_is_not_decided_again(world):
    evidence_id = add_evidence(world, add_action(world))
    _judge(world, "vera", evidence_id)
    with pytest.raises(Invalid, match="not waiting"):
        _judge(world, "alice", evidence_id, "rejected")


def test_on_the_page(world):
    evidence_id = add_evidence(world, add_action(world))
    address = f"/o/alder/evidence/{evidence_id}"
    assert "Check it" not in world.client("rita").get(address).text
    client = world.client("vera")
    assert "Check it" in client.get(address).text
    bad = client.post(f"{address}/judgement", data={"outcome": "accepted"})
    assert bad.status_code == 422 and "what you found" in bad.text
    good = client.post(f"{address}/judgement", data={"outcome": "accepted", "note": FOUND})
    assert good.status_code == 303
    assert FOUND in client.get(address).text
    assert world.client("charlie").post(f"{address}/judgement").status_code == 404
    assert world.client("rita").post(f"{address}/judgement").status_code == 403

"""What claims and evidence put on an agenda, and the list of same-person exceptions."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from careboard.actions import lifecycle
from careboard.assurance import agenda
from careboard.assurance.exceptions import exceptions
from careboard.db import db
from tests.actions.samples import add_action, leave
from tests.actions.samples import complete as complete_action
from tests.assurance.making import (
    TODAY,
    add_rows,
    complete,
    draw,
    make_claim,
    make_return,
    record,
    set_evidence,
    start,
    validate,
)


def lines(world, person="alice", since=7, service_id=None):
    with world.acting(person) as actor:
        return list(
            agenda.lines(
                actor=actor, service_id=service_id, on=TODAY, since=TODAY - timedelta(days=since)
            )
        )


def test_unsupported_and_unproven_claims_since_the_last_sitting(world):
    add_rows(world)
    (weak, risk_id), unproven, fine = make_return(world), make_claim(world), make_claim(world)
    validate(world, weak, "mismatch", critical=1)
    validate(world, unproven, outcome="does_not_prove")
    validate(world, fine)
    found = lines(world)
    assert [(line.section, line.detail["what"], line.detail["state"]) for line in found] == [
        ("assurance", "claim", "unsupported"), ("assurance", "claim", "does_not_prove")
    ]  # fmt: skip
    assert found[0].detail["id"] == str(weak) and found[0].risk_id == risk_id
    assert (found[0].detail["sampled"], found[0].detail["critical"]) == (5, 1)
    assert "unsupported assurance" in found[0].title
    assert lines(world, since=-1) == []


def test_evidence_in_use_that_expired_since(world):
    used, unused, old, last_day = (make_claim(world) for _ in range(4))
    set_evidence(world, used, valid_until=TODAY - timedelta(days=1))
    set_evidence(world, old, valid_until=TODAY - timedelta(days=8))
    set_evidence(world, last_day, valid_until=TODAY)
    set_evidence(world, unused, valid_until=TODAY - timedelta(days=1))
    with world.acting("alice"):
        db.session.execute(text("DELETE FROM evidence_link WHERE claim_id = :id"), {"id": unused})
        db.session.commit()
    (line,) = lines(world)
    assert (line.detail["what"], line.detail["reference"]) == ("evidence", "EV-0001")
    assert "expired" in line.title


def test_only_of_the_sitting_and_within_reach(world):
    house, lodge = world.service_id("Alder House"), world.service_id("Alder Lodge")
    for person, name in (("bob", "Alder House"), ("alice", "Alder Lodge")):
        claim_id = make_claim(world, person, name)
        validate(world, claim_id, "mismatch", critical=1)
    assert len(lines(world)) == 2
    assert [line.service_id for line in lines(world, service_id=lodge)] == [lodge]
    assert [line.service_id for line in lines(world, "bob")] == [house]
    assert lines(world, "charlie") == []


def test_every_exception_stands_in_one_list(world):
    leave(world, "vera", "bob")
    own = add_action(world, owner="alice")
    complete_action(world, own, "alice")
    with world.acting("alice") as alice:
        lifecycle.verify(actor=alice, action_id=own, same_person_reason="Vera has left")
        db.session.commit()
    claim_id = make_claim(world, "alice")
    start(world, claim_id, "alice", same_person_reason="Vera has left")
    with world.acting("alice") as alice:
        words = [row.what for row in exceptions(actor=alice).rows]
    assert "submitted, and is validating, the claim or its evidence" in words
    draw(world, claim_id, "alice")
    record(world, claim_id, person="alice")
    complete(world, claim_id, "alice")
    with world.acting("alice") as alice:
        found = {row.kind: row for row in exceptions(actor=alice).rows}
        assert {kind: row.id for kind, row in found.items()} == {"action": own, "claim": claim_id}
        assert {row.reason for row in found.values()} == {"Vera has left"}
        assert {row.who for row in found.values()} == {"Alice"}
    with world.acting("charlie") as charlie:
        assert exceptions(actor=charlie).rows == []

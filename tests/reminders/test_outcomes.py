"""Mail on what became of a claim and of an update: to whom, and that it says no more."""

from __future__ import annotations

import pytest

from careboard import mailer
from careboard.db import db
from careboard.reminders import outbox, service
from careboard.updates import steps
from tests.assurance import making as claims
from tests.updates import making as updates

STATEMENT = "Medicines rounds on Willow are complete"


def letters(world, kind):
    return world.sql(
        "SELECT o.*, m.name AS member FROM outbox o JOIN membership m ON m.id = o.membership_id "
        "WHERE o.kind = :kind ORDER BY m.name",
        kind=kind,
    )


def read(world, row) -> str:
    """The whole letter, subject and both bodies."""
    with world.acting("alice"):
        rendered = mailer.render(outbox.letter_of(row))
    return "\n".join((row.subject, rendered.text, rendered.html))


@pytest.mark.parametrize(
    ("changes", "results", "said"),
    [
        ({}, (), "it is proven"),
        ({"outcome": "does_not_prove"}, (), "it is not proven"),
        ({}, ("mismatch", "mismatch"), "it is unsupported assurance"),
    ],
)
def test_who_submitted_a_claim_hears_how_it_ended(world, changes, results, said):
    claims.add_rows(world)
    claim_id = claims.make_claim(world, "bob", statement=STATEMENT)
    claims.validate(world, claim_id, *results, **changes)
    (letter,) = letters(world, "claim_outcome")
    reference = claims.state(world, claim_id).reference
    assert (letter.member, letter.subject) == ("Bob", f"{reference} was validated: {said}")
    whole = read(world, letter)
    assert f"/o/alder/claims/{claim_id}" in whole or str(claim_id) in whole
    for left_out in (STATEMENT, "Alder House", "Vera"):
        assert left_out not in whole


def test_urgent_mail_only_leaves_out_what_asks_for_nothing(world):
    with world.acting("bob") as bob:
        service.set_mail_mode(actor=bob, mail_mode="urgent")
        db.session.commit()
    claims.add_rows(world)
    claims.validate(world, claims.make_claim(world, "bob"))
    assert letters(world, "claim_outcome") == []
    claims.validate(world, claims.make_claim(world, "bob"), outcome="does_not_prove")
    assert len(letters(world, "claim_outcome")) == 1


def test_an_update_sent_back_is_told_to_who_writes_it_and_who_gathered_its_evidence(world):
    update_id = updates.approved(world)
    with world.acting("alice") as alice:
        steps.send_back(actor=alice, update_id=update_id)
        db.session.commit()
    told = letters(world, "update_returned")
    assert [row.member for row in told] == ["Bob", "Cora"]
    assert told[0].subject == "RUP-0001 was sent back: it is a draft again"
    assert updates.THEME not in read(world, told[0])


def test_who_sends_it_back_writes_no_letter_to_themself(world):
    update_id = updates.validated(world)
    with world.acting("cora") as cora:
        steps.send_back(actor=cora, update_id=update_id)
        db.session.commit()
    assert [row.member for row in letters(world, "update_returned")] == ["Bob"]

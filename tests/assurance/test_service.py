"""Claims from hand to hand, and every refusal on the way. Steps S0-3.1 and S0-3.2."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from careboard import audit
from careboard.assurance import queries, service
from careboard.db import db
from careboard.errors import CareBoardError, Forbidden, Invalid, NotFound
from careboard.evidence import service as evidence
from careboard.tenancy import system_actor
from tests.actions.samples import events
from tests.assurance.making import (
    OCTOBER,
    STATEMENT,
    TODAY,
    add_rows,
    draw,
    make_claim,
    make_return,
    refused,
    sheets,
    start,
    state,
    validate,
)


def facts(world, **changes):
    return {
        "service_id": world.service_id("Alder House"),
        "domain": "medicines",
        "statement": STATEMENT,
        "new": sheets(),
        **OCTOBER,
        **changes,
    }


def test_a_return_from_the_manager_to_its_validation(world):
    add_rows(world)
    claim_id, risk_id = make_return(world)
    row = state(world, claim_id)
    assert (row.status, row.reference, row.domain) == ("submitted", "CLM-0001", "medicines")
    assert (row.submitted_by_id, row.submitted_on) == (world.member_id("bob"), TODAY)
    validate(world, claim_id)
    row = state(world, claim_id)
    assert (row.status, row.outcome, row.unsupported, row.risk_id) == (
        "validated", "proves", False, risk_id
    )  # fmt: skip
    assert (row.validated_by_id, row.validated_on) == (world.member_id("vera"), TODAY)
    assert events(world, claim_id) == [
        "claim:submitted", "validation:started", "claim:validated"
    ]  # fmt: skip
    with world.acting("alice") as alice:
        (line,) = queries.claims_of_risk(alice, risk_id)
        assert line.standing.supports and line.row.noun == "Service assurance return"
        assert audit.verify(alice.org_id).intact


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"statement": "  "}, "statement"),
        ({"statement": "x" * 2_001}, "statement"),
        ({"period_from": None}, "period_from"),
        ({"period_to": None}, "period_to"),
        ({"period_from": date(2026, 11, 1)}, "period_to"),
        ({"period_to": TODAY + timedelta(days=1)}, "period_to"),
        ({"domain": "parking"}, "domain"),
        ({"service_id": None}, "service_id"),
        ({"kind": "assurance_return"}, "risk_id"),
        ({"kind": "rumour"}, "kind"),
        ({"new": None}, "evidence"),
        ({"new": sheets(kind="")}, "kind"),
        ({"new": sheets(source_link="")}, "file"),
        ({"new": sheets(valid_until=TODAY - timedelta(days=1))}, "evidence"),
    ],
)
def test_what_a_claim_must_have(world, change, field):
    refused(world, "bob", service.submit_claim, field=field, **facts(world, **change))
    assert world.sql("SELECT count(*) FROM claim")[0].count == 0


def test_who_may_claim_and_where(world):
    for person in ("vera", "ben", "adam"):
        refused(world, person, service.submit_claim, Forbidden, **facts(world))
    lodge = world.service_id("Alder Lodge")
    refused(world, "bob", service.submit_claim, Forbidden, **facts(world, service_id=lodge))
    refused(world, "charlie", service.submit_claim, NotFound, **facts(world))
    _, risk_id = make_return(world)
    about = facts(world, service_id=None, domain=None, kind="assurance_return", risk_id=risk_id)
    refused(world, "rita", service.submit_claim, Forbidden, **about)
    refused(world, "charlie", service.submit_claim, NotFound, **about | {"kind": "claim"})
    assert make_claim(world, "rita", **about | {"kind": "claim"})
    with world.acting("alice") as alice:
        db.session.execute(text("UPDATE risk SET status = 'closed', closed_on = rated_on"))
        with pytest.raises(Invalid) as caught:
            service.submit_claim(actor=alice, **about)
    assert caught.value.field == "risk_id"


def test_a_draft_is_its_authors_until_handed_in(world):
    claim_id = make_claim(world, draft=True, new=None)
    refused(world, "bob", service.submit_draft, field="evidence", claim_id=claim_id)
    refused(world, "rita", service.submit_draft, Forbidden, claim_id=claim_id)
    refused(world, "vera", service.start_validation, claim_id=claim_id)
    with world.acting("alice") as alice, pytest.raises(NotFound):
        queries.claim(actor=alice, claim_id=claim_id)
    changed = {"statement": "MAR gaps fell from 7 to 1", **OCTOBER, "new": sheets()}
    refused(world, "rita", service.edit_draft, Forbidden, claim_id=claim_id, **changed)
    with world.acting("bob") as bob:
        service.edit_draft(actor=bob, claim_id=claim_id, **changed)
        service.submit_draft(actor=bob, claim_id=claim_id)
        db.session.commit()
    assert state(world, claim_id).statement == "MAR gaps fell from 7 to 1"
    refused(world, "bob", service.edit_draft, claim_id=claim_id, **changed)
    refused(world, "bob", service.submit_draft, claim_id=claim_id)


def test_withdrawn_until_validated_and_only_by_its_author(world):
    claim_id = make_claim(world)
    refused(world, "bob", service.withdraw_claim, field="reason", claim_id=claim_id, reason=" ")
    refused(world, "rita", service.withdraw_claim, Forbidden, claim_id=claim_id, reason="x")
    with world.acting("bob") as bob:
        service.withdraw_claim(actor=bob, claim_id=claim_id, reason="The figures were of May")
        db.session.commit()
    refused(world, "vera", service.start_validation, claim_id=claim_id)
    validated = make_claim(world)
    validate(world, validated)
    refused(world, "bob", service.withdraw_claim, claim_id=validated, reason="x")


def test_a_validated_claim_keeps_its_evidence(world):
    claim_id = make_claim(world)
    validate(world, claim_id)
    link = world.sql("SELECT * FROM evidence_link WHERE claim_id = :id", id=claim_id)[0]
    refused(world, "bob", evidence.detach, evidence_id=link.evidence_id, link_id=link.id)
    refused(world, "bob", evidence.withdraw, evidence_id=link.evidence_id, reason="x")
    free = make_claim(world)
    item = world.sql("SELECT evidence_id FROM evidence_link WHERE claim_id = :id", id=free)[0]
    refused(world, "bob", evidence.attach, field="reference", evidence_id=item.evidence_id,
            claim_id=claim_id)  # fmt: skip


def test_the_queue_is_in_order_of_age_and_within_reach(world):
    old = make_claim(world)
    new = make_claim(world, "alice", "Alder Lodge")
    make_claim(world, draft=True)
    done = make_claim(world)
    validate(world, done)
    lodge = world.service_id("Alder Lodge")
    with world.acting("vera") as vera:
        page = queries.waiting(vera)
        assert [line.row.id for line in page.rows] == [old, new]
        assert page.rows[0].coverage.covered == ("care_records",)
        assert [line.row.id for line in queries.waiting(vera, service_id=lodge).rows] == [new]
    with world.acting("bob") as bob:
        assert [line.row.id for line in queries.waiting(bob).rows] == [old]
        with pytest.raises(Forbidden):
            queries.claim(actor=bob, claim_id=new)
    with world.acting("charlie") as charlie:
        assert queries.waiting(charlie).rows == []
        with pytest.raises(NotFound):
            queries.detail(actor=charlie, claim_id=old)


def test_the_system_claims_and_validates_nothing(world):
    claim_id = make_claim(world)
    values = facts(world)
    with world.acting("alice"):
        system = system_actor("alder")
        for call, given in (
            (service.submit_claim, values),
            (service.start_validation, {"claim_id": claim_id}),
        ):
            with pytest.raises(CareBoardError):
                call(actor=system, **given)


def test_a_claim_is_not_taken_back_once_a_sample_was_drawn(world):
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id)
    refused(world, "bob", service.withdraw_claim, claim_id=claim_id, reason="Wrong month")
    assert state(world, claim_id).status == "submitted"


@pytest.mark.parametrize("check", [start, validate])
def test_evidence_under_validation_gets_no_further_revision(world, check):
    claim_id = make_claim(world)
    check(world, claim_id)
    linked = "SELECT evidence_id FROM evidence_link WHERE claim_id = :id"
    evidence_id = world.sql(linked, id=claim_id)[0].evidence_id
    values = {"evidence_id": evidence_id, "source_link": "MAR-2", "note": "Better"}
    refused(world, "bob", evidence.revise, field="file", **values)

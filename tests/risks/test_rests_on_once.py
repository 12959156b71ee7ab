"""What proved one improvement does not prove the next, and who took part does not judge it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from careboard.db import db
from careboard.errors import Invalid
from careboard.risks import queries
from careboard.risks.basis import Basis
from tests.dashboards.rows import TODAY, add_evidence, add_risk, days_ago
from tests.risks.making import add_return, decide, sitting
from tests.risks.test_disputes import file, moderate


@pytest.fixture
def risk_id(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house, rating="very_high", evidence=[add_evidence(actor, house)])
        db.session.commit()
    return risk_id


def test_a_return_lowers_a_rating_once(world, risk_id):
    with world.acting("alice") as actor:
        claim_id, meeting = add_return(actor, risk_id), sitting(actor)
        decide(actor, risk_id, "high", sitting_id=meeting, claim_id=claim_id)
        db.session.commit()
    with world.acting("alice") as actor, pytest.raises(Invalid, match="was lowered on CLM"):
        decide(actor, risk_id, "moderate", sitting_id=meeting, claim_id=claim_id)


def test_the_database_refuses_the_second_lowering_too(world, risk_id):
    with world.acting("alice") as actor:
        claim_id = add_return(actor, risk_id)
        decide(actor, risk_id, "high", sitting_id=sitting(actor), claim_id=claim_id)
        db.session.commit()
    again = """
INSERT INTO rating_review (org_id, id, risk_id, rating_from, rating_to, decision, rationale,
  decided_by_id, decided_on, decided_at, claim_id, sitting_id, submitted_by_id, validated_by_id)
SELECT org_id, gen_random_uuid(), risk_id, 'high', 'moderate', 'lower', 'Again', decided_by_id,
  decided_on, decided_at, claim_id, sitting_id, submitted_by_id, validated_by_id
FROM rating_review WHERE claim_id = :id"""
    with world.acting("alice"):
        with pytest.raises(IntegrityError, match="uq_rating_review_lowered_once"):
            db.session.execute(text(again), {"id": claim_id})
        db.session.rollback()


def test_lowering_wants_evidence_in_date_besides(world, risk_id):
    with world.acting("alice") as actor:
        claim_id = add_return(actor, risk_id, evidence=0)
        with pytest.raises(Invalid) as refusal:
            decide(actor, risk_id, "high", sitting_id=sitting(actor), claim_id=claim_id)
    assert refusal.value.field == "evidence"


def test_who_disputes_a_rating_has_no_part_in_deciding_it_anew(world, risk_id):
    with world.acting("alice"):
        db.session.execute(
            text(
                "UPDATE membership SET roles = ARRAY['registered_manager', 'governance_lead'], "
                "all_services = true WHERE name = 'Bob'"
            )
        )
        db.session.commit()
    file(world, risk_id)
    house = world.service_id("Alder House")
    with world.acting("bob") as actor, pytest.raises(Invalid) as refusal:
        new = Basis(existing=[add_evidence(actor, house, period_to=days_ago(5)).id])
        decide(actor, risk_id, "very_high", sitting_id=sitting(actor), basis=new)
    assert refusal.value.field == "same_person_reason"
    assert "filed DSP-0001" in str(refusal.value)


def test_who_decided_the_rating_anew_does_not_moderate_the_dispute_about_it(world, risk_id):
    with world.acting("alice"):
        db.session.execute(
            text(
                "UPDATE membership SET roles = ARRAY['verifier', 'governance_lead'] "
                "WHERE name = 'Vera'"
            )
        )
        db.session.commit()
    dispute_id, house = file(world, risk_id), world.service_id("Alder House")
    with world.acting("vera") as actor:
        new = add_evidence(actor, house, period_to=days_ago(5))
        decide(
            actor, risk_id, "very_high", sitting_id=sitting(actor), basis=Basis(existing=[new.id])
        )
        db.session.commit()
    with pytest.raises(Invalid) as refusal:
        moderate(world, dispute_id, "vera")
    assert refusal.value.field == "same_person_reason"


def test_an_unsupported_return_is_not_hidden_by_a_later_one_that_proves_nothing(world, risk_id):
    with world.acting("alice") as actor:
        add_return(actor, risk_id, outcome="partly", matched=2)
        db.session.commit()
    assert _state(world, risk_id) == "unsupported"
    with world.acting("alice") as actor:
        add_return(actor, risk_id, outcome="does_not_prove")
        db.session.commit()
    assert _state(world, risk_id) == "unsupported"
    with world.acting("alice") as actor:
        add_return(actor, risk_id, outcome="proves")
        db.session.commit()
    assert _state(world, risk_id) != "unsupported"


def _state(world, risk_id):
    with world.acting("alice") as actor:
        return queries.risk(actor=actor, risk_id=risk_id, on=TODAY).assurance.state

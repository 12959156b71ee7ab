"""A service disputes its rating; somebody who took no part moderates it, in time. Rules 3.3."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from careboard import clock
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.evidence.models import EvidenceLink
from careboard.evidence.service import submit
from careboard.risks import disputes, history, queries
from careboard.risks.basis import Basis, NewEvidence
from careboard.risks.models import RatingWatch
from tests.dashboards.rows import TODAY, add_evidence, add_risk
from tests.risks.making import add_return, decide, sitting

NONE_YET = Basis(none_yet=True)


@pytest.fixture
def risk_id(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house, evidence=[add_evidence(actor, house)])
        db.session.commit()
    return risk_id


def file(world, risk_id, person="bob", **values):
    facts = {"reason": "The two gaps were counted twice", "basis": NONE_YET} | values
    with world.acting(person) as actor:
        dispute_id = disputes.file(actor=actor, risk_id=risk_id, **facts)
        db.session.commit()
    return dispute_id


def moderate(world, dispute_id, person="vera", **values):
    facts = {"outcome": "upheld", "moderation": "The count holds"} | values
    with world.acting(person) as actor:
        disputes.moderate(actor=actor, dispute_id=dispute_id, **facts)
        db.session.commit()


def row(world, dispute_id):
    return world.sql("SELECT * FROM rating_dispute WHERE id = :id", id=dispute_id)[0]


def state(world, risk_id):
    with world.acting("alice") as actor:
        return queries.risk(actor=actor, risk_id=risk_id, on=TODAY).assurance.state


def test_a_dispute_is_shown_beside_the_rating_until_it_is_moderated(world, risk_id):
    new = NewEvidence("Second count", "care_records", source_link="Q-9")
    dispute_id = file(world, risk_id, basis=Basis(new=new))
    filed = row(world, dispute_id)
    assert (filed.reference, filed.status, filed.escalated) == ("DSP-0001", "open", False)
    # Ten working days after Friday 20 November.
    assert (filed.filed_on, filed.due_on) == (TODAY, date(2026, 12, 4))
    assert state(world, risk_id) == "disputed"
    with world.acting("ben") as actor:
        found = history.dispute(actor=actor, dispute_id=dispute_id)
        assert [item["title"] for item in found.items] == ["Second count"]
    moderate(world, dispute_id)
    assert row(world, dispute_id).status == "upheld"
    assert state(world, risk_id) == "assured"


def test_moderation_changes_a_rating_by_a_review_of_its_own(world, risk_id):
    house = world.service_id("Alder House")
    with world.acting("bob") as actor:
        item = add_evidence(actor, house).id
        db.session.commit()
    dispute_id = file(world, risk_id, basis=Basis([item]))
    moderate(world, dispute_id, outcome="changed", rating="moderate")
    with world.acting("alice") as actor:
        line = history.reviews(actor=actor, risk_id=risk_id)
        assert [(v.decision, v.rating_from, v.rating_to) for v in line] == [
            ("moderated", "high", "moderate"), ("set", None, "high"),
        ]  # fmt: skip
        assert line[0].decided_by == "Vera" and line[0].dispute == "DSP-0001"
        cited = db.session.scalars(
            select(EvidenceLink.evidence_id).where(EvidenceLink.rating_review_id == line[0].id)
        )
        assert item in set(cited) and len(line[0].items) == 2
        # A rating that moderation lowered is watched like any other.
        assert db.session.scalar(select(RatingWatch.rating_review_id)) == line[0].id


@pytest.mark.parametrize(("days", "escalated"), [(90, True), (91, False)])
def test_another_dispute_within_90_days_goes_to_the_governance_group(
    world, risk_id, days, escalated
):
    first = file(world, risk_id)
    moderate(world, first)
    clock.freeze(TODAY + timedelta(days=days))
    try:
        second = file(world, risk_id)
        assert row(world, second).escalated is escalated
        if escalated:
            with pytest.raises(Invalid) as refusal:
                moderate(world, second)
            assert refusal.value.field == "sitting"
            with world.acting("alice") as actor:
                sitting_id = sitting(actor)
                db.session.execute(
                    text("UPDATE membership SET roles = '{governance_lead}' WHERE name = 'Cora'")
                )
                db.session.commit()
            moderate(world, second, "cora", sitting_id=sitting_id)
            assert row(world, second).sitting_id == sitting_id
    finally:
        clock.freeze(TODAY)


def test_one_dispute_at_a_time_and_a_withdrawn_one_does_not_count(world, risk_id):
    first = file(world, risk_id)
    with pytest.raises(Conflict):
        file(world, risk_id)
    with world.acting("alice") as actor, pytest.raises(Forbidden):
        disputes.withdraw(actor=actor, dispute_id=first)
    with world.acting("bob") as actor:
        disputes.withdraw(actor=actor, dispute_id=first)
        db.session.commit()
    second = file(world, risk_id)
    assert not row(world, second).escalated
    with world.acting("bob") as actor, pytest.raises(Conflict):
        disputes.withdraw(actor=actor, dispute_id=first)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"reason": " "}, "reason"), ({"basis": Basis()}, "evidence"),
     ({"basis": Basis(new=NewEvidence("", "audits", source_link="Q"))}, "title")],
)  # fmt: skip
def test_a_bare_dispute_is_refused(world, risk_id, values, field):
    with pytest.raises(Invalid) as refusal:
        file(world, risk_id, **values)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("values", "field"),
    [({"outcome": ""}, "outcome"), ({"moderation": " "}, "moderation"),
     ({"outcome": "changed"}, "rating"), ({"outcome": "changed", "rating": "high"}, "rating")],
)  # fmt: skip
def test_a_bare_moderation_is_refused(world, risk_id, values, field):
    dispute_id = file(world, risk_id)
    with pytest.raises(Invalid) as refusal:
        moderate(world, dispute_id, **values)
    assert refusal.value.field == field
    assert row(world, dispute_id).status == "open"


def test_who_gave_the_rating_does_not_moderate_its_dispute(world, risk_id):
    dispute_id = file(world, risk_id)
    with pytest.raises(Invalid, match="Vera can moderate it"):
        moderate(world, dispute_id, "alice", same_person_reason="I know it best")
    with world.acting("alice"):
        db.session.execute(text("UPDATE membership SET active = false WHERE name = 'Vera'"))
        db.session.commit()
    with pytest.raises(Invalid, match="nobody else can moderate it"):
        moderate(world, dispute_id, "alice")
    moderate(world, dispute_id, "alice", same_person_reason="The only lead")
    assert row(world, dispute_id).same_person_reason == "The only lead"


def test_nor_does_who_made_the_evidence_against_it(world, risk_id):
    house = world.service_id("Alder House")
    with world.acting("alice"):
        db.session.execute(
            text("UPDATE membership SET roles = '{governance_lead}' WHERE name = 'Rita'")
        )
        db.session.commit()
    with world.acting("rita") as rita:
        item = submit(
            actor=rita, title="Second count", kind="care_records", source_link="Q-9",
            service_id=house,
        )  # fmt: skip
        db.session.commit()
    dispute_id = file(world, risk_id, basis=Basis([item]))
    page = f"/o/alder/risks/disputes/{dispute_id}"
    assert "same_person_reason" in world.client("rita").get(page).text
    assert "same_person_reason" not in world.client("vera").get(page).text
    with pytest.raises(Invalid, match="made evidence against it. Vera") as refusal:
        moderate(world, dispute_id, "rita")
    assert refusal.value.field == "same_person_reason"
    moderate(world, dispute_id)


def test_who_checked_the_return_does_not_moderate_either(world, risk_id):
    with world.acting("alice") as actor:
        claim_id = add_return(actor, risk_id)
        decide(actor, risk_id, "high", sitting_id=sitting(actor), claim_id=claim_id)
        db.session.commit()
    # Bob handed the return in: as the only manager he may dispute, with a reason that is kept.
    with pytest.raises(Invalid) as refusal:
        file(world, risk_id)
    assert refusal.value.field == "same_person_reason"
    dispute_id = file(world, risk_id, same_person_reason="The only manager of the service")
    assert row(world, dispute_id).filing_exception == "The only manager of the service"
    with pytest.raises(Invalid) as refusal:
        moderate(world, dispute_id, "vera")
    assert refusal.value.field == "same_person_reason"


@pytest.mark.parametrize("person", ["rita", "vera", "ben", "adam", "alice"])
def test_disputes_are_filed_by_the_service(world, risk_id, person):
    with pytest.raises(Forbidden):
        file(world, risk_id, person)


@pytest.mark.parametrize("person", ["rita", "bob", "ben", "adam"])
def test_disputes_are_moderated_by_those_who_validate(world, risk_id, person):
    dispute_id = file(world, risk_id)
    with pytest.raises(Forbidden):
        moderate(world, dispute_id, person)


def test_a_settled_dispute_stays_as_it_is(world, risk_id):
    dispute_id = file(world, risk_id)
    moderate(world, dispute_id)
    with pytest.raises(Conflict):
        moderate(world, dispute_id)
    assert len(world.sql("SELECT 1 FROM audit_event WHERE tag = 'dispute:upheld'")) == 1


def test_pages_of_a_dispute(world, risk_id):
    bob, vera = world.client("bob"), world.client("vera")
    path = f"/o/alder/risks/{risk_id}/dispute"
    assert "File the dispute" in bob.get(path).text
    assert world.client("charlie").get(path).status_code == 404
    assert world.client("alice").get(path).status_code == 403
    bare = bob.post(path, data={"reason": "Counted twice"})
    assert bare.status_code == 422 and "Counted twice" in bare.text
    answer = bob.post(path, data={"reason": "Counted twice", "none_yet": "y"})
    assert answer.status_code == 303
    page = answer.location
    assert "Withdraw the dispute" in bob.get(page).text
    assert "Record the moderation" not in bob.get(page).text
    assert "Record the moderation" in vera.get(page).text
    assert world.client("charlie").get(page).status_code == 404
    assert bob.post(page, data={}).status_code == 403
    assert world.client("charlie").post(page, data={}).status_code == 404
    kept = vera.post(page, data={"moderation": "The count holds"})
    assert kept.status_code == 422 and "The count holds" in kept.text
    done = vera.post(page, data={"moderation": "The count holds", "outcome": "upheld"})
    assert done.status_code == 303
    assert "rating upheld" in vera.get(page).text
    again = vera.post(page, data={"moderation": "The count holds", "outcome": "upheld"})
    assert again.status_code == 409

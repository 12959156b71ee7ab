"""A rating comes with cause, reasons and evidence, and changes by a review alone."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.evidence.models import Evidence, EvidenceLink
from careboard.reviews import service as reviews
from careboard.risks import history, queries, service
from careboard.risks.models import RatingReview, Risk
from careboard.risks.service import Basis, NewEvidence
from tests.dashboards.rows import TODAY, add_evidence, add_risk, days_ago
from tests.risks.making import add_return, decide, sign, sitting

NONE_YET = Basis(none_yet=True)


def opening(actor, service_id, **values):
    facts = {
        "domain": "medicines",
        "original_cause": "Two seniors left",
        "rating": "high",
        "rationale": "Three audits below 80%",
        "basis": NONE_YET,
    }
    return service.open_risk(actor=actor, service_id=service_id, **(facts | values))


def test_a_risk_opens_with_its_first_rating_and_what_it_rests_on(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        item = add_evidence(actor, house)
        risk_id = opening(actor, house, basis=Basis(existing=[item.id]))
        risk = db.session.get(Risk, (actor.org_id, risk_id))
        review = db.session.get(RatingReview, (actor.org_id, risk.rating_review_id))
        assert (risk.reference, risk.rating, risk.rated_on) == ("RSK-0001", "high", TODAY)
        assert (review.decision, review.rating_from, review.rating_to) == ("set", None, "high")
        assert db.session.scalar(select(EvidenceLink.rating_review_id)) == review.id
        assert queries.risk(actor=actor, risk_id=risk_id, on=TODAY).assurance.state == "assured"


def test_evidence_may_be_sent_with_the_rating(world):
    house = world.service_id("Alder House")
    new = NewEvidence(title="MAR audit", kind="audits", source_link="https://care.example/88")
    with world.acting("alice") as actor:
        risk_id = opening(actor, house, basis=Basis(new=new))
        assert db.session.scalar(select(Evidence.title)) == "MAR audit"
        assert queries.risk(actor=actor, risk_id=risk_id, on=TODAY).kinds == ["audits"]


def test_no_evidence_yet_leaves_the_rating_unsupported(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = opening(actor, house)
        found = queries.risk(actor=actor, risk_id=risk_id, on=TODAY)
        assert found.assurance.state == "unsupported"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"original_cause": "  "}, "original_cause"),
        ({"rationale": "  "}, "rationale"),
        ({"rating": "green"}, "rating"),
        ({"domain": "weather"}, "domain"),
        ({"basis": Basis()}, "evidence"),
        ({"basis": Basis(new=NewEvidence("", "audits", source_link="Q-1"))}, "title"),
        ({"basis": Basis(new=NewEvidence("Audit", "audits"))}, "file"),
        ({"basis": Basis(new=NewEvidence("A", "audits"), none_yet=True)}, "none_yet"),
    ],
)
def test_a_bare_colour_is_refused(world, values, field):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        with pytest.raises(Invalid) as refusal:
            opening(actor, house, **values)
        assert refusal.value.field == field


def test_a_domain_is_rated_once(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        opening(actor, house)
        with pytest.raises(Invalid) as refusal:
            opening(actor, house)
        assert refusal.value.field == "domain"


@pytest.mark.parametrize(
    ("rating", "decision"), [("very_high", "raise"), ("high", "hold"), ("moderate", "lower")]
)
def test_the_governance_group_raises_holds_or_lowers(world, rating, decision):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house, rating="high")
        claim_id, sitting_id = add_return(actor, risk_id), sitting(actor)
        answer = decide(
            actor, risk_id, rating, sitting_id=sitting_id, claim_id=claim_id,
            outcome_position="0 gaps in 9 days",
        )  # fmt: skip
        risk = db.session.get(Risk, (actor.org_id, risk_id))
        assert (answer, risk.rating) == (decision, rating)
        assert risk.outcome_position == "0 gaps in 9 days"
        line = queries.risk(actor=actor, risk_id=risk_id, on=TODAY).reviews
        assert [review.decision for review in line] == [decision, "set"]
        latest = line[0]
        assert (latest.submitted_by, latest.validated_by, latest.decided_by) == (
            "Bob", "Vera", "Alice",
        )  # fmt: skip
        assert (latest.sitting_id, latest.urgent, len(latest.items)) == (sitting_id, False, 1)


@pytest.mark.parametrize("rating", ["high", "moderate"])
def test_outside_a_sitting_nothing_is_held_or_lowered(world, rating):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        with pytest.raises(Invalid) as refusal:
            decide(actor, risk_id, rating, claim_id=add_return(actor, risk_id))
        assert refusal.value.field == "sitting"


def test_a_raise_at_once_waits_to_be_confirmed(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        assert decide(actor, risk_id, "very_high") == "raise"
        raised = history.reviews(actor=actor, risk_id=risk_id)[0]
        assert raised.urgent and raised.unconfirmed
        assert decide(actor, risk_id, "very_high", sitting_id=sitting(actor)) == "hold"
        confirmed = history.reviews(actor=actor, risk_id=risk_id)
        assert [row.unconfirmed for row in confirmed] == [False, False, False]
        with pytest.raises(Invalid) as refusal:
            decide(actor, risk_id, "very_high", sitting_id=sitting(actor))
        assert refusal.value.field == "evidence"


@pytest.mark.parametrize(("days", "held"), [(62, True), (63, False)])
def test_a_rating_is_held_on_evidence_of_the_last_62_days(world, days, held):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        item = add_evidence(actor, house, period_to=days_ago(days))
        values = {"sitting_id": sitting(actor), "basis": Basis([item.id])}
        if held:
            assert decide(actor, risk_id, "high", **values) == "hold"
        else:
            with pytest.raises(Invalid) as refusal:
                decide(actor, risk_id, "high", **values)
            assert refusal.value.field == "evidence"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outcome": "does_not_prove"}, "found to prove"),
        ({"matched": 4}, "found to prove"),
        ({"outcome": None}, "has not been checked"),
        ({"kind": "claim"}, "about another risk"),
    ],
)
def test_a_rating_is_lowered_on_a_proved_return_alone(world, changes, words):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        claim_id = add_return(actor, risk_id, **changes)
        with pytest.raises(Invalid, match=words) as refusal:
            decide(actor, risk_id, "low", sitting_id=sitting(actor), claim_id=claim_id)
        assert refusal.value.field == "claim"


@pytest.mark.parametrize("how", ["existing", "new"])
def test_nobody_lowers_a_rating_on_evidence_that_they_made(world, how):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        own = (
            Basis([add_evidence(actor, house).id])
            if how == "existing"
            else Basis(new=NewEvidence("My own count", "audits", source_link="Q-3"))
        )
        given = {"sitting_id": sitting(actor), "claim_id": add_return(actor, risk_id)}
        with pytest.raises(Invalid, match="made evidence that it is lowered on") as refusal:
            decide(actor, risk_id, "low", basis=own, **given)
        assert refusal.value.field == "same_person_reason"
        kept = "Nobody else rates"
        assert decide(actor, risk_id, "low", basis=own, same_person_reason=kept, **given) == "lower"
        latest = history.reviews(actor=actor, risk_id=risk_id)[0]
        assert latest.same_person_reason == kept


def test_a_return_about_another_risk_carries_nothing(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id, other = add_risk(actor, house), add_risk(actor, house, "safety")
        with pytest.raises(Invalid, match="about another risk"):
            decide(
                actor, risk_id, "low", sitting_id=sitting(actor),
                claim_id=add_return(actor, other),
            )  # fmt: skip


def test_ratings_are_decided_in_open_sittings_of_the_governance_group(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        claim_id = add_return(actor, risk_id)
        weekly = reviews.open_sitting(actor=actor, forum="weekly_manager", service_id=house)
        for wrong in (weekly, uuid4()):
            with pytest.raises(Invalid) as refusal:
                decide(actor, risk_id, "low", sitting_id=wrong, claim_id=claim_id)
            assert refusal.value.field == "sitting"
        signed = sitting(actor)
        sign(actor, signed)
        with pytest.raises(Conflict, match="signed"):
            decide(actor, risk_id, "low", sitting_id=signed, claim_id=claim_id)


@pytest.mark.parametrize("part", ["submitted_by", "validated_by"])
def test_who_submitted_or_checked_the_return_does_not_decide(world, part):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        claim_id = add_return(actor, risk_id, **{part: "alice"})
        values = {"sitting_id": sitting(actor), "claim_id": claim_id}
        with pytest.raises(Invalid, match="nobody else can decide on it") as refusal:
            decide(actor, risk_id, "low", **values)
        assert refusal.value.field == "same_person_reason"
        db.session.execute(
            text("UPDATE membership SET roles = '{governance_lead}' WHERE name = 'Cora'")
        )
        with pytest.raises(Invalid, match="Cora can decide on it"):
            decide(actor, risk_id, "low", same_person_reason="I know it best", **values)


def test_where_there_is_nobody_else_the_exception_is_recorded(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        claim_id = add_return(actor, risk_id, validated_by="alice")
        decide(
            actor, risk_id, "low", sitting_id=sitting(actor), claim_id=claim_id,
            same_person_reason="The only governance lead",
        )  # fmt: skip
        latest = history.reviews(actor=actor, risk_id=risk_id)[0]
        assert latest.same_person_reason == "The only governance lead"


def test_evidence_of_an_earlier_review_does_not_carry_the_next(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        item = add_evidence(actor, house)
        risk_id = add_risk(actor, house, evidence=[item])
        decide(actor, risk_id, "very_high")
        found = queries.risk(actor=actor, risk_id=risk_id, on=TODAY)
        assert found.assurance.state == "unsupported"


def test_a_review_made_meanwhile_is_a_conflict(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        with pytest.raises(Conflict):
            service.rate(
                actor=actor, risk_id=risk_id, rating="low", rationale="Better", basis=NONE_YET,
                seen_review_id=uuid4(),
            )  # fmt: skip


@pytest.mark.parametrize("person", ["bob", "ben", "rita", "vera", "adam"])
def test_only_those_who_may_rate_do(world, person):
    house = world.service_id("Alder House")
    with world.acting(person) as actor, pytest.raises(Forbidden):
        opening(actor, house)


def test_a_foreign_service_or_risk_is_not_found(world):
    house = world.service_id("Alder House")
    with world.acting("charlie") as actor:
        with pytest.raises(NotFound):
            opening(actor, house)
        with pytest.raises(NotFound):
            queries.risk(actor=actor, risk_id=uuid4(), on=TODAY)


def test_the_database_refuses_a_rating_without_a_review(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        add_risk(actor, house)
        with pytest.raises(IntegrityError, match="changes only by a rating review"):
            db.session.execute(text("UPDATE risk SET rating = 'low'"))
        db.session.rollback()


def test_a_rating_leaves_an_event_without_words(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        add_risk(actor, house)
        db.session.commit()
    rows = world.sql("SELECT tag, payload FROM audit_event WHERE tag = 'risk:opened'")
    assert len(rows) == 1
    assert "seniors" not in rows[0].payload and '"rating": "high"' in rows[0].payload

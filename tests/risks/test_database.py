"""What the database itself refuses about ratings, whatever a service would let pass."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from careboard import clock
from careboard.db import db
from careboard.risks import disputes, watching
from careboard.risks.basis import Basis
from careboard.risks.models import RatingDispute, RatingReview, Risk
from tests.dashboards.rows import TODAY, add, add_risk
from tests.risks.making import add_return, decide, lower, member, sitting


@pytest.fixture
def risk(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        db.session.commit()
        yield actor, risk_id
        db.session.rollback()


def review(actor, risk_id, **values):
    facts = {
        "rating_from": "high", "rating_to": "moderate", "decision": "lower", "rationale": "Better",
        "decided_by_id": member(actor, "alice"), "decided_on": TODAY, "decided_at": clock.now(),
    } | values  # fmt: skip
    return add(actor, RatingReview, risk_id=risk_id, **facts)


def resting_on(actor, claim_id):
    row = db.session.execute(
        text("SELECT submitted_by_id, validated_by_id FROM claim WHERE id = :id"), {"id": claim_id}
    ).one()
    return {"claim_id": claim_id, **row._mapping}


def test_a_rating_is_neither_lowered_nor_held_outside_a_sitting(risk):
    actor, risk_id = risk
    grounds = resting_on(actor, add_return(actor, risk_id))
    with pytest.raises(IntegrityError, match="ck_rating_review_in_sitting"):
        review(actor, risk_id, **grounds)


def test_a_rating_is_not_lowered_without_a_return(risk):
    actor, risk_id = risk
    with pytest.raises(IntegrityError, match="ck_rating_review_lowered_on_return"):
        review(actor, risk_id, sitting_id=sitting(actor))


@pytest.mark.parametrize("changes", [{"outcome": "does_not_prove"}, {"matched": 4}])
def test_a_return_that_was_not_proved_lowers_nothing(risk, changes):
    actor, risk_id = risk
    grounds = resting_on(actor, add_return(actor, risk_id, **changes))
    with pytest.raises(IntegrityError, match="lowered on a return that was proved"):
        review(actor, risk_id, sitting_id=sitting(actor), **grounds)


@pytest.mark.parametrize("wrong", ["other risk", "other people", "not checked"])
def test_a_return_carries_its_own_risk_with_its_own_people(risk, world, wrong):
    actor, risk_id = risk
    claim_id = add_return(actor, risk_id, outcome=None if wrong == "not checked" else "proves")
    grounds = resting_on(actor, claim_id)
    if wrong == "other risk":
        service_id = db.session.get(Risk, (actor.org_id, risk_id)).service_id
        risk_id = add_risk(actor, service_id, "safety")
    if wrong == "other people":
        grounds["submitted_by_id"] = member(actor, "rita")
    grounds["validated_by_id"] = grounds["validated_by_id"] or member(actor, "vera")
    with pytest.raises(IntegrityError, match="checked return about its own risk"):
        review(actor, risk_id, sitting_id=sitting(actor), **grounds)


@pytest.mark.parametrize("part", ["submitted_by", "validated_by"])
def test_a_decision_by_one_of_the_parties_needs_a_reason(risk, part):
    actor, risk_id = risk
    grounds = resting_on(actor, add_return(actor, risk_id, **{part: "alice"}))
    with pytest.raises(IntegrityError, match="ck_rating_review_decided_by_another"):
        review(actor, risk_id, sitting_id=sitting(actor), **grounds)
    db.session.rollback()


def test_only_the_governance_group_decides(risk):
    actor, risk_id = risk
    service_id = db.session.get(Risk, (actor.org_id, risk_id)).service_id
    from careboard.reviews import service as reviews

    weekly = reviews.open_sitting(actor=actor, forum="weekly_manager", service_id=service_id)
    with pytest.raises(IntegrityError, match="sitting of the governance group"):
        review(actor, risk_id, decision="hold", rating_to="high", sitting_id=weekly)


def test_urgent_is_a_raise_outside_a_sitting(risk):
    actor, risk_id = risk
    with pytest.raises(IntegrityError, match="ck_rating_review_urgent"):
        review(actor, risk_id, decision="hold", rating_to="high", urgent=True)


def test_a_rating_follows_a_review_of_its_own_that_says_the_same(risk):
    actor, risk_id = risk
    service_id = db.session.get(Risk, (actor.org_id, risk_id)).service_id
    other = add_risk(actor, service_id, "safety", rating="low")
    foreign = db.session.get(Risk, (actor.org_id, other)).rating_review_id
    raised = review(
        actor, risk_id, decision="raise", rating_to="very_high", urgent=True
    ).id  # the rating says something else
    for review_id in (foreign, raised):
        statement = text("UPDATE risk SET rating = 'low', rating_review_id = :v WHERE id = :id")
        with (
            pytest.raises(IntegrityError, match="changes only by a rating review"),
            db.session.begin_nested(),
        ):
            db.session.execute(statement, {"v": review_id, "id": risk_id})


def dispute(actor, risk_id, person="bob", **values):
    facts = {
        "reference": "DSP-0009", "reason": "No", "filed_by_id": member(actor, person),
        "filed_on": TODAY, "due_on": TODAY,
        "rating_review_id": db.session.get(Risk, (actor.org_id, risk_id)).rating_review_id,
    } | values  # fmt: skip
    return add(actor, RatingDispute, risk_id=risk_id, **facts)


MODERATE = """UPDATE rating_dispute SET status = 'upheld', moderation = 'So', moderated_on = :on,
moderated_by_id = :by, same_person_reason = :reason WHERE id = :id"""


@pytest.mark.parametrize(
    ("person", "message"),
    [("bob", "ck_rating_dispute_moderated_by_another"), ("alice", "took no part in the rating")],
)
def test_moderation_by_the_filer_or_the_decider_needs_a_reason(risk, person, message):
    actor, risk_id = risk
    row = dispute(actor, risk_id)
    values = {"id": row.id, "on": TODAY, "by": member(actor, person), "reason": ""}
    with pytest.raises(IntegrityError, match=message), db.session.begin_nested():
        db.session.execute(text(MODERATE), values)
    db.session.execute(text(MODERATE), values | {"reason": "Nobody else"})
    with pytest.raises(IntegrityError, match="settled cannot be changed"):
        db.session.execute(text(MODERATE), values | {"reason": "Again"})


def test_a_dispute_by_who_gave_the_rating_needs_a_reason(risk):
    actor, risk_id = risk
    with pytest.raises(IntegrityError, match="disputed by someone who took no part"):
        dispute(actor, risk_id, "alice")


def test_a_dispute_keeps_what_was_filed(risk):
    actor, risk_id = risk
    dispute(actor, risk_id)
    with pytest.raises(DBAPIError, match="permission denied"):
        db.session.execute(text("UPDATE rating_dispute SET reason = 'Other'"))


def test_a_moderated_rating_has_its_open_dispute(risk):
    actor, risk_id = risk
    with pytest.raises(IntegrityError, match="ck_rating_review_moderated"):
        review(actor, risk_id, decision="moderated")
    db.session.rollback()
    row = dispute(actor, risk_id)
    with pytest.raises(IntegrityError, match="moderated by someone who took no part"):
        review(actor, risk_id, decision="moderated", dispute_id=row.id)


def test_a_moderation_by_another_passes(risk):
    actor, risk_id = risk
    row = dispute(actor, risk_id)
    by = member(actor, "vera")
    assert review(actor, risk_id, decision="moderated", dispute_id=row.id, decided_by_id=by).id


def test_reviews_and_notes_are_never_changed_and_a_decided_watch_stays(risk, world):
    actor, risk_id = risk
    watch = lower(actor, risk_id)
    watching.note(actor=actor, watch_id=watch.id, text="Seen")
    watching.decide(
        actor=actor, watch_id=watch.id, outcome="sustained", reason="Held",
        sitting_id=sitting(actor),
    )  # fmt: skip
    for statement in (
        "UPDATE rating_review SET rationale = 'Other'",
        "UPDATE watch_note SET note = 'Other'",
        "UPDATE rating_watch SET reason = 'Other'",
        "UPDATE rating_watch SET until = until + 1",
        "DELETE FROM rating_watch",
        "DELETE FROM rating_dispute",
    ):
        with pytest.raises(DBAPIError), db.session.begin_nested():
            db.session.execute(text(statement))


def test_signed_minutes_take_no_further_decision(risk):
    from tests.risks.making import sign

    actor, risk_id = risk
    sitting_id = sitting(actor)
    claim_id = add_return(actor, risk_id)
    sign(actor, sitting_id)
    with pytest.raises(IntegrityError, match="signed minutes cannot be changed"):
        review(actor, risk_id, sitting_id=sitting_id, **resting_on(actor, claim_id))


def test_two_decisions_at_once_are_one(risk, world):
    """The second finds the rating reviewed before it; a dispute twice is one dispute."""
    actor, risk_id = risk
    seen = db.session.get(Risk, (actor.org_id, risk_id)).rating_review_id
    decide(actor, risk_id, "very_high", seen_review_id=seen)
    from careboard.errors import Conflict

    with pytest.raises(Conflict):
        decide(actor, risk_id, "very_high", seen_review_id=seen)
    db.session.commit()
    with world.acting("bob") as bob:
        facts = {"actor": bob, "risk_id": risk_id, "reason": "No", "basis": Basis(none_yet=True)}
        disputes.file(**facts)
        with pytest.raises(Conflict):
            disputes.file(**facts)

"""Whatever people try, in whatever order: a rating changes by a decision alone, and nobody appears
twice among submitter, checker, decider and challenger without a recorded exception."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from careboard.db import db
from careboard.errors import CareBoardError
from careboard.risks import disputes, queries, watching
from careboard.risks.basis import Basis
from careboard.risks.models import RatingDispute, RatingWatch, Risk
from careboard.risks.rated import assurance_of
from careboard.vocabulary import RATINGS
from tests.actions.samples import leave
from tests.dashboards.rows import TODAY, add_evidence, add_risk
from tests.risks.making import add_return, decide, sitting

# Who tries it, the likely ones first and one who must not.
STEPS = {
    "return": ("bob", "alice", "vera"),
    "lower": ("alice", "cora", "vera", "bob"),
    "move": ("alice", "cora", "bob"),
    "at_once": ("alice", "cora", "ben"),
    "dispute": ("bob", "alice"),
    "moderate": ("vera", "cora", "alice", "bob"),
    "withdraw": ("bob", "rita"),
    "watch": ("alice", "ben"),
    "expire": ("alice",),
}
REASON = "There is nobody else"

# One that goes all the way: lowered, disputed, moderated by another or by exception, raised again.
WHOLE = [
    ("lower", "alice", "vera", "low", True),
    ("watch", "alice", "vera", "low", False),
    ("dispute", "bob", "vera", "low", True),
    ("moderate", "alice", "vera", "high", True),
    ("moderate", "cora", "vera", "high", True),
    ("at_once", "alice", "vera", "very_high", True),
    ("move", "alice", "vera", "very_high", True),
    ("lower", "alice", "alice", "low", True),
]


def histories(gone):
    steps = [
        st.tuples(
            st.just(step), st.sampled_from([one for one in people if one not in gone] or ["ben"]),
            st.sampled_from(["vera", "alice", "bob"]), st.sampled_from(RATINGS), st.booleans(),
        )
        for step, people in STEPS.items()
    ]  # fmt: skip
    return st.lists(st.one_of(steps), min_size=8, max_size=20)


@pytest.mark.parametrize("gone", [(), ("vera", "cora")], ids=["everybody", "one lead"])
def test_any_history(world, gone):
    house = world.service_id("Alder House")
    with world.acting("alice"):
        db.session.execute(
            text("UPDATE membership SET roles = '{governance_lead}' WHERE name = 'Cora'")
        )
        db.session.commit()
    leave(world, *gone)

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(history=histories(gone))
    @example(WHOLE)
    def play(history):
        risk_id = _begin(world, house)
        for step in (one for one in history if one[1] not in gone):
            before = _rating(world, risk_id)
            _try(world, risk_id, *step)
            _changed_by_decision_alone(world, risk_id, before)
        _nobody_twice(world)
        _state_is_of_rows_alone(world, risk_id)

    play()
    seen = {row.decision for row in world.sql("SELECT decision FROM rating_review")}
    assert {"set", "raise", "hold", "lower", "moderated"} <= seen


def _begin(world, house):
    with world.acting("alice") as actor:
        db.session.execute(text("UPDATE risk SET status = 'closed', closed_on = rated_on"))
        risk_id = add_risk(actor, house, evidence=[add_evidence(actor, house)])
        sitting(actor)
        db.session.commit()
    return risk_id


def _try(world, risk_id, step, person, other, rating, flag) -> None:
    with world.acting(person) as actor:
        try:
            _STEPS[step](actor, risk_id, other, rating, flag)
            db.session.commit()
        except CareBoardError:
            db.session.rollback()


def _return(actor, risk_id, other, rating, flag):
    author = db.session.scalar(
        text("SELECT name FROM membership WHERE id = :id"), {"id": actor.membership_id}
    ).lower()
    same = {"same_person_reason": REASON} if other == author else {}
    add_return(
        actor, risk_id, submitted_by=author, validated_by=other, matched=5 if flag else 4, **same
    )


def _move(actor, risk_id, other, rating, flag):
    """To any rating, on the last return if there is one."""
    values = {"same_person_reason": REASON} if flag else {}
    claim_id = db.session.scalar(
        text("SELECT id FROM claim WHERE risk_id = :risk ORDER BY id DESC LIMIT 1"),
        {"risk": risk_id},
    )
    if claim_id:
        values["claim_id"] = claim_id
    decide(actor, risk_id, rating, sitting_id=_sitting(), **values)


def _lower(actor, risk_id, other, rating, flag):
    """By one, on a new return of bob's that somebody checked."""
    risk = db.session.get(Risk, (actor.org_id, risk_id))
    claim_id = add_return(
        actor, risk_id, validated_by=other, same_person_reason=REASON if other == "bob" else ""
    )
    below = RATINGS[max(0, RATINGS.index(risk.rating) - 1)]
    reason = REASON if flag else ""
    decide(
        actor, risk_id, below, sitting_id=_sitting(), claim_id=claim_id, same_person_reason=reason
    )


def _sitting():
    return db.session.scalar(text("SELECT id FROM review LIMIT 1"))


def _rate_at_once(actor, risk_id, other, rating, flag):
    decide(actor, risk_id, rating)


def _dispute(actor, risk_id, other, rating, flag):
    disputes.file(
        actor=actor, risk_id=risk_id, reason="Wrong", basis=Basis(none_yet=True),
        same_person_reason=REASON if flag else "",
    )  # fmt: skip


def _open_dispute(risk_id):
    return db.session.scalar(
        select(RatingDispute.id).where(
            RatingDispute.risk_id == risk_id, RatingDispute.status == "open"
        )
    )


def _moderate(actor, risk_id, other, rating, flag):
    if dispute_id := _open_dispute(risk_id):
        disputes.moderate(
            actor=actor, dispute_id=dispute_id, outcome="changed" if flag else "upheld",
            rating=rating, moderation="So", same_person_reason=REASON if flag else "",
            sitting_id=_sitting(),
        )  # fmt: skip


def _withdraw(actor, risk_id, other, rating, flag):
    if dispute_id := _open_dispute(risk_id):
        disputes.withdraw(actor=actor, dispute_id=dispute_id)


def _watch(actor, risk_id, other, rating, flag):
    watch_id = db.session.scalar(
        select(RatingWatch.id).where(RatingWatch.risk_id == risk_id, RatingWatch.outcome.is_(None))
    )
    if watch_id:
        watching.decide(
            actor=actor, watch_id=watch_id, reason="So",
            outcome="sustained" if flag else "not_sustained",
            sitting_id=_sitting(),
        )  # fmt: skip


def _expire(actor, risk_id, other, rating, flag):
    db.session.execute(text("UPDATE evidence SET valid_until = DATE '2026-11-19'"))


_STEPS = {
    "return": _return, "lower": _lower, "move": _move, "at_once": _rate_at_once,
    "dispute": _dispute, "moderate": _moderate, "withdraw": _withdraw, "watch": _watch,
    "expire": _expire,
}  # fmt: skip


def _rating(world, risk_id):
    return world.sql("SELECT rating, rating_review_id FROM risk WHERE id = :id", id=risk_id)[0]


def _changed_by_decision_alone(world, risk_id, before) -> None:
    after = _rating(world, risk_id)
    latest = world.sql(
        "SELECT id, rating_from, rating_to FROM rating_review WHERE risk_id = :id "
        "ORDER BY decided_at DESC, id DESC LIMIT 1", id=risk_id,
    )[0]  # fmt: skip
    assert (latest.id, latest.rating_to) == (after.rating_review_id, after.rating)
    if after.rating != before.rating:
        assert after.rating_review_id != before.rating_review_id
        assert latest.rating_from == before.rating


def _nobody_twice(world) -> None:
    assert world.sql(
        "SELECT 1 FROM rating_review WHERE same_person_reason = '' "
        "AND decided_by_id IN (submitted_by_id, validated_by_id)"
    ) == []  # fmt: skip
    parts = (
        "SELECT 1 FROM rating_dispute d JOIN rating_review v ON v.id = d.rating_review_id WHERE "
    )
    assert world.sql(
        parts + "d.filing_exception = '' "
        "AND d.filed_by_id IN (v.decided_by_id, v.submitted_by_id, v.validated_by_id)"
    ) == []  # fmt: skip
    assert world.sql(
        parts + "d.same_person_reason = '' AND d.moderated_by_id IN "
        "(d.filed_by_id, v.decided_by_id, v.submitted_by_id, v.validated_by_id)"
    ) == []  # fmt: skip


def _state_is_of_rows_alone(world, risk_id) -> None:
    with world.acting("alice") as actor:
        one, two = (queries.find(actor=actor, risk_id=risk_id, on=TODAY) for _ in range(2))
        assert assurance_of(one, TODAY) == assurance_of(two, TODAY)
        if assurance_of(one, TODAY).state == "assured":
            assert one.in_date > 0
        assert db.session.get(Risk, (actor.org_id, risk_id)).rating == one.rating

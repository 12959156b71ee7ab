"""Assurance states at their edges, and SQL that says the same over random rows. Rules 3.3."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from careboard.db import db
from careboard.risks.assurance import Dispute, NewAudit, Row, Support, assess
from careboard.risks.models import RatingDispute, RatingReview, RatingWatch, Risk
from careboard.risks.rated import assurance_of, rated
from careboard.risks.sustained import RedAudit, Watch
from careboard.vocabulary import ASSURANCE_STATES, DOMAINS, RATINGS
from tests.dashboards.rows import TODAY, add, add_evidence, add_records, add_risk, attach, days_ago
from tests.risks.making import add_audit, add_return, member

DISPUTE = Dispute(None, "DSP-0001", TODAY)
LOST = Watch(
    None, days_ago(60), TODAY + timedelta(days=32), outcome="not_sustained",
    decided_on=days_ago(1), stands=True,
)  # fmt: skip
REFUTED = Row("claim", None, "CLM-0001")


def audit(band: str, days: int = 0) -> NewAudit:
    return NewAudit(None, "A-1", band, days_ago(days))


def state(rating="high", reviewed=0, **support):
    facts = {"items": 1, "in_date": 1, "newest_on": TODAY} | support
    return assess(
        rating=rating, rated_on=days_ago(reviewed), support=Support(**facts), on=TODAY
    ).state


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        ("assured", {}),
        ("unsupported", {"items": 0, "in_date": 0, "newest_on": None}),
        ("unsupported", {"in_date": 0, "newest_on": None, "valid_until": days_ago(1)}),
        ("unsupported", {"refuted": REFUTED}),
        ("assured", {"reviewed": 35}),
        ("stale", {"reviewed": 36}),
        ("assured", {"newest_on": days_ago(92)}),
        ("stale", {"newest_on": days_ago(93)}),
        ("untested", {"rating": "low"}),
        ("assured", {"rating": "low", "tested_on": days_ago(92)}),
        ("untested", {"rating": "low", "tested_on": days_ago(93)}),
        ("stale", {"rating": "low", "reviewed": 36}),
        ("assured", {"audit": audit("red")}),
        ("review_needed", {"audit": audit("amber")}),
        ("review_needed", {"audit": audit("green")}),
        ("assured", {"rating": "moderate", "audit": audit("amber")}),
        ("review_needed", {"rating": "low", "audit": audit("amber")}),
        ("untested", {"rating": "low", "audit": audit("green")}),
        ("assured", {"rating": "very_high", "audit": audit("red")}),
        ("not_sustained", {"watch": LOST}),
        ("disputed", {"dispute": DISPUTE}),
    ],
)
def test_states(expected, facts):
    assert state(**facts) == expected


def test_the_gravest_finding_wins():
    """Each is taken away in turn, from the gravest on."""
    facts = {
        "rating": "low", "reviewed": 36, "dispute": DISPUTE, "watch": LOST, "refuted": REFUTED,
        "audit": audit("red"),
    }  # fmt: skip
    seen = []
    for name in (None, "dispute", "watch", "refuted", "audit"):
        facts.pop(name, None)
        seen.append(state(**facts))
    facts["reviewed"] = 0
    seen.append(state(**facts))
    seen.append(state(**facts, tested_on=TODAY))
    order = ("disputed", "not_sustained", "unsupported", "review_needed", "stale", "untested")
    assert tuple(seen) == (*order, "assured")
    assert sorted(seen) == sorted(ASSURANCE_STATES)


def why(rating="low", **support):
    facts = {"items": 1, "in_date": 1, "newest_on": TODAY} | support
    return assess(rating=rating, rated_on=TODAY, support=Support(**facts), on=TODAY)


def test_each_state_says_why_and_on_which_rows():
    nothing = assess(rating="low", rated_on=TODAY, support=Support(), on=TODAY)
    assert nothing.reason == "No evidence stands behind this rating."
    expired = Support(items=1, valid_until=days_ago(8))
    gone = assess(rating="low", rated_on=TODAY, support=expired, on=TODAY)
    assert gone.reason.endswith("valid until 12 Nov 2026.")
    changed = why(audit=audit("red", 10))
    assert changed.reason == (
        "The audit of 10 Nov 2026 is red, and low stands for green: review was due by 17 Nov 2026."
    )
    assert "due by 26 Nov 2026" in why(audit=audit("red", 1)).reason
    assert [row.kind for row in changed.rows] == ["audit"]
    disputed = why(dispute=Dispute(None, "DSP-0001", days_ago(1), escalated=True))
    assert "moderation was due by 19 Nov 2026" in disputed.reason
    assert "the governance group decides" in disputed.reason
    red = RedAudit(None, "A-7", days_ago(3))
    lost = why(watch=Watch(None, days_ago(9), TODAY, red_audit=red))
    assert [row.kind for row in lost.rows] == ["watch", "audit"]
    assert "CLM-0001" in why(refuted=REFUTED).reason


DAYS = st.sampled_from([0, 1, 35, 36, 92, 93])
CELL = st.fixed_dictionaries(
    {
        "rating": st.sampled_from(RATINGS),
        "reviewed": DAYS,
        "items": st.lists(
            st.tuples(
                st.sampled_from(["submitted", "accepted", "rejected", "change_requested"]),
                DAYS, st.sampled_from([30, 0, -1]), st.booleans(), DAYS,
            ),
            max_size=2,
        ),
        "dispute": st.sampled_from([None, None, "open", "withdrawn"]),
        "audits": st.lists(
            st.tuples(st.sampled_from(["green", "amber", "red"]), DAYS, st.integers(60, 99)),
            max_size=3,
        ),
        "incidents": st.lists(st.sampled_from([8, 9, 10, 11]), max_size=4),
        "claim": st.sampled_from([None, None, ("proves", 5), ("partly", 4), ("proves", 4)]),
        "claim_days": DAYS,
        "watch": st.sampled_from([None, "", "audit", "incident", "feedback"]),
        "watch_days": st.sampled_from([10, 40, 75, 92, 120]),
        "before": st.sampled_from([None, 1, 80]),
        "lowered_at": st.sampled_from([None, 0, 2, 85]),
        "outcome": st.sampled_from([None, None, "sustained", "not_sustained"]),
        "stands": st.booleans(),
    }
)  # fmt: skip


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cells=st.lists(CELL, min_size=1, max_size=4))
def test_the_database_gives_the_same_states(world, cells):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        for domain, cell in zip(DOMAINS, cells, strict=False):
            _make(actor, house, domain, cell)
        rows = list(db.session.execute(text(rated()), {"org": actor.org_id, "on": TODAY}))
        db.session.rollback()
    assert len(rows) == len(cells)
    for row in rows:
        found = assurance_of(row, TODAY)
        assert found.state == row.state
        assert found == assurance_of(row, TODAY)
        if found.state == "assured":
            assert row.in_date > 0


def _make(actor, service_id, domain, cell):
    risk_id = add_risk(actor, service_id, domain, rating=cell["rating"])
    risk = db.session.get(Risk, (actor.org_id, risk_id))
    risk.rated_on = days_ago(cell["reviewed"])
    for status, age, valid, cited, judged in cell["items"]:
        decided = {} if status == "submitted" else {"decided_on": days_ago(judged)}
        item = add_evidence(
            actor, service_id, status=status, period_to=days_ago(age),
            valid_until=TODAY + timedelta(days=valid), **decided,
        )  # fmt: skip
        attach(actor, item, **({"rating_review_id": risk.rating_review_id} if cited
                               else {"risk_id": risk_id}))  # fmt: skip
    for band, age, score in cell["audits"]:
        add_audit(actor, service_id, domain, band, days_ago(age), score)
    for month in cell["incidents"]:
        add_records(actor, service_id, "incident", month, 1)
    if cell["claim"]:
        outcome, matched = cell["claim"]
        on = days_ago(cell["claim_days"])
        add_return(actor, risk_id, outcome=outcome, matched=matched, on=on)
    if cell["dispute"]:
        add(
            actor, RatingDispute, reference=f"DSP-{domain}", risk_id=risk_id, reason="No",
            rating_review_id=risk.rating_review_id, filed_by_id=member(actor, "bob"),
            filed_on=TODAY, due_on=TODAY, status=cell["dispute"],
        )  # fmt: skip
    if cell["watch"] is not None:
        _watch(actor, risk, cell)
    db.session.flush()


def _watch(actor, risk, cell):
    started = days_ago(cell["watch_days"])
    other = add(
        actor, RatingReview, risk_id=risk.id, rating_to=risk.rating, decision="raise",
        urgent=True, rationale="Another", decided_on=TODAY, decided_at=db.func.now(),
    )  # fmt: skip
    decided = {} if cell["outcome"] is None else {
        "outcome": cell["outcome"], "reason": "So", "decided_on": TODAY,
        "standing_review_id": risk.rating_review_id if cell["stands"] else other.id,
    }  # fmt: skip
    number = {
        name: None if cell[name] is None else Decimal(cell[name])
        for name in ("before", "lowered_at")
    }
    add(
        actor, RatingWatch, risk_id=risk.id, rating_review_id=other.id, started_on=started,
        until=started + timedelta(days=92), signal=cell["watch"], **number, **decided,
    )  # fmt: skip


def test_months_of_a_watch_are_those_that_the_board_shows(world):
    """The watch's own SQL gives the values of the board's signals, rounded as they are shown."""
    from careboard.dashboards.signals import months_before, signals
    from careboard.risks.watching import month_values

    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        for domain, scores in (("medicines", (80, 90, 97)), ("safety", ()), ("audits", (70,))):
            for age, score in enumerate(scores):
                add_audit(actor, house, domain, "green", date(2026, 10 - age, 12), score)
        add_records(actor, house, "incident", 9, 3)
        add_records(actor, house, "feedback", 10, 11, score=400, max_score=500)
        add_records(actor, house, "feedback", 9, 9, score=400, max_score=500)
        shown = signals(actor=actor, service_ids=[house], on=TODAY)
        for domain in DOMAINS:
            signal = shown.of(house, domain)
            if signal is None:
                continue
            risk = Risk(service_id=house, domain=domain)
            values = month_values(actor, risk, signal.kind, months_before(TODAY))
            assert [None if value is None else float(value) for value in values.values()] == [
                None if point.value is None else round(point.value, 1) for point in signal.points
            ]

"""Figures on ratings: reviewed in the month (rule N3), disputed, to review, not sustained."""

from __future__ import annotations

from datetime import date

import pytest

from careboard import clock, figures
from careboard.db import db
from careboard.risks import disputes
from careboard.risks.basis import Basis
from careboard.risks.models import Risk
from tests.dashboards.rows import TODAY, add_evidence, add_risk, days_ago
from tests.risks.making import add_audit, decide, lower, sitting


@pytest.fixture(autouse=True)
def calendar():
    yield
    clock.freeze(TODAY)


def count(actor, code, on=TODAY):
    found = figures.counts(actor=actor, on=on, codes=(code,))[code]
    return found.numerator, found.denominator


def reviewed(world, *, on=date(2026, 10, 7), age=0, valid=30, first=date(2026, 9, 1)):
    """A rating of Alder House first given on a day, and held on another on evidence of an age."""
    house = world.service_id("Alder House")
    clock.freeze(first)
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        db.session.commit()
    clock.freeze(on)
    with world.acting("alice") as actor:
        item = add_evidence(
            actor, house, period_to=date.fromordinal(on.toordinal() - age),
            valid_until=date.fromordinal(on.toordinal() + valid),
        )  # fmt: skip
        decide(actor, risk_id, "high", sitting_id=sitting(actor), basis=Basis([item.id]))
        db.session.commit()
    clock.freeze(TODAY)
    with world.acting("alice") as actor:
        figure = figures.compute(actor=actor, code="ratings_reviewed_monthly", on=TODAY)
        return figure, [row.status for row in figure.rows]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, "reviewed"),
        ({"on": date(2026, 10, 1)}, "reviewed"),
        ({"on": date(2026, 10, 31)}, "reviewed"),
        ({"on": date(2026, 9, 30)}, "no_review"),
        ({"on": date(2026, 11, 1)}, "no_review"),
        ({"age": 62}, "reviewed"),
    ],
)
def test_a_service_month_with_a_review_on_current_evidence(world, values, status):
    figure, statuses = reviewed(world, **values)
    assert statuses == [status]
    assert figure.rows[0].reference == "October 2026"
    assert figure.count.numerator == (status == "reviewed")


def test_a_review_on_old_evidence_does_not_count(world):
    """It was raised at once on evidence of 63 days ago: a review, but not on current evidence."""
    house = world.service_id("Alder House")
    clock.freeze(date(2026, 10, 7))
    with world.acting("alice") as actor:
        old = add_evidence(actor, house, period_to=date(2026, 8, 5))
        risk_id = add_risk(actor, house)
        decide(actor, risk_id, "very_high", basis=Basis([old.id]))
        db.session.commit()
    with world.acting("alice") as actor:
        figure = figures.compute(actor=actor, code="ratings_reviewed_monthly", on=TODAY)
        assert [(row.status, row.counted) for row in figure.rows] == [
            ("no_current_evidence", False)
        ]


def test_a_service_first_rated_since_is_not_counted(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        add_risk(actor, house)
        assert count(actor, "ratings_reviewed_monthly") == (0, 0)


def test_disputed_to_review_and_not_sustained(world):
    house = world.service_id("Alder House")
    clock.freeze(days_ago(10))
    with world.acting("alice") as actor:
        lower(actor, add_risk(actor, house, "medicines"))
        db.session.commit()
    clock.freeze(TODAY)
    with world.acting("alice") as actor:
        changed = add_risk(actor, house, "records")
        db.session.get(Risk, (actor.org_id, changed)).rated_on = days_ago(9)
        disputed = add_risk(actor, house, "safety")
        db.session.commit()
        codes = ("ratings_not_sustained", "ratings_review_needed", "ratings_disputed")
        assert [count(actor, code) for code in codes] == [(0, 3)] * 3
        add_audit(actor, house, "medicines", "red", days_ago(2))
        add_audit(actor, house, "records", "amber", days_ago(2))
        db.session.commit()
    with world.acting("bob") as bob:
        for risk_id in (disputed, changed):
            disputes.file(actor=bob, risk_id=risk_id, reason="No", basis=Basis(none_yet=True))
        db.session.commit()
    with world.acting("alice") as actor:
        # Red speaks against moderate too; and one that is disputed is still one to review.
        assert [count(actor, code) for code in codes] == [(1, 3), (2, 3), (2, 3)]

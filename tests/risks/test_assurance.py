"""Assurance states at their edges, and SQL that says the same. Rules 3.3."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import text

from careboard.db import db
from careboard.risks.assurance import Support, assess
from careboard.risks.models import Risk
from careboard.risks.rated import assurance_of, rated
from careboard.vocabulary import DOMAINS, RATINGS
from tests.dashboards.rows import TODAY, add_evidence, add_risk, attach, days_ago


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
        ("assured", {"reviewed": 35}),
        ("stale", {"reviewed": 36}),
        ("assured", {"newest_on": days_ago(92)}),
        ("stale", {"newest_on": days_ago(93)}),
        ("untested", {"rating": "low"}),
        ("assured", {"rating": "low", "tested_on": days_ago(92)}),
        ("untested", {"rating": "low", "tested_on": days_ago(93)}),
        ("stale", {"rating": "low", "reviewed": 36}),
    ],
)
def test_states(expected, facts):
    assert state(**facts) == expected


def test_each_state_says_why():
    nothing = assess(rating="low", rated_on=TODAY, support=Support(), on=TODAY)
    assert nothing.reason == "No evidence stands behind this rating."
    expired = Support(items=1, valid_until=days_ago(8))
    gone = assess(rating="low", rated_on=TODAY, support=expired, on=TODAY)
    assert gone.reason.endswith("valid until 12 Nov 2026.")


def test_the_database_gives_the_same_states(world):
    dice = random.Random(20261120)
    with world.acting("alice") as actor:
        for name in ("Alder House", "Alder Lodge", "Alder Homecare"):
            service_id = db.session.scalar(
                text("SELECT id FROM service WHERE name = :name"), {"name": name}
            )
            for domain in DOMAINS:
                _random_risk(actor, service_id, domain, dice)
        rows = list(db.session.execute(text(rated()), {"org": actor.org_id, "on": TODAY}))
    assert {row.state for row in rows} == {"assured", "unsupported", "stale", "untested"}
    for row in rows:
        assert assurance_of(row, TODAY).state == row.state


def _random_risk(actor, service_id, domain, dice):
    risk_id = add_risk(actor, service_id, domain, rating=dice.choice(RATINGS))
    db.session.get(Risk, (actor.org_id, risk_id)).rated_on = days_ago(dice.choice([0, 35, 36]))
    for _ in range(dice.choice([0, 1, 1, 2])):
        status = dice.choice(["submitted", "accepted", "accepted", "rejected"])
        item = add_evidence(
            actor,
            service_id,
            status=status,
            period_to=days_ago(dice.choice([0, 92, 93])),
            valid_until=TODAY + timedelta(days=dice.choice([0, 30, -1])),
            decided_on=days_ago(dice.choice([1, 92, 93])) if status == "accepted" else None,
        )
        attach(actor, item, risk_id=risk_id)
    db.session.flush()

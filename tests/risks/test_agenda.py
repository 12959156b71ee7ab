"""What ratings put on the agenda of a sitting."""

from __future__ import annotations

from datetime import timedelta

from careboard.db import db
from careboard.risks import agenda, disputes, watching
from careboard.risks.basis import Basis
from careboard.risks.models import Risk
from tests.dashboards.rows import TODAY, add_evidence, add_risk, days_ago
from tests.risks.making import add_audit, add_return, decide, lower, sitting


def lines(actor, service_id=None, on=TODAY):
    found = agenda.lines(actor=actor, service_id=service_id, on=on, since=days_ago(30))
    return [(line.section, line.detail["what"], line.detail["domain"]) for line in found]


def test_what_waits_for_the_governance_group(world):
    house, lodge = world.service_id("Alder House"), world.service_id("Alder Lodge")
    with world.acting("alice") as actor:
        returned = add_risk(actor, house, "medicines")
        add_return(actor, returned)
        decide(actor, add_risk(actor, house, "safety"), "very_high")
        stale = add_risk(actor, house, "records", evidence=[add_evidence(actor, house)])
        db.session.get(Risk, (actor.org_id, stale)).rated_on = days_ago(36)
        changed = add_risk(actor, lodge, "staffing", evidence=[add_evidence(actor, lodge)])
        db.session.get(Risk, (actor.org_id, changed)).rated_on = days_ago(5)
        add_audit(actor, lodge, "staffing", "green", days_ago(1))
        add_risk(actor, lodge, "audits", evidence=[add_evidence(actor, lodge)])
        db.session.commit()
        assert lines(actor) == [
            ("ratings", "urgent", "safety"),
            ("ratings", "return", "medicines"),
            ("ratings", "stale", "records"),
            ("ratings", "review_needed", "staffing"),
        ]
        assert lines(actor, lodge) == [("ratings", "review_needed", "staffing")]
    with world.acting("bob") as bob:
        assert ("ratings", "review_needed", "staffing") not in lines(bob)


def test_a_return_that_was_decided_on_leaves_the_agenda(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        claim_id = add_return(actor, risk_id, outcome="does_not_prove")
        (line,) = agenda.lines(actor=actor, service_id=None, on=TODAY, since=days_ago(1))
        assert line.detail["id"] == str(claim_id) and line.risk_id == risk_id
        assert "does not prove" in line.detail["reason"]
        assert "reference" not in line.detail
        decide(actor, risk_id, "very_high", claim_id=claim_id, sitting_id=sitting(actor))
        assert lines(actor) == []


def test_disputes_and_watches(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk_id = add_risk(actor, house)
        watch_id = lower(actor, risk_id).id
        other = add_risk(actor, house, "safety", evidence=[add_evidence(actor, house)])
        db.session.commit()
    with world.acting("bob") as bob:
        disputes.file(actor=bob, risk_id=other, reason="Wrong", basis=Basis(none_yet=True))
        db.session.commit()
    until = TODAY + timedelta(days=92)
    with world.acting("alice") as actor:
        assert lines(actor) == [("disputes", "dispute", "safety")]
        watches = [line for line in lines(actor, on=until) if line[0] == "watch"]
        assert watches == [("watch", "watch", "medicines")]
        assert not [
            line for line in lines(actor, on=until - timedelta(days=1)) if line[0] == "watch"
        ]
        watching.decide(
            actor=actor, watch_id=watch_id, outcome="sustained", reason="It held",
            sitting_id=sitting(actor),
        )  # fmt: skip
        assert not [line for line in lines(actor, on=until) if line[0] == "watch"]

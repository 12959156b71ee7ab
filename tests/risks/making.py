"""Ratings that tests start from: sittings of the governance group, checked returns, watches."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard import clock
from careboard.accounts.models import Membership
from careboard.assurance.models import Claim, Validation
from careboard.db import db
from careboard.records.models import Audit
from careboard.reviews import service as reviews
from careboard.reviews.models import Review
from careboard.risks import service
from careboard.risks.basis import Basis
from careboard.risks.models import RatingWatch, Risk
from careboard.tenancy import Actor
from tests.dashboards.rows import TODAY, add, add_evidence, attach, days_ago

_numbers = iter(range(1, 1_000_000))
OCTOBER = {"period_from": date(2026, 10, 1), "period_to": date(2026, 10, 31)}


def member(actor: Actor, person: str) -> UUID:
    return db.session.scalar(
        select(Membership.id).where(
            Membership.org_id == actor.org_id, Membership.name == person.title()
        )
    )


def sitting(actor: Actor, forum: str = "monthly_governance") -> UUID:
    """An open sitting of a forum."""
    return reviews.open_sitting(actor=actor, forum=forum, service_id=None)


def sign(actor: Actor, sitting_id: UUID) -> None:
    row = db.session.get(Review, (actor.org_id, sitting_id))
    row.status, row.signed_at, row.sha256 = "signed", clock.now(), "0" * 64
    db.session.flush()


def add_return(
    actor: Actor,
    risk_id: UUID,
    *,
    submitted_by: str = "bob",
    validated_by: str = "vera",
    outcome: str | None = "proves",
    matched: int = 5,
    evidence: int = 1,
    kind: str = "assurance_return",
    on: date = TODAY,
    same_person_reason: str = "",
) -> UUID:
    """A service assurance return with evidence of October; checked, unless `outcome` is None, with
    `matched` of five rows that agree with their source."""
    risk = db.session.get(Risk, (actor.org_id, risk_id))
    claim = add(
        actor, Claim, reference=f"CLM-T{next(_numbers):04d}", kind=kind, status="submitted",
        service_id=risk.service_id, risk_id=risk_id, statement="Recording has improved",
        submitted_by_id=member(actor, submitted_by), submitted_on=days_ago(3), **OCTOBER,
    )  # fmt: skip
    for _ in range(evidence):
        own = {"submitted_by_id": claim.submitted_by_id, "period_to": days_ago(20)}
        item = add_evidence(actor, risk.service_id, **own)
        attach(actor, item, claim_id=claim.id)
    if outcome is not None:
        _check(actor, claim, member(actor, validated_by), outcome, matched, on, same_person_reason)
    return claim.id


def _check(actor, claim: Claim, checker: UUID, outcome, matched, on, reason) -> None:
    result = {"validated_by_id": checker, "outcome": outcome, "unsupported": matched < 5}
    add(
        actor, Validation, claim_id=claim.id, submitted_by_id=claim.submitted_by_id,
        relevant="yes", is_current="yes", sufficient="yes", findings="Five charts read",
        sampled=5, matched=matched, started_on=on, completed_on=on, same_person_reason=reason,
        **result,
    )  # fmt: skip
    claim.status, claim.validated_on = "validated", on
    for name, value in result.items():
        setattr(claim, name, value)
    db.session.flush()


def decide(actor: Actor, risk_id: UUID, rating: str, **values: Any) -> str:
    """A decision on a rating; without `basis` it says that there is no evidence yet."""
    facts = {"rationale": "Re-audit", "basis": Basis(none_yet="claim_id" not in values)} | values
    return service.rate(actor=actor, risk_id=risk_id, rating=rating, **facts)


def lower(actor: Actor, risk_id: UUID, rating: str = "moderate") -> RatingWatch:
    """A rating lowered in a sitting on a proved return; gives its watch."""
    claim_id = add_return(actor, risk_id)
    decide(actor, risk_id, rating, sitting_id=sitting(actor), claim_id=claim_id)
    return db.session.scalar(
        select(RatingWatch)
        .where(RatingWatch.risk_id == risk_id)
        .order_by(RatingWatch.id.desc())
        .limit(1)
    )


def add_audit(
    actor: Actor, service_id: UUID, domain: str, band: str, on: date, score: int = 90
) -> Audit:
    return add(
        actor, Audit, source_key=f"A-{next(_numbers):04d}", service_id=service_id, theme=domain,
        domain=domain, cycle="", completed_on=on, score=score * 100, max_score=10000, rag=band,
    )  # fmt: skip

"""Opening risks and reviewing their ratings. A rating changes in no other way.

Source: steps S0-1.1, S0-3.2 and S0-3.3; DESIGN section 4, rating review.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from careboard import audit, clock
from careboard.db import db, load, lock
from careboard.errors import Conflict, Invalid
from careboard.evidence import service as evidence
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.risks.models import RatingReview, Risk
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.uploads import Upload
from careboard.vocabulary import DOMAINS, RATINGS


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """An item sent together with the rating: a file or a link to the source record."""

    title: str
    kind: str
    period_to: date | None = None
    valid_until: date | None = None
    upload: Upload | None = None
    source_link: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rating rests on: items on record, a new one, or the plain statement that there is
    none yet, which leaves the rating unsupported."""

    existing: list[UUID] = field(default_factory=list)
    new: NewEvidence | None = None
    none_yet: bool = False


def open_risk(
    *,
    actor: Actor,
    service_id: UUID,
    domain: str,
    original_cause: str,
    rating: str,
    rationale: str,
    basis: Basis,
    outcome_position: str = "",
) -> UUID:
    """Enter a risk on the profile with its first rating; returns its id.

    Raises Invalid (service_id, domain, original_cause, rating, rationale, evidence, or a field
    of the new evidence), Forbidden, NotFound.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.RATE_RISK, service_id)
    if domain not in DOMAINS:
        raise Invalid("Choose a domain.", "domain")
    if not original_cause.strip():
        raise Invalid("Say what the original cause is.", "original_cause")
    _check_rating(rating, rationale, basis)
    if _open_risk_id(actor, service_id, domain) is not None:
        raise Invalid("This domain of the service is rated already. Review that rating.", "domain")
    risk = Risk(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "RSK"),
        service_id=service_id,
        domain=domain,
        original_cause=original_cause.strip(),
        rating=rating,
        rated_on=actor.today,
        outcome_position=outcome_position.strip(),
        opened_on=actor.today,
        opened_by_id=actor.membership_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(risk)
    except IntegrityError as error:
        raise Invalid(
            "Someone has just rated this domain. Review that rating.", "domain"
        ) from error
    _decide(actor, risk, "set", None, rating, rationale, outcome_position, basis)
    return risk.id


def rate(
    *,
    actor: Actor,
    risk_id: UUID,
    rating: str,
    rationale: str,
    basis: Basis,
    outcome_position: str = "",
    seen_review_id: UUID | None = None,
) -> str:
    """Review a rating; returns the decision that follows from it: raise, hold or lower.

    `seen_review_id` is the review that the person had before them: Conflict when there has been
    another since. Raises Invalid as `open_risk` does, Forbidden, NotFound.
    """
    risk = lock(Risk, actor.org_id, risk_id)
    actor.require(Permission.RATE_RISK, risk.service_id)
    if risk.status != "open":
        raise Invalid("This risk is closed.", "rating")
    if seen_review_id is not None and seen_review_id != risk.rating_review_id:
        raise Conflict("Someone reviewed this rating before you. Look at it again.")
    _check_rating(rating, rationale, basis)
    move = RATINGS.index(rating) - RATINGS.index(risk.rating)
    decision = "raise" if move > 0 else "lower" if move < 0 else "hold"
    _decide(actor, risk, decision, risk.rating, rating, rationale, outcome_position, basis)
    return decision


def _check_rating(rating: str, rationale: str, basis: Basis) -> None:
    if rating not in RATINGS:
        raise Invalid("Choose a rating.", "rating")
    if not rationale.strip():
        raise Invalid("Give the reasons for this rating.", "rationale")
    cited = bool(basis.existing or basis.new)
    if cited and basis.none_yet:
        raise Invalid("There is evidence, so “no evidence yet” cannot be true as well.", "none_yet")
    if not cited and not basis.none_yet:
        raise Invalid(
            "A rating needs evidence. Choose or add an item, or state that there is none yet.",
            "evidence",
        )


def _open_risk_id(actor: Actor, service_id: UUID, domain: str) -> UUID | None:
    return db.session.scalar(
        select(Risk.id).where(
            Risk.org_id == actor.org_id,
            Risk.service_id == service_id,
            Risk.domain == domain,
            Risk.status == "open",
        )
    )


def _decide(
    actor: Actor,
    risk: Risk,
    decision: str,
    rating_from: str | None,
    rating_to: str,
    rationale: str,
    outcome_position: str,
    basis: Basis,
) -> None:
    """Write the review with its evidence, and let the risk follow it."""
    review = RatingReview(
        org_id=actor.org_id,
        risk_id=risk.id,
        rating_from=rating_from,
        rating_to=rating_to,
        decision=decision,
        rationale=rationale.strip(),
        outcome_position=outcome_position.strip(),
        decided_by_id=actor.membership_id,
        decided_on=actor.today,
        decided_at=clock.now(),
    )
    db.session.add(review)
    db.session.flush()
    risk.rating, risk.rating_review_id, risk.rated_on = rating_to, review.id, actor.today
    risk.outcome_position = outcome_position.strip() or risk.outcome_position
    db.session.flush()
    items = _cite(actor, risk, review, basis)
    audit.record(
        actor=actor,
        tag="risk:opened" if decision == "set" else "risk:rated",
        subject_id=risk.id,
        before={"rating": rating_from},
        after={"rating": rating_to, "decision": decision, "review": review.id, "evidence": items},
    )


def _cite(actor: Actor, risk: Risk, review: RatingReview, basis: Basis) -> list[str]:
    cited = list(dict.fromkeys(basis.existing))
    if basis.new is not None:
        cited.append(
            evidence.submit(
                actor=actor,
                title=basis.new.title,
                kind=basis.new.kind,
                service_id=risk.service_id,
                period_to=basis.new.period_to,
                valid_until=basis.new.valid_until,
                upload=basis.new.upload,
                source_link=basis.new.source_link,
            )
        )
    for evidence_id in cited:
        evidence.attach(actor=actor, evidence_id=evidence_id, rating_review_id=review.id)
    return [str(evidence_id) for evidence_id in cited]

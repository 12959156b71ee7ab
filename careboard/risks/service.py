"""Opening risks and reviewing their ratings. A rating changes in no other way.

Source: steps S0-1.1 and S0-3.3; DESIGN section 4, rating review.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from careboard import audit, clock, separation
from careboard.assurance.models import Claim
from careboard.db import db, load, lock
from careboard.errors import Conflict, Invalid
from careboard.evidence.models import Evidence
from careboard.evidence.queries import makers
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.risks import basis as bases
from careboard.risks import raising, sittings, watching
from careboard.risks.basis import Basis, NewEvidence
from careboard.risks.models import RatingDispute, RatingReview, Risk
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS, RATINGS

__all__ = ["Basis", "NewEvidence", "decide", "decision_of", "follow", "open_risk", "rate"]


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
    _check_rating(rating, rationale)
    bases.check(basis)
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
    decide(
        actor=actor,
        risk=risk,
        decision="set",
        rating=rating,
        rationale=rationale,
        outcome_position=outcome_position,
        basis=basis,
    )
    return risk.id


def _open_risk_id(actor: Actor, service_id: UUID, domain: str) -> UUID | None:
    return db.session.scalar(
        select(Risk.id).where(
            Risk.org_id == actor.org_id,
            Risk.service_id == service_id,
            Risk.domain == domain,
            Risk.status == "open",
        )
    )


def rate(
    *,
    actor: Actor,
    risk_id: UUID,
    rating: str,
    rationale: str,
    basis: Basis,
    outcome_position: str = "",
    seen_review_id: UUID | None = None,
    sitting_id: UUID | None = None,
    claim_id: UUID | None = None,
    same_person_reason: str = "",
) -> str:
    """Decide on a rating; returns the decision that follows from it: raise, hold or lower.

    In a sitting of the governance group a rating is raised, held on current evidence, or lowered
    on a proved return with current evidence that it was not lowered on before. Without a sitting
    it can only be raised, and waits for the next one to confirm it. `seen_review_id` is the review
    that the person had before them: Conflict when there has been another since. Raises Invalid
    (rating, rationale, sitting, claim, evidence, none_yet, same_person_reason), Forbidden,
    NotFound.
    """
    risk = lock(Risk, actor.org_id, risk_id)
    actor.require(Permission.RATE_RISK, risk.service_id)
    if risk.status != "open":
        raise Invalid("This risk is closed.", "rating")
    if seen_review_id is not None and seen_review_id != risk.rating_review_id:
        raise Conflict("Someone reviewed this rating before you. Look at it again.")
    _check_rating(rating, rationale)
    decision = decision_of(risk.rating, rating)
    sitting = sitting_id and sittings.require_open(actor, sitting_id)
    if sitting is None and decision != "raise":
        raise Invalid(
            "A rating is held or lowered by the governance group: choose its sitting.", "sitting"
        )
    claim = claim_id and bases.checked_return(actor, risk, claim_id)
    basis = replace(basis, carried=bases.items_of(actor, claim))
    bases.check(basis)
    _check_ground(actor, risk, decision, basis, claim)
    parts = _parts(actor, risk, claim) | _made(actor, decision, basis)
    reason = _exception(actor, risk, parts, same_person_reason.strip())
    review = decide(
        actor=actor,
        risk=risk,
        decision=decision,
        rating=rating,
        rationale=rationale,
        outcome_position=outcome_position,
        basis=basis,
        sitting_id=sitting_id,
        urgent=sitting is None,
        same_person_reason=reason,
        **_parties(claim),
    )
    follow(actor, risk, review)
    return decision


def decision_of(now: str, then: str) -> str:
    """What a step from one rating to another is: raise, hold or lower."""
    move = RATINGS.index(then) - RATINGS.index(now)
    return "raise" if move > 0 else "lower" if move < 0 else "hold"


def _check_rating(rating: str, rationale: str) -> None:
    if rating not in RATINGS:
        raise Invalid("Choose a rating.", "rating")
    if not rationale.strip():
        raise Invalid("Give the reasons for this rating.", "rationale")


def _check_ground(
    actor: Actor, risk: Risk, decision: str, basis: Basis, claim: Claim | None
) -> None:
    """Raising asks for nothing more: doubt is never made to wait."""
    if decision == "raise":
        return
    if decision == "lower":
        _check_return(actor, claim)
    if not bases.is_current(actor, basis) and (decision == "lower" or not _confirms(actor, risk)):
        raise Invalid(
            f"A rating is {'lowered' if decision == 'lower' else 'held'} on evidence that is in "
            "date and of the last 62 days. Cite some.",
            "evidence",
        )


def _check_return(actor: Actor, claim: Claim | None) -> None:
    """What proved one improvement does not prove the next."""
    if not bases.proves(claim):
        raise Invalid(
            "A rating is lowered on a service assurance return that was checked and found to prove "
            "the improvement, at least in part.",
            "claim",
        )
    if bases.lowered_on(actor, claim):
        raise Invalid(
            f"The rating was lowered on {claim.reference} before. Ask for a new return.", "claim"
        )


def _confirms(actor: Actor, risk: Risk) -> bool:
    """Whether holding the rating now confirms that it was raised at once."""
    standing = risk.rating_review_id and load(RatingReview, actor.org_id, risk.rating_review_id)
    return bool(standing and standing.urgent)


def _exception(actor: Actor, risk: Risk, parts: dict[UUID | None, str], reason: str) -> str:
    """The reason why one who had a part in what the rating rests on, or disputes it, decides too;
    empty for others."""
    if actor.membership_id not in parts:
        return ""
    separation.check_exception(
        other=separation.somebody_else(
            actor=actor,
            permission=Permission.RATE_RISK,
            service_id=risk.service_id,
            involved=parts,
        ),
        reason=reason,
        own=parts[actor.membership_id],
        step="decide on it",
    )
    return reason


def _parts(actor: Actor, risk: Risk, claim: Claim | None) -> dict[UUID | None, str]:
    """Who submitted or checked the return, or disputes the rating, and that they did."""
    parts = {}
    if claim is not None:
        parts = {
            claim.validated_by_id: f"checked {claim.reference}",
            claim.submitted_by_id: f"submitted {claim.reference}",
        }
    return parts | {row.filed_by_id: f"filed {row.reference}" for row in _disputes(actor, risk)}


def _made(actor: Actor, decision: str, basis: Basis) -> dict[UUID | None, str]:
    """Whose evidence a rating is lowered on: doubt may rest on one's own, its end does not."""
    if decision != "lower":
        return {}
    found = makers(actor, Evidence.id.in_(basis.items))
    if basis.new is not None:
        found.add(actor.membership_id)
    return dict.fromkeys(found, "made evidence that it is lowered on")


def _disputes(actor: Actor, risk: Risk) -> list[Any]:
    """Those of a rating of this risk that are open: their author and reference."""
    statement = select(RatingDispute.filed_by_id, RatingDispute.reference).where(
        RatingDispute.org_id == actor.org_id,
        RatingDispute.risk_id == risk.id,
        RatingDispute.status == "open",
    )
    return list(db.session.execute(statement))


def _parties(claim: Claim | None) -> dict[str, UUID]:
    if claim is None:
        return {}
    return {
        "claim_id": claim.id,
        "submitted_by_id": claim.submitted_by_id,
        "validated_by_id": claim.validated_by_id,
    }


def decide(
    *,
    actor: Actor,
    risk: Risk,
    decision: str,
    rating: str,
    rationale: str,
    basis: Basis,
    outcome_position: str = "",
    **facts: Any,
) -> RatingReview:
    """Write a review with its evidence, and let the risk follow it. The caller has checked it.

    `facts` are further columns of the review.
    """
    first = decision == "set"
    review = RatingReview(
        org_id=actor.org_id,
        risk_id=risk.id,
        rating_from=None if first else risk.rating,
        rating_to=rating,
        decision=decision,
        rationale=rationale.strip(),
        outcome_position=outcome_position.strip(),
        decided_by_id=actor.membership_id,
        decided_on=actor.today,
        decided_at=clock.now(),
        **facts,
    )
    db.session.add(review)
    db.session.flush()
    risk.rating, risk.rating_review_id, risk.rated_on = rating, review.id, actor.today
    risk.outcome_position = outcome_position.strip() or risk.outcome_position
    db.session.flush()
    raising.take_up(actor=actor, risk=risk)
    items = bases.cite(actor, risk, review, basis)
    audit.record(
        actor=actor,
        tag="risk:opened" if first else "risk:rated",
        subject_id=risk.id,
        before={"rating": review.rating_from},
        after={
            "rating": rating,
            "decision": decision,
            "review": review.id,
            "evidence": [str(item) for item in items],
            "sitting": review.sitting_id,
            "claim": review.claim_id,
            "urgent": review.urgent,
            "same_person": bool(review.same_person_reason),
        },
    )
    return review


def follow(actor: Actor, risk: Risk, review: RatingReview) -> None:
    """What comes of a change: a lowered rating is watched, a raised one ends its watches."""
    move = decision_of(review.rating_from, review.rating_to)
    if move == "lower":
        watching.begin(actor=actor, risk=risk, review=review)
    elif move == "raise":
        watching.end_by_raise(actor=actor, risk=risk, review=review)

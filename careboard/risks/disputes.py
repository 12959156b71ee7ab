"""Disputes of a rating by the service, and their moderation by somebody who took no part.

Source: DESIGN section 4; rules 3.3, disputed; records of S0-3 (services disputing scores).
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from careboard import audit, separation
from careboard.clock import add_working_days
from careboard.db import db, load, lock
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.evidence import service as evidence
from careboard.evidence.models import EvidenceLink
from careboard.evidence.queries import makers
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.risks import basis as bases
from careboard.risks import service, sittings
from careboard.risks.basis import Basis
from careboard.risks.models import RatingDispute, RatingReview, Risk
from careboard.tenancy import Actor
from careboard.vocabulary import RATINGS

MODERATION_WORKING_DAYS = 10
REPEAT_DAYS = 90


def file(
    *,
    actor: Actor,
    risk_id: UUID,
    reason: str,
    basis: Basis,
    same_person_reason: str = "",
) -> UUID:
    """Dispute the present rating of a risk with counter-evidence; returns the dispute's id.

    Due for moderation in 10 working days; another one on the same rating within 90 days escalates
    to the governance group. Raises Invalid (reason, evidence, none_yet, same_person_reason),
    Conflict where one is open, Forbidden, NotFound.
    """
    risk = lock(Risk, actor.org_id, risk_id)
    actor.require(Permission.DISPUTE_RATING, risk.service_id)
    if risk.status != "open" or risk.rating_review_id is None:
        raise Invalid("There is no present rating to dispute.", "reason")
    if _of_rating(actor, risk, RatingDispute.status == "open"):
        raise Conflict("This rating is disputed already. Add your evidence to that dispute.")
    if not reason.strip():
        raise Invalid("Say why the rating is wrong.", "reason")
    bases.check(basis)
    rating = load(RatingReview, actor.org_id, risk.rating_review_id)
    since = actor.today - timedelta(days=REPEAT_DAYS)
    dispute = RatingDispute(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "DSP"),
        risk_id=risk.id,
        rating_review_id=rating.id,
        reason=reason.strip(),
        filed_by_id=actor.membership_id,
        filed_on=actor.today,
        filing_exception=_filing_exception(actor, risk, rating, same_person_reason.strip()),
        due_on=add_working_days(actor.today, MODERATION_WORKING_DAYS),
        escalated=_of_rating(actor, risk, RatingDispute.filed_on >= since) > 0,
    )
    db.session.add(dispute)
    db.session.flush()
    items = list(dict.fromkeys(basis.existing))
    if basis.new is not None:
        items.append(bases.submit(actor, risk, basis.new))
    for item in items:
        evidence.attach(actor=actor, evidence_id=item, dispute_id=dispute.id)
    audit.record(
        actor=actor,
        tag="dispute:filed",
        subject_id=risk.id,
        after={
            "dispute": dispute.id,
            "review": rating.id,
            "due_on": dispute.due_on,
            "escalated": dispute.escalated,
            "same_person": bool(dispute.filing_exception),
        },
    )
    return dispute.id


def _of_rating(actor: Actor, risk: Risk, condition) -> int:
    """How many disputes of the present rating meet the condition; withdrawn ones do not count."""
    return db.session.scalar(
        select(func.count()).where(
            RatingDispute.org_id == actor.org_id,
            RatingDispute.rating_review_id == risk.rating_review_id,
            RatingDispute.status != "withdrawn",
            condition,
        )
    )


def parties(rating: RatingReview) -> set[UUID]:
    """Who decided a rating, and who submitted and checked the return that it rests on."""
    return {rating.decided_by_id, rating.submitted_by_id, rating.validated_by_id} - {None}


def _filing_exception(actor: Actor, risk: Risk, rating: RatingReview, reason: str) -> str:
    if actor.membership_id not in parties(rating):
        return ""
    separation.check_exception(
        other=separation.somebody_else(
            actor=actor,
            permission=Permission.DISPUTE_RATING,
            service_id=risk.service_id,
            involved=parties(rating),
        ),
        reason=reason,
        own="took part in this rating",
        step="dispute it",
    )
    return reason


def moderate(
    *,
    actor: Actor,
    dispute_id: UUID,
    outcome: str,
    moderation: str,
    rating: str = "",
    sitting_id: UUID | None = None,
    same_person_reason: str = "",
) -> None:
    """Uphold the rating, or change it to another; the reasons stand beside the rating.

    An escalated dispute is decided in a sitting. Raises Invalid (outcome, rating, moderation,
    sitting, same_person_reason), Conflict when it is settled, Forbidden, NotFound.
    """
    dispute = lock(RatingDispute, actor.org_id, dispute_id)
    risk = lock(Risk, actor.org_id, dispute.risk_id)
    actor.require(Permission.VALIDATE_EVIDENCE, risk.service_id)
    if dispute.status != "open":
        raise Conflict("This dispute is settled already. Reload the page to read it.")
    if outcome not in ("upheld", "changed"):
        raise Invalid("Say whether the rating is upheld or changed.", "outcome")
    if outcome == "changed" and (rating not in RATINGS or rating == risk.rating):
        raise Invalid("Choose the rating that it is changed to.", "rating")
    if not moderation.strip():
        raise Invalid("Give the reasons.", "moderation")
    if sitting_id is not None:
        sittings.require_open(actor, sitting_id)
    elif dispute.escalated:
        raise Invalid(
            "It is not the first dispute of this rating in 90 days: the governance group decides, "
            "so choose its sitting.",
            "sitting",
        )
    reason = _moderation_exception(actor, risk, dispute, same_person_reason.strip())
    if outcome == "changed":
        _change(actor, risk, dispute, rating, moderation, sitting_id, reason)
    dispute.status, dispute.moderation = outcome, moderation.strip()
    dispute.moderated_by_id, dispute.moderated_on = actor.membership_id, actor.today
    dispute.same_person_reason, dispute.sitting_id = reason, sitting_id
    db.session.flush()
    audit.record(
        actor=actor,
        tag=f"dispute:{outcome}",
        subject_id=risk.id,
        after={"dispute": dispute.id, "rating": risk.rating, "same_person": bool(reason)},
    )


def _moderation_exception(actor: Actor, risk: Risk, dispute: RatingDispute, reason: str) -> str:
    disputed = load(RatingReview, actor.org_id, dispute.rating_review_id)
    # It may have been decided anew since, and moderation changes the rating that stands.
    standing = load(RatingReview, actor.org_id, risk.rating_review_id)
    counter_evidence = makers(actor, EvidenceLink.dispute_id == dispute.id)
    involved = parties(disputed) | parties(standing) | counter_evidence | {dispute.filed_by_id}
    if actor.membership_id not in involved:
        return ""
    separation.check_exception(
        other=separation.somebody_else(
            actor=actor,
            permission=Permission.VALIDATE_EVIDENCE,
            service_id=risk.service_id,
            involved=involved,
        ),
        reason=reason,
        own="filed this dispute"
        if actor.membership_id == dispute.filed_by_id
        else "took part in this rating or made evidence against it",
        step="moderate it",
    )
    return reason


def _change(
    actor: Actor,
    risk: Risk,
    dispute: RatingDispute,
    rating: str,
    moderation: str,
    sitting_id: UUID | None,
    same_person_reason: str,
) -> None:
    """The moderated rating rests on the counter-evidence and on what the disputed one cited."""
    items = _items(actor, dispute)
    review = service.decide(
        actor=actor,
        risk=risk,
        decision="moderated",
        rating=rating,
        rationale=moderation,
        basis=Basis(none_yet=not items, carried=items),
        sitting_id=sitting_id,
        dispute_id=dispute.id,
        same_person_reason=same_person_reason,
    )
    service.follow(actor, risk, review)


def _items(actor: Actor, dispute: RatingDispute) -> list[UUID]:
    """Those in date of the dispute and of the rating that it disputes."""
    return bases.items_in_date(
        actor,
        EvidenceLink.dispute_id == dispute.id,
        EvidenceLink.rating_review_id == dispute.rating_review_id,
    )


def withdraw(*, actor: Actor, dispute_id: UUID) -> None:
    """Take one's own dispute back before it is moderated. Raises Conflict, Forbidden, NotFound."""
    dispute = lock(RatingDispute, actor.org_id, dispute_id)
    risk = load(Risk, actor.org_id, dispute.risk_id)
    actor.require(Permission.DISPUTE_RATING, risk.service_id)
    if dispute.filed_by_id != actor.membership_id:
        raise Forbidden("Only the person who filed a dispute can withdraw it.")
    if dispute.status != "open":
        raise Conflict("This dispute is settled already.")
    dispute.status = "withdrawn"
    db.session.flush()
    audit.record(
        actor=actor, tag="dispute:withdrawn", subject_id=risk.id, after={"dispute": dispute.id}
    )

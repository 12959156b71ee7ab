"""Challenges: made in one sitting, open until someone else answers, on every agenda meanwhile.

Source: step S0-1.5.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, Uuid, and_, cast, func, or_, select

from careboard.reviews.minutes import answer_of_entry
from careboard.reviews.models import ChallengeAnswer, Review, ReviewEntry, ReviewItem
from careboard.tenancy import Actor

# The service that a challenge is about: its agenda line's, else its sitting's, else none.
ABOUT = func.coalesce(cast(ReviewItem.detail["service_id"].astext, Uuid), Review.service_id)


def challenges(actor: Actor) -> Select:
    """As `recorded`, challenges."""
    return recorded(actor, "challenge")


def recorded(actor: Actor, kind: str) -> Select:
    """SQL of (entry, sitting, agenda line or None, answer or None, service or None), oldest first.

    Only entries about services that the person reaches, and those about the organisation.
    """
    statement = (
        select(ReviewEntry, Review, ReviewItem, ChallengeAnswer, ABOUT.label("about"))
        .join(Review, and_(Review.org_id == ReviewEntry.org_id, Review.id == ReviewEntry.review_id))
        .outerjoin(
            ReviewItem,
            and_(ReviewItem.org_id == ReviewEntry.org_id, ReviewItem.id == ReviewEntry.item_id),
        )
        .outerjoin(ChallengeAnswer, answer_of_entry())
        .where(ReviewEntry.org_id == actor.org_id, ReviewEntry.kind == kind)
        .order_by(ReviewEntry.entered_at, ReviewEntry.id)
    )
    if actor.service_ids is not None:
        statement = statement.where(or_(ABOUT.is_(None), ABOUT.in_(actor.service_ids)))
    return statement


def unanswered(actor: Actor, *, service_id: UUID | None = None) -> Select:
    """As `challenges`, those without an answer; of one service where given."""
    statement = challenges(actor).where(ChallengeAnswer.id.is_(None))
    return statement if service_id is None else statement.where(service_id == ABOUT)

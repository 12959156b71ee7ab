"""The sittings in which the governance group decides on ratings.

Source: DESIGN section 4, rating review; step S0-3.3.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard.db import db, lock
from careboard.errors import Conflict, Invalid, NotFound
from careboard.reviews import rights
from careboard.reviews.models import Review
from careboard.tenancy import Actor

FORUMS = ("monthly_governance", "fortnightly_recovery", "quarterly_board", "quarterly_safeguarding")


def open_sittings(actor: Actor) -> list[Any]:
    """The open sittings of the governance group in which the person may decide, newest first:
    rows of id, reference, forum and period_to. One statement."""
    rows = db.session.execute(
        select(Review.id, Review.reference, Review.forum, Review.period_to)
        .where(
            Review.org_id == actor.org_id,
            Review.status == "open",
            Review.forum.in_(FORUMS),
        )
        .order_by(Review.period_to.desc(), Review.id.desc())
    )
    return [row for row in rows if rights.may_run(actor, row.forum, None)]


def require_open(actor: Actor, sitting_id: UUID) -> Review:
    """The sitting, held against signing meanwhile.

    Raises Invalid (sitting) where nothing can be decided on a rating, Forbidden, and Conflict once
    its minutes are signed.
    """
    try:
        sitting = lock(Review, actor.org_id, sitting_id)
    except NotFound as error:
        raise Invalid("Choose an open sitting.", "sitting") from error
    if sitting.forum not in FORUMS:
        raise Invalid("Ratings are decided in a sitting of the governance group.", "sitting")
    rights.require_run(actor, sitting.forum, sitting.service_id)
    if sitting.status != "open":
        raise Conflict("The minutes of this sitting are signed. Decide in the next one.")
    return sitting

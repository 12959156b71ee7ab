"""Who may run a sitting, record in it and answer a challenge.

Source: DESIGN section 2; steps S0-1.3 (registered manager), S0-1.5 (governance lead, board) and
S0-3.5 (board).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, exists, or_, select

from careboard.db import db
from careboard.errors import Forbidden
from careboard.permissions import Permission
from careboard.reviews.cadence import RHYTHMS
from careboard.reviews.models import ForumMember
from careboard.tenancy import Actor

KINDS = ("decision", "challenge", "note", "withheld")
# The forum in which the board holds the governance group to account; a board member may chair it.
BOARD = "quarterly_board"
# Characters of one entry, answer or field of the minutes.
MOST_TEXT = 4_000


def may_run(actor: Actor, forum: str, service_id: UUID | None) -> bool:
    """Open, lead and sign a sitting of that forum.

    A sitting of the whole organisation shows every service, so it takes a person of all services:
    a governance lead, and for the board also the board member who chairs it.
    """
    if RHYTHMS[forum].per_service:
        return actor.may(Permission.RUN_MANAGER_REVIEW) and actor.reaches(service_id)
    if actor.service_ids is not None:
        return False
    return actor.may(Permission.RUN_GOVERNANCE_REVIEW) or _chairs(actor, forum)


def _chairs(actor: Actor, forum: str) -> bool:
    """Whether a board member chairs the board today. One statement, for board members alone."""
    if forum != BOARD or not actor.may(Permission.CHALLENGE):
        return False
    return db.session.scalar(
        select(
            exists().where(
                ForumMember.org_id == actor.org_id,
                ForumMember.forum == forum,
                ForumMember.membership_id == actor.membership_id,
                ForumMember.part == "chair",
                on_day(actor),
            )
        )
    )


def on_day(actor: Actor):
    """SQL: who belongs to a forum today."""
    return and_(
        ForumMember.from_on <= actor.today,
        or_(ForumMember.until_on.is_(None), ForumMember.until_on >= actor.today),
    )


def runs(actor: Actor) -> list[str]:
    """The forums of which the person may open a sitting, for some service at least."""
    some = next(iter(actor.service_ids), None) if actor.service_ids is not None else None
    return [forum for forum in RHYTHMS if may_run(actor, forum, some)]


def require_run(actor: Actor, forum: str, service_id: UUID | None) -> None:
    """Raise Forbidden unless `may_run`."""
    if not may_run(actor, forum, service_id):
        raise Forbidden("You do not have the right to run this review. Ask your governance lead.")


def kinds_for(actor: Actor, forum: str, service_id: UUID | None) -> tuple[str, ...]:
    """What the person may record in a sitting: all or nothing; the board challenges in every
    sitting of the whole organisation, and withholds assurance in its own."""
    if may_run(actor, forum, service_id):
        return KINDS
    if not actor.may(Permission.CHALLENGE) or RHYTHMS[forum].per_service:
        return ()
    return ("challenge", "withheld") if forum == BOARD else ("challenge",)


def may_answer(actor: Actor, *, challenger_id: UUID | None, service_id: UUID | None) -> bool:
    """Answer a challenge about that service (None: the organisation): never one's own."""
    return (
        actor.may(Permission.RUN_MANAGER_REVIEW)
        and actor.reaches(service_id)
        and (challenger_id is None or challenger_id != actor.membership_id)
    )

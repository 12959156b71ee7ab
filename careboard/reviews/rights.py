"""Who may run a sitting, record in it and answer a challenge.

Source: DESIGN section 2; steps S0-1.3 (registered manager) and S0-1.5 (governance lead, board).
"""

from __future__ import annotations

from uuid import UUID

from careboard.errors import Forbidden
from careboard.permissions import Permission
from careboard.reviews.cadence import RHYTHMS
from careboard.tenancy import Actor

KINDS = ("decision", "challenge", "note")
# Characters of one entry, answer or field of the minutes.
MOST_TEXT = 4_000


def may_run(actor: Actor, forum: str, service_id: UUID | None) -> bool:
    """Open, lead and sign a sitting of that forum.

    A sitting of the whole organisation shows every service, so it takes a person of all services.
    """
    if RHYTHMS[forum].per_service:
        return actor.may(Permission.RUN_MANAGER_REVIEW) and actor.reaches(service_id)
    return actor.may(Permission.RUN_GOVERNANCE_REVIEW) and actor.service_ids is None


def require_run(actor: Actor, forum: str, service_id: UUID | None) -> None:
    """Raise Forbidden unless `may_run`."""
    if not may_run(actor, forum, service_id):
        raise Forbidden("You do not have the right to run this review. Ask your governance lead.")


def kinds_for(actor: Actor, forum: str, service_id: UUID | None) -> tuple[str, ...]:
    """What the person may record in a sitting: all, a challenge alone (the board), or nothing."""
    if may_run(actor, forum, service_id):
        return KINDS
    if actor.may(Permission.CHALLENGE) and not RHYTHMS[forum].per_service:
        return ("challenge",)
    return ()


def may_answer(actor: Actor, *, challenger_id: UUID | None, service_id: UUID | None) -> bool:
    """Answer a challenge about that service (None: the organisation): never one's own."""
    return (
        actor.may(Permission.RUN_MANAGER_REVIEW)
        and actor.reaches(service_id)
        and (challenger_id is None or challenger_id != actor.membership_id)
    )

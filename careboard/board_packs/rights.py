"""Who may have a board pack made, and who may read one.

A pack shows every service, so it is for people whose rights reach all of them.
"""

from __future__ import annotations

from careboard.errors import Forbidden
from careboard.permissions import Permission
from careboard.tenancy import Actor

# Governance leads and the board: the papers are made for those who challenge them.
MAKE = Permission.CHALLENGE


def require_whole(actor: Actor) -> None:
    """Raise Forbidden for people whose rights end at some services."""
    if actor.service_ids is not None:
        raise Forbidden(
            "A board pack shows every service, and your rights are for some of them. "
            "Ask a governance lead for the parts that you need."
        )


def require_make(actor: Actor) -> None:
    """Raise Forbidden for people who may not have a pack made."""
    actor.require(MAKE)
    require_whole(actor)


def may_make(actor: Actor) -> bool:
    return actor.may(MAKE) and actor.service_ids is None

"""Who may bring records in: a file speaks of all services, so its reader must reach them all."""

from __future__ import annotations

from careboard.errors import Forbidden
from careboard.permissions import Permission
from careboard.tenancy import Actor


def require_import(actor: Actor) -> None:
    """Raise Forbidden for people who may not import, or whose rights end at some services."""
    actor.require(Permission.IMPORT)
    if actor.service_ids is not None:
        raise Forbidden(
            "A file holds records of every service, and your rights are for some of them. "
            "Ask a governance lead to import it."
        )

"""Jobs that ask the rules."""

from __future__ import annotations

from careboard.db import db
from careboard.rules import triggers
from careboard.tenancy import acting_for
from workers.context import job


@job
def look(org_id: str) -> None:
    """Keep what every rule says of an organisation today."""
    with acting_for(org_id) as actor:
        triggers.look(actor=actor, on=actor.today)
        db.session.commit()

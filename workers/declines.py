"""Jobs that look for declines."""

from __future__ import annotations

from careboard.db import db
from careboard.recovery import response_rounds
from careboard.tenancy import acting_for
from workers.context import job


@job
def look(org_id: str) -> None:
    """Apply the rules of decline to an organisation."""
    with acting_for(org_id) as actor:
        response_rounds.look(actor=actor, on=actor.today)
        db.session.commit()

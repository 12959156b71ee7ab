"""Jobs that look for declines."""

from __future__ import annotations

from careboard.db import db
from careboard.recovery import dashboard_kept, response_rounds
from careboard.tenancy import acting_for
from workers.context import job


@job
def look(org_id: str) -> None:
    """Keep what the computed indicators say now, and apply the rules of decline."""
    with acting_for(org_id) as actor:
        dashboard_kept.keep(actor=actor, on=actor.today)
        response_rounds.look(actor=actor, on=actor.today)
        db.session.commit()

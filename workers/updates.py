"""Jobs that draft recovery updates."""

from __future__ import annotations

from careboard.db import db
from careboard.tenancy import acting_for
from careboard.updates import schedules
from workers.context import job


@job
def draft(org_id: str) -> None:
    """Draft what is due in an organisation; run again it finds nothing left to do."""
    with acting_for(org_id) as actor:
        schedules.catch_up(actor=actor)
        db.session.commit()

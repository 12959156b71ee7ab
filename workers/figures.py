"""Jobs that keep what figures were."""

from __future__ import annotations

from careboard import figures
from careboard.db import db
from careboard.tenancy import acting_for
from workers.context import job


@job
def read(org_id: str) -> None:
    """Keep today's value of every figure of an organisation."""
    with acting_for(org_id) as actor:
        figures.take_readings(actor=actor, on=actor.today)
        db.session.commit()

"""Jobs of the `mail` queue."""

from __future__ import annotations

from careboard.db import db
from careboard.reminders import sending, service
from careboard.tenancy import acting_for
from workers.context import job


@job
def drain() -> None:
    """Send what the outbox owes."""
    sending.drain()


@job
def remind(org_id: str) -> None:
    """The daily round of an organisation's reminders."""
    with acting_for(org_id) as actor:
        service.sweep_reminders(actor=actor, on=actor.today)
        db.session.commit()

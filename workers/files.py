"""Jobs that look after kept files, on the `imports` queue."""

from __future__ import annotations

from careboard import custody
from careboard.tenancy import acting_for
from workers.context import job


@job
def look(org_id: str) -> None:
    """Scan what is in quarantine, and read again what nobody has read for a day."""
    with acting_for(org_id) as actor:
        custody.look(actor=actor)

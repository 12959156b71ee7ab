"""Jobs of the `imports` queue."""

from __future__ import annotations

from uuid import UUID

from careboard.imports import background
from careboard.tenancy import acting_for
from workers.context import job


@job
def load(org_id: str, batch_id: str) -> None:
    """Load a file that is too long to be waited for."""
    with acting_for(org_id) as actor:
        background.load(actor=actor, batch_id=UUID(batch_id))

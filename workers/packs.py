"""Jobs of the `packs` queue."""

from __future__ import annotations

from uuid import UUID

from careboard.board_packs import making
from careboard.tenancy import acting_for
from workers.context import job


@job
def make(org_id: str, pack_id: str) -> None:
    """Make a board pack."""
    with acting_for(org_id) as actor:
        making.make(actor=actor, pack_id=UUID(pack_id))

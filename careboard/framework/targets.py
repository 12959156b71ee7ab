"""What can be tagged to a topic."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from careboard.actions.models import Action
from careboard.db import load
from careboard.errors import Forbidden, NotFound
from careboard.evidence.models import Evidence
from careboard.recovery.models import Indicator
from careboard.risks.models import Risk
from careboard.tenancy import Actor

MODELS: dict[str, Any] = {
    "risk": Risk,
    "indicator": Indicator,
    "action": Action,
    "evidence": Evidence,
}


def target_within_reach(*, actor: Actor, kind: str, row_id: UUID) -> Any:
    """The row. Raises NotFound, or Forbidden beyond the person's services."""
    if kind not in MODELS:
        raise NotFound()
    row = load(MODELS[kind], actor.org_id, row_id)
    if not actor.reaches(row.service_id):
        raise Forbidden("This belongs to a service outside your own.")
    return row

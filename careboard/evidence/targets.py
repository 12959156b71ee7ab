"""What evidence can be attached to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from careboard.actions.models import Action
from careboard.assurance.models import Claim
from careboard.evidence.models import EvidenceLink
from careboard.records.models import AuditConcern, Concern
from careboard.recovery.plan_models import RecoveryPlan
from careboard.risks.models import RatingDispute, RatingReview, Risk

MODELS: dict[str, Any] = {
    "action_id": Action,
    "audit_concern_id": AuditConcern,
    "concern_id": Concern,
    "risk_id": Risk,
    "rating_review_id": RatingReview,
    "claim_id": Claim,
    "dispute_id": RatingDispute,
    "plan_id": RecoveryPlan,
}


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that evidence is attached to: a column of `evidence_link` and the row's id."""

    column: str
    id: UUID

    @property
    def link_column(self) -> Any:
        return getattr(EvidenceLink, self.column)


def one_target(**ids: UUID | None) -> Target:
    """The target among `action_id`, `audit_concern_id`, … of which exactly one is given."""
    (column, row_id), *more = [(name, value) for name, value in ids.items() if value is not None]
    assert column in MODELS and not more, ids
    return Target(column, row_id)

"""What a new claim starts from: a service, a risk with its original cause, or an action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard.actions.models import Action
from careboard.assurance.service import may_return
from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.evidence.models import EvidenceLink
from careboard.evidence.queries import Item, for_targets
from careboard.permissions import Permission
from careboard.risks.models import Risk
from careboard.risks.queries import usable_evidence
from careboard.services.models import Service
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the claim belongs. With a risk its domain is fixed; `chosen` is the evidence that
    stands behind the action it starts from."""

    kind: str
    service_id: UUID
    service: str
    domain: str | None = None
    risk: Any = None
    chosen: tuple[UUID, ...] = ()

    @property
    def place(self) -> dict[str, Any]:
        """The keywords of `service.submit_claim` that say where it belongs."""
        if self.risk is not None:
            return {"kind": self.kind, "risk_id": self.risk.id}
        return {"kind": self.kind, "service_id": self.service_id}


def origin(
    *,
    actor: Actor,
    service_id: UUID | None = None,
    risk_id: UUID | None = None,
    action_id: UUID | None = None,
    plain: bool = False,
) -> Origin | None:
    """The origin of a claim among those given; None when none is.

    About a risk it is a service assurance return where the person hands those in, unless `plain`.
    Raises NotFound, Forbidden.
    """
    if risk_id is not None:
        risk = load(Risk, actor.org_id, risk_id)
        kind = "assurance_return" if may_return(actor) and not plain else "claim"
        return _at(actor, risk.service_id, kind=kind, domain=risk.domain, risk=risk)
    if action_id is not None:
        action = load(Action, actor.org_id, action_id)
        return _at(
            actor, action.service_id, domain=action.domain, chosen=_evidence_of(actor, action_id)
        )
    return None if service_id is None else _at(actor, service_id)


def evidence_to_choose(*, actor: Actor, service_id: UUID) -> list[Any]:
    """The evidence in date that a claim on the service may rest on, newest first."""
    return usable_evidence(actor=actor, service_id=service_id, on=actor.today)


def evidence_held(*, actor: Actor, claim_id: UUID) -> list[Item]:
    """The evidence that is attached to a claim."""
    return for_targets(actor=actor, claim_ids=[claim_id])[claim_id]


def _at(actor: Actor, service_id: UUID, *, kind: str = "claim", **more: Any) -> Origin:
    service = load(Service, actor.org_id, service_id)
    if not actor.reaches(service_id):
        raise Forbidden("This belongs to a service outside your own.")
    actor.require(Permission.SUBMIT_EVIDENCE, service_id)
    return Origin(kind=kind, service_id=service_id, service=service.name, **more)


def _evidence_of(actor: Actor, action_id: UUID) -> tuple[UUID, ...]:
    return tuple(
        db.session.scalars(
            select(EvidenceLink.evidence_id).where(
                EvidenceLink.org_id == actor.org_id, EvidenceLink.action_id == action_id
            )
        )
    )

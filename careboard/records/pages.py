"""One record with all that belongs beside it: what answers it, what proves it, whence it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from careboard.actions.models import Action
from careboard.db import load
from careboard.evidence.models import EvidenceLink
from careboard.records import history, queries
from careboard.records.models import Audit, AuditConcern, Concern
from careboard.records.service import is_answered
from careboard.services.models import Service
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Seen:
    """`record` is the row itself; `beside` what only one kind of page shows."""

    record: Any
    service: Service
    origin: history.Origin
    versions: list[history.Version]
    actions: Sequence[Row] = ()
    evidence: Sequence[Row] = ()
    beside: dict[str, Any] = field(default_factory=dict)


def _seen(actor: Actor, record: Any, **more: Any) -> Seen:
    return Seen(
        record=record,
        service=load(Service, actor.org_id, record.service_id),
        origin=history.origin(actor=actor, record=record),
        versions=history.versions(actor=actor, record=record),
        **more,
    )


def audit_page(*, actor: Actor, audit_id: UUID) -> Seen:
    """An audit; beside it its `concerns`, their `answers` (actions by concern), and the audits of
    the same `theme`. Raises NotFound or Forbidden."""
    audit = queries.record(actor=actor, model=Audit, record_id=audit_id)
    concerns = queries.concerns_of_audit(actor=actor, audit_id=audit.id)
    return _seen(
        actor,
        audit,
        beside={
            "concerns": concerns,
            "answers": actions_of_audit_concerns(actor=actor, rows=concerns),
            "theme": queries.audits_of_theme(actor=actor, audit=audit),
        },
    )


def audit_concern_page(*, actor: Actor, concern_id: UUID) -> Seen:
    """An audit concern; beside it its `audit`, the name of who `closed` it, and whether it is
    `answered`: all its work done and verified. Raises NotFound or Forbidden."""
    concern = queries.record(actor=actor, model=AuditConcern, record_id=concern_id)
    actions = actions_of_audit_concerns(actor=actor, rows=[concern]).get(concern.id, [])
    return _seen(
        actor,
        concern,
        actions=actions,
        evidence=queries.attached_evidence(
            actor=actor, column=EvidenceLink.audit_concern_id, record_id=concern.id
        ),
        beside={
            "audit": load(Audit, actor.org_id, concern.audit_id) if concern.audit_id else None,
            "closed_by": queries.member_name(actor=actor, member_id=concern.closed_by_id),
            "answered": is_answered([action.status for action in actions]),
        },
    )


def concern_page(*, actor: Actor, concern_id: UUID) -> Seen:
    """A concern of any kind. Raises NotFound or Forbidden."""
    concern = queries.record(actor=actor, model=Concern, record_id=concern_id)
    return _seen(
        actor,
        concern,
        actions=actions_of_concerns(actor=actor, rows=[concern]).get(concern.id, []),
        evidence=queries.attached_evidence(
            actor=actor, column=EvidenceLink.concern_id, record_id=concern.id
        ),
    )


def actions_of_audit_concerns(*, actor: Actor, rows: Sequence[Any]) -> dict[UUID, list[Row]]:
    """Actions by the audit concern that they answer. One statement."""
    ids = [row.id for row in rows]
    return queries.answering_actions(actor=actor, column=Action.audit_concern_id, ids=ids)


def actions_of_concerns(*, actor: Actor, rows: Sequence[Any]) -> dict[UUID, list[Row]]:
    """Actions by the concern that they answer. One statement."""
    ids = [row.id for row in rows]
    return queries.answering_actions(actor=actor, column=Action.concern_id, ids=ids)

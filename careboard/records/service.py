"""Writing records by hand: an audit with what it found, and the closing of an audit concern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from careboard import audit
from careboard.actions.lateness import FINISHED
from careboard.actions.models import Action
from careboard.db import db, load, lock, new_id
from careboard.errors import Conflict, Invalid
from careboard.imports.privacy import scan
from careboard.permissions import Permission
from careboard.records.models import Audit, AuditConcern
from careboard.references import next_reference, next_references
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import domain_of

# Prefixes of our own, so that no source's reference is ever taken for one of these.
AUDIT_PREFIX = "CB-AUD"
CONCERN_PREFIX = "CB-CON"
_PRIVATE_WORDS = {
    "nhs_number": "an NHS number",
    "postcode": "a postcode",
    "key_safe": "a key-safe code",
    "phone": "a telephone number",
    "dob": "a date of birth",
    "name": "a person's name",
    "email": "an e-mail address",
}


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """What an audit found in figures. `score` is out of `max_score`; `rag` green, amber or red."""

    service_id: UUID
    theme: str
    completed_on: date
    score: float
    max_score: float
    rag: str
    evidence_source: str
    cycle: str = ""
    auditor: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A concern that an audit raises; `severity` green, amber or red."""

    text: str
    severity: str


def add_audit(*, actor: Actor, facts: AuditFacts, findings: Sequence[Finding] = ()) -> UUID:
    """Put an audit and its concerns on the data log; returns the audit's id.

    Raises NotFound, Forbidden, or Invalid. Source: step S0-1.1.
    """
    service = load(Service, actor.org_id, facts.service_id)
    actor.require(Permission.IMPORT, service.id)
    _check(actor, facts, findings)
    domain = domain_of("audit", facts.theme)
    row = Audit(
        org_id=actor.org_id,
        id=new_id(),
        source_key=next_reference(actor.org_id, AUDIT_PREFIX),
        service_id=service.id,
        theme=facts.theme,
        domain=domain,
        cycle=facts.cycle or f"{facts.completed_on:%b %Y}",
        completed_on=facts.completed_on,
        score=round(facts.score * 100),
        max_score=round(facts.max_score * 100),
        rag=facts.rag,
        auditor=facts.auditor,
        evidence_source=facts.evidence_source,
    )
    db.session.add(row)
    db.session.flush()
    _add_findings(actor, row, findings)
    audit.record(
        actor=actor,
        tag="audit:added",
        subject_id=row.id,
        after={
            "service": service.id,
            "completed_on": row.completed_on,
            "score": row.score,
            "rag": row.rag,
            "concerns": len(findings),
        },
    )
    return row.id


def _add_findings(actor: Actor, row: Audit, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    references = next_references(actor.org_id, CONCERN_PREFIX, len(findings))
    for finding, reference in zip(findings, references, strict=True):
        concern = AuditConcern(
            org_id=actor.org_id,
            id=new_id(),
            source_key=reference,
            audit_id=row.id,
            service_id=row.service_id,
            theme=row.theme,
            domain=row.domain,
            raised_on=row.completed_on,
            text=finding.text,
            severity=finding.severity,
            status="open",
        )
        db.session.add(concern)
        audit.record(
            actor=actor,
            tag="audit_concern:added",
            subject_id=concern.id,
            after={"audit": row.id, "severity": finding.severity},
        )
    db.session.flush()


def _check(actor: Actor, facts: AuditFacts, findings: Sequence[Finding]) -> None:
    if not facts.theme:
        raise Invalid("Enter the theme of the audit.", "theme")
    if facts.completed_on > actor.today:
        raise Invalid(
            "An audit is entered once it has been done: give a day up to today.", "completed_on"
        )
    if not 0 <= facts.score <= facts.max_score:
        raise Invalid(f"Enter a score from 0 to {facts.max_score:g}.", "score")
    if not facts.evidence_source:
        raise Invalid("Say where the score can be checked.", "evidence_source")
    refuse_personal_data(facts.evidence_source, "evidence_source")
    for finding in findings:
        refuse_personal_data(finding.text, "concerns")


def refuse_personal_data(text: str, field: str) -> None:
    """Raises Invalid when the text names someone or tells how to reach them or their home.

    For lines of text. Longer words are read over by their field (`form_fields.FreeText`), which
    lets a person confirm that a name is nobody's who is cared for.
    """
    for found in scan(text):
        if found.kind in _PRIVATE_WORDS:
            raise Invalid(
                f"“{text[found.start : found.end]}” looks like {_PRIVATE_WORDS[found.kind]}. "
                "Write it without naming anyone.",
                field,
            )


def close_audit_concern(*, actor: Actor, concern_id: UUID, reason: str = "") -> None:
    """Close an audit concern, today.

    Without a reason only when someone verified an action for it and none is left to do. Raises
    NotFound, Forbidden, Conflict when it is closed already, Invalid when the reason is missing.
    """
    concern = lock(AuditConcern, actor.org_id, concern_id)
    actor.require(Permission.VERIFY_ACTION, concern.service_id)
    if concern.status == "closed":
        raise Conflict("This concern has been closed already.")
    if not reason and not is_answered(_action_states(concern)):
        raise Invalid(
            "No verified action answers this concern yet. Say why it may be closed.", "reason"
        )
    concern.status = "closed"
    concern.closed_on = actor.today
    concern.closed_by_id = actor.membership_id
    concern.close_reason = reason
    db.session.flush()
    audit.record(
        actor=actor,
        tag="audit_concern:closed",
        subject_id=concern.id,
        before={"status": "open"},
        after={"status": "closed", "closed_on": concern.closed_on, "reasoned": bool(reason)},
    )


def is_answered(states: Sequence[str]) -> bool:
    """Whether actions in these states leave nothing to do: one verified, none unfinished."""
    return "verified" in states and all(state in FINISHED for state in states)


def _action_states(concern: AuditConcern) -> Sequence[str]:
    return db.session.scalars(
        select(Action.status).where(
            Action.org_id == concern.org_id, Action.audit_concern_id == concern.id
        )
    ).all()

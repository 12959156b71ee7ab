"""Making claims: written, handed in with their evidence, taken back.

Source: step S0-3.1 (service assurance return); DESIGN section 4, evidence and rating review.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from careboard import audit
from careboard.assurance import checking
from careboard.assurance.checking import (
    complete_validation,
    draw_sample,
    record_item,
    start_validation,
)
from careboard.assurance.models import Claim
from careboard.assurance.queries import NOUNS
from careboard.db import db, load, lock
from careboard.errors import Forbidden, Invalid
from careboard.evidence import queries as evidence
from careboard.evidence import service as evidence_service
from careboard.evidence.targets import one_target
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.risks.models import Risk
from careboard.risks.service import NewEvidence
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import DOMAINS

__all__ = [
    "complete_validation",
    "draw_sample",
    "edit_draft",
    "record_item",
    "start_validation",
    "submit_claim",
    "submit_draft",
    "withdraw_claim",
]

MOST_STATEMENT = 2_000


def submit_claim(
    *,
    actor: Actor,
    kind: str = "claim",
    statement: str,
    period_from: date | None,
    period_to: date | None,
    service_id: UUID | None = None,
    domain: str | None = None,
    risk_id: UUID | None = None,
    evidence_ids: Collection[UUID] = (),
    new: NewEvidence | None = None,
    draft: bool = False,
) -> UUID:
    """Hand a claim in with its evidence, or keep it as a draft; returns its id.

    A claim about a risk has the risk's service and domain. A service assurance return (`kind`
    assurance_return) is about a risk and handed in by the registered manager. Raises Invalid
    (service_id, domain, risk_id, statement, period_from, period_to, evidence, or a field of the
    new evidence), Forbidden, NotFound.
    """
    service_id, domain = _place(actor, kind, service_id, domain, risk_id)
    _check_words(actor, statement, period_from, period_to)
    claim = Claim(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "CLM"),
        kind=kind,
        service_id=service_id,
        domain=domain,
        risk_id=risk_id,
        statement=statement.strip(),
        period_from=period_from,
        period_to=period_to,
        status="draft",
        submitted_by_id=actor.membership_id,
    )
    db.session.add(claim)
    db.session.flush()
    _gather(actor, claim, evidence_ids, new)
    if draft:
        audit.record(actor=actor, tag="claim:drafted", subject_id=claim.id, after=_facts(claim))
    else:
        _hand_in(actor, claim)
    return claim.id


def edit_draft(
    *,
    actor: Actor,
    claim_id: UUID,
    statement: str,
    period_from: date | None,
    period_to: date | None,
    evidence_ids: Collection[UUID] = (),
    new: NewEvidence | None = None,
    draft: bool = True,
) -> None:
    """Change the words and period of one's own draft and add evidence; hand it in unless `draft`.

    Raises as `submit_claim` does; Invalid when it is no draft any more.
    """
    claim = _own(actor, claim_id, "draft")
    _check_words(actor, statement, period_from, period_to)
    claim.statement = statement.strip()
    claim.period_from, claim.period_to = period_from, period_to
    db.session.flush()
    _gather(actor, claim, evidence_ids, new)
    audit.record(actor=actor, tag="claim:edited", subject_id=claim.id, after=_facts(claim))
    if not draft:
        _hand_in(actor, claim)


def submit_draft(*, actor: Actor, claim_id: UUID) -> None:
    """Hand one's own draft in. Raises Invalid (evidence), Forbidden, NotFound."""
    _hand_in(actor, _own(actor, claim_id, "draft"))


def withdraw_claim(*, actor: Actor, claim_id: UUID, reason: str) -> None:
    """Take one's own claim back before a sample of it is drawn: what was drawn for it is not put
    aside by making it anew. Raises Invalid (reason), Forbidden."""
    claim = _own(actor, claim_id, "draft", "submitted")
    if claim.kind == "monitoring_return":
        raise Invalid("A weekly return stays as it was handed in. Say in the next what changed.")
    if checking.drawn(actor, claim_id):
        raise Invalid(
            f"A sample was drawn for {claim.reference}, so its validation goes on to the end."
        )
    if not reason.strip():
        raise Invalid("Say why it is withdrawn.", "reason")
    before, claim.status = claim.status, "withdrawn"
    claim.withdraw_reason = reason.strip()
    db.session.flush()
    audit.record(
        actor=actor,
        tag="claim:withdrawn",
        subject_id=claim.id,
        before={"status": before},
        after={"status": claim.status},
    )


def may_return(actor: Actor) -> bool:
    """Whether the person hands in service assurance returns. Source: step S0-3.1."""
    return actor.may(Permission.SUBMIT_EVIDENCE) and actor.may(Permission.RUN_MANAGER_REVIEW)


def _place(
    actor: Actor, kind: str, service_id: UUID | None, domain: str | None, risk_id: UUID | None
) -> tuple[UUID, str | None]:
    """Where the claim belongs, once the person may make it."""
    if actor.membership_id is None:
        raise Forbidden("A claim is made by a person.")
    if kind not in NOUNS:
        raise Invalid("Choose what it is.", "kind")
    if kind == "assurance_return" and not may_return(actor):
        raise Forbidden("The registered manager hands in the service assurance return.")
    if kind == "monitoring_return" and not actor.may(Permission.SUBMIT_RETURN):
        raise Forbidden("The manager hands in the enhanced monitoring return.")
    if kind == "recovery_update" and not may_return(actor):
        raise Forbidden("The registered manager gathers the evidence set of an update.")
    if risk_id is not None:
        risk = load(Risk, actor.org_id, risk_id)
        actor.require(Permission.SUBMIT_EVIDENCE, risk.service_id)
        if risk.status != "open":
            raise Invalid("This risk is closed.", "risk_id")
        return risk.service_id, risk.domain
    if kind == "assurance_return":
        raise Invalid("Choose the risk that the return is about.", "risk_id")
    if service_id is None:
        raise Invalid("Choose the service that the claim is about.", "service_id")
    load(Service, actor.org_id, service_id)
    actor.require(Permission.SUBMIT_EVIDENCE, service_id)
    if domain and domain not in DOMAINS:
        raise Invalid("Choose a domain.", "domain")
    return service_id, domain or None


def _check_words(
    actor: Actor, statement: str, period_from: date | None, period_to: date | None
) -> None:
    if not statement.strip():
        raise Invalid("Say what is claimed.", "statement")
    if len(statement) > MOST_STATEMENT:
        raise Invalid(f"Say it in at most {MOST_STATEMENT:,} characters.", "statement")
    if period_from is None:
        raise Invalid("Say from which day the claim speaks.", "period_from")
    if period_to is None:
        raise Invalid("Say up to which day the claim speaks.", "period_to")
    if period_from > period_to:
        raise Invalid("The period ends before it starts.", "period_to")
    if period_to > actor.today:
        raise Invalid("The period has not ended yet. A claim speaks of what has been.", "period_to")


def _gather(
    actor: Actor, claim: Claim, evidence_ids: Collection[UUID], new: NewEvidence | None
) -> None:
    for evidence_id in dict.fromkeys(evidence_ids):
        evidence_service.attach(actor=actor, evidence_id=evidence_id, claim_id=claim.id)
    if new is not None:
        evidence_service.submit(
            actor=actor,
            title=new.title,
            kind=new.kind,
            period_to=new.period_to,
            valid_until=new.valid_until,
            upload=new.upload,
            source_link=new.source_link,
            target=one_target(claim_id=claim.id),
        )


def _own(actor: Actor, claim_id: UUID, *statuses: str) -> Claim:
    """The person's own claim, held, in one of these states."""
    claim = lock(Claim, actor.org_id, claim_id)
    actor.require(Permission.SUBMIT_EVIDENCE, claim.service_id)
    if claim.submitted_by_id != actor.membership_id:
        raise Forbidden("Only its author may do this.")
    if claim.status not in statuses:
        raise Invalid(f"{claim.reference} is {claim.status}, so this can no longer be done.")
    return claim


def _hand_in(actor: Actor, claim: Claim) -> None:
    items = evidence.for_targets(actor=actor, claim_ids=[claim.id])[claim.id]
    if not any(item.stands(actor.today) for item in items):
        raise Invalid("A claim needs evidence that is in date. Choose or add an item.", "evidence")
    claim.status, claim.submitted_on = "submitted", actor.today
    db.session.flush()
    audit.record(
        actor=actor,
        tag="claim:submitted",
        subject_id=claim.id,
        after=_facts(claim) | {"evidence": [str(item.id) for item in items]},
    )


def _facts(claim: Claim) -> dict[str, Any]:
    """What the audit trail keeps of a claim: ids, states and dates."""
    return {
        "kind": claim.kind,
        "status": claim.status,
        "service": claim.service_id,
        "risk": claim.risk_id,
        "period_from": claim.period_from,
        "period_to": claim.period_to,
    }

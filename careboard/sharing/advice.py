"""Advice and referrals: what an authority answered, and what follows from it.

Source: step S3-2.4 (safeguarding action record).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select

from careboard import audit
from careboard.db import db, load
from careboard.errors import Forbidden, Invalid
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.sharing.communication_models import (
    ADVICE_KINDS,
    ADVICE_OUTCOMES,
    Communication,
    PartnerAdvice,
)
from careboard.tenancy import Actor

KIND_WORDS = {"advice": "Advice", "referral": "Referral"}
OUTCOME_WORDS = {
    "awaited": "Awaited",
    "section_42": "Section 42 enquiry",
    "other_enquiry": "Other enquiry",
    "advice_only": "Advice only",
    "no_further_action": "No further action",
}


def record(
    *,
    actor: Actor,
    communication_id: UUID,
    kind: str,
    authority: str,
    authority_reference: str,
    received_on: date,
    guidance: str,
    outcome: str,
    what_follows: str,
    follows_id: UUID | None = None,
) -> UUID:
    """Record what an authority said on a communication; returns the record's id.

    `follows_id` is the earlier record that this one brings up to date. Raises Invalid (any field),
    Forbidden, NotFound. Source: step S3-2.4.
    """
    told = load(Communication, actor.org_id, communication_id)
    actor.require(Permission.RECORD_COMMUNICATION, told.service_id)
    if actor.membership_id is None:
        raise Forbidden("Advice is recorded by a person.")
    words = {"authority": authority, "guidance": guidance, "what_follows": what_follows}
    _check(words, kind, outcome)
    if not told.on_date <= received_on <= actor.today:
        raise Invalid("Give a day from the communication up to today.", "received_on")
    if follows_id is not None:
        _check_follows(actor, follows_id, told.service_id)
    row = PartnerAdvice(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "ADV"),
        service_id=told.service_id,
        communication_id=told.id,
        decision_id=told.decision_id,
        follows_id=follows_id,
        kind=kind,
        authority_reference=authority_reference.strip(),
        received_on=received_on,
        outcome=outcome,
        by_id=actor.membership_id,
        **{name: value.strip() for name, value in words.items()},
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="partner_advice:recorded",
        subject_id=row.id,
        after={
            "communication": told.id,
            "decision": told.decision_id,
            "kind": kind,
            "outcome": outcome,
            "received_on": received_on,
            "follows": follows_id,
        },
    )
    return row.id


def _check(words: Mapping[str, str], kind: str, outcome: str) -> None:
    for name, value in words.items():
        if not value.strip():
            raise Invalid("Say it in a few words.", name)
    if kind not in ADVICE_KINDS:
        raise Invalid("Say whether it is advice or a referral.", "kind")
    if outcome not in ADVICE_OUTCOMES:
        raise Invalid("Choose one of these.", "outcome")


def _check_follows(actor: Actor, follows_id: UUID, service_id: UUID) -> None:
    """An earlier record of the same service, which none has followed yet."""
    earlier = load(PartnerAdvice, actor.org_id, follows_id)
    if earlier.service_id != service_id:
        raise Invalid("This belongs to another service.", "follows_id")
    later = db.session.scalar(
        select(PartnerAdvice.reference).where(
            PartnerAdvice.org_id == actor.org_id, PartnerAdvice.follows_id == follows_id
        )
    )
    if later is not None:
        raise Invalid(f"{later} has brought it up to date already.", "follows_id")

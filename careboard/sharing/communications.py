"""What is said to partners outside, and what they say: recorded when it happened, never changed.

Source: step S3-1.3 (contract monitoring file); DESIGN section 4, sharing decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select

from careboard import audit
from careboard.db import db, load
from careboard.errors import Forbidden, Invalid
from careboard.packs.models import Pack
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.services.models import Service
from careboard.sharing.communication_models import (
    CHANNELS,
    DIRECTIONS,
    Communication,
    CommunicationAnswer,
)
from careboard.sharing.models import RECIPIENTS, SharingDecision
from careboard.tenancy import Actor
from careboard.updates.models import RecoveryUpdate, TrackedConcern, UpdateSchedule

DIRECTION_WORDS = {"out": "We told them", "in": "They told or asked us"}
CHANNEL_WORDS = {
    "meeting": "Meeting",
    "phone": "Telephone",
    "email": "E-mail",
    "letter": "Letter",
    "portal": "Portal",
    "other": "Other",
}


@dataclass(frozen=True, slots=True)
class Links:
    """What a communication is about; each may be None."""

    decision_id: UUID | None = None
    tracked_id: UUID | None = None
    update_id: UUID | None = None
    pack_id: UUID | None = None


def record(
    *,
    actor: Actor,
    service_id: UUID,
    direction: str,
    on: date,
    channel: str,
    partner_kind: str,
    partner: str,
    person_role: str,
    said: str,
    about: Links = Links(),
    answer_due_on: date | None = None,
) -> UUID:
    """Record a communication; returns its id.

    `partner` is the authority or team, `person_role` a role, `answer_due_on` the day by which an
    answer was asked for. Raises Invalid (any field), Forbidden, NotFound. Source: step S3-1.3.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.RECORD_COMMUNICATION, service_id)
    if actor.membership_id is None:
        raise Forbidden("A communication is recorded by a person.")
    words = {"partner": partner, "person_role": person_role, "said": said}
    codes = {"direction": direction, "channel": channel, "partner_kind": partner_kind}
    _check(words, codes)
    if on > actor.today:
        raise Invalid("It is recorded once it has happened: give a day up to today.", "on")
    if answer_due_on is not None and answer_due_on < on:
        raise Invalid("An answer cannot be due before it was asked for.", "answer_due_on")
    _check_links(actor, service_id, about, direction)
    row = Communication(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "COM"),
        service_id=service_id,
        **asdict(about),
        **codes,
        on_date=on,
        answer_due_on=answer_due_on,
        by_id=actor.membership_id,
        **{name: value.strip() for name, value in words.items()},
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="communication:recorded",
        subject_id=row.id,
        after={"service": service_id, "on": on} | codes | asdict(about),
    )
    return row.id


def answer(*, actor: Actor, communication_id: UUID, on: date, answered: str) -> UUID:
    """Record what was answered, theirs to what went out or ours to what came in; returns its id.

    Raises Invalid (on, answered), Forbidden, NotFound. Source: DESIGN section 4.
    """
    told = load(Communication, actor.org_id, communication_id)
    actor.require(Permission.RECORD_COMMUNICATION, told.service_id)
    if actor.membership_id is None:
        raise Forbidden("An answer is recorded by a person.")
    if not answered.strip():
        raise Invalid("Say what was answered.", "answered")
    if not told.on_date <= on <= actor.today:
        raise Invalid("Give a day from the communication up to today.", "answered_on")
    row = CommunicationAnswer(
        org_id=actor.org_id,
        communication_id=told.id,
        on_date=on,
        answered=answered.strip(),
        by_id=actor.membership_id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="communication:answered",
        subject_id=told.id,
        after={"answer": row.id, "on": on},
    )
    return row.id


def _check(words: Mapping[str, str], codes: Mapping[str, str]) -> None:
    for name, value in words.items():
        if not value.strip():
            raise Invalid("Say it in a few words.", name)
    known = {"direction": DIRECTIONS, "channel": CHANNELS, "partner_kind": RECIPIENTS}
    for name, value in codes.items():
        if value not in known[name]:
            raise Invalid("Choose one of these.", name)


def _check_links(actor: Actor, service_id: UUID, about: Links, direction: str) -> None:
    """Everything that it names exists and belongs to the service; what was decided is followed."""
    if about.decision_id is not None:
        decision = load(SharingDecision, actor.org_id, about.decision_id)
        _of_service(decision.service_id, service_id, "decision_id")
        if direction == "out" and decision.decision == "do_not_share":
            raise Invalid(
                f"{decision.reference} decided not to share this. Decide again before it is told.",
                "decision_id",
            )
    if about.tracked_id is not None:
        tracked = load(TrackedConcern, actor.org_id, about.tracked_id)
        _of_service(tracked.service_id, service_id, "tracked_id")
    if about.update_id is not None:
        load(RecoveryUpdate, actor.org_id, about.update_id)
        _of_service(_service_of_update(actor, about.update_id), service_id, "update_id")
    if about.pack_id is not None:
        pack = load(Pack, actor.org_id, about.pack_id)
        if pack.service_id is not None:
            _of_service(pack.service_id, service_id, "pack_id")


def _of_service(found: UUID | None, service_id: UUID, field: str) -> None:
    if found != service_id:
        raise Invalid("This belongs to another service.", field)


def _service_of_update(actor: Actor, update_id: UUID) -> UUID | None:
    return db.session.scalar(
        select(TrackedConcern.service_id)
        .join(
            UpdateSchedule,
            and_(
                UpdateSchedule.org_id == TrackedConcern.org_id,
                UpdateSchedule.tracked_id == TrackedConcern.id,
            ),
        )
        .join(
            RecoveryUpdate,
            and_(
                RecoveryUpdate.org_id == UpdateSchedule.org_id,
                RecoveryUpdate.schedule_id == UpdateSchedule.id,
            ),
        )
        .where(RecoveryUpdate.org_id == actor.org_id, RecoveryUpdate.id == update_id)
    )

"""What commissioners say of a service, and what is said to them.

Source: step S2-3.1 (commissioner intelligence log); step S2-3.5 (contract governance notes).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from careboard import audit
from careboard.db import db, load
from careboard.errors import Forbidden, Invalid
from careboard.monitoring.models import MonitoringEpisode
from careboard.monitoring.return_models import ContractNote
from careboard.permissions import Permission
from careboard.records.models import Concern
from careboard.references import next_reference
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import domain_of

# A prefix of our own, so that no source's reference is ever taken for one of these.
CONCERN_PREFIX = "CB-CQ"


def record_concern(
    *,
    actor: Actor,
    service_id: UUID,
    theme: str,
    text: str,
    on: date,
    commissioner: str,
    due_on: date | None = None,
) -> UUID:
    """Put what a commissioner is concerned about on the log; returns the concern's id.

    `theme` is the quality theme, `due_on` the day by which an answer is expected. Raises Invalid
    (theme, text, on, commissioner, due_on), Forbidden, NotFound. Source: step S2-3.1.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.RECORD_COMMISSIONER_CONCERN, service_id)
    for name, value in (("theme", theme), ("text", text), ("commissioner", commissioner)):
        if not value.strip():
            raise Invalid("Say it in a few words.", name)
    if on > actor.today:
        raise Invalid("A concern is recorded once it has been raised.", "on")
    if due_on is not None and due_on < on:
        raise Invalid("The answer cannot be due before the concern was raised.", "due_on")
    details = {"service.la": commissioner.strip()}
    if due_on is not None:
        details["due_on"] = due_on.isoformat()
    concern = Concern(
        org_id=actor.org_id,
        kind="commissioner_query",
        source_key=next_reference(actor.org_id, CONCERN_PREFIX),
        service_id=service_id,
        domain=domain_of("commissioner_query", theme.strip()),
        occurred_on=on,
        theme=theme.strip(),
        status="open",
        text=text.strip(),
        details=details,
    )
    db.session.add(concern)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="commissioner_concern:recorded",
        subject_id=concern.id,
        after={"service": service_id, "on": on, "due_on": due_on},
    )
    return concern.id


def add_note(
    *,
    actor: Actor,
    service_id: UUID,
    on: date,
    commissioner: str,
    shared: str,
    progress: str,
    remaining_risk: str,
    episode_id: UUID | None = None,
    concern_id: UUID | None = None,
) -> UUID:
    """Note what was shared with a commissioner and what was said; returns the note's id.

    Raises Invalid (any field), Forbidden, NotFound. Source: step S2-3.5.
    """
    load(Service, actor.org_id, service_id)
    actor.require(Permission.RECORD_COMMISSIONER_CONCERN, service_id)
    if actor.membership_id is None:
        raise Forbidden("A note is made by a person.")
    for model, row_id, field in (
        (MonitoringEpisode, episode_id, "episode_id"),
        (Concern, concern_id, "concern_id"),
    ):
        if row_id is not None and load(model, actor.org_id, row_id).service_id != service_id:
            raise Invalid("This belongs to another service.", field)
    if on > actor.today:
        raise Invalid("It is noted once it has been said: give a day up to today.", "on")
    words = {
        "commissioner": commissioner,
        "shared": shared,
        "progress": progress,
        "remaining_risk": remaining_risk,
    }
    for name, value in words.items():
        if not value.strip():
            raise Invalid("Say it in a few words.", name)
    note = ContractNote(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "CGN"),
        service_id=service_id,
        episode_id=episode_id,
        concern_id=concern_id,
        on_date=on,
        by_id=actor.membership_id,
        **{name: value.strip() for name, value in words.items()},
    )
    db.session.add(note)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="contract_note:added",
        subject_id=note.id,
        after={"service": service_id, "episode": episode_id, "concern": concern_id, "on": on},
    )
    return note.id

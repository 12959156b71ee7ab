"""Putting a commissioner's concern on the tracker, and starting the fortnightly updates on it.

Source: step S3-3.1 (external assurance tracker); rule N13.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from careboard import audit
from careboard.db import db, load, lock
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.monitoring.people import require_among
from careboard.permissions import Permission
from careboard.records.models import Concern
from careboard.records.service import refuse_personal_data
from careboard.references import next_reference
from careboard.tenancy import Actor
from careboard.updates import recipients
from careboard.updates.models import TrackedConcern, UpdateSchedule

TRACKS = Permission.RECORD_COMMISSIONER_CONCERN
GATHERS = Permission.SUBMIT_RETURN
# How far ahead the first fortnight may lie: updates begin now, or not at all.
FIRST_WITHIN = timedelta(days=14)


def track(
    *,
    actor: Actor,
    concern_id: UUID,
    theme: str,
    required_assurance: str,
    due_on: date,
    lead_id: UUID | None,
    manager_id: UUID | None,
    link_id: UUID | None = None,
) -> UUID:
    """Put a commissioner's concern on the external assurance tracker; returns the line's id.

    `required_assurance` is what would assure the commissioner, `due_on` by when; `lead_id` writes
    to it, `manager_id` gathers the evidence; `link_id` is to whom the updates go, None: nobody yet.
    Raises Invalid (theme, required_assurance, due_on, lead_id, manager_id, link_id), Conflict when
    it is tracked, Forbidden, NotFound. Source: step S3-3.1.
    """
    concern = lock(Concern, actor.org_id, concern_id)
    actor.require(TRACKS, concern.service_id)
    if concern.kind != "commissioner_query":
        raise Invalid("Only what a commissioner asked is tracked here.")
    if tracked_already(actor, concern_id) is not None:
        raise Conflict("This concern is on the tracker.")
    _check_words(theme, required_assurance)
    if due_on < concern.occurred_on:
        raise Invalid("It cannot be due before the concern was raised.", "due_on")
    people = {"actor": actor, "service_id": concern.service_id}
    row = TrackedConcern(
        org_id=actor.org_id,
        reference=next_reference(actor.org_id, "EAT"),
        concern_id=concern_id,
        service_id=concern.service_id,
        theme=theme.strip(),
        required_assurance=required_assurance.strip(),
        due_on=due_on,
        link_id=recipients.confirmed(actor=actor, link_id=link_id),
        lead_id=require_among(
            **people, permission=Permission.WRITE_UPDATE, member_id=lead_id, field="lead_id"
        ),
        manager_id=require_among(
            **people, permission=GATHERS, member_id=manager_id, field="manager_id"
        ),
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="tracked_concern:added",
        subject_id=row.id,
        after={
            "concern": concern_id,
            "service": row.service_id,
            "due_on": due_on,
            "lead": lead_id,
            "manager": manager_id,
            "link": link_id,
        },
    )
    return row.id


def _check_words(theme: str, required_assurance: str) -> None:
    for name, value in (("theme", theme), ("required_assurance", required_assurance)):
        if not value.strip():
            raise Invalid("Say it in a few words.", name)
    refuse_personal_data(theme, "theme")


def tracked_already(actor: Actor, concern_id: UUID) -> UUID | None:
    """The line of the tracker on which a concern stands."""
    return db.session.scalar(
        select(TrackedConcern.id).where(
            TrackedConcern.org_id == actor.org_id, TrackedConcern.concern_id == concern_id
        )
    )


def start(*, actor: Actor, tracked_id: UUID, anchor_on: date) -> UUID:
    """Start the fortnightly updates on a tracked concern, the first one due on that day; returns
    the schedule's id. They go on until the governance group ends them.

    Raises Invalid (anchor_on), Conflict where they were started or the concern is closed,
    Forbidden, NotFound.
    """
    tracked = lock(TrackedConcern, actor.org_id, tracked_id)
    actor.require(Permission.WRITE_UPDATE, tracked.service_id)
    if actor.membership_id is None:
        raise Forbidden("The updates are started by a person.")
    if tracked.status != "open":
        raise Conflict(f"{tracked.reference} is closed.")
    if schedule_exists(actor, tracked_id):
        raise Conflict("Fortnightly updates on this concern were started before.")
    if not actor.today <= anchor_on <= actor.today + FIRST_WITHIN:
        raise Invalid("Choose a day from today to a fortnight from now.", "anchor_on")
    row = UpdateSchedule(
        org_id=actor.org_id,
        tracked_id=tracked_id,
        anchor_on=anchor_on,
        started_by_id=actor.membership_id,
        status="running",
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="update_schedule:started",
        subject_id=row.id,
        after={"tracked": tracked_id, "anchor_on": anchor_on, "every_days": 14},
    )
    return row.id


def schedule_exists(actor: Actor, tracked_id: UUID) -> bool:
    found = select(UpdateSchedule.id).where(
        UpdateSchedule.org_id == actor.org_id, UpdateSchedule.tracked_id == tracked_id
    )
    return db.session.scalar(found) is not None


def concern_to_track(*, actor: Actor, concern_id: UUID) -> Concern:
    """The concern that a new line of the tracker would be about. Raises Forbidden, NotFound, and
    Invalid for a concern of another kind."""
    concern = load(Concern, actor.org_id, concern_id)
    actor.require(TRACKS, concern.service_id)
    if concern.kind != "commissioner_query":
        raise Invalid("Only what a commissioner asked is tracked here.")
    return concern

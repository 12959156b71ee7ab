"""Ending the fortnightly updates: assurance has improved by rule, and the governance group says so.

Source: rule N13; step S3-3.5; issue "Sharing with commissioners", Recovery updates.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, select

from careboard import audit
from careboard.accounts.models import Membership
from careboard.db import db, lock
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.evidence.queries import to
from careboard.permissions import Permission
from careboard.reviews.models import Review, ReviewEntry
from careboard.risks.sittings import FORUMS
from careboard.tenancy import Actor
from careboard.updates import schedules, standing
from careboard.updates.improvement import improved
from careboard.updates.models import TrackedConcern, UpdateSchedule

MOST_ENTRIES = 50


def end(*, actor: Actor, tracked_id: UUID, entry_id: UUID | None, reason: str) -> None:
    """End the updates on a tracked concern, whose required assurance is then met.

    `entry_id` is the decision in the minutes of a sitting held since the updates began. Raises
    Invalid (entry, reason) with what is missing, Conflict when they have ended, Forbidden,
    NotFound.
    """
    tracked = lock(TrackedConcern, actor.org_id, tracked_id)
    actor.require(Permission.APPROVE_UPDATE, tracked.service_id)
    if actor.membership_id is None:
        raise Forbidden("The updates are ended by a person.")
    schedule = running(actor, tracked_id)
    waiting = schedules.waiting(actor=actor, schedule=schedule)
    if waiting:
        raise Invalid(f"The update due on {waiting[-1]:%-d %b %Y} has not been drafted yet.")
    found = standing.reasons_of(actor=actor, tracked=tracked, schedule=schedule)
    if not improved(found):
        missing = " ".join(one.words for one in found if not one.holds)
        raise Invalid(f"Assurance has not improved by rule yet. {missing}")
    if entry_id not in {row.id for row in decisions(actor=actor, schedule=schedule)}:
        raise Invalid(
            "Choose the decision of the governance group: without one the updates go on.", "entry"
        )
    if not reason.strip():
        raise Invalid("Say why they end.", "reason")
    schedule.status, schedule.ended_on = "ended", actor.today
    schedule.ended_by_id, schedule.end_entry_id = actor.membership_id, entry_id
    schedule.end_reason = reason.strip()
    _close(actor, tracked, "met", reason)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="update_schedule:ended",
        subject_id=schedule.id,
        before={"status": "running"},
        after={"status": "ended", "tracked": tracked_id, "entry": entry_id},
    )


def close_unmet(*, actor: Actor, tracked_id: UUID, reason: str) -> None:
    """Close a tracked concern on which no updates run, its assurance not met, with the reason.

    Raises Invalid (reason), Conflict while updates run or once it is closed, Forbidden, NotFound.
    """
    tracked = lock(TrackedConcern, actor.org_id, tracked_id)
    actor.require(Permission.WRITE_UPDATE, tracked.service_id)
    if tracked.status != "open":
        raise Conflict(f"{tracked.reference} is closed.")
    if schedule_of(actor, tracked_id) is not None:
        raise Conflict("Its updates go on until the governance group ends them.")
    if not reason.strip():
        raise Invalid("Say why it is closed unmet.", "reason")
    _close(actor, tracked, "closed_unmet", reason)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="tracked_concern:closed",
        subject_id=tracked_id,
        before={"status": "open"},
        after={"status": "closed_unmet"},
    )


def _close(actor: Actor, tracked: TrackedConcern, status: str, reason: str) -> None:
    tracked.status, tracked.close_reason = status, reason.strip()
    tracked.closed_on, tracked.closed_by_id = actor.today, actor.membership_id


def schedule_of(actor: Actor, tracked_id: UUID) -> UpdateSchedule | None:
    """The fortnights of a tracked concern, held; None where they were never started."""
    return db.session.scalar(
        select(UpdateSchedule)
        .where(UpdateSchedule.org_id == actor.org_id, UpdateSchedule.tracked_id == tracked_id)
        .with_for_update()
    )


def running(actor: Actor, tracked_id: UUID) -> UpdateSchedule:
    """The fortnights that go on, held. Raises Conflict."""
    schedule = schedule_of(actor, tracked_id)
    if schedule is None or schedule.status != "running":
        raise Conflict("No fortnightly updates run on this concern.")
    return schedule


def decisions(*, actor: Actor, schedule: UpdateSchedule) -> Sequence[Row]:
    """Decisions of the governance group since the updates began, the latest first: id, text,
    entered_at, by, reference, forum. One statement."""
    return db.session.execute(
        select(
            ReviewEntry.id,
            ReviewEntry.text,
            ReviewEntry.entered_at,
            Membership.name.label("by"),
            Review.reference,
            Review.forum,
        )
        .join(Review, to(Review, ReviewEntry.org_id, ReviewEntry.review_id))
        .outerjoin(Membership, to(Membership, ReviewEntry.org_id, ReviewEntry.by_id))
        .where(
            ReviewEntry.org_id == actor.org_id,
            ReviewEntry.kind == "decision",
            ReviewEntry.entered_at >= schedule.created_at,
            Review.forum.in_(FORUMS),
        )
        .order_by(ReviewEntry.entered_at.desc(), ReviewEntry.id.desc())
        .limit(MOST_ENTRIES)
    ).all()

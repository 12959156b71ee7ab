"""Sees that each fortnight of each schedule is there once: the newest drafted, older ones missed.

The unique key (schedule, day) and the held schedule make it so, whoever is killed meanwhile: an
organisation is one transaction. Source: issue "Sharing with commissioners", Recovery updates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import defer

from careboard import audit, clock
from careboard.db import db, new_id
from careboard.references import next_references
from careboard.tenancy import Actor
from careboard.updates import drafting, fortnights
from careboard.updates.models import RecoveryUpdate, UpdateSchedule

UNFINISHED = ("draft", "validated", "approved")
_DUE = text("SELECT org_id FROM app.updates_due(:present)")


@dataclass(frozen=True, slots=True)
class Made:
    """How many updates were drafted, and how many fortnights passed without one."""

    drafted: int = 0
    missed: int = 0

    def __add__(self, other: Made) -> Made:
        return Made(self.drafted + other.drafted, self.missed + other.missed)


def organisations_due(present: datetime | None = None) -> list[UUID]:
    """Those with a fortnight that has come (by `present`, an instant) and is not there yet."""
    found = db.session.execute(_DUE, {"present": present or clock.now()})
    return list(found.scalars())


def catch_up(*, actor: Actor, present: datetime | None = None) -> Made:
    """Draft what is due in the organisation. However often it is called, each fortnight is there
    once; the caller commits."""
    day = fortnights.day_at(present or clock.now(), actor.time_zone)
    missed = 0
    made: list[list[RecoveryUpdate]] = []
    for schedule, there in _held(actor, day):
        since = there[-1].due_on if there else None
        if due := fortnights.due(schedule.anchor_on, since=since, until=day):
            missed += _miss(actor, there) + len(due) - 1
            made.append(_rows(actor, schedule, due))
    if made:
        _draft(actor, [rows[-1] for rows in made], day)
        _keep(actor, [update for rows in made for update in rows])
    return Made(len(made), missed)


def _held(actor: Actor, day: date) -> list[tuple[UpdateSchedule, list[RecoveryUpdate]]]:
    """The schedules that run, each with its updates in order, held until the transaction ends."""
    schedules = db.session.scalars(
        select(UpdateSchedule)
        .where(
            UpdateSchedule.org_id == actor.org_id,
            UpdateSchedule.status == "running",
            UpdateSchedule.anchor_on <= day,
        )
        .order_by(UpdateSchedule.id)
        .with_for_update()
    ).all()
    there: dict[UUID, list[RecoveryUpdate]] = {schedule.id: [] for schedule in schedules}
    for update in db.session.scalars(
        select(RecoveryUpdate)
        .where(RecoveryUpdate.org_id == actor.org_id, RecoveryUpdate.schedule_id.in_(there))
        .options(defer(RecoveryUpdate.content))
        .order_by(RecoveryUpdate.schedule_id, RecoveryUpdate.due_on)
        .with_for_update()
    ):
        there[update.schedule_id].append(update)
    return [(schedule, there[schedule.id]) for schedule in schedules]


def _miss(actor: Actor, there: Sequence[RecoveryUpdate]) -> int:
    """What was left unfinished is missed now; returns how many."""
    left = [update for update in there if update.status in UNFINISHED]
    for update in left:
        update.status = "missed"
        _note(actor, update, "missed")
    return len(left)


def _draft(actor: Actor, newest: Sequence[RecoveryUpdate], day: date) -> None:
    """All are read at once: the views of a past day cost more than what is read through them."""
    numbers = {update.schedule_id: update.number for update in newest}
    contents = drafting.contents(actor=actor, numbers=numbers, on=day)
    for update in newest:
        update.status = "draft"
        drafting.keep(update, contents[update.schedule_id])


def _keep(actor: Actor, updates: Sequence[RecoveryUpdate]) -> None:
    db.session.add_all(updates)
    db.session.flush()
    for update in updates:
        if update.status == "draft":
            _note(actor, update, "drafted", sha256=update.content_sha256)
        else:
            _note(actor, update, "missed")


def waiting(*, actor: Actor, schedule: UpdateSchedule) -> list[date]:
    """The fortnights that have come and that no worker has brought up yet. One statement."""
    newest = db.session.scalar(
        select(func.max(RecoveryUpdate.due_on)).where(
            RecoveryUpdate.org_id == actor.org_id, RecoveryUpdate.schedule_id == schedule.id
        )
    )
    day = fortnights.day_at(clock.now(), actor.time_zone)
    return fortnights.due(schedule.anchor_on, since=newest, until=day)


def _rows(actor: Actor, schedule: UpdateSchedule, due: Sequence[date]) -> list[RecoveryUpdate]:
    """A row for each of those days, as it is where nobody drafts it."""
    references = next_references(actor.org_id, "RUP", len(due))
    return [
        RecoveryUpdate(
            org_id=actor.org_id,
            id=new_id(),
            reference=reference,
            schedule_id=schedule.id,
            number=fortnights.number_of(schedule.anchor_on, day),
            due_on=day,
            status="missed",
        )
        for reference, day in zip(references, due, strict=True)
    ]


def _note(actor: Actor, update: RecoveryUpdate, what: str, **more: object) -> None:
    audit.record(
        actor=actor,
        tag=f"recovery_update:{what}",
        subject_id=update.id,
        after={"status": update.status, "due_on": update.due_on, **more},
    )

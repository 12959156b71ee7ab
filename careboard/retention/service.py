"""Setting how long records are kept, holding them, and disposing of what is due."""

from __future__ import annotations

import hashlib
from datetime import date
from uuid import UUID

import structlog
from sqlalchemy import event, text

from careboard import audit, storage
from careboard.db import db, lock, new_id
from careboard.errors import Conflict, Invalid
from careboard.permissions import Permission
from careboard.references import next_reference
from careboard.retention import queries
from careboard.retention.classes import CLASSES, RecordClass
from careboard.retention.models import Disposal, LegalHold, RetentionPeriod
from careboard.tenancy import Actor

log = structlog.get_logger()
AT_ONCE = 5_000
LEAST_DAYS, MOST_DAYS = 30, 36_525


def set_period(*, actor: Actor, code: str, days: int | None, reason: str) -> None:
    """Keep records of that class for so many days from now on. Raises Invalid (days, reason)."""
    actor.require(Permission.MANAGE_RETENTION)
    record_class = _class(code)
    if days is None or not LEAST_DAYS <= days <= MOST_DAYS:
        raise Invalid(f"Give a number of days between {LEAST_DAYS} and {MOST_DAYS:,}.", "days")
    if not reason.strip():
        raise Invalid("Say why, for whoever asks later.", "reason")
    before = queries.periods(actor=actor)[code].days
    row = RetentionPeriod(
        org_id=actor.org_id,
        id=new_id(),
        record_class=record_class.code,
        days=days,
        reason=reason.strip(),
        set_by_id=actor.membership_id,
        set_on=actor.today,
    )
    db.session.add(row)
    audit.record(
        actor=actor,
        tag="retention:period_set",
        subject_id=row.id,
        before={"class": code, "days": before},
        after={"class": code, "days": days},
    )


def place_hold(*, actor: Actor, code: str, reason: str) -> UUID:
    """Hold all records of a class, or with an empty code all that there are. Raises Invalid."""
    actor.require(Permission.MANAGE_RETENTION)
    if not reason.strip():
        raise Invalid("Say who asked for the hold and why.", "reason")
    _one_at_a_time(actor)
    hold = LegalHold(
        org_id=actor.org_id,
        id=new_id(),
        reference=next_reference(actor.org_id, "HLD"),
        record_class=_class(code).code if code else None,
        reason=reason.strip(),
        placed_by_id=actor.membership_id,
        placed_on=actor.today,
    )
    db.session.add(hold)
    audit.record(
        actor=actor, tag="retention:held", subject_id=hold.id, after={"class": code or "all"}
    )
    return hold.id


def lift_hold(*, actor: Actor, hold_id: UUID, reason: str) -> None:
    """End a hold. Raises Invalid (reason), Conflict where it was lifted before, NotFound."""
    actor.require(Permission.MANAGE_RETENTION)
    hold = lock(LegalHold, actor.org_id, hold_id)
    if hold.lifted_on:
        raise Conflict(f"{hold.reference} was lifted before.")
    if not reason.strip():
        raise Invalid("Say who allowed it and why.", "reason")
    hold.lifted_on, hold.lifted_by_id = actor.today, actor.membership_id
    hold.lift_reason = reason.strip()
    audit.record(actor=actor, tag="retention:lifted", subject_id=hold.id)


def dispose(*, actor: Actor, code: str, reason: str) -> tuple[str, int]:
    """Dispose of what is due of a class, at most 5,000 records; returns reference and number.

    Done twice, the second finds nothing due. Raises Invalid (reason; nothing due; held).
    """
    actor.require(Permission.MANAGE_RETENTION)
    record_class = _class(code)
    if not reason.strip():
        raise Invalid("Say on whose word this is disposed of.", "reason")
    _one_at_a_time(actor)
    if held := queries.holds_of(actor=actor, code=code):
        raise Invalid(f"{held[0].reference} holds these records. Nothing was disposed of.")
    days = queries.periods(actor=actor)[code].days
    before = queries.before(actor.today, days)
    due = queries.rows_due(actor=actor, record_class=record_class, before=before, most=AT_ONCE)
    if not due:
        raise Invalid("Nothing of this kind is due. Nothing was disposed of.")
    ids = sorted(row.id for row in due)
    row = _log(actor, record_class, days, before, reason, due, ids)
    gone = _run(actor, record_class, ids)
    audit.record(
        actor=actor,
        tag="retention:disposed",
        subject_id=row.id,
        after={"class": code, "number": len(ids), "ids_sha256": row.ids_sha256},
    )
    if record_class.files:
        _remove_after_commit(actor.org_id, gone)
    return row.reference, len(ids)


def _one_at_a_time(actor: Actor) -> None:
    """A hold that is being placed is not missed by a disposal at the same moment."""
    lock_key = text("SELECT pg_advisory_xact_lock(hashtextextended('retention:' || :org, 0))")
    db.session.execute(lock_key, {"org": str(actor.org_id)})


def _log(
    actor: Actor,
    record_class: RecordClass,
    days: int,
    before: date,
    reason: str,
    due: list,
    ids: list[UUID],
) -> Disposal:
    listed = "\n".join(str(one) for one in ids)
    row = Disposal(
        org_id=actor.org_id,
        id=new_id(),
        reference=next_reference(actor.org_id, "DSL"),
        record_class=record_class.code,
        days=days,
        before_on=before,
        oldest_on=min(one.on_date for one in due),
        newest_on=max(one.on_date for one in due),
        number=len(ids),
        ids_sha256=hashlib.sha256(listed.encode()).hexdigest(),
        reason=reason.strip(),
        disposed_by_id=actor.membership_id,
        disposed_on=actor.today,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _run(actor: Actor, record_class: RecordClass, ids: list[UUID]) -> list[str]:
    values = {"org": actor.org_id, "ids": ids, "on": actor.today}
    gone: list[str] = []
    for statement in record_class.dispose:
        done = db.session.execute(text(statement), values)
        if record_class.files:
            gone += done.scalars()
    return gone


def _remove_after_commit(org_id: UUID, hashes: list[str]) -> None:
    """The content goes once the rows have said so, and only where no other file is the same."""
    kept = text(
        "SELECT sha256 FROM stored_file "
        "WHERE org_id = :org AND sha256 = ANY(:hashes) AND state <> 'disposed'"
    )
    db.session.flush()
    still = set(db.session.execute(kept, {"org": org_id, "hashes": hashes}).scalars())
    alone = sorted(set(hashes) - still)

    @event.listens_for(db.session(), "after_commit", once=True)
    def remove(session) -> None:
        for sha256 in alone:
            try:
                storage.remove(org_id, sha256)
            except storage.Unkept as error:
                log.error("content not removed", sha256=sha256, error=str(error))


def _class(code: str) -> RecordClass:
    if code not in CLASSES:
        raise Invalid("Choose a class of records.", "record_class")
    return CLASSES[code]

"""What becomes of kept files: scanned until they are known to be clean, read again every night.

Source: DESIGN section 9, bad input; expectations 7.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import Update, func, select, text, update

from careboard import audit, clock, scanning, storage
from careboard.db import db
from careboard.imports.models import StoredFile
from careboard.tenancy import Actor

EVERY = timedelta(hours=24)
_DUE = text("SELECT org_id FROM app.organisations_with_files_to_look_at(:before)")
log = structlog.get_logger()


@dataclass(slots=True)
class Seen:
    """What one round did, in files: found clean or malicious, the same or damaged."""

    cleared: int = 0
    rejected: int = 0
    same: int = 0
    damaged: int = 0

    def __add__(self, other: Seen) -> Seen:
        return Seen(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def organisations_to_look_at() -> list[UUID]:
    """Those with a file in quarantine, or one that nobody has read for a day."""
    return list(db.session.execute(_DUE, {"before": clock.utc_now() - EVERY}).scalars())


def look(*, actor: Actor, most: int = 500) -> Seen:
    """Scan what is in quarantine, and hash up to so many files again; commits as it goes.

    Content that was lost or has changed is noted with its file and in the audit trail; it is
    looked at again the next day, and found well if it was put back.
    """
    seen = Seen()
    _scan(actor, seen, most)
    due = select(StoredFile.sha256).where(
        StoredFile.org_id == actor.org_id,
        StoredFile.state != "disposed",
        StoredFile.looked_at < clock.utc_now() - EVERY,
    )
    oldest = due.group_by(StoredFile.sha256).order_by(text("min(looked_at)")).limit(most)
    for sha256 in list(db.session.scalars(oldest)):
        _hash(actor, sha256, seen)
        db.session.commit()
    return seen


def _scan(actor: Actor, seen: Seen, most: int) -> None:
    held = select(StoredFile.sha256).where(
        StoredFile.org_id == actor.org_id, StoredFile.state == "quarantined"
    )
    for sha256 in list(db.session.scalars(held.distinct().limit(most))):
        try:
            verdict = scanning.scan(storage.stream(actor.org_id, sha256))
        except FileNotFoundError:
            continue
        changed = db.session.execute(
            _of(actor, sha256)
            .where(StoredFile.state == "quarantined")
            .values(state=verdict.state, finding=verdict.finding)
            .returning(StoredFile.id)
        ).scalars()
        if verdict.state != "quarantined":
            for file_id in changed:
                audit.record(actor=actor, tag=f"file:{verdict.state}", subject_id=file_id)
        db.session.commit()
        seen.cleared += verdict.state == "clean"
        seen.rejected += verdict.state == "rejected"
        if verdict.state == "quarantined" and not scanning.answers():
            return


def _hash(actor: Actor, sha256: str, seen: Seen) -> None:
    now, same = clock.utc_now(), is_same(actor.org_id, sha256)
    seen.same += same
    seen.damaged += not same
    if not same:
        log.error("kept file damaged or lost", organisation=str(actor.org_id), sha256=sha256)
        fresh = select(StoredFile.id).where(
            StoredFile.org_id == actor.org_id,
            StoredFile.sha256 == sha256,
            StoredFile.damaged_at.is_(None),
        )
        for file_id in list(db.session.scalars(fresh)):
            audit.record(actor=actor, tag="file:damaged", subject_id=file_id)
    since = None if same else func.coalesce(StoredFile.damaged_at, now)
    db.session.execute(_of(actor, sha256).values(looked_at=now, damaged_at=since))


def is_same(org_id: UUID, sha256: str) -> bool:
    """Whether the store still holds that very content."""
    digest = hashlib.sha256()
    try:
        for piece in storage.stream(org_id, sha256):
            digest.update(piece)
    except FileNotFoundError:
        return False
    return digest.hexdigest() == sha256


def _of(actor: Actor, sha256: str) -> Update:
    return (
        update(StoredFile)
        .where(StoredFile.org_id == actor.org_id, StoredFile.sha256 == sha256)
        .execution_options(synchronize_session=False)
    )

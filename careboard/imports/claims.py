"""One at a time: who may change an import just now, and what can be seen of a load meanwhile.

A load runs in one long transaction. It holds the batch by an advisory lock, not by its row, so
that a second, short transaction can write the progress that everybody else sees. The lock goes
with its connection, so a worker that is killed leaves nothing behind it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Integer, cast, select, text, update
from sqlalchemy.orm import Session

from careboard.db import db
from careboard.errors import Conflict, NotFound
from careboard.imports.models import ImportBatch
from careboard.tenancy import Actor, Tenant

Progress = Callable[[float], None]

_TRY = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
_WAIT = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_HELD = text(
    "SELECT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1 "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(:key, 0))"
)
# A page that is looked at asks every second or two; more writes than that help nobody.
_EVERY_SECONDS = 0.5


def unheard(share: float) -> None:
    """Progress that nobody waits for."""


def take(*, actor: Actor, batch_id: UUID, wait: bool = False) -> ImportBatch:
    """The batch as it is now, held until the transaction ends.

    Raises NotFound; Conflict when somebody else holds it and `wait` is false.
    """
    key = {"key": str(batch_id)}
    if wait:
        db.session.execute(_WAIT, key)
    elif not db.session.scalar(_TRY, key):
        raise Conflict("This import is being worked on just now. Wait a moment, then reload.")
    batch = db.session.scalar(
        select(ImportBatch)
        .where(ImportBatch.org_id == actor.org_id, ImportBatch.id == batch_id)
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise NotFound()
    return batch


def is_taken(batch_id: UUID) -> bool:
    """Whether somebody holds the batch at this moment."""
    return bool(db.session.scalar(_HELD, {"key": str(batch_id)}))


def shown_progress(*, actor: Actor, batch_id: UUID) -> Progress:
    """Writes how far a load has come, beside the load's own transaction, for all to see."""
    told = 0.0

    def tell(share: float) -> None:
        nonlocal told
        if 0 < share < 1 and time.monotonic() - told < _EVERY_SECONDS:
            return
        told = time.monotonic()
        with Session(db.engine, info={"tenant": Tenant(org_id=actor.org_id)}) as beside:
            beside.execute(
                update(ImportBatch)
                .where(ImportBatch.org_id == actor.org_id, ImportBatch.id == batch_id)
                .values(rows_done=cast(ImportBatch.rows_total * share, Integer))
            )
            beside.commit()

    return tell

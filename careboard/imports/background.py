"""A load in the worker: seen while it runs, undone as a whole when it fails, safe to run twice."""

from __future__ import annotations

from uuid import UUID

from careboard.db import db
from careboard.errors import Conflict
from careboard.imports import service
from careboard.imports.claims import shown_progress
from careboard.tenancy import Actor


def load(*, actor: Actor, batch_id: UUID) -> None:
    """Load the batch and commit; a failure is noted with the batch, and raised.

    A batch that another worker holds is left to it. Killed on the way, nothing has come in and the
    batch still waits: the next tick rings for it again.
    """
    progress = shown_progress(actor=actor, batch_id=batch_id)
    try:
        service.load_batch(actor=actor, batch_id=batch_id, progress=progress)
        db.session.commit()
    except Conflict:
        return
    except Exception as error:
        db.session.rollback()
        service.fail(actor=actor, batch_id=batch_id, error=error)
        db.session.commit()
        raise

"""To which commissioner the updates on a tracked concern go: chosen once, and changed with a trace.

Publishing has it chosen beforehand; who is told is still decided there, pack by pack.
Source: step S3-3.1 (external assurance tracker).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row

from careboard import audit
from careboard.clock import day_words
from careboard.db import db, lock
from careboard.errors import Conflict, Invalid
from careboard.packs import queries as packs
from careboard.packs.queries import Choice
from careboard.permissions import Permission
from careboard.tenancy import Actor
from careboard.updates.models import TrackedConcern


def choices(*, actor: Actor) -> Sequence[Choice]:
    """Commissioners whose identity is confirmed, by link and name. One statement."""
    return packs.links(actor=actor)


def barred(row: Row) -> str:
    """Why no pack can be granted to the commissioner chosen on a line of the tracker, in words;
    empty where one can, or where nobody is chosen."""
    if row.recipient_ended_on:
        return f"access ended {day_words(row.recipient_ended_on)}"
    return "domain not confirmed" if row.recipient and not row.recipient_confirmed else ""


def choices_for(*, actor: Actor, row: Row) -> Sequence[Choice]:
    """Those, and the one that is chosen now, whatever has become of it. One statement."""
    found, why = choices(actor=actor), barred(row)
    return [*found, Choice(row.link_id, f"{row.recipient} ({why})")] if why else found


def confirmed(*, actor: Actor, link_id: UUID | None) -> UUID | None:
    """The link, if a pack can be granted to it, or none. Raises Invalid (link_id)."""
    if link_id is not None and link_id not in {one.id for one in choices(actor=actor)}:
        raise Invalid("Choose a commissioner whose identity is confirmed.", "link_id")
    return link_id


def address(*, actor: Actor, tracked_id: UUID, link_id: UUID | None) -> None:
    """Send the updates on a tracked concern to another commissioner from now on, or to none yet.

    Raises Invalid (link_id), Conflict where the concern is closed, Forbidden, NotFound.
    """
    tracked = lock(TrackedConcern, actor.org_id, tracked_id)
    actor.require(Permission.WRITE_UPDATE, tracked.service_id)
    if tracked.status != "open":
        raise Conflict(f"{tracked.reference} is closed.")
    before = tracked.link_id
    if link_id == before:
        return
    tracked.link_id = confirmed(actor=actor, link_id=link_id)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="tracked_concern:readdressed",
        subject_id=tracked.id,
        before={"link": before},
        after={"link": link_id},
    )

"""An approved update as a pack for the commissioner.

Source: step S3-3.4 (contract monitoring file); issue "Sharing with commissioners", Packs.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from careboard.db import load
from careboard.errors import Invalid
from careboard.packs import sources
from careboard.packs.content import Content, from_json
from careboard.tenancy import Actor
from careboard.updates import steps, words
from careboard.updates.models import RecoveryUpdate


def place(*, actor: Actor, subject_id: UUID) -> UUID:
    """The service that the update is about."""
    update = load(RecoveryUpdate, actor.org_id, subject_id)
    return words.tracked_of(actor, update).service_id


def draft(*, actor: Actor, subject_id: UUID) -> Content:
    """What was drafted, with the words that stand. Raises Invalid where nothing was."""
    update = load(RecoveryUpdate, actor.org_id, subject_id)
    if update.content is None:
        raise Invalid(f"{update.reference} was missed: nothing was drafted.")
    written = words.written(actor=actor, update_id=subject_id)
    return words.with_words(from_json(update.content), written)


def meant(*, actor: Actor, subject_id: UUID) -> Sequence[UUID]:
    """The commissioner that the tracker's line names, if any."""
    update = load(RecoveryUpdate, actor.org_id, subject_id)
    link_id = words.tracked_of(actor, update).link_id
    return () if link_id is None else (link_id,)


def ready(*, actor: Actor, subject_id: UUID) -> None:
    """Raises Invalid until it is approved."""
    steps.ready(actor=actor, subject_id=subject_id)


def trail(*, actor: Actor, subject_id: UUID) -> Sequence[UUID]:
    """The update, its fortnights, what is tracked, and its evidence set."""
    update = load(RecoveryUpdate, actor.org_id, subject_id)
    tracked = words.tracked_of(actor, update)
    found = (update.id, update.schedule_id, tracked.id, update.claim_id)
    return [one for one in found if one is not None]


SOURCE = sources.Source(
    kind="update",
    place=place,
    draft=draft,
    ready=ready,
    published=steps.published,
    trail=trail,
    meant=meant,
)
sources.register(SOURCE)

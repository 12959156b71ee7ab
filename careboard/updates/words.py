"""The words of an update: written by people beside the figures, which nobody can edit.

Source: step S3-3.4 (contract monitoring file): progress and remaining risk, factually.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from careboard import audit
from careboard.accounts.models import Membership
from careboard.db import db, lock
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.evidence.queries import to
from careboard.packs.content import Content
from careboard.permissions import Permission
from careboard.tenancy import Actor
from careboard.updates.models import (
    SECTIONS,
    RecoveryUpdate,
    TrackedConcern,
    UpdateSchedule,
    UpdateWords,
)

MOST = 4_000


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in a section since `at`; empty words were taken out again."""

    id: UUID
    words: str
    by_id: UUID
    by: str
    at: datetime


def written(*, actor: Actor, update_id: UUID) -> dict[str, Written]:
    """The latest words of each section that anybody wrote in. One statement."""
    rows = db.session.execute(
        select(UpdateWords, Membership.name)
        .join(Membership, to(Membership, UpdateWords.org_id, UpdateWords.by_id))
        .where(UpdateWords.org_id == actor.org_id, UpdateWords.update_id == update_id)
        .ext(distinct_on(UpdateWords.section))
        .order_by(UpdateWords.section, UpdateWords.created_at.desc(), UpdateWords.id.desc())
    )
    return {
        row.section: Written(row.id, row.words, row.by_id, name, row.created_at)
        for row, name in rows
    }


def authors(*, actor: Actor, update_id: UUID) -> set[UUID]:
    """Everybody who wrote words of the update. One statement."""
    return set(
        db.session.scalars(
            select(UpdateWords.by_id).where(
                UpdateWords.org_id == actor.org_id, UpdateWords.update_id == update_id
            )
        )
    )


def with_words(content: Content, written: Mapping[str, Written]) -> Content:
    """The content with people's words before those that the records gave."""
    return replace(
        content,
        sections=tuple(
            replace(section, words=_together(written[section.code].words, section.words))
            if section.code in written
            else section
            for section in content.sections
        ),
    )


def _together(*texts: str) -> str:
    return "\n".join(text for text in texts if text.strip())


def write(
    *, actor: Actor, update_id: UUID, section: str, words: str, seen: UUID | None = None
) -> bool:
    """Put these words in a section; returns whether the update went back to its draft by it.

    `seen` is the id of the words that the person had before them (None: there were none). Raises
    Invalid (words) when they have changed since, Conflict once it is published or missed,
    Forbidden, NotFound.
    """
    update, tracked = held(actor, update_id)
    actor.require(Permission.WRITE_UPDATE, tracked.service_id)
    if actor.membership_id is None:
        raise Forbidden("An update is written by a person.")
    if section not in SECTIONS:
        raise NotFound()
    if len(words) > MOST:
        raise Invalid(f"Say it in at most {MOST:,} characters.", "words")
    stands = written(actor=actor, update_id=update_id).get(section)
    if (stands and stands.id) != seen:
        raise Invalid(
            f"{stands.by if stands else 'Somebody'} has written here while you did: “"
            f"{stands.words if stands else ''}”. Save again to put yours in its place.",
            "words",
        )
    if words.strip() == (stands.words if stands else ""):
        return False
    before = update.status
    db.session.add(
        UpdateWords(
            org_id=actor.org_id,
            update_id=update_id,
            section=section,
            words=words.strip(),
            by_id=actor.membership_id,
        )
    )
    back_to_draft(update)
    update.edited_by_id = actor.membership_id
    db.session.flush()
    audit.record(
        actor=actor,
        tag="recovery_update:worded",
        subject_id=update_id,
        before={"status": before},
        after={"status": update.status, "section": section},
    )
    return before != "draft"


def held(actor: Actor, update_id: UUID) -> tuple[RecoveryUpdate, TrackedConcern]:
    """An update that is not at its end, held, with what it is about. Raises Conflict, NotFound."""
    update = lock(RecoveryUpdate, actor.org_id, update_id)
    if update.status in ("published", "missed"):
        raise Conflict(f"{update.reference} is {update.status}. It is shown as it was.")
    return update, tracked_of(actor, update)


def tracked_of(actor: Actor, update: RecoveryUpdate) -> TrackedConcern:
    """What the update is about."""
    return db.session.execute(
        select(TrackedConcern)
        .join(
            UpdateSchedule,
            (UpdateSchedule.org_id == TrackedConcern.org_id)
            & (UpdateSchedule.tracked_id == TrackedConcern.id),
        )
        .where(UpdateSchedule.org_id == actor.org_id, UpdateSchedule.id == update.schedule_id)
    ).scalar_one()


def back_to_draft(update: RecoveryUpdate) -> None:
    """What was validated or approved is not what stands there now."""
    update.status = "draft"
    update.validated_by_id = update.validated_on = None
    update.approved_by_id = update.approved_on = None
    update.validation_exception = update.approval_exception = ""

"""Drafts an update from the records, as often as its figures are asked for again.

The text that is kept is exactly what its hash is of. What people write is kept elsewhere, so that
drafting again never touches it. Source: DESIGN section 4, Recovery update.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from careboard import audit, clock
from careboard.db import db
from careboard.errors import Conflict
from careboard.packs.content import Content, from_json, to_json
from careboard.tenancy import Actor
from careboard.updates import facts, plain
from careboard.updates.models import RecoveryUpdate
from careboard.updates.sections import evidence, sections


def content(*, actor: Actor, schedule_id: UUID, number: int, on: date) -> Content:
    """What the update of that number says if it is drafted on that day, without people's words."""
    return contents(actor=actor, numbers={schedule_id: number}, on=on)[schedule_id]


def contents(*, actor: Actor, numbers: Mapping[UUID, int], on: date) -> dict[UUID, Content]:
    """The same of several schedules, with the number of the update of each."""
    read = facts.read(actor=actor, numbers=numbers, on=on)
    return {schedule_id: _content(actor, own) for schedule_id, own in read.items()}


def _content(actor: Actor, read: facts.Facts) -> Content:
    careful = plain.for_provider(actor=actor)
    made, lines = sections(read, careful), evidence(read, careful)
    if careful.left_out:
        made = (*made[:-1], replace(made[-1], words=_noting(made[-1].words, careful.left_out)))
    return Content(
        "update",
        f"Recovery update {read.head.number}",
        actor.org_name,
        read.head.service,
        min(read.head.since, read.on),
        read.on,
        clock.now().isoformat(timespec="seconds"),
        made,
        lines,
    )


def keep(update: RecoveryUpdate, made: Content) -> None:
    """Put the exact text of a content on an update, with its hash."""
    update.content = to_json(made)
    update.content_sha256 = sha256(update.content.encode()).hexdigest()
    update.drafted_at = clock.now()


def redraft(*, actor: Actor, update: RecoveryUpdate) -> bool:
    """Read the figures of a draft again; returns whether anything but the day has changed, and
    keeps what stands where nothing has.

    The caller holds the row. Raises Conflict unless it is a draft.
    """
    if update.status != "draft":
        raise Conflict(f"{update.reference} is {update.status}: what was drafted stands.")
    db.session.flush()
    made = content(
        actor=actor, schedule_id=update.schedule_id, number=update.number, on=actor.today
    )
    if _undated(made) == _undated(from_json(update.content)):
        return False
    before = update.content_sha256
    keep(update, made)
    db.session.flush()
    audit.record(
        actor=actor,
        tag="recovery_update:redrafted",
        subject_id=update.id,
        before={"sha256": before},
        after={"sha256": update.content_sha256},
    )
    return True


def _undated(made: Content) -> dict[str, Any]:
    """A content without the days that change by themselves."""
    found = {"title": made.title, "evidence": made.evidence}
    for section in made.sections:
        figures = tuple(replace(one, as_at=date.min) for one in section.figures)
        found[section.code] = replace(section, figures=figures)
    return found


def _noting(words: str, count: int) -> str:
    if count == 1:
        note = "1 name, title or theme of the records is left out, as it may name a person."
    else:
        note = f"{count} names, titles or themes of the records are left out: they may name people."
    return f"{words}\n{note}".strip()

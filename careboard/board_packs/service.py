"""Asking for a board pack; the worker makes it.

Source: issue "Assurance", board pack; DESIGN section 6, jobs.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from careboard import audit, jobs
from careboard.board_packs import rights
from careboard.board_packs.models import BoardPack
from careboard.db import db, lock
from careboard.errors import Conflict, Invalid
from careboard.references import next_reference
from careboard.reviews.queries import find
from careboard.tenancy import Actor

LONGEST_TITLE = 120
MOST_DAYS = 400


def request_pack(
    *, actor: Actor, title: str, period_from: date, period_to: date, review_id: UUID | None = None
) -> UUID:
    """Ask the worker for a pack of that period, for a sitting if given; returns its id.

    Asked again for what is still in hand, it answers with that. Raises Forbidden; Invalid at a
    field; NotFound for a sitting that is not there.
    """
    rights.require_make(actor)
    title = " ".join(title.split())
    _check(actor, title, period_from, period_to)
    if review_id is not None:
        find(actor=replace(actor, service_ids=None), review_id=review_id)
    key = {"period_from": period_from, "period_to": period_to, "review_id": review_id}
    in_hand = _in_hand(actor, **key)
    if in_hand is not None:
        return in_hand
    try:
        with db.session.begin_nested():
            pack = BoardPack(
                org_id=actor.org_id,
                reference=next_reference(actor.org_id, "BPK"),
                title=title,
                requested_by_id=actor.membership_id,
                **key,
            )
            db.session.add(pack)
            db.session.flush()
    except IntegrityError as error:
        in_hand = _in_hand(actor, **key)
        if in_hand is None:
            raise Conflict("This pack could not be asked for. Try again.") from error
        return in_hand
    audit.record(actor=actor, tag="board_pack:requested", subject_id=pack.id, after=key)
    _ring(actor, pack.id)
    return pack.id


def _in_hand(
    actor: Actor, *, period_from: date, period_to: date, review_id: UUID | None
) -> UUID | None:
    return db.session.scalar(
        select(BoardPack.id).where(
            BoardPack.org_id == actor.org_id,
            BoardPack.status.in_(("queued", "working")),
            BoardPack.period_from == period_from,
            BoardPack.period_to == period_to,
            BoardPack.review_id.is_not_distinct_from(review_id),
        )
    )


def ask_again(*, actor: Actor, pack_id: UUID) -> None:
    """Hand a pack that failed to the worker once more; one that still waits is rung for again.

    Raises NotFound, Forbidden; Invalid for one that is finished.
    """
    rights.require_make(actor)
    pack = lock(BoardPack, actor.org_id, pack_id)
    if pack.status == "done":
        raise Invalid("This pack is finished. Have a new one made to see what changed since.")
    if pack.status == "failed":
        pack.status, pack.error, pack.attempts = "queued", "", 0
        pack.progress, pack.step = 0, ""
        db.session.flush()
        audit.record(actor=actor, tag="board_pack:asked_again", subject_id=pack.id)
    _ring(actor, pack.id)


def _ring(actor: Actor, pack_id: UUID) -> None:
    jobs.enqueue_after_commit("packs", "workers.packs.make", str(actor.org_id), str(pack_id))


def _check(actor: Actor, title: str, period_from: date, period_to: date) -> None:
    if not title:
        raise Invalid("Give the pack a title.", "title")
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"Say it in at most {LONGEST_TITLE} characters.", "title")
    if period_to > actor.today:
        raise Invalid("The period cannot end after today.", "period_to")
    if period_from > period_to:
        raise Invalid("The period ends before it begins.", "period_to")
    if (period_to - period_from).days > MOST_DAYS:
        raise Invalid(f"A pack looks back on at most {MOST_DAYS} days.", "period_from")

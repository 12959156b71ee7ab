"""Who works on a pack: taken by one conditional UPDATE, held by a lease, told of as it goes.

A worker that is killed leaves its lease behind; when that has run out, the next tick rings again.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import Update, and_, func, or_, text, update
from sqlalchemy.orm import Session

from careboard.board_packs.content import Progress
from careboard.board_packs.models import BoardPack
from careboard.db import db
from careboard.tenancy import Actor, Tenant

# Longer than the typesetter may take, which tells of nothing while it runs.
LEASE = text("interval '180 seconds'")
MOST_ATTEMPTS = 3
GAVE_UP = (
    "The worker was stopped three times while it made this pack, and nothing was stored. Try "
    "again; if it stops again, tell your administrator."
)


def take(*, actor: Actor, pack_id: UUID) -> UUID | None:
    """Begin work on a pack that waits, or whose worker is gone; commits.

    Returns the token by which it is held; None when there is nothing to do: another worker has
    it, it is finished, or it was taken up too often, which is then noted as its failure.
    """
    token = uuid4()
    waits = or_(
        BoardPack.status == "queued",
        and_(BoardPack.status == "working", BoardPack.lease_until < func.now()),
    )
    taken = db.session.execute(
        _update(actor, pack_id)
        .where(waits, BoardPack.attempts < MOST_ATTEMPTS)
        .values(
            status="working",
            lease_token=token,
            lease_until=func.now() + LEASE,
            attempts=BoardPack.attempts + 1,
            progress=0,
            step="Beginning",
            error="",
        )
    ).rowcount
    if not taken:
        db.session.execute(
            _update(actor, pack_id)
            .where(waits, BoardPack.attempts >= MOST_ATTEMPTS)
            .values(_failed(GAVE_UP))
        )
    db.session.commit()
    return token if taken else None


def teller(*, actor: Actor, pack_id: UUID, token: UUID) -> Progress:
    """Writes how far a pack is, beside the transaction that reads it, and renews the lease."""

    def tell(share: float, step: str) -> None:
        with Session(db.engine, info={"tenant": Tenant(org_id=actor.org_id)}) as beside:
            beside.execute(
                held(actor, pack_id, token).values(
                    progress=int(100 * share), step=step, lease_until=func.now() + LEASE
                )
            )
            beside.commit()

    return tell


def give_up(*, actor: Actor, pack_id: UUID, token: UUID, why: str) -> None:
    """Note that the pack failed, and why, in words for people."""
    db.session.execute(held(actor, pack_id, token).values(_failed(why)))


def held(actor: Actor, pack_id: UUID, token: UUID) -> Update:
    """An UPDATE of the pack that touches no row unless it is still held by that token."""
    return _update(actor, pack_id).where(
        BoardPack.status == "working", BoardPack.lease_token == token
    )


def _update(actor: Actor, pack_id: UUID) -> Update:
    return (
        update(BoardPack)
        .where(BoardPack.org_id == actor.org_id, BoardPack.id == pack_id)
        .execution_options(synchronize_session=False)
    )


def _failed(why: str) -> dict:
    return {
        "status": "failed",
        "error": why,
        "step": "",
        "lease_token": None,
        "lease_until": None,
    }

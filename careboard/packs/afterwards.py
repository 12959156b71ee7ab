"""What can still happen to a pack: a further reader, a grant taken back, the pack taken back.

Source: issue "Sharing with commissioners", Packs.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from careboard import audit, clock
from careboard.db import db, load, lock
from careboard.errors import Conflict, Invalid, NotFound
from careboard.packs import letters, publishing
from careboard.packs.models import Pack, PackGrant
from careboard.permissions import Permission
from careboard.records.service import refuse_personal_data
from careboard.tenancy import Actor


def grant(*, actor: Actor, pack_id: UUID, link_id: UUID, expires_on: date) -> UUID:
    """Let one more commissioner read it, or the same one for longer; returns the grant's id.

    Raises NotFound, Forbidden, Conflict for a pack that is withdrawn; Invalid (links, expires_on).
    """
    pack = _locked(actor, pack_id)
    _refuse_withdrawn(pack)
    (link,) = publishing.confirmed_links(actor, [link_id])
    publishing.check_expiry(actor, expires_on)
    living = db.session.scalar(
        select(PackGrant).where(
            PackGrant.org_id == actor.org_id,
            PackGrant.pack_id == pack_id,
            PackGrant.link_id == link_id,
            PackGrant.revoked_at.is_(None),
        )
    )
    if living is not None:
        if living.expires_on == expires_on:
            raise Invalid("They may read it until that day already.", "expires_on")
        _revoke(actor, living, "Replaced by a grant until another day.")
    given = publishing.grant(actor, pack, link, expires_on)
    letters.announce(actor=actor, pack_id=pack_id, what="published")
    return given.id


def revoke(*, actor: Actor, pack_id: UUID, grant_id: UUID, reason: str) -> None:
    """Take a grant of the pack back at once. Doing it again changes nothing.

    Raises NotFound, Forbidden, Invalid (reason).
    """
    _locked(actor, pack_id)
    given = load(PackGrant, actor.org_id, grant_id)
    if given.pack_id != pack_id:
        raise NotFound()
    if not reason.strip():
        raise Invalid("Say why they may no longer read it.", "reason")
    if given.revoked_at is None:
        _revoke(actor, given, reason.strip())


def withdraw(*, actor: Actor, pack_id: UUID, reason: str) -> None:
    """Take the pack back: commissioners see that it was, and why, and nothing of it.

    Raises NotFound, Forbidden, Invalid (reason), Conflict when it was taken back before.
    """
    pack = _locked(actor, pack_id)
    if not reason.strip():
        raise Invalid("Say why it is withdrawn: its readers are told.", "reason")
    refuse_personal_data(reason, "reason")
    _refuse_withdrawn(pack)
    pack.withdrawn_on = actor.today
    pack.withdrawn_by_id = actor.membership_id
    pack.withdraw_reason = reason.strip()
    db.session.flush()
    audit.record(actor=actor, tag="pack:withdrawn", subject_id=pack_id, after={"on": actor.today})
    letters.announce(actor=actor, pack_id=pack_id, what="withdrawn")


def _locked(actor: Actor, pack_id: UUID) -> Pack:
    pack = lock(Pack, actor.org_id, pack_id)
    actor.require(Permission.PUBLISH_PACK, pack.service_id)
    return pack


def _refuse_withdrawn(pack: Pack) -> None:
    if pack.withdrawn_on is not None:
        raise Conflict(f"{pack.reference} is withdrawn. Publish a new pack instead.")


def _revoke(actor: Actor, given: PackGrant, reason: str) -> None:
    given.revoked_at = clock.now()
    given.revoked_by_id = actor.membership_id
    given.revoke_reason = reason
    db.session.flush()
    audit.record(
        actor=actor,
        tag="pack:revoked",
        subject_id=given.pack_id,
        after={"commissioner": given.commissioner_org_id},
    )

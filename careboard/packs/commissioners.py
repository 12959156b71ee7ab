"""Commissioners whose identity is confirmed, and the people who read for them.

A provider reads nothing of a commissioner's organisation and writes one thing there: that a person
with an address at the confirmed domain reads for it, by a narrow function of the database.
Source: issue "Sharing with commissioners", The portal.
"""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from careboard import audit, clock
from careboard.accounts.models import Organisation
from careboard.db import db, load, lock, new_id
from careboard.errors import Invalid, NotFound
from careboard.packs import identity, letters
from careboard.packs.commissioner_models import CommissionerDomain, CommissionerReader
from careboard.packs.models import CommissionerLink, PackGrant
from careboard.permissions import Permission
from careboard.tenancy import Actor

P = Permission
NOT_CONFIRMED = (
    "CareBoard's operator has not confirmed that this domain is the commissioner's. Check it, or "
    "ask the operator to."
)
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


def confirm(*, actor: Actor, commissioner_id: UUID, email_domain: str, how_confirmed: str) -> UUID:
    """Vouch that an organisation in CareBoard is the commissioner of one's own contract, at a
    domain that the operator has confirmed to be its; returns the link's id.

    Raises Forbidden; Invalid (commissioner_id, email_domain, how_confirmed).
    """
    actor.require(P.MANAGE_COMMISSIONERS)
    if not how_confirmed.strip():
        raise Invalid("Say how you know that it is them.", "how_confirmed")
    known = select(Organisation.id).where(
        Organisation.id == commissioner_id, Organisation.kind == "commissioner"
    )
    if db.session.scalar(known) is None:
        raise Invalid("Choose one of the commissioners.", "commissioner_id")
    domain = identity.plain(email_domain)
    if db.session.get(CommissionerDomain, (commissioner_id, domain)) is None:
        raise Invalid(NOT_CONFIRMED, "email_domain")
    link_id = db.session.scalar(
        insert(CommissionerLink)
        .values(
            org_id=actor.org_id,
            id=new_id(),
            commissioner_org_id=commissioner_id,
            email_domain=domain,
            confirmed_by_id=actor.membership_id,
            confirmed_on=actor.today,
            how_confirmed=how_confirmed.strip(),
        )
        .on_conflict_do_nothing(
            index_elements=["org_id", "commissioner_org_id"], index_where=text("ended_on IS NULL")
        )
        .returning(CommissionerLink.id)
    )
    if link_id is None:
        raise Invalid("Its identity is confirmed already.", "commissioner_id")
    audit.record(
        actor=actor,
        tag="commissioner:confirmed",
        subject_id=link_id,
        after={"commissioner": commissioner_id},
    )
    return link_id


def end(*, actor: Actor, link_id: UUID, reason: str) -> None:
    """End a commissioner's access at once: every pack that it was granted is closed to it.

    Raises Forbidden, NotFound; Invalid (reason), and when it has ended already.
    """
    actor.require(P.MANAGE_COMMISSIONERS)
    link = lock(CommissionerLink, actor.org_id, link_id)
    if link.ended_on is not None:
        raise Invalid("Its access has ended already.")
    if not reason.strip():
        raise Invalid("Say why its access ends.", "reason")
    link.ended_on, link.ended_by_id = actor.today, actor.membership_id
    link.end_reason = reason.strip()
    grants = db.session.scalars(
        select(PackGrant)
        .where(
            PackGrant.org_id == actor.org_id,
            PackGrant.link_id == link_id,
            PackGrant.revoked_at.is_(None),
        )
        .order_by(PackGrant.id)
        .with_for_update()
    ).all()
    for grant in grants:
        grant.revoked_at, grant.revoked_by_id = clock.now(), actor.membership_id
        grant.revoke_reason = "The commissioner's access was ended."
        audit.record(
            actor=actor,
            tag="pack:revoked",
            subject_id=grant.pack_id,
            after={"commissioner": link.commissioner_org_id},
        )
    db.session.flush()
    audit.record(
        actor=actor, tag="commissioner:ended", subject_id=link_id, after={"grants": len(grants)}
    )


_INVITE = text("SELECT account_id, waits FROM app.invite_reader(:link, :email, :name)")


def invite_reader(*, actor: Actor, link_id: UUID, name: str, email: str) -> UUID:
    """Let a person of the commissioner read what it is granted, and owe them an e-mail; returns
    their account's id. Inviting again sends another letter.

    Someone without a password gets a link, good for three days, to set one. Raises Forbidden,
    NotFound; Invalid (name, email), and when the link has ended.
    """
    actor.require(P.MANAGE_COMMISSIONERS)
    link = load(CommissionerLink, actor.org_id, link_id)
    if link.ended_on is not None:
        raise Invalid("The commissioner's access has ended.")
    name, email = name.strip(), email.strip().lower()
    if not name:
        raise Invalid("Give the person's name.", "name")
    if not _ADDRESS.fullmatch(email):
        raise Invalid("This is not an e-mail address.", "email")
    if email.rpartition("@")[2] != link.email_domain:
        raise Invalid(f"Only addresses at {link.email_domain} were confirmed.", "email")
    if db.session.get(CommissionerDomain, (link.commissioner_org_id, link.email_domain)) is None:
        raise Invalid(NOT_CONFIRMED, "email")
    invited = db.session.execute(
        _INVITE, {"link": link_id, "email": email, "name": name}
    ).one_or_none()
    if invited is None:
        raise Invalid("This person's sign-in has been closed. Ask CareBoard's operator.", "email")
    _stand(actor, link_id, invited.account_id, name, email, invited=True)
    letters.invite(
        actor=actor,
        link=link,
        name=name,
        email=email,
        account_id=invited.account_id if invited.waits else None,
    )
    audit.record(
        actor=actor,
        tag="commissioner:reader_invited",
        subject_id=link_id,
        after={"account": invited.account_id},
    )
    return invited.account_id


def end_reader(*, actor: Actor, link_id: UUID, account_id: UUID) -> None:
    """Close this provider's packs to one reader, at once; what other providers granted to the
    commissioner is theirs to close. Raises Forbidden, NotFound."""
    actor.require(P.MANAGE_COMMISSIONERS)
    load(CommissionerLink, actor.org_id, link_id)
    reader = next(
        (one for one in readers(actor=actor, link_id=link_id) if one.account_id == account_id),
        None,
    )
    if reader is None:
        raise NotFound()
    _stand(actor, link_id, account_id, reader.name, reader.email, invited=False)
    audit.record(
        actor=actor,
        tag="commissioner:reader_ended",
        subject_id=link_id,
        after={"account": account_id},
    )


def _stand(
    actor: Actor, link_id: UUID, account_id: UUID, name: str, email: str, *, invited: bool
) -> None:
    """Keep that the person was invited (again), or is shut out."""
    ours = {"by": actor.membership_id, "at": clock.now()}
    changed = (
        {"name": name, "invited_by_id": ours["by"], "invited_at": ours["at"]}
        | {"ended_by_id": None, "ended_at": None}
        if invited
        else {"ended_by_id": ours["by"], "ended_at": ours["at"]}
    )
    row = {"link_id": link_id, "account_id": account_id, "name": name, "email": email, **changed}
    db.session.execute(
        insert(CommissionerReader)
        .values(org_id=actor.org_id, id=new_id(), **row)
        .on_conflict_do_update(index_elements=["org_id", "link_id", "account_id"], set_=changed)
    )


_READERS = text("SELECT * FROM app.readers_of_link(:link)")


def readers(*, actor: Actor, link_id: UUID) -> list:
    """Rows (account_id, name, email, invited_at, last_read, waits: no password set yet) of those
    who read through a living link, whoever invited them, by name."""
    return list(db.session.execute(_READERS, {"link": link_id}))

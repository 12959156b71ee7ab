"""Letters to readers of a commissioner: an invitation, and that there is something to read.

None of them says what a pack is about: whoever sees an inbox learns the provider's name at most.
Source: issue "Sharing with commissioners", The portal.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from careboard.accounts.models import Organisation
from careboard.db import db, new_id
from careboard.packs.models import CommissionerLink
from careboard.reminders import outbox
from careboard.reminders.outbox import Post
from careboard.tenancy import Actor

_SUBJECTS = {
    "published": "{provider} has published something to you",
    "superseded": "{provider} has replaced something that it published to you",
    "withdrawn": "{provider} has withdrawn something that it published to you",
}


def invite(
    *, actor: Actor, link: CommissionerLink, name: str, email: str, account_id: UUID | None
) -> None:
    """Owe a reader an invitation; `account_id` of someone who has no password yet asks for a link
    to set one, which is made while the letter is sent and works once."""
    commissioner = db.session.get_one(Organisation, link.commissioner_org_id).name
    content = {"commissioner": commissioner}
    if account_id is not None:
        content["account_id"] = str(account_id)
    outbox.post(
        actor=actor,
        kind="reader_invitation",
        membership_id=None,
        to_email=email,
        to_name=name,
        template="reader_invitation",
        content=content,
        subject=f"{actor.org_name} invites you to read what it publishes to {commissioner}",
        why=f"{actor.org_name} added you as a reader for {commissioner}.",
        dedupe_key=f"reader:{new_id()}",
    )


_READERS = text("""
SELECT DISTINCT ON (r.account_id) r.account_id, r.name, r.email, o.name AS commissioner
FROM pack_grant g
JOIN organisation o ON o.id = g.commissioner_org_id
CROSS JOIN LATERAL app.readers_of_link(g.link_id) r
JOIN pack p ON p.org_id = g.org_id AND p.id = g.pack_id
WHERE g.org_id = :org AND g.pack_id = :pack AND (:gone OR p.withdrawn_on IS NULL)
  AND g.revoked_at IS NULL AND g.expires_on >= :today
  AND NOT g.link_id = ANY(:besides) AND NOT r.waits
ORDER BY r.account_id
""")


def announce(
    *,
    actor: Actor,
    pack_id: UUID,
    what: Literal["published", "superseded", "withdrawn"],
    besides: Collection[UUID] = (),
) -> int:
    """Tell each reader to whom the pack is open, once, that it was published, superseded or
    withdrawn; returns how many letters are owed. Readers of the links `besides` are left out.

    Who has not yet set a password has an invitation that says where to look. Addresses that mail
    was stopped to are left out when the letter is sent.
    """
    told = db.session.execute(
        _READERS,
        {
            "org": actor.org_id,
            "pack": pack_id,
            "today": actor.today,
            "besides": list(besides),
            "gone": what == "withdrawn",
        },
    )
    posts = [
        Post(
            kind="pack_notice",
            membership_id=None,
            to_email=row.email,
            to_name=row.name,
            template="pack_notice",
            content={"what": what, "commissioner": row.commissioner},
            subject=_SUBJECTS[what].format(provider=actor.org_name),
            why=f"You read for {row.commissioner}.",
            dedupe_key=f"pack:{what}:{pack_id}:{row.account_id}",
        )
        for row in told
    ]
    return len(outbox.post_all(actor=actor, posts=posts))


_LINKS = text("""
SELECT g.link_id FROM pack_grant g JOIN pack p ON p.org_id = g.org_id AND p.id = g.pack_id
WHERE g.org_id = :org AND g.pack_id = :pack AND p.withdrawn_on IS NULL
  AND g.revoked_at IS NULL AND g.expires_on >= :today
""")


def links_of(*, actor: Actor, pack_id: UUID) -> list[UUID]:
    """The links that a pack is open through; none of one that is withdrawn."""
    told = {"org": actor.org_id, "pack": pack_id, "today": actor.today}
    return list(db.session.scalars(_LINKS, told))

"""Which domain is a commissioner's, as CareBoard's operator confirms it, on the owner's connection.

The operator is no party: a provider that could say any domain could invite readers of its own
making. Source: issue "Sharing with commissioners", The portal: identity is confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, Row, text

from careboard import audit
from careboard.errors import Invalid, NotFound

_DOMAIN = re.compile(r"[a-z0-9-]+([.][a-z0-9-]+)+")
# Anybody can have an address there: it says nothing of whom they work for.
_EVERYBODYS = {
    *("aol.com", "btinternet.com", "gmail.com", "gmx.com", "googlemail.com", "hotmail.co.uk"),
    *("hotmail.com", "icloud.com", "live.co.uk", "live.com", "mail.com", "me.com", "msn.com"),
    *("outlook.com", "proton.me", "protonmail.com", "sky.com", "talktalk.net", "virginmedia.com"),
    *("yahoo.co.uk", "yahoo.com"),
}
_CONFIRM = text(
    "INSERT INTO commissioner_domain (commissioner_id, domain, confirmed_on, how) "
    "VALUES (:commissioner, :domain, :on, :how) "
    "ON CONFLICT (commissioner_id, domain) DO UPDATE SET confirmed_on = :on, how = :how"
)
_END = text(
    "DELETE FROM commissioner_domain WHERE commissioner_id = :commissioner AND domain = :domain"
)
_ALL = text(
    "SELECT o.slug, o.name, d.domain, d.confirmed_on, d.how FROM organisation o "
    "LEFT JOIN commissioner_domain d ON d.commissioner_id = o.id "
    "WHERE o.kind = 'commissioner' ORDER BY o.slug, d.domain"
)


def confirm(connection: Connection, *, slug: str, domain: str, how: str, on: date) -> None:
    """Confirm that addresses at the domain are the commissioner's own; again, with other words.

    Leaves an event in the commissioner's chain. Raises NotFound (no such commissioner), Invalid.
    """
    domain = plain(domain)
    if not _DOMAIN.fullmatch(domain):
        raise Invalid("Write what stands after the @, such as northshire.gov.uk.", "domain")
    if domain in _EVERYBODYS:
        raise Invalid("Anybody can have an address there. Ask for an official one.", "domain")
    if not how.strip():
        raise Invalid("Say how you know that it is theirs.", "how")
    commissioner = _commissioner(connection, slug)
    told = {"commissioner": commissioner, "domain": domain, "on": on, "how": how.strip()}
    connection.execute(_CONFIRM, told)
    _leave(connection, commissioner, "commissioner:domain_confirmed", domain)


def end(connection: Connection, *, slug: str, domain: str) -> None:
    """Take it back: nobody at the domain reads for the commissioner any more, at once.

    Raises NotFound where it is not confirmed.
    """
    commissioner = _commissioner(connection, slug)
    told = {"commissioner": commissioner, "domain": plain(domain)}
    if not connection.execute(_END, told).rowcount:
        raise NotFound(f"{domain} is not confirmed for {slug}.")
    _leave(connection, commissioner, "commissioner:domain_ended", told["domain"])


def everything(connection: Connection) -> Sequence[Row]:
    """Rows (slug, name, domain, confirmed_on, how) of all commissioners; domain None of one whose
    identity nobody has confirmed."""
    return connection.execute(_ALL).all()


def plain(domain: str) -> str:
    """As it is kept: small letters, without the @."""
    return domain.strip().lower().removeprefix("@")


def _commissioner(connection: Connection, slug: str) -> UUID:
    known = text("SELECT id FROM organisation WHERE slug = :slug AND kind = 'commissioner'")
    found = connection.execute(known, {"slug": slug}).scalar()
    if found is None:
        raise NotFound(f"There is no commissioner “{slug}”.")
    return found


def _leave(connection: Connection, commissioner: UUID, tag: str, domain: str) -> None:
    audit.append_as_owner(
        connection, org_id=commissioner, tag=tag, subject=commissioner, after={"domain": domain}
    )

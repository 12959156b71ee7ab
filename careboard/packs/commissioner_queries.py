"""Commissioners that packs may be granted to, as the provider lists them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Row, exists, select, text

from careboard.accounts.models import Organisation
from careboard.db import db
from careboard.errors import NotFound
from careboard.packs.commissioner_models import CommissionerDomain
from careboard.packs.models import CommissionerLink
from careboard.permissions import Permission
from careboard.tenancy import Actor

# Links that a pack can be granted to, and that readers are invited and read through.
OPEN = (
    CommissionerLink.ended_on.is_(None),
    exists().where(
        CommissionerDomain.commissioner_id == CommissionerLink.commissioner_org_id,
        CommissionerDomain.domain == CommissionerLink.email_domain,
    ),
)
_LINKS = """
SELECT l.*, o.name AS commissioner, c.name AS confirmed_by, e.name AS ended_by,
  d.confirmed_on AS domain_confirmed_on, d.how AS domain_how,
  (SELECT count(*) FROM pack_grant g JOIN pack p ON p.org_id = g.org_id AND p.id = g.pack_id
    WHERE g.org_id = l.org_id AND g.link_id = l.id AND p.withdrawn_on IS NULL
    AND g.revoked_at IS NULL AND g.expires_on >= :today) AS open_packs,
  (SELECT max(r.read_at) FROM pack_read r WHERE r.org_id = l.org_id
    AND r.commissioner_org_id = l.commissioner_org_id) AS last_read
FROM commissioner_link l
JOIN organisation o ON o.id = l.commissioner_org_id
JOIN membership c ON c.org_id = l.org_id AND c.id = l.confirmed_by_id
LEFT JOIN commissioner_domain d ON d.commissioner_id = l.commissioner_org_id
  AND d.domain = l.email_domain
LEFT JOIN membership e ON e.org_id = l.org_id AND e.id = l.ended_by_id
WHERE l.org_id = :org
"""
_ALL = text(f"{_LINKS} ORDER BY l.ended_on IS NOT NULL, o.name, l.created_at DESC")
_ONE = text(f"{_LINKS} AND l.id = :id")


def links(*, actor: Actor) -> list[Row]:
    """Every commissioner that was confirmed, those with access first: the link's columns,
    commissioner, confirmed_by, ended_by, open_packs, last_read, and of the operator's confirmation
    of the domain, None without one, domain_confirmed_on and domain_how."""
    actor.require(Permission.PUBLISH_PACK)
    return list(db.session.execute(_ALL, {"org": actor.org_id, "today": actor.today}))


def link(*, actor: Actor, link_id: UUID) -> Row:
    """One of them. Raises NotFound."""
    actor.require(Permission.PUBLISH_PACK)
    told = {"org": actor.org_id, "today": actor.today, "id": link_id}
    row = db.session.execute(_ONE, told).one_or_none()
    if row is None:
        raise NotFound()
    return row


def ended_readers(*, actor: Actor, link_id: UUID) -> list[Row]:
    """Rows (name, email, ended_at, ended_by) of readers who were shut out of a link."""
    statement = text(
        "SELECT r.name, r.email, r.ended_at, m.name AS ended_by FROM commissioner_reader r "
        "JOIN membership m ON m.org_id = r.org_id AND m.id = r.ended_by_id "
        "WHERE r.org_id = :org AND r.link_id = :link AND r.ended_at IS NOT NULL ORDER BY r.name"
    )
    return list(db.session.execute(statement, {"org": actor.org_id, "link": link_id}))


def unconfirmed(*, actor: Actor) -> list[Row]:
    """Commissioners in CareBoard (id, name) that have no access yet, by name."""
    confirmed = select(CommissionerLink.commissioner_org_id).where(
        CommissionerLink.org_id == actor.org_id, CommissionerLink.ended_on.is_(None)
    )
    statement = (
        select(Organisation.id, Organisation.name)
        .where(Organisation.kind == "commissioner", Organisation.id.not_in(confirmed))
        .order_by(Organisation.name)
    )
    return list(db.session.execute(statement))

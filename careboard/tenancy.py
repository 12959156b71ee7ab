"""Who acts, for which organisation; the only file that knows how tenants are kept apart.

Every transaction tells PostgreSQL its organisation (`app.org`), and row-level security refuses
the rest. The setting is local to the transaction, so it cannot leak through a connection pool.
Source: DESIGN section 7, Tenancy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Uuid,
    bindparam,
    column,
    event,
    func,
    select,
    text,
    true,
)
from sqlalchemy.orm import Session

from careboard import clock
from careboard.db import db
from careboard.errors import Forbidden
from careboard.permissions import Permission, Role, permissions_of

# Tables that hold no organisation's records. Everything else carries org_id and the policy.
GLOBAL_TABLES = {
    "organisation": "resolved from the URL before an organisation is known; names and slugs only",
    "account": "one sign-in per person across organisations; found before one is known",
    "account_session": "a person's sign-ins, whatever the organisation; reached by functions alone",
    "sign_in_attempt": "counted before anyone is known; hashes only, reached by functions alone",
    "authenticator": "a person's second factor, whatever the organisation; secrets encrypted",
    "recovery_code": "a person's second factor, whatever the organisation; hashes only",
    "passkey": "a person's second factor, whatever the organisation; public keys only",
    "single_use_token": "opened before anyone is known; hashes only",
    "commissioner_domain": "a commissioner's domains, public as its name; the owner alone writes",
    "heartbeat": "when the clock last ticked; nobody's record",
    "alembic_version": "the schema's version",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or CareBoard itself, `membership_id` None) acting within one organisation.

    `service_ids` None means all services. Every service function takes one as `actor`.
    """

    org_id: UUID
    org_slug: str
    org_name: str
    org_kind: str
    time_zone: str
    membership_id: UUID | None
    account_id: UUID | None
    name: str
    roles: frozenset[str]
    service_ids: frozenset[UUID] | None
    permissions: frozenset[Permission] = field(default=frozenset())
    # Number of the organisation's latest audit event when the person entered it.
    last_event: int = 0

    @property
    def today(self) -> date:
        return clock.today(self.time_zone)

    @property
    def role_words(self) -> str:
        return ", ".join(role.words for role in Role if role in self.roles)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def reaches(self, service_id: UUID | None) -> bool:
        """Whether the service (None: organisation-wide) is within this person's scope."""
        return self.service_ids is None or service_id is None or service_id in self.service_ids

    def require(self, permission: Permission, service_id: UUID | None = None) -> None:
        """Raise Forbidden without the permission, or beyond the person's services."""
        if not (self.may(permission) and self.reaches(service_id)):
            raise Forbidden("You do not have the right to do this. Ask your administrator.")


@dataclass(frozen=True, slots=True)
class Tenant:
    """What each transaction of a session tells the database."""

    org_id: UUID
    membership_id: UUID | None = None
    request_id: str = ""
    read_only: bool = False


_SET = text(
    "SELECT set_config('app.org', :org, true), set_config('app.user', :user, true), "
    "set_config('app.request', :request, true), "
    "set_config('transaction_read_only', :read_only, true), "
    "set_config('app.frozen_day', :frozen, true)"
)


def _frozen() -> str:
    return str(clock.frozen_day() or "")


def _tell(connection_or_session, tenant: Tenant) -> None:
    connection_or_session.execute(
        _SET,
        {
            "org": str(tenant.org_id),
            "user": str(tenant.membership_id or ""),
            "request": tenant.request_id,
            "read_only": "on" if tenant.read_only else "off",
            "frozen": _frozen(),
        },
    )


@event.listens_for(Session, "after_begin")
def _tell_database(session: Session, transaction, connection) -> None:
    tenant = session.info.get("tenant")
    if tenant is not None and not transaction.nested:
        _tell(connection, tenant)


def bind(tenant: Tenant) -> None:
    """Give the present session to one organisation, for this and all its later transactions.

    Raises RuntimeError when it already belongs to another: rows kept in a session's identity map
    would be answered without asking the database.
    """
    session = db.session()
    held = session.info.get("tenant")
    if held is not None and held.org_id != tenant.org_id:
        raise RuntimeError("A session serves one organisation.")
    session.info["tenant"] = tenant
    if session.in_transaction():
        _tell(session, tenant)


@contextmanager
def tenant_context(org_id: UUID, *, membership_id: UUID | None = None) -> Iterator[None]:
    """A fresh session bound to one organisation, for jobs, sweeps and the command line."""
    if db.session().info.get("tenant") is not None:
        raise RuntimeError("Tenant contexts do not nest.")
    db.session.remove()
    bind(Tenant(org_id=org_id, membership_id=membership_id))
    try:
        yield
    finally:
        db.session.remove()


# What `app.enter` answers: one row, or none without standing.
_STANDING = (
    *("org_id", "slug", "org_name", "kind", "time_zone", "membership_id", "member_name", "roles"),
    *("all_services", "service_ids", "last_event"),
)


@dataclass(frozen=True, slots=True)
class Door:
    """The organisation that somebody asks to enter, by its slug, and what for."""

    slug: str
    request_id: str
    read_only: bool

    @property
    def values(self) -> dict[str, object]:
        """What a statement made by `entering` is to be given."""
        return {
            # The database cannot hold NUL, so nobody is called that.
            "slug": "" if "\x00" in self.slug else self.slug,
            "request": self.request_id,
            "read_only": self.read_only,
            "frozen": _frozen(),
        }


def entering(finding: Select, account_id: ColumnElement[UUID]) -> Select:
    """The statement that finds an account; it then also enters the organisation of a `Door`.

    Whoever refuses the account after all must roll back: its transaction is the organisation's.
    """
    standing = (
        func.app.enter(bindparam("slug"), account_id, bindparam("request"), bindparam("read_only"))
        .table_valued(*map(column, _STANDING))
        .lateral()
    )
    frozen = func.set_config("app.frozen_day", bindparam("frozen"), True)
    return finding.add_columns(*standing.c, frozen).outerjoin(standing, true())


def admitted(row: Row, *, door: Door, account_id: UUID) -> Actor | None:
    """Bind the session to the organisation that the row of such a statement tells of.

    None when the account has no standing there, and then nothing is bound.
    """
    if row.org_id is None:
        return None
    db.session().info["tenant"] = Tenant(
        row.org_id, row.membership_id, door.request_id, door.read_only
    )
    return actor_of(row, account_id)


_KNOWN = select(bindparam("account", type_=Uuid()).label("id")).subquery()
_ENTER = entering(select(_KNOWN.c.id), _KNOWN.c.id)


def enter(*, slug: str, account_id: UUID, request_id: str, read_only: bool) -> Actor | None:
    """As `admitted`, for an account that is known. One statement."""
    door = Door(slug, request_id, read_only)
    row = db.session.execute(_ENTER, door.values | {"account": account_id}).one()
    return admitted(row, door=door, account_id=account_id)


def actor_of(row, account_id: UUID) -> Actor:
    """The actor that a row of `app.enter` describes."""
    roles = frozenset(row.roles)
    return Actor(
        org_id=row.org_id,
        org_slug=row.slug,
        org_name=row.org_name,
        org_kind=row.kind,
        time_zone=row.time_zone,
        membership_id=row.membership_id,
        account_id=account_id,
        name=row.member_name,
        roles=roles,
        service_ids=None if row.all_services else frozenset(row.service_ids),
        permissions=permissions_of(roles),
        last_event=row.last_event,
    )


_MEMBERSHIPS = text("SELECT * FROM app.memberships(:account)")


def memberships(account_id: UUID) -> list:
    """Rows (org_id, slug, org_name, kind, roles) of the account's active memberships."""
    return list(db.session.execute(_MEMBERSHIPS, {"account": account_id}))


_ORGANISATION = text(
    "SELECT id, slug, name, kind, time_zone FROM organisation WHERE slug = :key OR id::text = :key"
)


def system_actor(key: str | UUID) -> Actor | None:
    """CareBoard itself, acting for the organisation with that slug or id; None if there is none."""
    row = db.session.execute(_ORGANISATION, {"key": str(key)}).one_or_none()
    if row is None:
        return None
    return Actor(
        org_id=row.id,
        org_slug=row.slug,
        org_name=row.name,
        org_kind=row.kind,
        time_zone=row.time_zone,
        membership_id=None,
        account_id=None,
        name="CareBoard",
        roles=frozenset(),
        service_ids=None,
        permissions=frozenset(Permission),
    )


@contextmanager
def acting_for(key: str | UUID) -> Iterator[Actor]:
    """`tenant_context` with its system actor, for jobs and the command line.

    Raises LookupError when no organisation has that slug or id.
    """
    actor = system_actor(key)
    db.session.remove()
    if actor is None:
        raise LookupError(f"There is no organisation “{key}”.")
    with tenant_context(actor.org_id):
        yield actor

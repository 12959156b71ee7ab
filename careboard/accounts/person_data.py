"""One person's account data: all of it told, and taken away. As the owner of the database.

What a person did stays, under no name: others' decisions rest on it.
Source: expectations 7 (UK GDPR).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from careboard import audit
from careboard.errors import Conflict, NotFound

NOBODY = "Former member"
# Everything that hangs on an account whatever the organisation; a test asks the catalogue for more.
GLOBAL = ("account_session", "authenticator", "passkey", "recovery_code", "single_use_token")
# An owner who is a superuser, as in the embedded server, is not held by the wall: every statement
# names the organisation. Per organisation: what is told of a person, by their membership (:member)
# or address (:email).
OF_MEMBER = {
    "membership": "SELECT name, email, job_title, roles, active, mail_mode, created_at "
    "FROM membership WHERE org_id = app.org() AND id = :member",
    "mails": "SELECT subject, to_email, status, created_at, sent_at FROM outbox "
    "WHERE org_id = app.org() AND (membership_id = :member OR lower(to_email) = :email)",
    "reminders": "SELECT rule, occurrence, to_email FROM reminder "
    "WHERE org_id = app.org() AND lower(to_email) = :email",
    "stopped_addresses": "SELECT reason, created_at FROM suppression "
    "WHERE org_id = app.org() AND email_norm = :email",
    "actions_by_address": "SELECT reference, owner_name, owner_email FROM action "
    "WHERE org_id = app.org() AND lower(owner_email) = :email",
    "events": "SELECT at, tag, subject FROM audit_event "
    "WHERE org_id = app.org() AND actor = CAST(:member AS text)",
}
ERASE_OF_MEMBER = (
    "UPDATE membership SET name = :nobody, email = '', job_title = '', active = false "
    "WHERE org_id = app.org() AND id = :member",
    "UPDATE outbox SET to_email = '', to_name = '', content = '{}' "
    "WHERE org_id = app.org() AND (membership_id = :member OR lower(to_email) = :email)",
    "UPDATE reminder SET to_email = CAST(id AS text) "
    "WHERE org_id = app.org() AND lower(to_email) = :email",
    "DELETE FROM suppression WHERE org_id = app.org() AND email_norm = :email",
    "UPDATE action SET owner_email = '', owner_name = :nobody "
    "WHERE org_id = app.org() AND lower(owner_email) = :email",
)
# Per provider, of somebody who reads for a commissioner: by their account or address.
OF_READER = {
    "reader": "SELECT name, email, invited_at, ended_at FROM commissioner_reader "
    "WHERE org_id = app.org() AND account_id = :account",
    "packs_read": "SELECT pack_id, what, read_at FROM pack_read "
    "WHERE org_id = app.org() AND reader_id = :account",
    "mails": "SELECT subject, to_email, status, created_at, sent_at FROM outbox "
    "WHERE org_id = app.org() AND membership_id IS NULL AND lower(to_email) = :email",
}
ERASE_OF_READER = (
    "UPDATE commissioner_reader SET name = :nobody, email = '' "
    "WHERE org_id = app.org() AND account_id = :account",
    "UPDATE outbox SET to_email = '', to_name = '', content = '{}' "
    "WHERE org_id = app.org() AND membership_id IS NULL AND lower(to_email) = :email",
    "DELETE FROM suppression WHERE org_id = app.org() AND email_norm = :email",
)
ERASE_ACCOUNT = """
UPDATE account SET name = :nobody, email = 'erased-' || id || '@invalid', password = NULL,
  active = false, fs_uniquifier = CAST(gen_random_uuid() AS text) WHERE id = :account
"""


def export(connection: Connection, email: str) -> dict[str, Any]:
    """All that is held about the person with that address. Raises NotFound."""
    account = _account(connection, email)
    told: dict[str, Any] = {
        "account": _rows(
            connection,
            "SELECT name, email, active, created_at FROM account WHERE id = :account",
            account=account,
        ),
        "sign_ins": _rows(
            connection,
            "SELECT created_at, last_seen_at FROM account_session WHERE account_id = :account",
            account=account,
        ),
        "organisations": {},
        "read_of": {},
    }
    for slug, member in _memberships(connection, account):
        told["organisations"][slug] = {
            name: _rows(connection, statement, member=member, email=email.lower())
            for name, statement in OF_MEMBER.items()
        }
    for slug in _slugs(connection):
        _bind(connection, slug)
        found = {
            name: _rows(connection, statement, account=account, email=email.lower())
            for name, statement in OF_READER.items()
        }
        if any(found.values()):
            told["read_of"][slug] = found
    return told


def erase(connection: Connection, email: str) -> int:
    """Take the person's account data away; returns in how many organisations they had been.

    Raises NotFound, and Conflict while they still have access to a provider: end that first, with
    the page that hands over what they own. A commissioner's reader owns nothing, so theirs ends.
    """
    account = _account(connection, email)
    found = list(_memberships(connection, account))
    for slug, member in found:
        _bind(connection, slug)
        statement = text(
            "SELECT m.active FROM membership m JOIN organisation o ON o.id = m.org_id "
            "WHERE m.org_id = app.org() AND m.id = :member AND o.kind = 'provider'"
        )
        if connection.execute(statement, {"member": member}).scalar():
            raise Conflict(f"{email} still has access to {slug}. End it there first.")
    for slug, member in found:
        org_id = _bind(connection, slug)
        values = {"member": member, "email": email.lower(), "nobody": NOBODY}
        for statement in ERASE_OF_MEMBER:
            connection.execute(text(statement), values)
        audit.append_as_owner(connection, org_id=org_id, tag="account:erased", subject=member)
    for slug in _slugs(connection):
        _bind(connection, slug)
        values = {"account": account, "email": email.lower(), "nobody": NOBODY}
        for statement in ERASE_OF_READER:
            connection.execute(text(statement), values)
    for table in GLOBAL:
        connection.execute(
            text(f"DELETE FROM {table} WHERE account_id = :account"), {"account": account}
        )
    connection.execute(text(ERASE_ACCOUNT), {"account": account, "nobody": NOBODY})
    return len(found)


def _account(connection: Connection, email: str) -> UUID:
    statement = text("SELECT id FROM account WHERE email_norm = lower(:email)")
    account = connection.execute(statement, {"email": email}).scalar()
    if account is None:
        raise NotFound(f"Nobody signs in as {email}.")
    return account


def _memberships(connection: Connection, account: UUID):
    """(slug, membership id) of every organisation; the wall is passed one after the other."""
    statement = text("SELECT id FROM membership WHERE org_id = app.org() AND account_id = :account")
    for slug in _slugs(connection):
        _bind(connection, slug)
        member = connection.execute(statement, {"account": account}).scalar()
        if member is not None:
            yield slug, member


def _slugs(connection: Connection) -> list[str]:
    return connection.execute(text("SELECT slug FROM organisation ORDER BY slug")).scalars().all()


def _bind(connection: Connection, slug: str) -> UUID:
    org_id = connection.execute(
        text("SELECT id FROM organisation WHERE slug = :slug"), {"slug": slug}
    ).scalar_one()
    connection.execute(text("SELECT set_config('app.org', :org, true)"), {"org": str(org_id)})
    return org_id


def _rows(connection: Connection, statement: str, **values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(statement), values).mappings()]

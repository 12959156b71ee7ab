"""The audit trail as people read it: newest first, by who, what, when and about what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Text,
    cast,
    column,
    false,
    func,
    literal,
    or_,
    select,
    table,
    union_all,
)

from careboard.accounts.models import Membership, Organisation
from careboard.db import Base, db
from careboard.errors import Forbidden
from careboard.packs.models import CommissionerLink
from careboard.permissions import Permission
from careboard.services.lists import Page, fetch_page
from careboard.tenancy import Actor

EVENT = table(
    "audit_event",
    *map(column, ("org_id", "seq", "at", "actor", "tag", "subject", "payload", "previous", "hash")),
)

_NO_EVENT_BEFORE = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty text or None: any. `about` is a record's reference or id; `since` and `until` are
    days of the organisation's calendar, both included."""

    who: UUID | None = None
    what: str = ""
    about: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def active(self) -> bool:
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class Event:
    """One event with the words that go with its ids; `changes` are name, before, after."""

    seq: int
    at: datetime
    who: str
    what: str
    subject: str
    table: str
    reference: str
    changes: Sequence[tuple[str, str | None, str | None]]
    hash: str

    @property
    def kind(self) -> str:
        return self.what.partition(":")[0]


def events(*, actor: Actor, wanted: Wanted, page: int) -> Page:
    """One page of events, newest first. Raises Forbidden for people of some services only."""
    found = fetch_page(_statement(actor, wanted), page=page)
    return Page(_told(actor, found.rows), found.number, found.total, found.size)


def all_events(*, actor: Actor, wanted: Wanted) -> list[Event]:
    """Every event that fits, newest first."""
    return _told(actor, db.session.execute(_statement(actor, wanted)).all())


def must_see_all(actor: Actor) -> None:
    """Raise Forbidden for people without the right, or of some services only."""
    actor.require(Permission.READ_AUDIT_LOG)
    if actor.service_ids is not None:
        raise Forbidden("The audit log covers every service of the organisation.")


def people(*, actor: Actor) -> list[tuple[UUID, str]]:
    """Everyone who belongs or belonged to the organisation, by name."""
    rows = db.session.execute(
        select(Membership.id, Membership.name)
        .where(Membership.org_id == actor.org_id)
        .order_by(Membership.name)
    )
    return [(row.id, row.name) for row in rows]


def kinds(*, actor: Actor) -> list[str]:
    """What there are events of: `action`, `account`…"""
    kind = func.split_part(EVENT.c.tag, ":", 1)
    statement = select(kind).where(EVENT.c.org_id == actor.org_id).distinct().order_by(kind)
    return list(db.session.scalars(statement))


def _statement(actor: Actor, wanted: Wanted):
    must_see_all(actor)
    conditions = [EVENT.c.org_id == actor.org_id]
    if wanted.who:
        conditions.append(EVENT.c.actor.in_(_identities(actor, wanted.who)))
    if wanted.what:
        conditions.append(func.split_part(EVENT.c.tag, ":", 1) == wanted.what)
    if wanted.about:
        conditions.append(_about(actor, wanted.about))
    if wanted.since:
        conditions.append(EVENT.c.at >= _begins(wanted.since, actor))
    if wanted.until and wanted.until < date.max:
        conditions.append(EVENT.c.at < _begins(wanted.until + timedelta(days=1), actor))
    return select(EVENT).where(*conditions).order_by(EVENT.c.seq.desc())


def _begins(day: date, actor: Actor) -> str:
    """When that day began there, as events write it."""
    begun = datetime.combine(
        max(day, _NO_EVENT_BEFORE), time.min, ZoneInfo(actor.time_zone)
    ).astimezone(UTC)
    return f"{begun:%Y-%m-%dT%H:%M:%S}.000000Z"


def _identities(actor: Actor, membership_id: UUID):
    """Within the organisation a person acts as a member, at the door as an account."""
    own = Membership.org_id == actor.org_id, Membership.id == membership_id
    return union_all(
        select(cast(Membership.id, Text)).where(*own),
        select(cast(Membership.account_id, Text)).where(*own),
    )


def _about(actor: Actor, words: str) -> ColumnElement[bool]:
    named = _references(actor).subquery()
    of_reference = select(cast(named.c.id, Text)).where(named.c.reference == words.upper())
    return or_(EVENT.c.subject == words, EVENT.c.subject.in_(of_reference))


def _references(actor: Actor):
    """Table, id and reference of every row that people call by a reference."""
    parts = [
        select(literal(name).label("table"), found.c.id, found.c.reference).where(
            found.c.org_id == actor.org_id
        )
        for name, found in sorted(Base.metadata.tables.items())
        if "reference" in found.c
    ]
    return union_all(*parts)


def _told(actor: Actor, rows: Sequence[Any]) -> list[Event]:
    names = _names(actor)
    named = _references(actor).subquery()
    subjects = [_uuid(row.subject) for row in rows]
    wanted = named.c.id.in_([subject for subject in subjects if subject]) if rows else false()
    called = {str(row.id): row for row in db.session.execute(select(named).where(wanted))}
    return [_event(row, names, called.get(row.subject)) for row in rows]


def _names(actor: Actor) -> dict[str, str]:
    people = select(Membership.id, Membership.account_id, Membership.name).where(
        Membership.org_id == actor.org_id
    )
    link = CommissionerLink.commissioner_org_id
    commissioners = (
        select(link, link, Organisation.name)
        .join(Organisation, Organisation.id == link)
        .where(CommissionerLink.org_id == actor.org_id)
    )
    names = {"careboard": "CareBoard"}
    for row in db.session.execute(union_all(people, commissioners)):
        names[str(row.id)] = names[str(row.account_id)] = row.name
    return names


def _event(row: Any, names: dict[str, str], called: Any) -> Event:
    payload = json.loads(row.payload)
    before, after = payload.get("before", {}), payload.get("after", {})
    changes = [
        (name, _said(before.get(name), names), _said(after.get(name), names))
        for name in dict.fromkeys(before | after)
    ]
    return Event(
        seq=row.seq,
        at=datetime.fromisoformat(row.at),
        who=names.get(row.actor) or _reader(after, names) or row.actor,
        what=row.tag,
        subject=row.subject,
        table=called.table if called else "",
        reference=called.reference if called else names.get(row.subject, ""),
        changes=[change for change in changes if change[1] != change[2]],
        hash=row.hash,
    )


def _reader(after: dict[str, Any], names: dict[str, str]) -> str:
    """Somebody of a commissioner, who is no member here, by whom they read for."""
    commissioner = names.get(str(after.get("commissioner")))
    return f"A reader for {commissioner}" if commissioner else ""


def _said(value: Any, names: dict[str, str]) -> str | None:
    """A payload's value as people read it: a person's id as their name, a list in one line."""
    if isinstance(value, list):
        return ", ".join(str(_said(item, names)) for item in value)
    return None if value is None else names.get(str(value), str(value))


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None

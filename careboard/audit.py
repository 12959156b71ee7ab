"""The audit trail: one event per important write, in the same transaction, chained by hash.

Events are gathered while the transaction runs and appended just before it commits, so that the
organisation's head row is locked last and briefly. Payloads hold ids, states and dates, never
names or free text. Source: DESIGN section 7, Audit trail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from careboard import tenancy
from careboard.audit_verifier import GENESIS, link_hash
from careboard.db import db
from careboard.tenancy import Actor

_PENDING = "audit_events"
_MARKS = "audit_savepoints"
_APPEND = text("SELECT app.append_audit(CAST(:org AS uuid), CAST(:events AS jsonb))")


def record(
    *,
    actor: Actor,
    tag: str,
    subject_id: UUID | str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Leave one event in the present transaction.

    `tag` is `<subject>:<what happened>`, e.g. `action:verified`.
    """
    payload = {"before": before or {}, "after": after or {}}
    db.session().info.setdefault(_PENDING, []).append(
        {
            "org_id": str(actor.org_id),
            "actor": str(actor.membership_id or "careboard"),
            "tag": tag,
            "subject": str(subject_id),
            "payload": json.dumps(payload, sort_keys=True, default=_plain),
        }
    )


def witness(
    *, actor: Actor, tag: str, subject_id: UUID | str, after: dict[str, Any] | None = None
) -> None:
    """Leave one event of something merely seen: an export, a download.

    A reading request runs in a read-only transaction, so that one ends here and the event has a
    short transaction of its own. Call it once everything has been read.
    """
    session = db.session()
    reading = session.info["tenant"]
    session.rollback()
    tenancy.bind(replace(reading, read_only=False))
    record(actor=actor, tag=tag, subject_id=subject_id, after=after)
    session.commit()
    tenancy.bind(reading)


def append_now(*, org_id: UUID, actor: str, tag: str, subject: UUID) -> None:
    """Append one event at once, where no actor stands in an organisation yet (sign-in)."""
    payload = json.dumps({"after": {}, "before": {}})
    item = {"actor": actor, "tag": tag, "subject": str(subject), "payload": payload}
    db.session.execute(_APPEND, {"org": str(org_id), "events": json.dumps([item])})


def append_as_owner(
    connection: Connection,
    *,
    org_id: UUID,
    tag: str,
    subject: UUID,
    after: dict[str, Any] | None = None,
) -> None:
    """Append one event of the operator's, on the connection of the tables' owner."""
    payload = json.dumps({"after": after or {}, "before": {}}, sort_keys=True)
    item = {"actor": "careboard", "tag": tag, "subject": str(subject), "payload": payload}
    connection.execute(text("SELECT set_config('app.org', :org, true)"), {"org": str(org_id)})
    connection.execute(_APPEND, {"org": str(org_id), "events": json.dumps([item])})


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


@event.listens_for(Session, "before_commit")
def _append(session: Session) -> None:
    if session.in_nested_transaction():
        return
    events = session.info.pop(_PENDING, None)
    if not events:
        return
    session.flush()
    for org_id in dict.fromkeys(item["org_id"] for item in events):
        own = [item for item in events if item["org_id"] == org_id]
        session.execute(_APPEND, {"org": org_id, "events": json.dumps(own)})


@event.listens_for(Session, "after_transaction_create")
def _note_savepoint(session: Session, transaction) -> None:
    if transaction.nested:
        marks = session.info.setdefault(_MARKS, {})
        marks[transaction] = len(session.info.get(_PENDING, ()))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous_transaction) -> None:
    """What a savepoint took back leaves no event; what came before it still does."""
    mark = session.info.get(_MARKS, {}).pop(previous_transaction, None)
    if mark is not None:
        del session.info.get(_PENDING, [])[mark:]


@event.listens_for(Session, "after_transaction_end")
def _forget_all(session: Session, transaction) -> None:
    if transaction.parent is None:
        session.info.pop(_PENDING, None)
        session.info.pop(_MARKS, None)


@dataclass(frozen=True, slots=True)
class Link:
    """One event as stored; `hash` covers `previous` and the stored text of all the rest."""

    org_id: UUID
    seq: int
    at: str
    actor: str
    tag: str
    subject: str
    payload: str
    previous: str
    hash: str

    def expected_hash(self) -> str:
        return link_hash(
            self.previous,
            self.org_id,
            self.seq,
            self.at,
            self.actor,
            self.tag,
            self.subject,
            self.payload,
        )


def first_broken_link(links: Iterable[Link]) -> Link | None:
    """The first event, in sequence, whose place or hash is not as it must be; None if all hold."""
    previous = GENESIS
    for seq, link in enumerate(links, 1):
        if link.seq != seq or link.previous != previous or link.hash != link.expected_hash():
            return link
        previous = link.hash
    return None


_CHAIN = text(
    "SELECT org_id, seq, at, actor, tag, subject, payload, previous, hash "
    "FROM audit_event WHERE org_id = :org ORDER BY seq"
)
_HEAD = text("SELECT seq, hash FROM audit_head WHERE org_id = :org")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome of walking one organisation's chain."""

    events: int
    broken: Link | None
    head_matches: bool

    @property
    def intact(self) -> bool:
        return self.broken is None and self.head_matches


_EVENT = text("SELECT hash FROM audit_event WHERE org_id = :org AND seq = :seq")


def still_has(org_id: UUID, seq: int, sha256: str) -> bool:
    """Whether the organisation's event of that number has that hash, as a witness keeps it."""
    found = db.session.execute(_EVENT, {"org": org_id, "seq": seq}).scalar()
    return found is not None and found == sha256


def verify(org_id: UUID) -> Verdict:
    """Walk the organisation's chain and compare its end with the head row."""
    links = [Link(**row._mapping) for row in db.session.execute(_CHAIN, {"org": org_id})]
    head = db.session.execute(_HEAD, {"org": org_id}).one_or_none()
    end = (links[-1].seq, links[-1].hash) if links else (0, GENESIS)
    stored = (head.seq, head.hash) if head else (0, GENESIS)
    return Verdict(len(links), first_broken_link(links), end == stored)

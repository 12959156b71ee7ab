"""Sessions in the database: a cookie opens one only while its row says so.

Idle for as long as the shortest of the person's organisations allows (15 minutes unless set), and
twelve hours in all. Source: domain/expectations.md 7, Session.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, bindparam, column, func, select, text

from careboard import audit
from careboard.accounts.models import Account, Organisation
from careboard.db import db
from careboard.errors import Invalid, NotFound
from careboard.permissions import Permission
from careboard.tenancy import Actor, Door, entering

ABSOLUTE_HOURS = 12
IDLE_MINUTES = range(5, 31)
SEEN_EVERY = 60  # seconds between two writes of when a session was last seen

_COLUMNS = (
    *("session_id", "second_factor_at", "idle_seconds", "seen_ago", "lasts_for"),
    "account_id",
)
_OPENED = func.app.open_session(bindparam("hash")).table_valued(*map(column, _COLUMNS))
_FIND = (
    select(Account, _OPENED).join(_OPENED, _OPENED.c.account_id == Account.id).where(Account.active)
)
_FIND_AND_ENTER = entering(_FIND, _OPENED.c.account_id)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The session that a request came with."""

    id: UUID
    account_id: UUID
    second_factor_at: datetime | None
    seconds_left: int


def begin(
    *, account_id: UUID, second_factor: bool = False, address: str = "", agent: str = ""
) -> str:
    """Start a session; returns the token for the cookie, which is stored nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.execute(
        select(
            func.app.begin_session(
                account_id, hash_of(token), ABSOLUTE_HOURS, second_factor, address[:45], agent[:80]
            )
        )
    )
    return token


def find(token: str, door: Door | None = None) -> tuple[Account, SignIn, Row] | None:
    """The person whose living session the token opens, by one statement; None if it opens none.

    With a door the statement also enters by it, and the row is what `tenancy.admitted` asks for. A
    session not seen for a minute is marked as seen, in a transaction of its own: call this before
    anything else of the request.
    """
    row = _row(token, door)
    if row is not None and row.seen_ago >= SEEN_EVERY:
        db.session.rollback()  # it may be a transaction that only reads
        db.session.execute(select(func.app.touch_session(row.session_id)))
        db.session.commit()
        row = _row(token, door)
    if row is None:
        db.session.rollback()
        return None
    left = min(row.idle_seconds - row.seen_ago, row.lasts_for)
    return row.Account, SignIn(row.session_id, row.account_id, row.second_factor_at, left), row


def _row(token: str, door: Door | None) -> Row | None:
    known = {"hash": hash_of(token)}
    if door is None:
        return db.session.execute(_FIND, known).one_or_none()
    return db.session.execute(_FIND_AND_ENTER, known | door.values).one_or_none()


_LIVING = text("SELECT * FROM app.sessions_of(:who)")


def living(*, account_id: UUID) -> list:
    """Rows (id, created_at, last_seen_at, address, agent), the latest seen first."""
    return list(db.session.execute(_LIVING, {"who": account_id}))


def one(*, account_id: UUID, session_id: UUID) -> Row:
    """One of `living`. Raises NotFound for any other."""
    for row in living(account_id=account_id):
        if row.id == session_id:
            return row
    raise NotFound()


def end(*, account_id: UUID, session_id: UUID) -> bool:
    """End that session of that person; False when they have none of that id."""
    return bool(db.session.scalar(select(func.app.end_sessions(account_id, session_id, None))))


def end_all(*, account_id: UUID, but: UUID | None = None) -> int:
    """End the person's sessions, all or all but one; returns how many."""
    return db.session.scalar(select(func.app.end_sessions(account_id, None, but)))


def hash_of(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def idle_minutes(*, actor: Actor) -> int:
    """After how many minutes without a request the organisation's people are signed out."""
    statement = select(Organisation.idle_minutes).where(Organisation.id == actor.org_id)
    return db.session.scalars(statement).one()


def set_idle_minutes(*, actor: Actor, minutes: int) -> None:
    """Change that, for everyone and at once. Raises Invalid outside 5 to 30."""
    actor.require(Permission.MANAGE_PEOPLE)
    if minutes not in IDLE_MINUTES:
        raise Invalid("From 5 to 30 minutes.", "minutes")
    # Its key does not change: whoever adds a row of the organisation meanwhile need not wait.
    own = select(Organisation).where(Organisation.id == actor.org_id)
    organisation = db.session.scalars(own.with_for_update(key_share=True)).one()
    before, organisation.idle_minutes = organisation.idle_minutes, minutes
    audit.record(
        actor=actor,
        tag="organisation:idle_minutes_set",
        subject_id=actor.org_id,
        before={"minutes": before},
        after={"minutes": minutes},
    )


def forget() -> int:
    """Delete sessions that ended a month ago, and yesterday's attempts; returns how many ended."""
    return db.session.scalar(select(func.app.forget_sign_ins()))

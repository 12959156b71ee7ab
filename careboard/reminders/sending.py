"""Sending what the outbox owes, each letter once.

A row is claimed with a lease, sent outside any transaction, and marked only while the lease is
still ours. A worker killed between sending and marking sends again with the same Message-ID.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, text, update

from careboard import clock, mailer, tenancy
from careboard.db import db
from careboard.mailer import Fate, Letter
from careboard.reminders.bounces import address_refused
from careboard.reminders.models import Outbox, Suppression
from careboard.reminders.outbox import letter_of

MOST_ATTEMPTS = 8
BATCH = 10
LEASE = timedelta(minutes=5)
# A letter is begun only while this much of the lease is left: longer than one sending can take.
MARGIN = timedelta(minutes=2)
_LONGEST_WAIT = 24 * 3600


@dataclass(slots=True)
class Drained:
    """What one drain did, in letters."""

    sent: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    org_id: UUID
    id: UUID
    lease_token: UUID


def drain(*, limit: int = 2_000) -> Drained:
    """Send what is due, of all organisations, until nothing is left or `limit` were claimed.

    Call outside any organisation. Stops when the mail server does not answer: what was not tried
    goes back untried.
    """
    done, claimed = Drained(), 0
    while claimed < limit:
        claims = claim(min(BATCH, limit - claimed))
        if not claims:
            break
        claimed += len(claims)
        if not _send_batch(claims, done):
            break
    return done


_CLAIM = text("SELECT org_id, id, lease_token FROM app.claim_outbox(:most, :at, :lease)")


def claim(most: int) -> list[Claim]:
    """Take up to that many due letters for as long as the lease lasts, oldest first; commits."""
    found = db.session.execute(_CLAIM, {"most": most, "at": clock.utc_now(), "lease": LEASE})
    claims = sorted((Claim(*row) for row in found), key=lambda claim: claim.id)
    db.session.commit()
    db.session.remove()
    return claims


def _send_batch(claims: list[Claim], done: Drained) -> bool:
    with mailer.connection() as backend:
        for place, one in enumerate(claims):
            fate = _send(one, backend)
            done.sent += fate is Fate.SENT
            done.failed += fate not in (Fate.SENT, None)
            if fate is Fate.NO_SERVER:
                for untried in claims[place + 1 :]:
                    _release(untried)
                return False
    return True


def _send(claimed: Claim, backend) -> Fate | None:
    """Send one claimed letter and mark it; None when it is not ours to send (any more)."""
    with tenancy.tenant_context(claimed.org_id):
        letter = _open(claimed)
        db.session.commit()
        if letter is None:
            return None
        fate, error = mailer.deliver(backend, letter)
        _mark(claimed, fate, error)
        db.session.commit()
        return fate


def _open(claimed: Claim) -> Letter | None:
    """The letter, if the lease is long enough; what must not be sent is marked so instead."""
    row = db.session.scalar(select(Outbox).where(*_mine(claimed)))
    if row is None or row.lease_until is None or row.lease_until - clock.utc_now() < MARGIN:
        return None
    if row.attempts > MOST_ATTEMPTS:
        _set(claimed, status="dead", last_error=row.last_error or "Tried too often.")
        return None
    suppressed = select(
        exists().where(
            Suppression.org_id == claimed.org_id,
            Suppression.email_norm == row.to_email.lower(),
        )
    )
    if db.session.scalar(suppressed):
        _set(claimed, status="suppressed", last_error="Mail to this address is stopped.")
        return None
    return letter_of(row)


def _mark(claimed: Claim, fate: Fate, error: str) -> None:
    if fate is Fate.SENT:
        _set(claimed, status="sent", sent_at=clock.now(), last_error="")
    elif fate is Fate.NO_SUCH_ADDRESS:
        if _set(claimed, status="dead", last_error=error):
            address_refused(org_id=claimed.org_id, mail_id=claimed.id)
    else:
        _try_later(claimed, error)


def _try_later(claimed: Claim, error: str) -> None:
    attempts = db.session.scalar(select(Outbox.attempts).where(*_mine(claimed)))
    if attempts is None:
        return
    if attempts >= MOST_ATTEMPTS:
        _set(claimed, status="dead", last_error=error)
    else:
        _set(claimed, status="ready", last_error=error, not_before=clock.utc_now() + wait(attempts))


def wait(attempts: int) -> timedelta:
    """How long until the next try: 1, 5, 25 minutes … at most a day, give or take a fifth."""
    seconds = min(60 * 5 ** (attempts - 1), _LONGEST_WAIT)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def _release(claimed: Claim) -> None:
    """Give back a letter that was not tried."""
    with tenancy.tenant_context(claimed.org_id):
        _set(claimed, status="ready", attempts=func.greatest(Outbox.attempts - 1, 0))
        db.session.commit()


def _set(claimed: Claim, **values: Any) -> bool:
    """Change the row if the lease is still ours; whether it was."""
    statement = update(Outbox).where(*_mine(claimed))
    changed = db.session.execute(statement.values(lease_token=None, lease_until=None, **values))
    return bool(changed.rowcount)


def _mine(claimed: Claim) -> tuple:
    return (
        Outbox.org_id == claimed.org_id,
        Outbox.id == claimed.id,
        Outbox.lease_token == claimed.lease_token,
        Outbox.status == "sending",
    )

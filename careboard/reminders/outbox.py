"""The outbox: a letter is a row, written in the transaction of the change that calls for it.

Source: DESIGN section 7, Transactions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from careboard import clock, jobs, mailer
from careboard.db import db, new_id
from careboard.mailer import Letter
from careboard.reminders.models import Outbox
from careboard.tenancy import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A letter to be posted. The same `dedupe_key` within an organisation is posted once."""

    kind: str
    to_email: str
    to_name: str
    membership_id: UUID | None
    template: str
    content: dict[str, Any]
    subject: str
    why: str
    dedupe_key: str
    not_before: datetime | None = None


def post(*, actor: Actor, **letter: Any) -> UUID | None:
    """Post one letter (the fields of `Post`) in the present transaction.

    Returns its id, or None when it had been posted before.
    """
    posted = post_all(actor=actor, posts=[Post(**letter)])
    return next(iter(posted.values()), None)


def post_all(*, actor: Actor, posts: Iterable[Post]) -> dict[str, UUID]:
    """Post letters; returns the id of each new one by its dedupe key. Rings after commit."""
    rows = [_row(actor, letter) for letter in posts]
    if not rows:
        return {}
    statement = (
        insert(Outbox)
        .on_conflict_do_nothing(index_elements=["org_id", "dedupe_key"])
        .returning(Outbox.dedupe_key, Outbox.id)
    )
    posted = {key: row_id for key, row_id in db.session.execute(statement, rows)}
    if posted:
        jobs.enqueue_after_commit("mail", "workers.mail.drain")
    return posted


def _row(actor: Actor, letter: Post) -> dict[str, Any]:
    values = asdict(letter)
    values["content"] = {**letter.content, "org": actor.org_slug, "org_name": actor.org_name}
    values["subject"] = " ".join(letter.subject.split())
    values["to_name"] = " ".join(letter.to_name.split())
    values["not_before"] = letter.not_before or clock.utc_now()
    return {
        **values,
        "org_id": actor.org_id,
        "id": new_id(),
        "message_id": mailer.message_id(actor.org_id, letter.dedupe_key),
    }


def letter_of(row: Outbox) -> Letter:
    """What the mailer needs of a row."""
    return Letter(
        to_email=row.to_email,
        to_name=row.to_name,
        is_member=row.membership_id is not None,
        template=row.template,
        content=row.content,
        subject=row.subject,
        why=row.why,
        message_id=row.message_id,
    )

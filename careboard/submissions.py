"""A form that is sent twice, by a double click or a resend, has one effect.

Each rendering of a form carries a value of its own, `once`. What a member sends with it is kept for
a day, in the transaction of what it does: the same words of the same person to the same address
wait for the first, do nothing, and lead where the first led. What was refused keeps nothing.
Source: docs/decisions/0016.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from uuid import UUID

from flask import g, request
from sqlalchemy import Text, func, select, text
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import FileStorage

from careboard.db import Base, TenantRow, db

FIELD = "once"
SAID = "You had sent this before. It was recorded once."


class Submission(Base, TenantRow):
    """One form that was sent, by its digest; `location` is where the answer led, None where it
    only showed the form again."""

    __tablename__ = "submission"

    location: Mapped[str | None] = mapped_column(Text)


def fresh() -> str | None:
    """A value for one rendering of a form; None for whoever acts in no organisation.

    It need only differ from those of the same person's other renderings of that form.
    """
    return secrets.token_urlsafe(6) if g.get("actor") else None


def digest() -> UUID | None:
    """Who sends which words and files where, as one id; None for a form without `once`.

    The form's token is left out: the same words may come with a later one, once a session that
    had run out was begun anew.
    """
    if not (g.get("actor") and request.form.get(FIELD)):
        return None
    words = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    files = [
        (name, file.filename, _content(file)) for name, file in request.files.items(multi=True)
    ]
    said = json.dumps([str(g.actor.membership_id), request.full_path, words, files])
    return UUID(bytes=hashlib.sha256(said.encode()).digest()[:16])


def _content(file: FileStorage) -> str:
    found = hashlib.file_digest(file.stream, "sha256").hexdigest()
    file.seek(0)
    return found


_TAKE = text(
    "INSERT INTO submission (org_id, id) VALUES (:org, :id) "
    "ON CONFLICT (org_id, id) DO NOTHING RETURNING true"
)
_LED = text("SELECT location FROM submission WHERE org_id = :org AND id = :id")
_LEAD = text("UPDATE submission SET location = :location WHERE org_id = :org AND id = :id")


def led_before(sent: UUID) -> str | None:
    """Take the submission for this transaction; where it led when it had its effect before.

    Waits for another that is at it.
    """
    values = {"org": g.actor.org_id, "id": sent}
    if db.session.scalar(_TAKE, values):
        return None
    return db.session.scalar(_LED, values)


def lead(sent: UUID, location: str) -> None:
    """Note that it has had its effect, and where that led."""
    db.session.execute(_LEAD, {"org": g.actor.org_id, "id": sent, "location": location})


def forget() -> None:
    """Delete those older than a day, of every organisation."""
    db.session.execute(select(func.app.forget_submissions()))

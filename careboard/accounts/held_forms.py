"""What was sent after a session had run out, kept for the same person's next sign-in.

Encrypted in the ended session's own row, and offered once. Files are not kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select

from careboard import sealing, submissions
from careboard.accounts.sessions import hash_of
from careboard.db import db

MOST = 200_000  # characters in all
_PURPOSE = "held form"
_NOT_KEPT = ("csrf_token",)
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class HeldForm:
    """Where it was sent and what it said, as (name, value); `files` had been chosen with it."""

    path: str
    fields: list[tuple[str, str]]
    files: list[str] = field(default_factory=list)

    @staticmethod
    def kind_of(name: str, value: str) -> str:
        """`long` or `short` for words that a person typed, `hidden` for what only machines read."""
        if name == submissions.FIELD or name.endswith("version"):
            return "hidden"
        if not value or _ID.fullmatch(value):
            return "hidden"
        return "long" if len(value) > 40 or "\n" in value else "short"


def hold(*, keys: Sequence[str], token: str, form: HeldForm) -> bool:
    """Keep it with the session that the token opened; False where there is none, or too much."""
    fields = [(name, value) for name, value in form.fields if name not in _NOT_KEPT]
    plain = json.dumps({"path": form.path, "fields": fields, "files": form.files})
    if len(plain) > MOST or not any(value for name, value in fields if name != submissions.FIELD):
        return False
    sealed = sealing.seal(plain.encode(), keys=keys, purpose=_PURPOSE)
    return db.session.scalar(select(func.app.hold_form(hash_of(token), sealed)))


def held(*, keys: Sequence[str], account_id: UUID) -> HeldForm | None:
    """The latest that waits for this person, of the last twelve hours."""
    sealed = db.session.scalar(select(func.app.held_form(account_id)))
    if sealed is None:
        return None
    try:
        said = json.loads(sealing.unseal(bytes(sealed), keys=keys, purpose=_PURPOSE))
    except sealing.Unsealable:  # under a key that is given no more
        return None
    return HeldForm(said["path"], [tuple(pair) for pair in said["fields"]], said["files"])


def release(*, account_id: UUID) -> None:
    """Keep nothing any more."""
    db.session.execute(select(func.app.release_forms(account_id)))

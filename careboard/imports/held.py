"""Free text that may hold personal data: redacted on the way in, held until a person decides.

Source: DESIGN section 7, Privacy.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

import polars as pl
from sqlalchemy import select, text, update

from careboard import audit, clock
from careboard.db import db, lock, new_id
from careboard.errors import Invalid
from careboard.imports.lookups import person_key
from careboard.imports.models import HeldText, ImportBatch
from careboard.imports.privacy import redact as redacted
from careboard.imports.projection import TARGETS
from careboard.permissions import Permission
from careboard.tenancy import Actor

# The free-text column of each table that has one.
TEXT_COLUMNS = {"audit_concern": "text", "action": "completion_detail", "concern": "text"}


@dataclass(frozen=True, slots=True)
class Flagged:
    """A text to be held: its row, key, original words and the kinds of data seen in it."""

    row_no: int
    source_key: str
    original: str
    kinds: list[str]
    fingerprint: str


def redact(
    *, actor: Actor, batch: ImportBatch, frame: pl.DataFrame, pii: dict[int, list[str]]
) -> tuple[pl.DataFrame, list[Flagged]]:
    """The frame with flagged texts redacted, and those texts.

    A text that somebody has decided on before is not held again: released, it comes in as it is.
    """
    column = TEXT_COLUMNS.get(TARGETS[batch.feed].table)
    if not pii or column is None:
        return frame, []
    key = person_key(actor)
    flagged = frame.filter(pl.col("row_no").is_in(list(pii)))
    texts = [
        Flagged(row, source, original, pii[row], _fingerprint(key, original))
        for row, source, original in flagged.select("row_no", "source_key", column).iter_rows()
    ]
    decided = _decisions(actor, [item.fingerprint for item in texts])
    replacement = {
        item.row_no: item.original
        if decided.get(item.fingerprint) == "released"
        else redacted(item.original)
        for item in texts
    }
    changed = frame.with_columns(
        pl.coalesce(
            pl.col("row_no").replace_strict(
                list(replacement), list(replacement.values()), default=None, return_dtype=pl.String
            ),
            pl.col(column),
        ).alias(column)
    )
    return changed, [item for item in texts if item.fingerprint not in decided]


def hold(*, actor: Actor, batch: ImportBatch, texts: list[Flagged]) -> None:
    """Keep the flagged originals apart, each with the record that it belongs to."""
    if not texts:
        return
    table = TARGETS[batch.feed].table
    found = db.session.execute(
        text(
            f"SELECT source_key, id, service_id FROM {table} "
            "WHERE org_id = :org AND batch_id = :batch AND source_key = ANY(:keys)"
        ),
        {
            "org": actor.org_id,
            "batch": batch.id,
            "keys": [item.source_key for item in texts],
        },
    )
    records = {row.source_key: row for row in found}
    db.session.add_all(
        HeldText(
            org_id=actor.org_id,
            id=new_id(),
            batch_id=batch.id,
            row_no=item.row_no,
            table_name=table,
            record_id=records[item.source_key].id,
            service_id=records[item.source_key].service_id,
            field=TEXT_COLUMNS[table],
            original=item.original,
            kinds=item.kinds,
            fingerprint=item.fingerprint,
        )
        for item in texts
        if item.source_key in records
    )
    db.session.flush()


def decide(*, actor: Actor, held_id: UUID, release: bool, reason: str) -> None:
    """Release the text (it names nobody) or keep it redacted; then the original is emptied.

    Raises Invalid without a reason for a release, or when it has been decided already.
    """
    held = lock(HeldText, actor.org_id, held_id)
    actor.require(Permission.DECIDE_HELD_TEXT, held.service_id)
    if held.status != "held":
        raise Invalid("This text has been decided on already.")
    if release and not reason.strip():
        raise Invalid("Say why this text holds no personal data.", "reason")
    if release:
        _show(actor, held)
    held.status = "released" if release else "redacted"
    held.original = held.original if release else ""
    held.reason, held.decided_by_id = reason.strip(), actor.membership_id
    held.decided_at = clock.utc_now()
    audit.record(
        actor=actor, tag=f"held_text:{held.status}", subject_id=held.id, after={"row": held.row_no}
    )
    db.session.flush()


def _show(actor: Actor, held: HeldText) -> None:
    column = TEXT_COLUMNS[held.table_name]
    db.session.execute(
        text(f"UPDATE {held.table_name} SET {column} = :text WHERE org_id = :org AND id = :id"),
        {"text": held.original, "org": actor.org_id, "id": held.record_id},
    )


def decide_all(*, actor: Actor, batch_id: UUID, reason: str) -> int:
    """Keep every text of a batch redacted that still waits; returns how many."""
    actor.require(Permission.DECIDE_HELD_TEXT)
    done = db.session.execute(
        update(HeldText)
        .where(
            HeldText.org_id == actor.org_id,
            HeldText.batch_id == batch_id,
            HeldText.status == "held",
        )
        .values(
            status="redacted",
            original="",
            reason=reason,
            decided_by_id=actor.membership_id,
            decided_at=clock.utc_now(),
        )
    ).rowcount
    audit.record(
        actor=actor, tag="held_text:redacted", subject_id=batch_id, after={"texts": done}
    )
    return done


def _fingerprint(key: bytes, original: str) -> str:
    return hmac.new(key, original.encode(), hashlib.sha256).hexdigest()


def _decisions(actor: Actor, fingerprints: list[str]) -> dict[str, str]:
    rows = db.session.execute(
        select(HeldText.fingerprint, HeldText.status).where(
            HeldText.org_id == actor.org_id,
            HeldText.fingerprint.in_(fingerprints),
            HeldText.status != "held",
        )
    )
    return {row.fingerprint: row.status for row in rows}

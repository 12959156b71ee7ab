"""Free text that may hold personal data: redacted on the way in, held until a person decides.

Source: DESIGN section 7, Privacy.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import select, text, update

from careboard import audit, clock
from careboard.db import db, lock, new_id
from careboard.errors import Invalid
from careboard.imports.lookups import person_key
from careboard.imports.models import HeldText, ImportBatch
from careboard.imports.privacy import redact as redacted
from careboard.imports.privacy import scan
from careboard.imports.projection import TARGETS
from careboard.permissions import Permission
from careboard.tenancy import Actor

# The free-text columns of each table that has any.
TEXT_COLUMNS = {
    "audit_concern": ("text",),
    "action": ("title", "completion_detail"),
    "concern": ("text",),
}


@dataclass(frozen=True, slots=True)
class Flagged:
    """A text to be held: its row, key, column, original words and the kinds of data seen in it."""

    row_no: int
    source_key: str
    column: str
    original: str
    kinds: list[str]
    fingerprint: str


def redact(
    *, actor: Actor, batch: ImportBatch, frame: pl.DataFrame, pii: dict[int, list[str]]
) -> tuple[pl.DataFrame, list[Flagged]]:
    """The frame with flagged texts redacted, and those texts.

    A text that somebody has decided on before is not held again: released, it comes in as it is.
    """
    columns = TEXT_COLUMNS.get(TARGETS[batch.feed].table, ())
    if not pii or not columns:
        return frame, []
    texts = _flagged(frame.filter(pl.col("row_no").is_in(list(pii))), columns, person_key(actor))
    decided = _decisions(actor, [item.fingerprint for item in texts])
    for column in columns:
        replacement = {
            item.row_no: redacted(item.original)
            for item in texts
            if item.column == column and decided.get(item.fingerprint) != "released"
        }
        if replacement:
            frame = frame.with_columns(
                pl.coalesce(
                    pl.col("row_no").replace_strict(
                        list(replacement),
                        list(replacement.values()),
                        default=None,
                        return_dtype=pl.String,
                    ),
                    pl.col(column),
                ).alias(column)
            )
    return frame, [item for item in texts if item.fingerprint not in decided]


def _flagged(rows: pl.DataFrame, columns: tuple[str, ...], key: bytes) -> list[Flagged]:
    return [
        Flagged(row, source, column, original, kinds, _fingerprint(key, original))
        for column in columns
        for row, source, original in rows.select("row_no", "source_key", column).iter_rows()
        if (kinds := list(dict.fromkeys(finding.kind for finding in scan(original))))
    ]


def hold(*, actor: Actor, batch: ImportBatch, texts: list[Flagged]) -> int:
    """Keep the flagged originals apart, each with the record that it belongs to; how many.

    Texts of versions that this batch has replaced need no decision any more and are emptied.
    """
    table = TARGETS[batch.feed].table
    if table not in TEXT_COLUMNS:
        return 0
    given = {"org": actor.org_id, "batch": batch.id, "table": table, "now": clock.now()}
    db.session.execute(text(_SUPERSEDED.format(table=table)), given)
    rows = _records(table, given, texts)
    db.session.add_all(
        HeldText(
            org_id=actor.org_id,
            id=new_id(),
            batch_id=batch.id,
            row_no=item.row_no,
            table_name=table,
            record_id=record.id,
            service_id=record.service_id,
            field=item.column,
            original=item.original,
            kinds=item.kinds,
            fingerprint=item.fingerprint,
        )
        for item, record in rows
    )
    db.session.flush()
    return len(rows)


_SUPERSEDED = """
UPDATE held_text h SET status = 'redacted', original = '', decided_at = :now,
  reason = 'A later version of the record has replaced this text.'
FROM {table} t
WHERE h.org_id = :org AND t.org_id = :org AND h.table_name = :table AND h.status = 'held'
  AND h.record_id = t.id AND t.batch_id = :batch
  AND (h.batch_id, h.row_no) IS DISTINCT FROM (t.batch_id, t.row_no)
"""


def _records(table: str, given: dict, texts: list[Flagged]) -> list[tuple[Flagged, Any]]:
    """Each text with the record whose present version it belongs to."""
    found = db.session.execute(
        text(
            f"SELECT row_no, id, service_id FROM {table} "
            "WHERE org_id = :org AND batch_id = :batch AND row_no = ANY(:rows)"
        ),
        {**given, "rows": [item.row_no for item in texts]},
    )
    records = {row.row_no: row for row in found}
    return [(item, records[item.row_no]) for item in texts if item.row_no in records]


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
    held.decided_at = clock.now()
    audit.record(
        actor=actor, tag=f"held_text:{held.status}", subject_id=held.id, after={"row": held.row_no}
    )
    db.session.flush()


def _show(actor: Actor, held: HeldText) -> None:
    """Put the words back, unless the record says something else by now."""
    db.session.execute(
        text(
            f"UPDATE {held.table_name} SET {held.field} = :text WHERE org_id = :org AND id = :id "
            f"AND batch_id = :batch AND row_no = :row AND {held.field} = :redacted"
        ),
        {
            "text": held.original,
            "redacted": redacted(held.original),
            "org": actor.org_id,
            "id": held.record_id,
            "batch": held.batch_id,
            "row": held.row_no,
        },
    )


def redact_all(*, actor: Actor, batch_id: UUID | None = None) -> int:
    """Keep every waiting text redacted, of one batch or of all; returns how many."""
    actor.require(Permission.DECIDE_HELD_TEXT)
    chosen = [HeldText.org_id == actor.org_id, HeldText.status == "held"]
    if batch_id is not None:
        chosen.append(HeldText.batch_id == batch_id)
    if actor.service_ids is not None:
        chosen.append(HeldText.service_id.in_(list(actor.service_ids)))
    done = db.session.execute(
        update(HeldText)
        .where(*chosen)
        .values(
            status="redacted",
            original="",
            decided_by_id=actor.membership_id,
            decided_at=clock.now(),
        )
    ).rowcount
    audit.record(
        actor=actor,
        tag="held_text:redacted",
        subject_id=batch_id or actor.org_id,
        after={"texts": done},
    )
    return done


def _fingerprint(key: bytes, original: str) -> str:
    return hmac.new(key, original.encode(), hashlib.sha256).hexdigest()


def _decisions(actor: Actor, fingerprints: list[str]) -> dict[str, str]:
    """What people decided on these texts before, the last word counting."""
    rows = db.session.execute(
        select(HeldText.fingerprint, HeldText.status)
        .where(
            HeldText.org_id == actor.org_id,
            HeldText.fingerprint.in_(fingerprints),
            HeldText.status != "held",
            HeldText.decided_by_id.is_not(None),
        )
        .order_by(HeldText.decided_at)
    )
    return {row.fingerprint: row.status for row in rows}

"""Taking an import back, as long as nothing rests on it.

Rows that replaced an earlier version give way to it; new rows leave. Either way the version that
goes is kept in `superseded_row`, and the original file stays.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from careboard import audit, clock
from careboard.db import db
from careboard.errors import Invalid
from careboard.imports.claims import take
from careboard.imports.loading import MODELS, OURS
from careboard.imports.models import ImportBatch, SupersededRow
from careboard.imports.projection import TARGETS
from careboard.imports.rights import require_import
from careboard.recovery.importing import close_empty
from careboard.tenancy import Actor

_RESTS = {
    "action": "actions",
    "action_update": "work done on its actions",
    "audit": "audits",
    "audit_concern": "audit concerns",
    "care_review": "care reviews",
    "concern": "concerns",
    "evidence": "evidence",
    "evidence_link": "evidence",
    "held_text": "held text",
    "indicator": "indicators",
    "medicine_dose": "medicine rounds",
    "membership_service": "people’s rights",
    "reading": "readings",
    "reminder": "reminders",
    "review": "reviews",
    "review_item": "a review’s agenda",
    "risk": "risks",
}

_WORKED_ON = "SELECT EXISTS (SELECT FROM {} t WHERE t.org_id = :org AND t.batch_id = :batch AND {})"


def undo(*, actor: Actor, batch_id: UUID) -> None:
    """Take the batch back.

    Raises Invalid when it is not loaded, a later import rests on its rows, or anything else does.
    """
    require_import(actor)
    batch = take(actor=actor, batch_id=batch_id)
    if batch.status != "loaded":
        raise Invalid("Only an import that has been loaded can be undone.")
    later = db.session.scalar(
        select(ImportBatch.reference)
        .join(
            SupersededRow,
            (SupersededRow.org_id == ImportBatch.org_id)
            & (SupersededRow.replaced_by_batch_id == ImportBatch.id),
        )
        .where(
            SupersededRow.org_id == actor.org_id,
            SupersededRow.batch_id == batch.id,
            SupersededRow.replaced_by_batch_id != batch.id,
        )
        .limit(1)
    )
    if later is not None:
        raise Invalid(f"{later} has replaced rows of this import. Undo {later} first.")
    table = TARGETS[batch.feed].table
    given = {"org": actor.org_id, "batch": batch.id, "now": clock.now()}
    if table in OURS and db.session.scalar(text(_WORKED_ON.format(table, OURS[table])), given):
        raise Invalid(
            "This import cannot be undone: people have worked on some of its rows in CareBoard "
            "since. Correct the rows by a later import instead."
        )
    try:
        with db.session.begin_nested():
            _take_back(table, given)
    except IntegrityError as error:
        resting = getattr(error.orig.diag, "table_name", "")
        raise Invalid(
            f"This import cannot be undone: {_RESTS.get(resting, 'other records')} rest on its "
            "rows. Correct the rows by a later import instead."
        ) from error
    batch.status, batch.undone_at = "undone", clock.now()
    batch.undone_by_id = actor.membership_id
    audit.record(actor=actor, tag="import:undone", subject_id=batch.id)
    db.session.flush()


def _take_back(table: str, given: dict) -> None:
    columns = [column.name for column in inspect(MODELS[table]).columns if _restorable(column)]
    keep = f"""INSERT INTO superseded_row (org_id, id, table_name, record_id, batch_id,
        replaced_by_batch_id, recorded_at, superseded_at, version)
      SELECT t.org_id, gen_random_uuid(), '{table}', t.id, t.batch_id, NULL, t.recorded_at, :now,
        to_jsonb(t) FROM {table} t WHERE t.org_id = :org AND t.batch_id = :batch"""
    restore = f"""UPDATE {table} t SET ({", ".join(columns)}) = (
        SELECT {", ".join(f"v.{name}" for name in columns)}
        FROM jsonb_populate_record(t, p.version) v)
      FROM (SELECT DISTINCT ON (record_id) record_id, version FROM superseded_row
            WHERE org_id = :org AND table_name = '{table}' AND replaced_by_batch_id = :batch
              AND batch_id IS DISTINCT FROM :batch
            ORDER BY record_id, superseded_at DESC) p
      WHERE t.org_id = :org AND t.id = p.record_id AND t.batch_id = :batch"""
    forget = f"""DELETE FROM superseded_row WHERE org_id = :org AND table_name = '{table}'
      AND replaced_by_batch_id = :batch AND batch_id IS DISTINCT FROM :batch"""
    # What people have decided stays known, so that the same text is not asked about again.
    unheld = "DELETE FROM held_text WHERE org_id = :org AND batch_id = :batch AND status = 'held'"
    db.session.execute(text(unheld), given)
    for statement in (keep, restore, forget):
        db.session.execute(text(statement), given)
    if table == "action":
        db.session.execute(
            text(
                "DELETE FROM action_update u USING action a WHERE a.org_id = :org AND "
                "u.org_id = :org AND a.id = u.action_id AND a.batch_id = :batch "
                "AND u.kind = 'imported'"
            ),
            given,
        )
    gone = f"DELETE FROM {table} WHERE org_id = :org AND batch_id = :batch"
    db.session.execute(text(gone), given)
    if table == "reading":
        close_empty(org_id=given["org"], batch_id=given["batch"])


def _restorable(column) -> bool:
    return column.computed is None and column.name not in ("org_id", "id", "created_at")

"""Rows into their table, set by set: staged by COPY, the old versions kept, the new ones merged.

Row-level security rules out COPY into the tables themselves, so rows go through a temporary table.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import polars as pl
from sqlalchemy import inspect, text

from careboard import clock
from careboard.db import db
from careboard.imports.projection import TARGETS
from careboard.models import Action, Audit, AuditConcern, Concern, Service
from careboard.references import next_references

MODELS = {model.__tablename__: model for model in (Action, Audit, AuditConcern, Concern, Service)}
_CHUNK = 20_000
# No text of a file holds this character, so it can stand for nothing at all.
_NULL = "\x01"
# Filled by the merge itself, not compared when asking whether a row has changed.
_BOOKKEEPING = {"org_id", "id", "source_key", "batch_id", "row_no", "loser"}
# Tells of the file rather than of the record, or is the first word on it: no change by itself.
_NOT_COMPARED = {"evidence_source", "original_due_on"}
_FIRST_STANDS = {"original_due_on"}
# What someone has worked on in CareBoard is no longer the source's to change.
OURS = {
    "action": "EXISTS (SELECT FROM action_update u WHERE u.org_id = t.org_id "
    "AND u.action_id = t.id AND u.kind <> 'imported')",
    "audit_concern": "t.closed_by_id IS NOT NULL",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows are new, replaced an earlier version, were there already, or would have
    changed what someone has worked on since, and so were kept back."""

    new: int
    changed: int
    unchanged: int
    kept: int


def merge(
    *,
    org_id: UUID,
    batch_id: UUID,
    feed: str,
    frame: pl.DataFrame,
    progress: Callable[[float], None] = lambda share: None,
) -> Loaded:
    """Bring projected rows into the feed's table, in the present transaction.

    `progress` is told which share of the rows has been staged.
    """
    target = TARGETS[feed]
    table, keys = target.table, target.keys
    given = {"org": org_id, "batch": batch_id, "now": clock.now()}
    _run("SELECT pg_advisory_xact_lock(hashtextextended(:key, 2))", {"key": f"{org_id}{table}"})
    _stage(table, frame, progress)
    if table == "action":
        _give_references(given)
    values = [name for name in frame.columns if name not in _BOOKKEEPING]
    compared = [name for name in values if name not in _NOT_COMPARED]
    on = " AND ".join(f"t.{key} = s.{key}" for key in keys)
    join = f"FROM {table} t JOIN stage s ON t.org_id = :org AND {on}"
    differs = "({}) IS DISTINCT FROM ({})".format(
        ", ".join(f"t.{name}" for name in compared), ", ".join(f"s.{name}" for name in compared)
    )
    ours = OURS.get(table, "false")
    kept = _count(f"SELECT count(*) {join} WHERE NOT s.loser AND {differs} AND {ours}", given)
    changed = _run(
        f"""INSERT INTO superseded_row (org_id, id, table_name, record_id, batch_id,
              replaced_by_batch_id, recorded_at, superseded_at, version)
            SELECT t.org_id, gen_random_uuid(), '{table}', t.id, t.batch_id, :batch,
              t.recorded_at, :now, to_jsonb(t) {join}
            WHERE NOT s.loser AND {differs} AND NOT {ours}""",
        given,
    )
    listed = ", ".join(["id", *keys, *(name for name in values if name not in keys)])
    updates = ", ".join(_update(name) for name in values if name not in keys)
    written = _run(
        f"""INSERT INTO {table} AS t (org_id, batch_id, row_no, recorded_at, {listed})
            SELECT :org, :batch, row_no, :now, {listed} FROM stage WHERE NOT loser
            ON CONFLICT (org_id, {", ".join(keys)}) DO UPDATE SET {updates},
              batch_id = excluded.batch_id, row_no = excluded.row_no, recorded_at = :now
            WHERE {differs.replace("s.", "excluded.")} AND NOT {ours}""",
        given,
    )
    _keep_losers(table, join, given)
    _run("DROP TABLE stage", {})
    total = frame.height - int(frame["loser"].sum())
    return Loaded(written - changed, changed, unchanged=total - written - kept, kept=kept)


def _run(statement: str, values: dict) -> int:
    return db.session.execute(text(statement), values).rowcount


def _count(statement: str, values: dict) -> int:
    return db.session.scalar(text(statement), values)


def _update(name: str) -> str:
    if name in _FIRST_STANDS:
        return f"{name} = coalesce(t.{name}, excluded.{name})"
    return f"{name} = excluded.{name}"


def _stage(table: str, frame: pl.DataFrame, progress: Callable[[float], None]) -> None:
    types = {column.name: column.type for column in inspect(MODELS[table]).columns}
    dialect = db.session.connection().dialect
    declared = ", ".join(
        f"{name} {'boolean' if name == 'loser' else types[name].compile(dialect)}"
        for name in frame.columns
    )
    _run(f"CREATE TEMPORARY TABLE stage ({declared}) ON COMMIT DROP", {})
    driver = db.session.connection().connection.driver_connection
    copying = f"COPY stage ({', '.join(frame.columns)}) FROM STDIN (FORMAT csv, NULL '{_NULL}')"
    with driver.cursor() as cursor, cursor.copy(copying) as copy:
        for start in range(0, frame.height, _CHUNK):
            piece = io.BytesIO()
            frame.slice(start, _CHUNK).write_csv(piece, include_header=False, null_value=_NULL)
            copy.write(piece.getbuffer())
            progress(min(1.0, (start + _CHUNK) / frame.height))
    _run("ANALYZE stage", {})


def _give_references(given: dict) -> None:
    """An action keeps the reference it has; one without, or with one that CareBoard gave to an
    action of its own, gets the next free one."""
    _run(
        "UPDATE stage s SET reference = t.reference FROM action t "
        "WHERE t.org_id = :org AND t.source_key = s.source_key",
        given,
    )
    # CareBoard's own next reference must not be one that the tracker has given out already.
    _run(
        """INSERT INTO reference_counter (org_id, id, prefix, last)
        SELECT :org, gen_random_uuid(), 'ACT', coalesce(max(substring(reference FROM 5)::bigint), 0)
        FROM stage WHERE reference ~ '^ACT-[0-9]{1,9}$'
        ON CONFLICT (org_id, prefix)
          DO UPDATE SET last = greatest(reference_counter.last, excluded.last)""",
        given,
    )
    without = _rows(
        """SELECT id FROM stage s WHERE NOT loser AND (reference = '' OR EXISTS (
          SELECT FROM action t WHERE t.org_id = :org AND t.reference = s.reference
            AND t.source_key IS DISTINCT FROM s.source_key)) ORDER BY row_no""",
        given,
    )
    if without:
        _run(
            "UPDATE stage SET reference = g.reference "
            "FROM unnest(cast(:ids AS uuid[]), cast(:references AS text[])) AS g(id, reference) "
            "WHERE stage.id = g.id",
            {"ids": without, "references": next_references(given["org"], "ACT", len(without))},
        )


def _rows(statement: str, values: dict) -> list:
    return list(db.session.scalars(text(statement), values))


def _keep_losers(table: str, join: str, given: dict) -> None:
    """Versions that a later row of the same file replaced were never current, but are kept."""
    _run(
        f"""INSERT INTO superseded_row (org_id, id, table_name, record_id, batch_id,
              replaced_by_batch_id, recorded_at, superseded_at, version)
            SELECT t.org_id, gen_random_uuid(), '{table}', t.id, :batch, :batch, :now, :now,
              to_jsonb(s) - 'loser' - 'id' {join} WHERE s.loser""",
        given,
    )

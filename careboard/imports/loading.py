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

from careboard.db import db
from careboard.imports.projection import TARGETS
from careboard.models import Action, Audit, AuditConcern, Concern, Service

MODELS = {model.__tablename__: model for model in (Action, Audit, AuditConcern, Concern, Service)}
_CHUNK = 20_000
# Filled by the merge itself, not compared when asking whether a row has changed.
_BOOKKEEPING = {"org_id", "id", "source_key", "batch_id", "row_no", "loser"}
# An action that someone has worked on in CareBoard is no longer the tracker's to change.
_KEPT = {
    "action": "NOT EXISTS (SELECT FROM action_update u WHERE u.org_id = t.org_id "
    "AND u.action_id = t.id AND u.kind <> 'imported')"
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows are new, replaced an earlier version, or were there already."""

    new: int
    changed: int
    unchanged: int


def merge(
    *,
    org_id: UUID,
    batch_id: UUID,
    feed: str,
    frame: pl.DataFrame,
    progress: Callable[[int], None] = lambda done: None,
) -> Loaded:
    """Bring projected rows into the feed's table, in the present transaction.

    `progress` is told how many rows have been staged.
    """
    target = TARGETS[feed]
    table, values = target.table, [name for name in frame.columns if name not in _BOOKKEEPING]
    _stage(table, frame.columns, frame, progress)
    on = " AND ".join(f"t.{key} = s.{key}" for key in target.keys)
    join = f"FROM {table} t JOIN stage s ON t.org_id = :org AND {on}"
    differs = "({}) IS DISTINCT FROM ({})".format(
        ", ".join(f"t.{name}" for name in values), ", ".join(f"s.{name}" for name in values)
    )
    kept = _KEPT.get(table, "true")
    given = {"org": org_id, "batch": batch_id}
    changed = _run(
        f"""INSERT INTO superseded_row (org_id, id, table_name, record_id, batch_id,
              replaced_by_batch_id, recorded_at, superseded_at, version)
            SELECT t.org_id, gen_random_uuid(), '{table}', t.id, t.batch_id, :batch,
              t.recorded_at, now(), to_jsonb(t) {join}
            WHERE NOT s.loser AND {differs} AND {kept}""",
        given,
    )
    columns = ["id", *target.keys, *(name for name in values if name not in target.keys)]
    listed = ", ".join(columns)
    updates = ", ".join(f"{name} = excluded.{name}" for name in values if name not in target.keys)
    written = _run(
        f"""INSERT INTO {table} AS t (org_id, batch_id, row_no, {listed})
            SELECT :org, :batch, row_no, {listed} FROM stage WHERE NOT loser
            ON CONFLICT (org_id, {", ".join(target.keys)}) DO UPDATE SET {updates},
              batch_id = excluded.batch_id, row_no = excluded.row_no, recorded_at = now()
            WHERE {differs.replace("s.", "excluded.")} AND {kept}""",
        given,
    )
    _keep_losers(table, join, given)
    total = frame.height - int(frame["loser"].sum())
    _run("DROP TABLE stage", {})
    return Loaded(new=written - changed, changed=changed, unchanged=total - written)


def _run(statement: str, values: dict) -> int:
    return db.session.execute(text(statement), values).rowcount


def _stage(
    table: str, columns: list[str], frame: pl.DataFrame, progress: Callable[[int], None]
) -> None:
    types = {column.name: column.type for column in inspect(MODELS[table]).columns}
    dialect = db.session.connection().dialect
    declared = ", ".join(
        f"{name} {'boolean' if name == 'loser' else types[name].compile(dialect)}"
        for name in columns
    )
    _run(f"CREATE TEMPORARY TABLE stage ({declared}) ON COMMIT DROP", {})
    driver = db.session.connection().connection.driver_connection
    copying = f"COPY stage ({', '.join(columns)}) FROM STDIN (FORMAT csv, NULL '\\N')"
    with driver.cursor() as cursor, cursor.copy(copying) as copy:
        for start in range(0, frame.height, _CHUNK):
            piece = io.BytesIO()
            frame.slice(start, _CHUNK).write_csv(piece, include_header=False, null_value="\\N")
            copy.write(piece.getbuffer())
            progress(min(start + _CHUNK, frame.height))
    _run("ANALYZE stage", {})


def _keep_losers(table: str, join: str, given: dict) -> None:
    """Versions that a later row of the same file replaced were never current, but are kept."""
    _run(
        f"""INSERT INTO superseded_row (org_id, id, table_name, record_id, batch_id,
              replaced_by_batch_id, recorded_at, superseded_at, version)
            SELECT t.org_id, gen_random_uuid(), '{table}', t.id, :batch, :batch, now(), now(),
              to_jsonb(s) - 'loser' - 'id' {join} WHERE s.loser""",
        given,
    )

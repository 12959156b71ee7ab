"""Rows into their table, set by set: staged by COPY, the old versions kept, the new ones merged.

Row-level security rules out COPY into the tables themselves, so rows go through a temporary table.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import polars as pl
from sqlalchemy import Row, inspect, text

from careboard import clock
from careboard.db import db
from careboard.imports.claims import Progress, unheard
from careboard.imports.projection import TARGETS
from careboard.models import (
    Action,
    Audit,
    AuditConcern,
    CareReview,
    Concern,
    MedicineDose,
    Reading,
    Service,
)
from careboard.references import next_references

MODELS = {
    model.__tablename__: model
    for model in (
        *(Action, Audit, AuditConcern, CareReview, Concern, MedicineDose, Reading, Service),
    )
}
_CHUNK = 10_000
# The share of a merge's time after which all rows are staged.
_STAGED = 0.2
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
    "reading": "t.entered_by_id IS NOT NULL",
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
    progress: Progress = unheard,
) -> Loaded:
    """Bring projected rows into the feed's table, in the present transaction.

    `progress` is told which share of the work is done. No other import of the organisation writes
    to the table meanwhile.
    """
    target = TARGETS[feed]
    table, keys = target.table, target.keys
    given = {"org": org_id, "batch": batch_id, "now": clock.now()}
    _run("SELECT pg_advisory_xact_lock(hashtextextended(:key, 2))", {"key": f"{org_id}{table}"})
    _stage(table, frame, lambda share: progress(_STAGED * share))
    if table == "action":
        _give_references(given)
    values = [name for name in frame.columns if name not in _BOOKKEEPING and name not in keys]
    _match(table, keys, [name for name in values if name not in _NOT_COMPARED], given)
    counts = _run_one("SELECT count(*), sum(replaces::int), sum(kept::int) FROM match")
    there, changed, kept = (number or 0 for number in counts)
    if changed:
        _supersede(table, values, given)
    filled = list(dict.fromkeys((*keys, "source_key", *values)))
    new = _insert(table, filled, frame, given, progress)
    _keep_losers(table, keys, given)
    _run("DROP TABLE match, stage", {})
    return Loaded(new, changed, unchanged=there - changed - kept, kept=kept)


def _match(table: str, keys: Sequence[str], compared: Sequence[str], given: dict) -> None:
    """Which staged rows are there already, and what is to become of each."""
    on = " AND ".join(f"t.{key} = s.{key}" for key in keys)
    differs = "({}) IS DISTINCT FROM ({})".format(
        ", ".join(f"t.{name}" for name in compared), ", ".join(f"s.{name}" for name in compared)
    )
    ours = OURS.get(table, "false")
    _run(
        f"""CREATE TEMPORARY TABLE match ON COMMIT DROP AS
            SELECT m.stage_id, m.record_id, differs AND NOT ours AS replaces,
              differs AND ours AS kept
            FROM (SELECT s.id AS stage_id, t.id AS record_id, {differs} AS differs, {ours} AS ours
                  FROM {table} t JOIN stage s ON t.org_id = :org AND {on}
                  WHERE NOT s.loser) m""",
        given,
    )


def _supersede(table: str, values: Sequence[str], given: dict) -> None:
    _run(
        f"""INSERT INTO superseded_row (org_id, id, table_name, record_id, batch_id,
              replaced_by_batch_id, recorded_at, superseded_at, version)
            SELECT t.org_id, gen_random_uuid(), '{table}', t.id, t.batch_id, :batch,
              t.recorded_at, :now, to_jsonb(t)
            FROM {table} t JOIN match m ON t.org_id = :org AND t.id = m.record_id
            WHERE m.replaces""",
        given,
    )
    _run(
        f"""UPDATE {table} t SET {", ".join(_update(name) for name in values)},
              batch_id = :batch, row_no = s.row_no, recorded_at = :now
            FROM stage s JOIN match m ON m.stage_id = s.id
            WHERE t.org_id = :org AND t.id = m.record_id AND m.replaces""",
        given,
    )


def _insert(
    table: str, columns: Sequence[str], frame: pl.DataFrame, given: dict, progress: Progress
) -> int:
    """The rows that were not there, in pieces, so that progress can be told; how many."""
    listed = ", ".join(["id", *columns])
    statement = f"""INSERT INTO {table}
          (org_id, batch_id, row_no, recorded_at, created_at, {listed})
        SELECT :org, :batch, row_no, :now, :now, {listed} FROM stage s
        WHERE NOT loser AND row_no BETWEEN :first AND :last
          AND NOT EXISTS (SELECT FROM match m WHERE m.stage_id = s.id)"""
    done = 0
    for start in range(0, frame.height, _CHUNK):
        piece = frame["row_no"][start : start + _CHUNK]
        done += _run(statement, {**given, "first": piece[0], "last": piece[-1]})
        progress(_STAGED + (1 - _STAGED) * min(1.0, (start + _CHUNK) / frame.height))
    return done


def _run(statement: str, values: dict) -> int:
    return db.session.execute(text(statement), values).rowcount


def _run_one(statement: str) -> Row:
    return db.session.execute(text(statement)).one()


def _update(name: str) -> str:
    if name in _FIRST_STANDS:
        return f"{name} = coalesce(t.{name}, s.{name})"
    return f"{name} = s.{name}"


def _stage(table: str, frame: pl.DataFrame, progress: Progress) -> None:
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


def _keep_losers(table: str, keys: Sequence[str], given: dict) -> None:
    """Versions that a later row of the same file replaced were never current, but are kept."""
    on = " AND ".join(f"t.{key} = s.{key}" for key in keys)
    _run(
        f"""INSERT INTO superseded_row (org_id, id, table_name, record_id, batch_id,
              replaced_by_batch_id, recorded_at, superseded_at, version)
            SELECT t.org_id, gen_random_uuid(), '{table}', t.id, :batch, :batch, :now, :now,
              to_jsonb(s) - 'loser' - 'id'
            FROM {table} t JOIN stage s ON t.org_id = :org AND {on} WHERE s.loser""",
        given,
    )

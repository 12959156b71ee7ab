"""What the import pages show. Plain rows, no ORM objects: a page may end its transaction early,
to witness that somebody has seen an original."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, null, select
from sqlalchemy.orm import aliased

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.errors import NotFound
from careboard.imports.claims import is_taken
from careboard.imports.models import (
    DataMap,
    HeldText,
    ImportBatch,
    QuarantinedRow,
    StoredFile,
)
from careboard.imports.rights import require_import
from careboard.imports.words import WARNINGS, problem
from careboard.permissions import Permission
from careboard.services.lists import Page, fetch_page, within_or_organisation
from careboard.tenancy import Actor

_Undoer = aliased(Membership)


def _joined(left, column, right) -> tuple:
    return right, and_(right.org_id == left.org_id, right.id == column)


def batches(*, actor: Actor, feed: str = "", status: str = "", page: int = 1) -> Page:
    """Imports, newest first, without their reports. One statement."""
    require_import(actor)
    waiting = (
        select(func.count())
        .where(
            QuarantinedRow.org_id == ImportBatch.org_id,
            QuarantinedRow.batch_id == ImportBatch.id,
            QuarantinedRow.status == "waiting",
        )
        .scalar_subquery()
    )
    statement = (
        select(
            ImportBatch.id,
            ImportBatch.reference,
            ImportBatch.feed,
            ImportBatch.source,
            ImportBatch.status,
            ImportBatch.rows_total,
            ImportBatch.rows_done,
            ImportBatch.accepted,
            ImportBatch.rejected,
            ImportBatch.created_at,
            StoredFile.file_name,
            Membership.name.label("who"),
            case((ImportBatch.status == "loaded", waiting), else_=0).label("waiting"),
        )
        .join(*_joined(ImportBatch, ImportBatch.file_id, StoredFile))
        .outerjoin(*_joined(ImportBatch, ImportBatch.created_by_id, Membership))
        .where(ImportBatch.org_id == actor.org_id)
        .order_by(ImportBatch.created_at.desc(), ImportBatch.id.desc())
    )
    if feed:
        statement = statement.where(ImportBatch.feed == feed)
    if status:
        statement = statement.where(ImportBatch.status == status)
    return fetch_page(statement, page=page)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of all imports still waits for somebody."""

    rows: int
    texts: int


def waiting(*, actor: Actor) -> Waiting:
    """Rows in quarantine and texts held, of imports that are loaded. One statement."""
    require_import(actor)
    rows = select(func.count()).select_from(_waiting_rows(actor).subquery()).scalar_subquery()
    texts = select(func.count()).select_from(_texts(actor).subquery()).scalar_subquery()
    return Waiting(*db.session.execute(select(rows, texts)).one())


def sources(*, actor: Actor) -> list[str]:
    """Names of the systems that files have come from."""
    names = (
        select(DataMap.source)
        .distinct()
        .where(DataMap.org_id == actor.org_id)
        .order_by(DataMap.source)
    )
    return list(db.session.scalars(names))


@dataclass(frozen=True, slots=True)
class Batch:
    """One import as its page shows it. `report` is that of previews.preview, with the outcome."""

    id: UUID
    reference: str
    feed: str
    source: str
    status: str
    rows_total: int
    rows_done: int
    accepted: int
    rejected: int
    error: str
    sha256: str
    report: dict[str, Any]
    created_at: datetime
    loaded_at: datetime | None
    undone_at: datetime | None
    file_name: str
    size: int
    map_version: int | None
    who: str | None
    undone_by: str | None
    rows_waiting: int
    texts_held: int

    @property
    def outcome(self) -> dict[str, int]:
        return self.report.get("outcome", {})


def batch(*, actor: Actor, batch_id: UUID) -> Batch:
    """That import. Raises NotFound. One statement."""
    require_import(actor)
    rows_waiting = (
        select(func.count()).select_from(_waiting_rows(actor, batch_id).subquery())
    ).scalar_subquery()
    texts_held = (
        select(func.count()).select_from(_texts(actor, batch_id).subquery())
    ).scalar_subquery()
    own = (
        *("id", "reference", "feed", "source", "status", "rows_total", "rows_done", "accepted"),
        *("rejected", "error", "sha256", "report", "created_at", "loaded_at", "undone_at"),
    )
    found = db.session.execute(
        select(
            *(getattr(ImportBatch, name) for name in own),
            StoredFile.file_name,
            StoredFile.size,
            DataMap.version.label("map_version"),
            Membership.name.label("who"),
            _Undoer.name.label("undone_by"),
            rows_waiting.label("rows_waiting"),
            texts_held.label("texts_held"),
        )
        .join(*_joined(ImportBatch, ImportBatch.file_id, StoredFile))
        .outerjoin(*_joined(ImportBatch, ImportBatch.data_map_id, DataMap))
        .outerjoin(*_joined(ImportBatch, ImportBatch.created_by_id, Membership))
        .outerjoin(*_joined(ImportBatch, ImportBatch.undone_by_id, _Undoer))
        .where(ImportBatch.org_id == actor.org_id, ImportBatch.id == batch_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return Batch(**found._mapping)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load has come. `share` is 0 to 100; `taken`: a worker has it in hand."""

    id: UUID
    reference: str
    status: str
    share: int
    taken: bool
    error: str


def progress(*, actor: Actor, batch_id: UUID) -> Progress:
    """The load's progress. Raises NotFound. Two statements."""
    require_import(actor)
    row = db.session.execute(
        select(
            ImportBatch.reference,
            ImportBatch.status,
            ImportBatch.rows_total,
            ImportBatch.rows_done,
            ImportBatch.error,
        ).where(ImportBatch.org_id == actor.org_id, ImportBatch.id == batch_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    share = 100 * row.rows_done // max(row.rows_total, 1)
    return Progress(batch_id, row.reference, row.status, share, is_taken(batch_id), row.error)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about one row of the file. `held_back`: the row does not come in."""

    row: int
    code: str
    held_back: bool
    words: str
    message: str


def problems(report: dict[str, Any], *, code: str = "", page: int = 1, size: int = 50) -> Page:
    """Errors and warnings of a report in the file's order, of one code or of all."""
    found = [
        Problem(item["row"], item["code"], True, problem(item["code"]), item.get("message", ""))
        for item in report.get("rejected", [])
        if code in ("", item["code"])
    ]
    for name, rows in report.get("warnings", {}).items():
        if code in ("", name):
            message = WARNINGS.get(name, ("", ""))[1]
            found += [Problem(row, name, False, problem(name), message) for row in rows]
    found.sort(key=lambda item: (item.row, not item.held_back))
    start = (page - 1) * size if (page - 1) * size < len(found) else 0
    return Page(found[start : start + size], start // size + 1, len(found), size)


def problem_counts(report: dict[str, Any]) -> list[tuple[str, str, int, bool]]:
    """(code, words, rows, held back) of every code in a report, errors first."""
    errors = report.get("rejected_by_code", {}).items()
    warned = [(code, len(rows)) for code, rows in report.get("warnings", {}).items()]
    return [
        *((code, problem(code), count, True) for code, count in sorted(errors)),
        *((code, problem(code), count, False) for code, count in sorted(warned)),
    ]


def _waiting_rows(actor: Actor, batch_id: UUID | None = None) -> Select:
    statement = (
        select(
            QuarantinedRow.id,
            QuarantinedRow.batch_id,
            QuarantinedRow.row_no,
            QuarantinedRow.code,
            QuarantinedRow.field,
            QuarantinedRow.message,
            QuarantinedRow.raw,
            QuarantinedRow.status,
            ImportBatch.reference,
            ImportBatch.feed,
        )
        .join(*_joined(QuarantinedRow, QuarantinedRow.batch_id, ImportBatch))
        .where(
            QuarantinedRow.org_id == actor.org_id,
            QuarantinedRow.status == "waiting",
            ImportBatch.status == "loaded",
        )
    )
    return statement if batch_id is None else statement.where(ImportBatch.id == batch_id)


def quarantine(
    *, actor: Actor, batch_id: UUID | None = None, code: str = "", page: int = 1
) -> Page:
    """Rows that wait, in the order in which they came. One statement."""
    require_import(actor)
    statement = _waiting_rows(actor, batch_id)
    if code:
        statement = statement.where(QuarantinedRow.code == code)
    ordered = statement.order_by(ImportBatch.created_at.desc(), QuarantinedRow.row_no)
    return fetch_page(ordered, page=page)


def quarantine_codes(*, actor: Actor, batch_id: UUID | None = None) -> dict[str, str]:
    """The reasons for which rows wait, with words and counts."""
    codes = _waiting_rows(actor, batch_id).subquery()
    counted = db.session.execute(
        select(codes.c.code, func.count()).group_by(codes.c.code).order_by(codes.c.code)
    )
    return {code: f"{problem(code)} ({count})" for code, count in counted}


@dataclass(frozen=True, slots=True)
class QuarantinedLine:
    """One row of quarantine, whatever has become of it, with the map that its file is read by."""

    id: UUID
    batch_id: UUID
    row_no: int
    code: str
    field: str | None
    message: str
    raw: dict[str, str]
    status: str
    reason: str
    decided_at: datetime | None
    reference: str
    feed: str
    columns: list[str]
    mapping: dict[str, Any]
    who: str | None


def quarantined_row(*, actor: Actor, row_id: UUID) -> QuarantinedLine:
    """That row. Raises NotFound. One statement."""
    require_import(actor)
    own = (
        *("id", "batch_id", "row_no", "code", "field", "message", "raw", "status", "reason"),
        "decided_at",
    )
    found = db.session.execute(
        select(
            *(getattr(QuarantinedRow, name) for name in own),
            ImportBatch.reference,
            ImportBatch.feed,
            ImportBatch.report["columns"].label("columns"),
            DataMap.mapping,
            Membership.name.label("who"),
        )
        .join(*_joined(QuarantinedRow, QuarantinedRow.batch_id, ImportBatch))
        .join(*_joined(ImportBatch, ImportBatch.data_map_id, DataMap))
        .outerjoin(*_joined(QuarantinedRow, QuarantinedRow.decided_by_id, Membership))
        .where(QuarantinedRow.org_id == actor.org_id, QuarantinedRow.id == row_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return QuarantinedLine(**found._mapping)


def rejected_rows(*, actor: Actor, batch_id: UUID) -> list[QuarantinedRow]:
    """Every row of the batch that went to quarantine, with its state, in the file's order."""
    require_import(actor)
    return list(
        db.session.execute(
            select(
                QuarantinedRow.row_no,
                QuarantinedRow.status,
                QuarantinedRow.code,
                QuarantinedRow.message,
                QuarantinedRow.raw,
            )
            .where(QuarantinedRow.org_id == actor.org_id, QuarantinedRow.batch_id == batch_id)
            .order_by(QuarantinedRow.row_no)
        )
    )


def _texts(actor: Actor, batch_id: UUID | None = None, one: UUID | None = None) -> Select:
    decides = actor.may(Permission.DECIDE_HELD_TEXT)
    statement = (
        select(
            HeldText.id,
            HeldText.status,
            HeldText.reason,
            HeldText.batch_id,
            HeldText.row_no,
            HeldText.table_name,
            HeldText.record_id,
            HeldText.field,
            HeldText.kinds,
            (HeldText.original if decides else null()).label("original"),
            ImportBatch.reference,
            ImportBatch.feed,
        )
        .join(*_joined(HeldText, HeldText.batch_id, ImportBatch))
        .where(
            HeldText.org_id == actor.org_id,
            HeldText.status == "held" if one is None else HeldText.id == one,
            within_or_organisation(actor, HeldText.service_id),
        )
    )
    return statement if batch_id is None else statement.where(HeldText.batch_id == batch_id)


def held_texts(*, actor: Actor, batch_id: UUID | None = None, page: int = 1) -> Page:
    """Texts that wait for a decision; their originals only for people who may decide."""
    require_import(actor)
    ordered = _texts(actor, batch_id).order_by(ImportBatch.created_at.desc(), HeldText.row_no)
    return fetch_page(ordered, page=page)


def held_text(*, actor: Actor, held_id: UUID):
    """One text, whatever has been decided on it, as `held_texts` gives it. Raises NotFound."""
    require_import(actor)
    found = db.session.execute(_texts(actor, one=held_id)).one_or_none()
    if found is None:
        raise NotFound()
    return found

"""Where a record came from, and what it said before.

Source: DESIGN section 7, Source rows and lineage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, String, and_, cast, select, text
from sqlalchemy.orm import aliased

from careboard.db import db
from careboard.imports.models import ImportBatch, StoredFile, SupersededRow
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import in_words

# How a row is kept, not what it says.
_BOOKKEEPING = {
    "org_id",
    "id",
    "source_key",
    "batch_id",
    "row_no",
    "recorded_at",
    "created_at",
    "lock_version",
    "audit_id",
    "closed_by_id",
    "person_ref",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """`batch` is a row (id, reference, file_name, source) for an imported record; else
    `entered_by` is the name of the person, where it is known."""

    recorded_at: datetime
    row_no: int | None
    batch: Row | None
    entered_by: str | None


@dataclass(frozen=True, slots=True)
class Change:
    field: str
    was: Any
    became: Any


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier version: when it came and went, in which imports, and what changed then.

    `replaced_by` None: an import that was undone took it away.
    """

    recorded_at: datetime
    superseded_at: datetime
    batch: str | None
    replaced_by: str | None
    changes: list[Change]


_ENTERED = text(
    "SELECT m.name FROM audit_event e JOIN membership m ON m.org_id = e.org_id "
    "AND m.id::text = e.actor WHERE e.org_id = :org AND e.subject = :subject "
    "ORDER BY e.seq LIMIT 1"
)


def origin(*, actor: Actor, record: Any) -> Origin:
    """How the record came. One statement."""
    if record.batch_id is None:
        values = {"org": actor.org_id, "subject": str(record.id)}
        name = db.session.execute(_ENTERED, values).scalar()
        return Origin(record.recorded_at, None, None, name)
    batch = db.session.execute(
        select(ImportBatch.id, ImportBatch.reference, ImportBatch.source, StoredFile.file_name)
        .join(
            StoredFile,
            and_(StoredFile.org_id == ImportBatch.org_id, StoredFile.id == ImportBatch.file_id),
        )
        .where(ImportBatch.org_id == actor.org_id, ImportBatch.id == record.batch_id)
    ).one()
    return Origin(record.recorded_at, record.row_no, batch, None)


def versions(*, actor: Actor, record: Any) -> list[Version]:
    """The record's earlier versions, newest first, each with what the next one changed.

    One statement; three when there are any.
    """
    came, went = aliased(ImportBatch), aliased(ImportBatch)
    rows = db.session.execute(
        select(
            SupersededRow.version,
            SupersededRow.recorded_at,
            SupersededRow.superseded_at,
            came.reference.label("batch"),
            went.reference.label("replaced_by"),
        )
        .outerjoin(
            came, and_(came.org_id == SupersededRow.org_id, came.id == SupersededRow.batch_id)
        )
        .outerjoin(
            went,
            and_(
                went.org_id == SupersededRow.org_id, went.id == SupersededRow.replaced_by_batch_id
            ),
        )
        .where(
            SupersededRow.org_id == actor.org_id,
            SupersededRow.table_name == record.__tablename__,
            SupersededRow.record_id == record.id,
        )
        .order_by(SupersededRow.superseded_at.desc(), SupersededRow.recorded_at.desc())
    ).all()
    if not rows:
        return []
    later, found = plain(_values(record)), []
    names = _service_names(actor, {later["service_id"], *(r.version["service_id"] for r in rows)})
    for row in rows:
        earlier = plain(row.version)
        found.append(
            Version(
                recorded_at=row.recorded_at,
                superseded_at=row.superseded_at,
                batch=row.batch,
                replaced_by=row.replaced_by,
                changes=changes(earlier, later, names),
            )
        )
        later = {**later, **earlier}
    return found


def changes(earlier: dict, later: dict, services: dict[str, str]) -> list[Change]:
    """What differs between two versions, in the order of the earlier one's fields."""
    return [
        Change(_label(name), _shown(name, was, services), _shown(name, later[name], services))
        for name, was in earlier.items()
        if name in later and was != later[name]
    ]


def plain(version: dict[str, Any]) -> dict[str, Any]:
    """A version's facts: no bookkeeping, and `details` spread out among the rest."""
    facts = {name: value for name, value in version.items() if name not in _BOOKKEEPING}
    details = facts.pop("details", None) or {}
    return {**facts, **details}


def _values(record: Any) -> dict[str, Any]:
    """The present row as the database writes it in JSON, so that like is compared with like."""
    table = type(record).__tablename__
    return db.session.execute(
        text(f"SELECT to_jsonb(t) FROM {table} t WHERE t.org_id = :org AND t.id = :id"),
        {"org": record.org_id, "id": record.id},
    ).scalar_one()


def _service_names(actor: Actor, ids: set[str]) -> dict[str, str]:
    rows = db.session.execute(
        select(cast(Service.id, String), Service.name).where(
            Service.org_id == actor.org_id, cast(Service.id, String).in_(ids)
        )
    )
    return dict(rows.all())


def _label(name: str) -> str:
    words = {"service_id": "Service", "rag": "RAG", "max_score": "Maximum score"}
    return words.get(name, in_words(name).capitalize())


def _shown(name: str, value: Any, services: dict[str, str]) -> str:
    if value is None or value == "":
        return "–"
    if name == "service_id":
        return services.get(value) or "another service"
    if name in ("score", "max_score"):
        return f"{value / 100:g}"
    return str(value)

"""What the portal reads, as the database role that may read packs and their grants alone.

Each transaction tells the database the commissioner, the links that the person reads through and
the day; it is read-only, and no session of the application has a part in it. Source: reliability,
isolation between organisations, Portal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from careboard.db import db
from careboard.portal.readers import Place, Reader
from careboard.services.lists import PAGE_SIZE, Page, pattern

_ATTACHED = "attachments/"
STATUSES = {"current": "Current", "superseded": "Superseded", "withdrawn": "Withdrawn"}

_TELL = text(
    "SELECT set_config('app.org', :org, true), set_config('app.links', :links, true), "
    "set_config('app.day', :day, true), set_config('transaction_read_only', 'on', true)"
)


@contextmanager
def reading(place: Place) -> Iterator[Connection]:
    """A read-only transaction as the portal's role, for one commissioner on its present day."""
    told = {
        "org": str(place.org_id),
        "links": "{" + ",".join(map(str, place.links)) + "}",
        "day": str(place.today),
    }
    with db.engines["portal"].connect() as connection, connection.begin():
        connection.execute(_TELL, told)
        yield connection


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty or None: any. `provider` and `service` are names as packs carry them; the days are
    those of publication, both included."""

    provider: str = ""
    service: str = ""
    status: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None


# From the grants, which an index finds by commissioner; the policy of packs, asked by itself, would
# look at those of every provider. A pack has one living grant through one link.
_GRANTED = "FROM pack_grant g JOIN pack p ON p.org_id = g.org_id AND p.id = g.pack_id"
_LIST = f"""
SELECT p.id, p.reference, p.kind, p.provider_name, p.service_name, p.title, p.period_from,
  p.period_to, p.published_on, p.superseded_by_id, g.expires_on, count(*) OVER () AS total_rows
{_GRANTED} WHERE {{conditions}}
ORDER BY p.published_at DESC, p.id LIMIT :size OFFSET :skip
"""
_CONDITIONS = {
    "provider": "provider_name = :provider",
    "service": "service_name = :service",
    "words": "concat_ws(' ', reference, title, service_name, provider_name) ILIKE :words",
    "since": "published_on >= :since",
    "until": "published_on <= :until",
}
_OF_STATUS = {
    "": "true",
    "current": "superseded_by_id IS NULL",
    "superseded": "superseded_by_id IS NOT NULL",
    "withdrawn": "false",
}
_NAMES = text(f"SELECT DISTINCT p.provider_name, p.service_name {_GRANTED}")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of packs; `providers` and `services` are the names that there are to choose."""

    page: Page
    providers: Sequence[str]
    services: Sequence[str]


def packs(*, place: Place, wanted: Wanted, page: int) -> Found:
    """Packs that the place may read, the latest first. Three statements."""
    given = {name: getattr(wanted, name) for name in _CONDITIONS if getattr(wanted, name)}
    if wanted.words:
        given["words"] = pattern(wanted.words)
    conditions = " AND ".join([_OF_STATUS[wanted.status], *map(_CONDITIONS.get, given)])
    statement = text(_LIST.format(conditions=conditions))
    with reading(place) as connection:
        rows = connection.execute(
            statement, {**given, "size": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE}
        ).all()
        names = connection.execute(_NAMES).all()
    if not rows and page > 1:
        return packs(place=place, wanted=wanted, page=1)
    return Found(
        Page(rows, page, rows[0].total_rows if rows else 0),
        sorted({row.provider_name for row in names}),
        sorted({row.service_name for row in names if row.service_name}),
    )


_PACK = text(f"""
SELECT p.org_id, p.id, p.reference, p.kind, p.provider_name, p.service_name, p.title,
  p.period_from, p.period_to, p.content, p.content_sha256, p.manifest, p.manifest_sha256, p.key,
  p.signature, p.events, p.pdf_sha256, p.published_at, p.published_on, p.superseded_by_id,
  g.expires_on, n.id AS newer_id, n.reference AS newer_reference
{_GRANTED} LEFT JOIN pack n ON n.org_id = p.org_id AND n.id = p.superseded_by_id
WHERE g.pack_id = :id
""")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file beside a pack; `name` is its place in the bundle, `size` is in bytes."""

    name: str
    sha256: str
    size: int

    @property
    def file_name(self) -> str:
        return self.name.removeprefix(_ATTACHED)


@dataclass(frozen=True, slots=True)
class Opened:
    """A pack and the place that it is read for."""

    pack: Row[Any]
    place: Place

    @property
    def attachments(self) -> list[Attached]:
        """What was put beside it by hand, in its order."""
        files = json.loads(self.pack.manifest)["files"]
        return [Attached(**file) for file in files if file["name"].startswith(_ATTACHED)]


def pack(*, reader: Reader, pack_id: UUID) -> Opened | None:
    """The pack, for the first of the reader's places that may read it; None if none may."""
    for place in reader.places:
        with reading(place) as connection:
            row = connection.execute(_PACK, {"id": pack_id}).one_or_none()
        if row is not None:
            return Opened(row, place)
    return None

"""What a reader leaves behind with the provider, and what is left of a pack that was withdrawn.

Both are narrow functions of the database: nothing here acts within a provider's organisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from careboard import clock
from careboard.db import db
from careboard.errors import NotFound
from careboard.portal.readers import Place, Reader
from careboard.portal.reading import Wanted

_NOTE = text(
    "SELECT app.note_pack_read(:account, :pack, :what, CAST(:number AS integer), :at, :day)"
)


def note(
    *, reader: Reader, place: Place, pack_id: UUID, what: str, number: int | None = None
) -> None:
    """Leave in the provider's audit trail that the pack was viewed, printed or taken (pdf, bundle,
    attachment of that number), and commit. Looking twice on one day leaves one event.

    Raises NotFound when the pack was revoked or withdrawn since it was read.
    """
    noted = db.session.execute(
        _NOTE,
        {
            "account": reader.account_id,
            "pack": pack_id,
            "what": what,
            "number": number,
            "at": clock.now(),
            "day": place.today,
        },
    ).scalar()
    db.session.commit()
    if not noted:
        raise NotFound()


_WITHDRAWN = text(
    "SELECT * FROM app.withdrawn_packs(:account, :day) WHERE reader_org = :org "
    "ORDER BY withdrawn_on DESC, reference"
)


def withdrawn(
    *,
    reader: Reader,
    place: Place,
    wanted: Wanted = Wanted(),  # noqa: B008  (frozen)
) -> Sequence[Row[Any]]:
    """Packs that were granted to the place and taken back: what they were called, when and why."""
    if wanted.status not in ("", "withdrawn"):
        return []
    told = {"account": reader.account_id, "day": place.today, "org": place.org_id}
    return [row for row in db.session.execute(_WITHDRAWN, told) if _fits(row, wanted)]


def _fits(row: Row[Any], wanted: Wanted) -> bool:
    named = " ".join((row.reference, row.title, row.service_name, row.provider_name)).lower()
    return (
        wanted.provider in ("", row.provider_name)
        and wanted.service in ("", row.service_name)
        and wanted.words.lower() in named
        and (wanted.since is None or row.published_on >= wanted.since)
        and (wanted.until is None or row.published_on <= wanted.until)
    )


def taken_back(*, reader: Reader, pack_id: UUID) -> Row[Any] | None:
    """What is left of that pack, if one of the reader's places was granted it."""
    for place in reader.places:
        for row in withdrawn(reader=reader, place=place):
            if row.id == pack_id:
                return row
    return None

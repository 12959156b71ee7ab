"""Who reads for which commissioner: the only people to whom the portal shows anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from careboard import clock
from careboard.db import db


@dataclass(frozen=True, slots=True)
class Place:
    """A commissioner that the person reads for. `links` are those of providers that have confirmed
    the commissioner and the domain of the person's address."""

    org_id: UUID
    slug: str
    name: str
    time_zone: str
    links: tuple[UUID, ...]

    @property
    def today(self) -> date:
        return clock.today(self.time_zone)


@dataclass(frozen=True, slots=True)
class Reader:
    """A signed-in person with at least one place."""

    account_id: UUID
    name: str
    places: tuple[Place, ...]

    def place(self, slug: str) -> Place:
        """The place of that short name, else the first."""
        return next((one for one in self.places if one.slug == slug), self.places[0])


_READER = text("SELECT * FROM app.portal_reader(:account)")


def find(account_id: UUID) -> Reader | None:
    """The reader that the account is, as it stands now; None for anybody else. One statement."""
    rows = db.session.execute(_READER, {"account": account_id}).all()
    if not rows:
        return None
    places = (
        Place(row.org_id, row.slug, row.org_name, row.time_zone, tuple(row.links)) for row in rows
    )
    return Reader(account_id, rows[0].reader_name, tuple(places))

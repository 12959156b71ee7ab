"""A commissioner that is confirmed, and a pack that was published to it, for tests."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from careboard.db import db, new_id
from careboard.packs import publishing, sources
from careboard.packs.content import Content
from careboard.packs.models import CommissionerLink
from careboard.packs.sources import Source
from tests.packs.contents import example
from tests.worlds import World


def confirm(world: World, person: str = "cora") -> UUID:
    """The id of the provider's link to Northshire, which is made where there is none."""
    commissioner = world.org_id("northshire")
    with world.acting(person) as actor:
        living = select(CommissionerLink.id).where(
            CommissionerLink.commissioner_org_id == commissioner,
            CommissionerLink.ended_on.is_(None),
        )
        if (known := db.session.scalar(living)) is not None:
            return known
        link = CommissionerLink(
            org_id=actor.org_id,
            id=new_id(),
            commissioner_org_id=commissioner,
            email_domain="northshire.example",
            confirmed_by_id=actor.membership_id,
            confirmed_on=actor.today,
            how_confirmed="Called the switchboard of the council.",
        )
        db.session.add(link)
        db.session.commit()
        return link.id


def plain_board(monkeypatch, content: Content | None = None) -> None:
    """Make the extract of the board say exactly that."""
    said = content or example(kind="board")
    board = sources.of("board")
    monkeypatch.setitem(
        sources._sources,
        "board",
        Source(
            "board",
            board.place,
            lambda *, actor, subject_id: said,
            lambda *, actor, subject_id: None,
            board.published,
        ),
    )


def publish(world: World, link_id: UUID, **given) -> UUID:
    """The id of a pack about Alder House, published by the contracts lead for 30 days."""
    subject = given.pop("subject_id", None) or world.service_id("Alder House")
    with world.acting(given.pop("person", "cora")) as actor:
        values = {
            "kind": "board",
            "subject_id": subject,
            "links": [link_id],
            "expires_on": actor.today + timedelta(days=30),
            "attachments": [],
            "overrides": {},
        }
        pack_id = publishing.publish(actor=actor, **{**values, **given})
        db.session.commit()
        return pack_id

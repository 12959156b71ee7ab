"""What Northshire Council is given in the demo besides recovery updates: an episode of Oakfield's
and the one that replaced it, an extract that was taken back, and Brightwater's own extracts.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from careboard.accounts.models import Account, Organisation
from careboard.db import db
from careboard.monitoring.models import MonitoringEpisode
from careboard.packs import afterwards, commissioners, publishing
from careboard.packs.models import CommissionerLink, Pack
from careboard.portal import notes, readers


def link_to_council(story: Any, who: str, days: int) -> UUID:
    """The link of the provider to Northshire, confirmed that many days ago if nobody has yet."""
    known = select(CommissionerLink.id).where(
        CommissionerLink.org_id == story.system.org_id, CommissionerLink.ended_on.is_(None)
    )
    with story.days_ago(days):
        council = select(Organisation.id).where(Organisation.slug == "northshire")
        return db.session.scalar(known) or commissioners.confirm(
            actor=story.person(who),
            commissioner_id=db.session.scalar(council),
            email_domain="northshire.example",
            how_confirmed="Rang the switchboard named on the council's own site.",
        )


def seed_oakfields_packs(story: Any) -> None:
    """Read updates, an episode published twice, and an extract that was more than was asked."""
    org = story.system.org_id
    link_id = link_to_council(story, "cora", 52)
    updates = db.session.scalars(select(Pack).where(Pack.org_id == org).order_by(Pack.published_at))
    for pack_id, days in [
        (one.id, (story.today - one.published_on).days - 1) for one in updates.all()
    ]:
        _read(story, pack_id, days, "viewed", "pdf")
    episode = db.session.scalar(
        select(MonitoringEpisode.id).where(MonitoringEpisode.org_id == org).limit(1)
    )
    first = _publish(story, "cora", 8, link_id, "episode", episode)
    _read(story, first, 7, "viewed")
    whole = _publish(story, "grace", 5, link_id, "board", org)
    with story.days_ago(4):
        afterwards.withdraw(
            actor=story.person("grace"),
            pack_id=whole,
            reason="It covered every service. The council commissions two of them.",
        )
    _publish(story, "cora", 1, link_id, "episode", episode, first)


def seed_brightwaters_packs(story: Any) -> None:
    """Its extract of last week, and the one of this week that replaced it."""
    link_id = link_to_council(story, "noor", 40)
    where = story.services["Harbour View"]
    older = _publish(story, "noor", 10, link_id, "board", where)
    _read(story, older, 9, "viewed", "printed")
    _publish(story, "noor", 3, link_id, "board", where, older)


def _publish(
    story: Any,
    who: str,
    days: int,
    link_id: UUID,
    kind: str,
    subject_id: UUID,
    supersedes_id: UUID | None = None,
) -> UUID:
    with story.days_ago(days) as day:
        return publishing.publish(
            actor=story.person(who),
            kind=kind,
            subject_id=subject_id,
            links=[link_id],
            expires_on=open_until(day),
            attachments=[],
            overrides={},
            supersedes_id=supersedes_id,
        )


def open_until(day: date) -> date:
    """How long the demo's packs are open."""
    return day + timedelta(days=180)


def _read(story: Any, pack_id: UUID, days: int, *what: str) -> None:
    """Nadia of the council opened it on that day."""
    with story.days_ago(days):
        nadia = select(Account.id).where(Account.email == "nadia@northshire.example")
        reader = readers.find(db.session.scalar(nadia))
        for one in what:
            notes.note(reader=reader, place=reader.places[0], pack_id=pack_id, what=one)

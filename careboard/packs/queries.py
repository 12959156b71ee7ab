"""Reading packs on the provider's side: the list, one with its grants and reads, what may be made.

Source: issue "Sharing with commissioners", Packs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, select, text

from careboard.accounts.models import Membership, Organisation
from careboard.clock import day_words
from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.packs.commissioner_queries import OPEN
from careboard.packs.content import Content, from_json
from careboard.packs.models import CommissionerLink, Pack, PackOverride
from careboard.services.lists import PAGE_SIZE, Page, fetch_rows
from careboard.tenancy import Actor

KIND_WORDS = {"update": "Recovery update", "board": "Board extract", "episode": "Episode"}
STATES = {"current": "Current", "superseded": "Superseded", "withdrawn": "Withdrawn"}
READ_WORDS = {
    "viewed": "read",
    "printed": "printed",
    "pdf": "downloaded as PDF",
    "bundle": "downloaded whole",
    "attachment": "attachment downloaded",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list was narrowed to; empty or None: any."""

    kind: str = ""
    state: str = ""
    service_id: UUID | None = None


_STATE = """CASE WHEN p.withdrawn_on IS NOT NULL THEN 'withdrawn'
    WHEN p.superseded_by_id IS NOT NULL THEN 'superseded' ELSE 'current' END"""
_LIST = text(f"""
SELECT p.id, p.reference, p.kind, p.title, p.service_name, p.published_on, p.withdrawn_on,
  {_STATE} AS state,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('name', o.name, 'until', g.expires_on,
      'open', g.expires_on >= :today AND l.ended_on IS NULL AND p.withdrawn_on IS NULL
        AND EXISTS (SELECT FROM commissioner_domain d WHERE d.domain = l.email_domain
          AND d.commissioner_id = l.commissioner_org_id)) ORDER BY o.name), '[]')
    FROM pack_grant g JOIN organisation o ON o.id = g.commissioner_org_id
    JOIN commissioner_link l ON l.org_id = g.org_id AND l.id = g.link_id
    WHERE g.org_id = p.org_id AND g.pack_id = p.id AND g.revoked_at IS NULL) AS granted,
  (SELECT max(r.read_on) FROM pack_read r WHERE r.org_id = p.org_id AND r.pack_id = p.id)
    AS last_read,
  count(*) OVER () AS total_rows
FROM pack p
WHERE p.org_id = :org
  AND (CAST(:services AS uuid[]) IS NULL OR p.service_id = ANY(:services))
  AND (CAST(:service AS uuid) IS NULL OR p.service_id = :service)
  AND (:kind = '' OR p.kind = :kind) AND (:state = '' OR {_STATE} = :state)
ORDER BY p.published_at DESC, p.id LIMIT :size OFFSET :skip
""")


def packs(*, actor: Actor, wanted: Wanted, page: int = 1) -> Page:
    """Packs that the person may read, the latest first. One statement."""
    values = {
        "org": actor.org_id,
        "today": actor.today,
        "services": None if actor.service_ids is None else list(actor.service_ids),
        "service": wanted.service_id,
        "kind": wanted.kind,
        "state": wanted.state,
        "size": PAGE_SIZE,
        "skip": (page - 1) * PAGE_SIZE,
    }
    rows = db.session.execute(_LIST, values).all()
    if not rows and page > 1:
        return packs(actor=actor, wanted=wanted)
    return Page(rows, page, rows[0].total_rows if rows else 0)


@dataclass(frozen=True, slots=True)
class Shown:
    """A pack with who may read it and who has. `newer` and `older` are the packs beside it, with
    id and reference; a grant is `open` while it would let somebody in."""

    row: Pack
    content: Content
    by: str
    withdrawn_by: str | None
    older: Row | None
    newer: Row | None
    grants: Sequence[Row]
    reads: Page
    overrides: Sequence[Row]

    @property
    def state(self) -> str:
        if self.row.withdrawn_on is not None:
            return "withdrawn"
        return "superseded" if self.newer else "current"


_GRANTS = text("""
SELECT g.id, g.link_id, o.name, g.granted_at, g.expires_on, g.revoked_at, g.revoke_reason,
  l.ended_on, l.email_domain, d.confirmed_on AS domain_confirmed_on,
  m.name AS granted_by, b.name AS revoked_by,
  g.revoked_at IS NULL AND g.expires_on >= :today AND l.ended_on IS NULL
    AND d.domain IS NOT NULL AND p.withdrawn_on IS NULL AS open
FROM pack_grant g
JOIN pack p ON p.org_id = g.org_id AND p.id = g.pack_id
JOIN organisation o ON o.id = g.commissioner_org_id
JOIN commissioner_link l ON l.org_id = g.org_id AND l.id = g.link_id
LEFT JOIN commissioner_domain d ON d.commissioner_id = l.commissioner_org_id
  AND d.domain = l.email_domain
JOIN membership m ON m.org_id = g.org_id AND m.id = g.granted_by_id
LEFT JOIN membership b ON b.org_id = g.org_id AND b.id = g.revoked_by_id
WHERE g.org_id = :org AND g.pack_id = :pack ORDER BY g.revoked_at IS NOT NULL, o.name, g.id
""")
_READS = """
SELECT o.name, r.what, r.read_on, count(*) AS times, count(DISTINCT r.reader_id) AS readers
FROM pack_read r JOIN organisation o ON o.id = r.commissioner_org_id
WHERE r.org_id = :org AND r.pack_id = :pack
GROUP BY o.name, r.what, r.read_on
"""


def pack_row(*, actor: Actor, pack_id: UUID) -> Pack:
    """The pack. Raises NotFound; Forbidden beyond the person's services."""
    row = load(Pack, actor.org_id, pack_id)
    # What tells of every service is for people whose rights reach all of them.
    beyond = row.service_id is None and actor.service_ids is not None
    if beyond or not actor.reaches(row.service_id):
        raise Forbidden("This belongs to a service outside your own.")
    return row


def shown(*, actor: Actor, pack_id: UUID, page: int = 1) -> Shown:
    """A pack with that page of who read it, in a handful of statements. Raises NotFound,
    Forbidden."""
    row = pack_row(actor=actor, pack_id=pack_id)
    values = {"org": actor.org_id, "pack": pack_id, "today": actor.today}
    beside = {
        one.id: one
        for one in db.session.execute(
            select(Pack.id, Pack.reference, Pack.published_on).where(
                Pack.org_id == actor.org_id,
                Pack.id.in_([row.supersedes_id, row.superseded_by_id]),
            )
        )
    }
    named = db.session.execute(
        select(Membership.id, Membership.name).where(
            Membership.org_id == actor.org_id,
            Membership.id.in_([row.published_by_id, row.withdrawn_by_id]),
        )
    )
    people = {one.id: one.name for one in named}
    overrides = db.session.execute(
        select(PackOverride.place, PackOverride.kind, PackOverride.reason, Membership.name)
        .join(
            Membership,
            (Membership.org_id == PackOverride.org_id) & (Membership.id == PackOverride.by_id),
        )
        .where(PackOverride.org_id == actor.org_id, PackOverride.pack_id == pack_id)
        .order_by(PackOverride.id)
    ).all()
    return Shown(
        row=row,
        content=from_json(row.content),
        by=people[row.published_by_id],
        withdrawn_by=people.get(row.withdrawn_by_id),
        older=beside.get(row.supersedes_id),
        newer=beside.get(row.superseded_by_id),
        grants=db.session.execute(_GRANTS, values).all(),
        reads=fetch_rows(_READS, values, order="x.read_on DESC, x.name, x.what", page=page),
        overrides=overrides,
    )


class Choice(NamedTuple):
    """Something to choose, in words."""

    id: UUID
    name: str


def links(*, actor: Actor) -> list[Choice]:
    """Commissioners whose identity is confirmed, here and by the operator, by link and name."""
    rows = db.session.execute(
        select(CommissionerLink.id, Organisation.name)
        .join(Organisation, Organisation.id == CommissionerLink.commissioner_org_id)
        .where(CommissionerLink.org_id == actor.org_id, *OPEN)
        .order_by(Organisation.name)
    )
    return [Choice(*row) for row in rows]


def replaceable(*, actor: Actor, kind: str, subject_id: UUID) -> list[Choice]:
    """Packs of the same subject that none has superseded yet, the latest first."""
    rows = db.session.execute(
        select(Pack.id, Pack.reference, Pack.published_on)
        .where(
            Pack.org_id == actor.org_id,
            Pack.kind == kind,
            Pack.subject_id == subject_id,
            Pack.superseded_by_id.is_(None),
        )
        .order_by(Pack.published_at.desc())
    )
    return [Choice(one.id, f"{one.reference}, {day_words(one.published_on)}") for one in rows]


_SUBJECTS = text("""
SELECT 'board' AS kind, :org AS id, 'All services' AS name, 0 AS place WHERE :whole
UNION ALL
SELECT 'board', s.id, s.name, 1 FROM service s
WHERE s.org_id = :org AND s.active
  AND (CAST(:services AS uuid[]) IS NULL OR s.id = ANY(:services))
UNION ALL
SELECT 'episode', e.id, e.reference || ', ' || s.name, 2 FROM monitoring_episode e
JOIN service s ON s.org_id = e.org_id AND s.id = e.service_id
WHERE e.org_id = :org AND (CAST(:services AS uuid[]) IS NULL OR e.service_id = ANY(:services))
ORDER BY place, name
""")


def subjects(*, actor: Actor) -> Sequence[Row]:
    """What the board's extracts and episodes can be made of: kind, id and name. One statement."""
    values = {
        "org": actor.org_id,
        "whole": actor.service_ids is None,
        "services": None if actor.service_ids is None else list(actor.service_ids),
    }
    return db.session.execute(_SUBJECTS, values).all()

"""What the pages show of board packs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from careboard import uploads
from careboard.board_packs import rights
from careboard.db import db
from careboard.errors import NotFound
from careboard.tenancy import Actor
from careboard.vocabulary import FORUMS

PAGE_PACKS = 25
SITTINGS = 12


@dataclass(frozen=True, slots=True)
class Page:
    """One page of packs, the latest first."""

    rows: list[Any]
    number: int
    pages: int
    total: int


_PACK = """
SELECT p.id, p.reference, p.title, p.period_from, p.period_to, p.review_id, p.status, p.progress,
  p.step, p.error, p.created_at, p.finished_at, p.pdf_sha256, p.zip_sha256, p.audit_seq,
  p.audit_hash, m.name AS requested_by, w.reference AS sitting, w.forum, f.size AS pdf_size,
  z.size AS zip_size {more}
FROM board_pack p
LEFT JOIN membership m ON m.org_id = p.org_id AND m.id = p.requested_by_id
LEFT JOIN review w ON w.org_id = p.org_id AND w.id = p.review_id
LEFT JOIN stored_file f ON f.org_id = p.org_id AND f.id = p.pdf_file_id
LEFT JOIN stored_file z ON z.org_id = p.org_id AND z.id = p.zip_file_id
WHERE p.org_id = :org {where}
"""
_PACKS = text(
    _PACK.format(more=", count(*) OVER () AS total", where="")
    + "ORDER BY p.created_at DESC, p.id LIMIT :limit OFFSET :offset"
)
_ONE = text(
    _PACK.format(
        more=""", (SELECT e.hash = p.audit_hash FROM audit_event e
    WHERE e.org_id = p.org_id AND e.seq = p.audit_seq) AS head_holds""",
        where="AND p.id = :pack",
    )
)


def packs(*, actor: Actor, page: int) -> Page:
    """The organisation's packs. One statement. Raises Forbidden."""
    rights.require_whole(actor)
    values = {"org": actor.org_id, "limit": PAGE_PACKS, "offset": (page - 1) * PAGE_PACKS}
    rows = list(db.session.execute(_PACKS, values))
    total = rows[0].total if rows else 0
    return Page(rows, page, max(1, -(-total // PAGE_PACKS)), total)


def pack(*, actor: Actor, pack_id: UUID) -> Any:
    """One pack. `head_holds`: whether the audit chain still has at that place the hash that the
    pack names, None where it has no such event. One statement. Raises NotFound and Forbidden."""
    row = db.session.execute(_ONE, {"org": actor.org_id, "pack": pack_id}).one_or_none()
    if row is None:
        raise NotFound()
    rights.require_whole(actor)
    return row


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished file: its name for the person who saves it, and where it lies."""

    file_name: str
    sha256: str


_FILE = text("""
SELECT f.file_name, f.sha256, f.state, f.finding FROM board_pack p
JOIN stored_file f ON f.org_id = p.org_id
  AND f.id = CASE :kind WHEN 'pdf' THEN p.pdf_file_id WHEN 'zip' THEN p.zip_file_id END
WHERE p.org_id = :org AND p.id = :pack
""")


def kept_file(*, actor: Actor, pack_id: UUID, kind: str) -> Kept:
    """The `pdf` or `zip` of a finished pack. Raises NotFound, Forbidden and Gone."""
    values = {"org": actor.org_id, "pack": pack_id, "kind": kind}
    row = db.session.execute(_FILE, values).one_or_none()
    if row is None:
        raise NotFound()
    rights.require_whole(actor)
    uploads.refuse_unclean(row)
    return Kept(row.file_name, row.sha256)


_SITTINGS = text("""
SELECT w.id, w.reference, w.forum, w.period_from, w.period_to, w.status FROM review w
WHERE w.org_id = :org AND w.service_id IS NULL
ORDER BY w.status, w.period_to DESC, w.created_at DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Choice:
    """A sitting that a pack may be made for."""

    id: UUID
    name: str


def sittings(*, actor: Actor) -> list[Choice]:
    """Sittings of the whole organisation, open ones first. Raises Forbidden."""
    rights.require_make(actor)
    rows = db.session.execute(_SITTINGS, {"org": actor.org_id, "most": SITTINGS})
    return [
        Choice(row.id, f"{FORUMS[row.forum]} {row.reference}, "
               f"{'not yet signed' if row.status == 'open' else 'signed'}")
        for row in rows
    ]  # fmt: skip


_LAST = text("""
SELECT coalesce(
  (SELECT max(p.period_to) FROM board_pack p WHERE p.org_id = :org AND p.status = 'done'
    AND p.period_to < :on),
  (SELECT max(w.period_to) FROM review w WHERE w.org_id = :org AND w.forum = 'quarterly_board'
    AND w.status = 'signed' AND w.period_to < :on))
""")


def next_period(*, actor: Actor) -> tuple[date, date]:
    """From the day after the last pack of an earlier day (or the board's last sitting) to today;
    without either, the running quarter."""
    on = actor.today
    last = db.session.scalar(_LAST, {"org": actor.org_id, "on": on})
    quarter = date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
    first = last + timedelta(days=1) if last else quarter
    return first, on

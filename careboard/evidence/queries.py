"""Reading evidence: the library, one item, and what supports a claim.

Source: DESIGN section 5, screen 4; step S0-1.4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from careboard import uploads
from careboard.accounts.models import Membership
from careboard.db import db, load
from careboard.errors import Forbidden, NotFound
from careboard.evidence.models import Evidence, EvidenceLink, EvidenceRevision
from careboard.imports.models import StoredFile
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import EVIDENCE_KINDS

PAGE = 50
EXPIRING_DAYS = 28
NO_SUPPORT = ("draft", "rejected", "change_requested", "withdrawn")


@dataclass(frozen=True, slots=True)
class Item:
    """An item of evidence with its latest revision. `revised_by`: who wrote any of its revisions;
    `link_id` where it is seen at a target."""

    id: UUID
    reference: str
    title: str
    kind: str
    service_id: UUID | None
    service_name: str | None
    period_from: date | None
    period_to: date | None
    valid_until: date
    status: str
    submitted_by_id: UUID | None
    submitted_by: str | None
    decided_by: str | None
    decided_on: date | None
    decision_note: str
    created_at: datetime
    revision_id: UUID
    revision_number: int
    source_link: str | None
    sha256: str
    file_name: str | None
    size: int | None
    revised_by: Sequence[UUID | None] = ()
    same_person_reason: str = ""
    link_id: UUID | None = None

    @property
    def makers(self) -> set[UUID]:
        """Whose work it is, in what it says now or said before."""
        return {self.submitted_by_id, *self.revised_by} - {None}

    def state(self, on: date) -> str:
        """Its status, or `expired` once the date has passed for evidence that would stand."""
        return "expired" if self.expired(on) and self.status not in NO_SUPPORT else self.status

    def expired(self, on: date) -> bool:
        return self.valid_until < on

    def expires_soon(self, on: date) -> bool:
        return on <= self.valid_until <= on + timedelta(days=EXPIRING_DAYS)

    def stands(self, on: date) -> bool:
        """Whether a claim may rest on it on that day: handed in, not refused, in date."""
        return self.status not in NO_SUPPORT and not self.expired(on)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which of the four kinds of evidence support something, in the vocabulary's order."""

    covered: tuple[str, ...]
    missing: tuple[str, ...]


def coverage(items: Iterable[Item], *, on: date) -> Coverage:
    """The kinds covered and missing among items that stand on that day."""
    held = {item.kind for item in items if item.stands(on)}
    return Coverage(
        tuple(kind for kind in EVIDENCE_KINDS if kind in held),
        tuple(kind for kind in EVIDENCE_KINDS if kind not in held),
    )


_REVISED_BY = func.array(
    select(EvidenceRevision.created_by_id)
    .where(EvidenceRevision.org_id == Evidence.org_id, EvidenceRevision.evidence_id == Evidence.id)
    .correlate(Evidence)
    .scalar_subquery()
)


def makers(actor: Actor, *which: ColumnElement[bool]) -> set[UUID]:
    """Whose work the evidence is, in what it says now or said before, that is such or attached so:
    conditions on Evidence or EvidenceLink. One statement."""
    link = EvidenceLink
    rows = db.session.execute(
        select(Evidence.submitted_by_id, _REVISED_BY)
        .outerjoin(link, and_(link.org_id == Evidence.org_id, link.evidence_id == Evidence.id))
        .where(Evidence.org_id == actor.org_id, *which)
    )
    return {one for submitted, revised in rows for one in (submitted, *revised)} - {None}


def _items(actor: Actor, *more) -> Select:
    latest = (
        select(EvidenceRevision)
        .where(
            EvidenceRevision.org_id == Evidence.org_id, EvidenceRevision.evidence_id == Evidence.id
        )
        .order_by(EvidenceRevision.number.desc())
        .limit(1)
        .lateral("latest")
    )
    judge = aliased(Membership)
    return (
        select(
            Evidence.id,
            Evidence.reference,
            Evidence.title,
            Evidence.kind,
            Evidence.service_id,
            Service.name.label("service_name"),
            Evidence.period_from,
            Evidence.period_to,
            Evidence.valid_until,
            Evidence.status,
            Evidence.submitted_by_id,
            Membership.name.label("submitted_by"),
            judge.name.label("decided_by"),
            Evidence.decided_on,
            Evidence.decision_note,
            Evidence.created_at,
            latest.c.id.label("revision_id"),
            latest.c.number.label("revision_number"),
            latest.c.source_link,
            latest.c.sha256,
            StoredFile.file_name,
            StoredFile.size,
            _REVISED_BY,
            Evidence.same_person_reason,
            *more,
        )
        .select_from(Evidence)
        .join(latest, true())
        .outerjoin(StoredFile, to(StoredFile, latest.c.org_id, latest.c.file_id))
        .outerjoin(Service, to(Service, Evidence.org_id, Evidence.service_id))
        .outerjoin(Membership, to(Membership, Evidence.org_id, Evidence.submitted_by_id))
        .outerjoin(judge, to(judge, Evidence.org_id, Evidence.decided_by_id))
        .where(Evidence.org_id == actor.org_id)
    )


def to(model, org_id, row_id):
    return and_(model.org_id == org_id, model.id == row_id)


def _within(actor: Actor, statement: Select) -> Select:
    if actor.service_ids is None:
        return statement
    return statement.where(
        or_(Evidence.service_id.is_(None), Evidence.service_id.in_(actor.service_ids))
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """What the library shows. `validity` is `current`, `expiring` or `expired`."""

    kind: str | None = None
    service_id: UUID | None = None
    status: str | None = None
    validity: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page; `number` counts from 1."""

    rows: list
    number: int
    total: int
    size: int = PAGE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def library(*, actor: Actor, filters: Filters, number: int = 1) -> Page:
    """One page of the evidence that the person may see, newest first. Two statements."""
    statement = _filtered(_within(actor, _items(actor)), filters, actor.today)
    total = db.session.scalar(
        _filtered(
            _within(actor, select(func.count()).where(Evidence.org_id == actor.org_id)),
            filters,
            actor.today,
        )
    )
    number = min(max(1, number), max(1, -(-total // PAGE)))
    rows = db.session.execute(
        statement.order_by(Evidence.id.desc()).limit(PAGE).offset((number - 1) * PAGE)
    )
    return Page([Item(*row) for row in rows], number, total)


def _filtered(statement: Select, filters: Filters, today: date) -> Select:
    if filters.kind:
        statement = statement.where(Evidence.kind == filters.kind)
    if filters.service_id:
        statement = statement.where(Evidence.service_id == filters.service_id)
    if filters.status:
        statement = statement.where(Evidence.status == filters.status)
    if filters.validity == "expired":
        statement = statement.where(Evidence.valid_until < today)
    elif filters.validity == "current":
        statement = statement.where(Evidence.valid_until >= today)
    elif filters.validity == "expiring":
        soon = today + timedelta(days=EXPIRING_DAYS)
        statement = statement.where(Evidence.valid_until.between(today, soon))
    if filters.text:
        statement = statement.where(
            or_(
                Evidence.title.icontains(filters.text, autoescape=True),
                Evidence.reference.icontains(filters.text, autoescape=True),
            )
        )
    return statement


def item(*, actor: Actor, evidence_id: UUID) -> Item:
    """One item. Raises NotFound, or Forbidden beyond the person's services."""
    row = db.session.execute(_items(actor).where(Evidence.id == evidence_id)).one_or_none()
    if row is None:
        raise NotFound()
    found = Item(*row)
    if not actor.reaches(found.service_id):
        raise Forbidden("This evidence belongs to a service outside your own.")
    return found


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision, as it was made."""

    id: UUID
    number: int
    file_name: str | None
    size: int | None
    state: str | None
    source_link: str | None
    sha256: str
    note: str
    by: str | None
    created_at: datetime


def revisions(*, actor: Actor, evidence_id: UUID) -> list[Revision]:
    """Every revision of an item, newest first."""
    statement = (
        select(
            EvidenceRevision.id,
            EvidenceRevision.number,
            StoredFile.file_name,
            StoredFile.size,
            StoredFile.state,
            EvidenceRevision.source_link,
            EvidenceRevision.sha256,
            EvidenceRevision.note,
            Membership.name,
            EvidenceRevision.created_at,
        )
        .outerjoin(StoredFile, to(StoredFile, EvidenceRevision.org_id, EvidenceRevision.file_id))
        .outerjoin(
            Membership, to(Membership, EvidenceRevision.org_id, EvidenceRevision.created_by_id)
        )
        .where(EvidenceRevision.org_id == actor.org_id)
        .where(EvidenceRevision.evidence_id == evidence_id)
        .order_by(EvidenceRevision.number.desc())
    )
    return [Revision(*row) for row in db.session.execute(statement)]


def for_targets(
    *,
    actor: Actor,
    action_ids: Collection[UUID] = (),
    audit_concern_ids: Collection[UUID] = (),
    concern_ids: Collection[UUID] = (),
    risk_ids: Collection[UUID] = (),
    rating_review_ids: Collection[UUID] = (),
    claim_ids: Collection[UUID] = (),
    plan_ids: Collection[UUID] = (),
) -> dict[UUID, list[Item]]:
    """Evidence by the id of what it is attached to; every asked id is a key. One statement."""
    wanted = {
        EvidenceLink.action_id: action_ids,
        EvidenceLink.audit_concern_id: audit_concern_ids,
        EvidenceLink.concern_id: concern_ids,
        EvidenceLink.risk_id: risk_ids,
        EvidenceLink.rating_review_id: rating_review_ids,
        EvidenceLink.claim_id: claim_ids,
        EvidenceLink.plan_id: plan_ids,
    }
    found: dict[UUID, list[Item]] = {row_id: [] for ids in wanted.values() for row_id in ids}
    if not found:
        return found
    target = func.coalesce(*wanted)
    statement = (
        _items(actor, EvidenceLink.id.label("link_id"), target.label("target"))
        .join(
            EvidenceLink,
            and_(EvidenceLink.org_id == Evidence.org_id, EvidenceLink.evidence_id == Evidence.id),
        )
        .where(or_(*(column.in_(ids) for column, ids in wanted.items() if ids)))
        .order_by(EvidenceLink.id)
    )
    for *values, target_id in db.session.execute(statement):
        found[target_id].append(Item(*values))
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored revision to be downloaded."""

    evidence_id: UUID
    sha256: str
    file_name: str


def kept_file(*, actor: Actor, revision_id: UUID) -> Kept:
    """The file of a revision. Raises NotFound (also for a link), Forbidden out of scope, Held."""
    revision = load(EvidenceRevision, actor.org_id, revision_id)
    parent = load(Evidence, actor.org_id, revision.evidence_id)
    if not actor.reaches(parent.service_id):
        raise Forbidden("This evidence belongs to a service outside your own.")
    if revision.file_id is None:
        raise NotFound()
    stored = load(StoredFile, actor.org_id, revision.file_id)
    uploads.refuse_unclean(stored)
    return Kept(parent.id, stored.sha256, stored.file_name)

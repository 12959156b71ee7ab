"""Audits, audit concerns and concerns as lists, and each by its id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, text

from careboard.accounts.models import Membership
from careboard.actions.models import Action
from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.evidence.models import Evidence, EvidenceLink
from careboard.figure_rows import ROWS
from careboard.imports.models import ImportBatch
from careboard.records.models import Audit, AuditConcern, Concern
from careboard.services.lists import Page, containing, fetch_page, within
from careboard.services.models import Service
from careboard.tenancy import Actor

Record = TypeVar("Record", Audit, AuditConcern, Concern)


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Empty text or None: any. `how` is `imported` or `by_hand`; `show` a key of the list's
    views; `since` and `until` are days, both included."""

    text: str = ""
    service_id: UUID | None = None
    domain: str = ""
    rag: str = ""
    how: str = ""
    show: str = ""
    level: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def active(self) -> bool:
        return self != RecordFilter()


def record(*, actor: Actor, model: type[Record], record_id: UUID) -> Record:
    """The row. Raises NotFound when there is none, Forbidden beyond the person's services."""
    row = load(model, actor.org_id, record_id)
    if not actor.reaches(row.service_id):
        raise Forbidden("This belongs to a service that is not one of yours.")
    return row


def _of_service(model: Any, statement: Select) -> Select:
    return statement.join(
        Service, and_(Service.org_id == model.org_id, Service.id == model.service_id)
    ).outerjoin(
        ImportBatch, and_(ImportBatch.org_id == model.org_id, ImportBatch.id == model.batch_id)
    )


def _scoped(
    actor: Actor, model: Any, day: ColumnElement, wanted: RecordFilter
) -> list[ColumnElement[bool]]:
    conditions = [model.org_id == actor.org_id, within(actor, model.service_id)]
    if wanted.service_id is not None:
        conditions.append(model.service_id == wanted.service_id)
    if wanted.domain:
        conditions.append(model.domain == wanted.domain)
    if wanted.since is not None:
        conditions.append(day >= wanted.since)
    if wanted.until is not None:
        conditions.append(day <= wanted.until)
    if wanted.how:
        by_hand = model.batch_id.is_(None)
        conditions.append(by_hand if wanted.how == "by_hand" else ~by_hand)
    return conditions


def audits_listed(*, actor: Actor, wanted: RecordFilter) -> Select:
    """Rows (id, source_key, service_id, service, theme, cycle, completed_on, score, max_score, rag,
    evidence_source, recorded_at, row_no, batch_id, batch, concerns, open_concerns), newest first.

    Scores are in hundredths. Source: step S0-1.1.
    """

    def concerns(*conditions):
        return (
            select(func.count())
            .select_from(AuditConcern)
            .where(
                AuditConcern.org_id == Audit.org_id, AuditConcern.audit_id == Audit.id, *conditions
            )
            .scalar_subquery()
        )

    statement = _of_service(
        Audit,
        select(
            Audit.id,
            Audit.source_key,
            Audit.service_id,
            Service.name.label("service"),
            Audit.theme,
            Audit.cycle,
            Audit.completed_on,
            Audit.score,
            Audit.max_score,
            Audit.rag,
            Audit.evidence_source,
            Audit.recorded_at,
            Audit.row_no,
            Audit.batch_id,
            ImportBatch.reference.label("batch"),
            concerns().label("concerns"),
            concerns(AuditConcern.status == "open").label("open_concerns"),
        ),
    ).where(
        *_scoped(actor, Audit, Audit.completed_on, wanted),
        containing(
            wanted.text,
            Audit.theme,
            Audit.cycle,
            Audit.source_key,
            Audit.evidence_source,
            Service.name,
        ),
    )
    if wanted.rag:
        statement = statement.where(Audit.rag == wanted.rag)
    return statement.order_by(Audit.completed_on.desc(), Audit.id.desc())


def list_audits(*, actor: Actor, wanted: RecordFilter, page: int) -> Page:
    """A page of `audits_listed`. One statement."""
    return fetch_page(audits_listed(actor=actor, wanted=wanted), page=page)


def all_audits(*, actor: Actor, wanted: RecordFilter) -> Iterable[Row]:
    """Every row of `audits_listed`, for export."""
    return db.session.execute(audits_listed(actor=actor, wanted=wanted))


def _without_live_action(actor: Actor) -> ColumnElement[bool]:
    """The rows that the figure lists as not linked, by its own definition. Source: rule N1."""
    rows = ROWS["audit_risks_linked"]
    return text(
        f"audit_concern.id IN (SELECT x.id FROM ({rows}) x WHERE NOT x.counted)"
    ).bindparams(org=actor.org_id, on=actor.today)


def list_audit_concerns(*, actor: Actor, wanted: RecordFilter, page: int) -> Page:
    """Rows (id, source_key, service_id, service, theme, raised_on, text, severity, status,
    closed_on, audit_id), newest first.

    `show`: `risks` those open and amber or red, `unlinked` those of them without a live action,
    `open` and `closed` by status. One statement.
    """
    risk = and_(AuditConcern.status == "open", AuditConcern.severity != "green")
    views = {
        "risks": risk,
        "unlinked": _without_live_action(actor),
        "open": AuditConcern.status == "open",
        "closed": AuditConcern.status == "closed",
    }
    statement = _of_service(
        AuditConcern,
        select(
            AuditConcern.id,
            AuditConcern.source_key,
            AuditConcern.service_id,
            Service.name.label("service"),
            AuditConcern.theme,
            AuditConcern.raised_on,
            AuditConcern.text,
            AuditConcern.severity,
            AuditConcern.status,
            AuditConcern.closed_on,
            AuditConcern.audit_id,
        ),
    ).where(
        *_scoped(actor, AuditConcern, AuditConcern.raised_on, wanted),
        containing(
            wanted.text,
            AuditConcern.text,
            AuditConcern.theme,
            AuditConcern.source_key,
            Service.name,
        ),
    )
    if wanted.rag:
        statement = statement.where(AuditConcern.severity == wanted.rag)
    if wanted.show:
        statement = statement.where(views[wanted.show])
    return fetch_page(
        statement.order_by(AuditConcern.raised_on.desc(), AuditConcern.id.desc()), page=page
    )


def list_concerns(*, actor: Actor, kind: str, wanted: RecordFilter, page: int) -> Page:
    """Rows (id, source_key, service_id, service, occurred_on, theme, level, status, closed_on,
    text, score, max_score) of a kind, newest first. One statement."""
    statement = _of_service(
        Concern,
        select(
            Concern.id,
            Concern.source_key,
            Concern.service_id,
            Service.name.label("service"),
            Concern.occurred_on,
            Concern.theme,
            Concern.level,
            Concern.status,
            Concern.closed_on,
            Concern.text,
            Concern.score,
            Concern.max_score,
        ),
    ).where(
        Concern.kind == kind,
        *_scoped(actor, Concern, Concern.occurred_on, wanted),
        containing(
            wanted.text,
            Concern.text,
            Concern.theme,
            Concern.place,
            Concern.source_key,
            Service.name,
        ),
    )
    if wanted.show:
        statement = statement.where(Concern.status == wanted.show)
    if wanted.level:
        statement = statement.where(Concern.level == wanted.level)
    return fetch_page(statement.order_by(Concern.occurred_on.desc(), Concern.id.desc()), page=page)


def concern_levels(*, actor: Actor, kind: str) -> list[str]:
    """The levels that this kind of concern has. One statement."""
    rows = db.session.scalars(
        select(Concern.level)
        .where(Concern.org_id == actor.org_id, Concern.kind == kind, Concern.level != "")
        .distinct()
    )
    return sorted(rows)


def answering_actions(
    *, actor: Actor, column: ColumnElement, ids: Sequence[UUID]
) -> dict[UUID, list[Row]]:
    """Actions (id, reference, title, status, due_on, owner, subject) by the record in `column` that
    they answer. One statement for all of them."""
    if not ids:
        return {}
    rows = db.session.execute(
        select(
            Action.id,
            Action.reference,
            Action.title,
            Action.status,
            Action.due_on,
            func.coalesce(Membership.name, Action.owner_name).label("owner"),
            column.label("subject"),
        )
        .outerjoin(
            Membership,
            and_(Membership.org_id == Action.org_id, Membership.id == Action.owner_id),
        )
        .where(Action.org_id == actor.org_id, column.in_(ids))
        .order_by(Action.reference)
    )
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.subject].append(row)
    return found


def attached_evidence(*, actor: Actor, column: ColumnElement, record_id: UUID) -> Sequence[Row]:
    """Evidence (id, reference, title, kind, status, valid_until) attached to the record in
    `column` of the links, newest first."""
    return db.session.execute(
        select(
            Evidence.id,
            Evidence.reference,
            Evidence.title,
            Evidence.kind,
            Evidence.status,
            Evidence.valid_until,
        )
        .join(
            EvidenceLink,
            and_(EvidenceLink.org_id == Evidence.org_id, EvidenceLink.evidence_id == Evidence.id),
        )
        .where(EvidenceLink.org_id == actor.org_id, column == record_id)
        .order_by(Evidence.created_at.desc())
    ).all()


def concerns_of_audit(*, actor: Actor, audit_id: UUID) -> Sequence[AuditConcern]:
    """The findings of one audit, red first."""
    return db.session.scalars(
        select(AuditConcern)
        .where(AuditConcern.org_id == actor.org_id, AuditConcern.audit_id == audit_id)
        .order_by(AuditConcern.severity.desc(), AuditConcern.raised_on)
    ).all()


def audits_of_theme(*, actor: Actor, audit: Audit) -> Sequence[Audit]:
    """The audits of the same theme in the same service, newest first, at most twelve."""
    return db.session.scalars(
        select(Audit)
        .where(
            Audit.org_id == actor.org_id,
            Audit.service_id == audit.service_id,
            Audit.theme == audit.theme,
        )
        .order_by(Audit.completed_on.desc(), Audit.id.desc())
        .limit(12)
    ).all()


def member_name(*, actor: Actor, member_id: UUID | None) -> str | None:
    """The name of a member; None for nobody."""
    return load(Membership, actor.org_id, member_id).name if member_id else None

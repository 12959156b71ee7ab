"""The safeguarding action record: what authorities advised, and where an answer is awaited.

Source: step S3-2.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, and_, exists, or_, select, true
from sqlalchemy.orm import aliased

from careboard.accounts.models import Membership
from careboard.actions.models import Action
from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.evidence.queries import to
from careboard.services.lists import Page, fetch_page, within
from careboard.services.models import Service
from careboard.sharing.communication_models import Communication, PartnerAdvice
from careboard.sharing.models import SharingDecision
from careboard.tenancy import Actor


def is_latest():
    """No later record brought it up to date."""
    later = aliased(PartnerAdvice)
    return ~exists().where(
        later.org_id == PartnerAdvice.org_id, later.follows_id == PartnerAdvice.id
    )


def _rows(actor: Actor):
    return (
        select(
            PartnerAdvice,
            Service.name.label("service"),
            Membership.name.label("by"),
            Communication.reference.label("communication"),
            SharingDecision.reference.label("decision"),
            is_latest().label("latest"),
        )
        .join(Service, to(Service, PartnerAdvice.org_id, PartnerAdvice.service_id))
        .join(Membership, to(Membership, PartnerAdvice.org_id, PartnerAdvice.by_id))
        .join(
            Communication, to(Communication, PartnerAdvice.org_id, PartnerAdvice.communication_id)
        )
        .outerjoin(
            SharingDecision, to(SharingDecision, PartnerAdvice.org_id, PartnerAdvice.decision_id)
        )
        .where(PartnerAdvice.org_id == actor.org_id)
    )


def records(
    *, actor: Actor, page: int = 1, service_id: UUID | None = None, outcome: str = ""
) -> Page:
    """The record, the latest first; of an `outcome`, those alone that none has brought up to date.
    Rows (PartnerAdvice, service, by, communication, decision, latest). One statement."""
    statement = (
        _rows(actor)
        .where(
            within(actor, PartnerAdvice.service_id),
            PartnerAdvice.service_id == service_id if service_id else true(),
            and_(PartnerAdvice.outcome == outcome, is_latest()) if outcome else true(),
        )
        .order_by(PartnerAdvice.received_on.desc(), PartnerAdvice.id.desc())
    )
    return fetch_page(statement, page=page)


@dataclass(frozen=True, slots=True)
class Whole:
    """A record of advice; `earlier` and `later` are (id, reference) or None, `actions` those on
    what was decided on: rows (id, reference, title, status, due_on)."""

    row: Row
    earlier: Row | None
    later: Row | None
    actions: Sequence[Row]
    risk_id: UUID | None
    concern_id: UUID | None


def whole(*, actor: Actor, advice_id: UUID) -> Whole:
    """One record. Three statements at most. Raises NotFound, Forbidden."""
    row = db.session.execute(_rows(actor).where(PartnerAdvice.id == advice_id)).one_or_none()
    if row is None:
        raise NotFound()
    advice = row.PartnerAdvice
    if not actor.reaches(advice.service_id):
        raise Forbidden("This advice is about a service outside your own.")
    beside = db.session.execute(
        select(PartnerAdvice.id, PartnerAdvice.reference, PartnerAdvice.follows_id).where(
            PartnerAdvice.org_id == actor.org_id,
            or_(PartnerAdvice.follows_id == advice.id, PartnerAdvice.id == advice.follows_id),
        )
    ).all()
    risk_id, concern_id, actions = _actions(actor, advice.decision_id)
    return Whole(
        row=row,
        earlier=next((one for one in beside if one.id == advice.follows_id), None),
        later=next((one for one in beside if one.follows_id == advice.id), None),
        actions=actions,
        risk_id=risk_id,
        concern_id=concern_id,
    )


def _actions(actor: Actor, decision_id: UUID | None):
    """What the decision was about, with its actions."""
    if decision_id is None:
        return None, None, ()
    rows = db.session.execute(
        select(
            SharingDecision.risk_id,
            SharingDecision.concern_id,
            Action.id,
            Action.reference,
            Action.title,
            Action.status,
            Action.due_on,
        )
        .outerjoin(
            Action,
            and_(
                Action.org_id == SharingDecision.org_id,
                or_(
                    Action.risk_id == SharingDecision.risk_id,
                    Action.concern_id == SharingDecision.concern_id,
                ),
            ),
        )
        .where(SharingDecision.org_id == actor.org_id, SharingDecision.id == decision_id)
        .order_by(Action.due_on.desc(), Action.id)
        .limit(12)
    ).all()
    first = rows[0]
    return first.risk_id, first.concern_id, [row for row in rows if row.id is not None]

"""Reading actions: the tracker's list, one action, and what became of it.

Source: steps S0-1.2 to S0-1.4; domain rules 3.3, overdue action; conventions of the sample data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from careboard.accounts.models import Membership
from careboard.actions import outcomes
from careboard.actions.lateness import FINISHED, Lateness, lateness
from careboard.actions.models import Action, ActionUpdate
from careboard.actions.outcomes import Position, Reading
from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.evidence.models import EvidenceLink
from careboard.services.models import Service
from careboard.tenancy import Actor

PAGE = 50
VIEWS = ("mine", "services", "overdue", "awaiting", "all")


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action in a list. `owner` is the member's name, else the name that the source gave;
    `outcome` a code of `outcomes.STATES`."""

    id: UUID
    reference: str
    title: str
    service_id: UUID
    service_name: str
    domain: str | None
    owner_id: UUID | None
    owner: str
    due_on: date | None
    original_due_on: date | None
    extensions: int
    status: str
    completed_on: date | None
    updated_on: date | None
    audit_concern_id: UUID | None
    risk_id: UUID | None
    evidence_count: int
    outcome: str

    def lateness(self, on: date) -> Lateness:
        return lateness(due_on=self.due_on, status=self.status, on=on)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list shows; `view` is one of VIEWS."""

    view: str = "all"
    service_id: UUID | None = None
    domain: str | None = None
    owner_id: UUID | None = None
    status: str | None = None
    outcome: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page; `number` counts from 1."""

    rows: list[ActionRow]
    number: int
    total: int
    size: int = PAGE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def to(model, org_id, row_id):
    """The join condition to a row of the same organisation."""
    return and_(model.org_id == org_id, model.id == row_id)


def _rows(actor: Actor) -> Select:
    attached = (
        select(func.count())
        .where(EvidenceLink.org_id == Action.org_id, EvidenceLink.action_id == Action.id)
        .scalar_subquery()
    )
    statement = (
        select(
            Action.id,
            Action.reference,
            Action.title,
            Action.service_id,
            Service.name,
            Action.domain,
            Action.owner_id,
            func.coalesce(Membership.name, Action.owner_name),
            Action.due_on,
            Action.original_due_on,
            Action.extensions,
            Action.status,
            Action.completed_on,
            Action.updated_on,
            Action.audit_concern_id,
            Action.risk_id,
            attached,
            outcomes.state_of_each(actor.today),
        )
        .join(Service, to(Service, Action.org_id, Action.service_id))
        .outerjoin(Membership, to(Membership, Action.org_id, Action.owner_id))
    )
    return within(actor, statement)


def within(actor: Actor, statement: Select, service_id: UUID | None = None) -> Select:
    """The organisation's actions that the person may see, of one service if given."""
    statement = statement.where(Action.org_id == actor.org_id)
    if actor.service_ids is not None:
        statement = statement.where(Action.service_id.in_(actor.service_ids))
    if service_id is not None:
        statement = statement.where(Action.service_id == service_id)
    return statement


def is_overdue(on: date):
    """The condition of the rule: due before that day, neither verified nor cancelled."""
    return and_(Action.due_on < on, Action.status.not_in(FINISHED))


def _seen_as(view: str, actor: Actor):
    return {
        "mine": and_(Action.owner_id == actor.membership_id, Action.status.not_in(FINISHED)),
        "services": and_(Action.service_id.in_(_managed(actor)), Action.status.not_in(FINISHED)),
        "overdue": is_overdue(actor.today),
        "awaiting": Action.status == "completed",
    }.get(view, Action.id.is_not(None))


def _managed(actor: Actor):
    """The services that the person's scope names, else those that they manage."""
    if actor.service_ids is not None:
        return list(actor.service_ids)
    return (
        select(Service.id)
        .where(Service.org_id == actor.org_id, Service.manager_id == actor.membership_id)
        .scalar_subquery()
    )


def _filtered(statement: Select, actor: Actor, filters: Filters) -> Select:
    statement = statement.where(_seen_as(filters.view, actor))
    for column, value in (
        (Action.service_id, filters.service_id),
        (Action.domain, filters.domain),
        (Action.owner_id, filters.owner_id),
        (Action.status, filters.status),
    ):
        if value:
            statement = statement.where(column == value)
    if filters.outcome:
        statement = statement.where(outcomes.in_state(filters.outcome, actor))
    if filters.text:
        columns = (Action.title, Action.reference, Action.source_reference, Action.owner_name)
        statement = statement.where(
            or_(*(column.icontains(filters.text, autoescape=True) for column in columns))
        )
    return statement


_IN_ORDER = (
    case((Action.status.in_(FINISHED), 1), else_=0),
    Action.due_on.asc().nulls_last(),
    Action.reference,
)


def list_actions(*, actor: Actor, filters: Filters, number: int = 1) -> Page:
    """One page of the tracker: what is unfinished first, the longest overdue on top.

    Two statements, whatever the number of actions.
    """
    counting = within(actor, select(func.count()).select_from(Action))
    total = db.session.scalar(_filtered(counting, actor, filters))
    number = min(max(1, number), max(1, -(-total // PAGE)))
    statement = _filtered(_rows(actor), actor, filters).order_by(*_IN_ORDER)
    rows = db.session.execute(statement.limit(PAGE).offset((number - 1) * PAGE))
    return Page([ActionRow(*row) for row in rows], number, total)


def all_actions(*, actor: Actor, filters: Filters) -> list[ActionRow]:
    """Every action that the filters leave, for the export."""
    statement = _filtered(_rows(actor), actor, filters).order_by(*_IN_ORDER)
    return [ActionRow(*row) for row in db.session.execute(statement)]


def view_counts(*, actor: Actor) -> dict[str, int]:
    """How many actions each view of the list holds. One statement."""
    columns = [func.count().filter(_seen_as(view, actor)).label(view) for view in VIEWS]
    row = db.session.execute(within(actor, select(*columns).select_from(Action))).one()
    return dict(row._mapping)


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action with the names that its ids stand for, and what its measure has been."""

    action: Action
    outcome: Position
    readings: list[Reading]
    service_name: str
    owner: str
    created_by: str | None
    completed_by: str | None
    verified_by: str | None


def action_view(*, actor: Actor, action_id: UUID) -> ActionView:
    """One action. Raises NotFound, or Forbidden beyond the person's services. One statement."""
    owner, creator, completer, verifier = (aliased(Membership) for _ in range(4))
    statement = (
        select(
            Action,
            outcomes.facts_of_each(actor.today),
            Service.name,
            func.coalesce(owner.name, Action.owner_name),
            creator.name,
            completer.name,
            verifier.name,
        )
        .join(Service, to(Service, Action.org_id, Action.service_id))
        .outerjoin(owner, to(owner, Action.org_id, Action.owner_id))
        .outerjoin(creator, to(creator, Action.org_id, Action.created_by_id))
        .outerjoin(completer, to(completer, Action.org_id, Action.completed_by_id))
        .outerjoin(verifier, to(verifier, Action.org_id, Action.verified_by_id))
        .where(Action.org_id == actor.org_id, Action.id == action_id)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound()
    if not actor.reaches(row[0].service_id):
        raise Forbidden("This action belongs to a service outside your own.")
    action, facts, *names = row
    position = outcomes.position_of(facts, actor.today)
    return ActionView(action, position, outcomes.readings_of(facts), *names)


@dataclass(frozen=True, slots=True)
class Update:
    """One line of the timeline."""

    kind: str
    note: str
    by: str | None
    happened_at: datetime
    changes: dict

    @property
    def due_from(self) -> date | None:
        return _day(self.changes.get("due_from"))

    @property
    def due_to(self) -> date | None:
        return _day(self.changes.get("due_to"))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def updates(*, actor: Actor, action_id: UUID) -> list[Update]:
    """What happened to an action, newest first."""
    statement = (
        select(
            ActionUpdate.kind,
            ActionUpdate.note,
            Membership.name,
            ActionUpdate.happened_at,
            ActionUpdate.changes,
        )
        .outerjoin(Membership, to(Membership, ActionUpdate.org_id, ActionUpdate.by_id))
        .where(ActionUpdate.org_id == actor.org_id, ActionUpdate.action_id == action_id)
        .order_by(ActionUpdate.happened_at.desc(), ActionUpdate.id.desc())
    )
    return [Update(*row) for row in db.session.execute(statement)]


def overdue_actions(
    *, actor: Actor, on: date | None = None, service_id: UUID | None = None
) -> list[ActionRow]:
    """Actions due before `on` (today) and neither verified nor cancelled, longest overdue first.

    Completed and awaiting verification counts. Source: domain rules 3.3, overdue action.
    """
    statement = within(actor, _rows(actor), service_id).where(is_overdue(on or actor.today))
    return [ActionRow(*row) for row in db.session.execute(statement.order_by(*_IN_ORDER))]


def awaiting_verification(*, actor: Actor, service_id: UUID | None = None) -> list[ActionRow]:
    """Completed actions that nobody has verified, the earliest completed first."""
    statement = within(actor, _rows(actor), service_id).where(Action.status == "completed")
    order = (Action.completed_on.asc().nulls_first(), Action.reference)
    return [ActionRow(*row) for row in db.session.execute(statement.order_by(*order))]


@dataclass(frozen=True, slots=True)
class Returned:
    """An action that was returned, when, and why."""

    action_id: UUID
    reference: str
    title: str
    service_id: UUID
    service_name: str
    reason: str
    returned_at: datetime


def returned_since(
    *, actor: Actor, since: datetime, service_id: UUID | None = None
) -> list[Returned]:
    """Actions returned at or after an instant, latest first; one row for each return."""
    statement = (
        select(
            Action.id,
            Action.reference,
            Action.title,
            Action.service_id,
            Service.name,
            ActionUpdate.note,
            ActionUpdate.happened_at,
        )
        .join(Action, to(Action, ActionUpdate.org_id, ActionUpdate.action_id))
        .join(Service, to(Service, Action.org_id, Action.service_id))
        .where(
            ActionUpdate.org_id == actor.org_id,
            ActionUpdate.kind == "returned",
            ActionUpdate.happened_at >= since,
        )
        .order_by(ActionUpdate.happened_at.desc())
    )
    rows = db.session.execute(within(actor, statement, service_id))
    return [Returned(*row) for row in rows]


def for_sources(
    *,
    actor: Actor,
    audit_concern_ids: Iterable[UUID] = (),
    concern_ids: Iterable[UUID] = (),
    risk_ids: Iterable[UUID] = (),
    plan_ids: Iterable[UUID] = (),
) -> dict[UUID, list[ActionRow]]:
    """Actions by the id of what they answer; every asked id is a key. One statement."""
    wanted = {
        Action.audit_concern_id: tuple(audit_concern_ids),
        Action.concern_id: tuple(concern_ids),
        Action.risk_id: tuple(risk_ids),
        Action.plan_id: tuple(plan_ids),
    }
    found: dict[UUID, list[ActionRow]] = {row_id: [] for ids in wanted.values() for row_id in ids}
    if not found:
        return found
    statement = (
        _rows(actor)
        .add_columns(*wanted)
        .where(or_(*(column.in_(ids) for column, ids in wanted.items() if ids)))
        .order_by(*_IN_ORDER)
    )
    for *values, concern, record, risk, plan in db.session.execute(statement):
        for source in (concern, record, risk, plan):
            if source in found:
                found[source].append(ActionRow(*values))
    return found

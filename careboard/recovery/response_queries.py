"""Reading responses to declines: the list, one with what it rests on, those of a service."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, case, select
from sqlalchemy.orm import aliased

from careboard.accounts.models import Membership
from careboard.actions.models import Action
from careboard.clock import add_working_days
from careboard.db import db
from careboard.errors import Forbidden, NotFound
from careboard.recovery import check_rules, decline
from careboard.recovery.models import Indicator
from careboard.recovery.plan_models import RecoveryPlan
from careboard.recovery.response_models import Response
from careboard.risks.models import Risk
from careboard.services.lists import Page, fetch_page, within
from careboard.services.models import Service
from careboard.tenancy import Actor

# After so many working days without an answer it is the governance lead's. Source: DESIGN,
# promise 2.
ESCALATED_AFTER = 5
RULE_NAMES = decline.RULES | {code: name for code, (name, _) in check_rules.RULES.items()}
SHOWN = ("unanswered", "answered", "not_needed", "standing", "closed", "all")
_STANDING = ("open", "answered", "not_needed")
_SHOWN = {
    "unanswered": ("open",),
    "answered": ("answered",),
    "not_needed": ("not_needed",),
    "standing": _STANDING,
    "closed": ("closed",),
}


@dataclass(frozen=True, slots=True)
class ResponseFilter:
    """None and empty: any. `show` one of SHOWN."""

    service_id: UUID | None = None
    domain: str = ""
    rule: str = ""
    kind: str = ""
    show: str = "standing"
    indicator_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """One response with names, and the ones before it of the same indicator or plan and rule."""

    row: Row
    before: Sequence[Row]


def list_responses(*, actor: Actor, wanted: ResponseFilter, page: int) -> Page:
    """Rows (Response, service, asked, owner, decided_by, indicator, plan, action, risk), those
    without an answer first, then the oldest. One statement."""
    return fetch_page(_filtered(actor, wanted), page=page)


def of_service(*, actor: Actor, service_id: UUID, show: str = "standing") -> list[Row]:
    """Those of one service, as `list_responses`."""
    wanted = ResponseFilter(service_id=service_id, show=show)
    return list(db.session.execute(_filtered(actor, wanted)))


def of_plan(*, actor: Actor, plan_id: UUID, indicator_ids: Collection[UUID]) -> list[Row]:
    """Those that stand of a plan and of its indicators, as `list_responses`. One statement."""
    own = (Response.plan_id == plan_id) | Response.indicator_id.in_(indicator_ids)
    statement = _filtered(actor, ResponseFilter()).where(own)
    return list(db.session.execute(statement))


def response(*, actor: Actor, response_id: UUID) -> Whole:
    """One of them. Two statements. Raises NotFound, Forbidden."""
    statement = _listed(actor).where(Response.id == response_id)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound()
    one = row.Response
    if not actor.reaches(one.service_id):
        raise Forbidden("This belongs to a service outside your own.")
    before = db.session.execute(
        _listed(actor).where(
            Response.service_id == one.service_id,
            Response.rule == one.rule,
            Response.indicator_id.is_not_distinct_from(one.indicator_id),
            Response.plan_id.is_not_distinct_from(one.plan_id),
            Response.id < one.id,
        )
    )
    return Whole(row, before.all())


def rows_of(response: Response) -> list[dict[str, Any]]:
    """What made the rule fire, as it stood then, with its days as days."""
    days = [
        {name: row.get(name) and date.fromisoformat(row[name]) for name in ("from", "to")}
        for row in response.rows
    ]
    return [row | day for row, day in zip(response.rows, days, strict=True)]


def escalates_on(response: Response) -> date:
    """The day on which it is told to the governance leads, without an answer."""
    return add_working_days(response.fired_on, ESCALATED_AFTER)


def _filtered(actor: Actor, wanted: ResponseFilter) -> Select:
    statement = _listed(actor).where(within(actor, Response.service_id))
    for column, value in (
        (Response.service_id, wanted.service_id),
        (Response.domain, wanted.domain),
        (Response.rule, wanted.rule),
        (Response.kind, wanted.kind),
        (Response.indicator_id, wanted.indicator_id),
    ):
        if value:
            statement = statement.where(column == value)
    if wanted.show in _SHOWN:
        statement = statement.where(Response.status.in_(_SHOWN[wanted.show]))
    return statement


def _listed(actor: Actor) -> Select:
    asked, owner, decider = aliased(Membership), aliased(Membership), aliased(Membership)
    statement = (
        select(
            Response,
            Service.name.label("service"),
            asked.name.label("asked"),
            owner.name.label("owner"),
            decider.name.label("decided_by"),
            Indicator.name.label("indicator"),
            RecoveryPlan.title.label("plan"),
            Action.reference.label("action"),
            Action.status.label("action_status"),
            Risk.reference.label("risk"),
            Risk.rating.label("rating"),
        )
        .join(Service, _is(Service, Response.service_id))
        .where(Response.org_id == actor.org_id)
    )
    for model, column in (
        (asked, Response.asked_id),
        (owner, Response.owner_id),
        (decider, Response.decided_by_id),
        (Indicator, Response.indicator_id),
        (RecoveryPlan, Response.plan_id),
        (Action, Response.action_id),
        (Risk, Response.risk_id),
    ):
        statement = statement.outerjoin(model, _is(model, column))
    first = case((Response.status == "open", 0), (Response.status == "closed", 2), else_=1)
    return statement.order_by(first, Response.fired_on, Response.id)


def _is(model, column):
    return (model.org_id == Response.org_id) & (model.id == column)

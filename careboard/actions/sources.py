"""What an action answers, as the start of its form; and who and where it may be for.

Source: step S0-1.2, one click from an audit concern to its action.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select

from careboard.accounts.models import Membership, MembershipService
from careboard.actions.lateness import SUGGESTED_DAYS, SUGGESTED_DEFAULT
from careboard.actions.models import Action
from careboard.actions.queries import within
from careboard.clock import day_words, next_working_day
from careboard.db import db, load
from careboard.errors import Forbidden
from careboard.monitoring.models import MonitoringEpisode
from careboard.permissions import Permission, permissions_of
from careboard.records.models import Audit, AuditConcern, Concern
from careboard.recovery.plan_models import RecoveryPlan
from careboard.risks.models import Risk
from careboard.services.models import Service
from careboard.tenancy import Actor
from careboard.vocabulary import in_words

MOST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Source:
    """What an action answers. `kind` is audit_concern, concern, risk, plan, episode or
    service.

    `ids` are the keywords for `service.create_action`; title, baseline and due_on are suggestions.
    """

    kind: str
    id: UUID
    label: str
    service_id: UUID
    service_name: str
    domain: str | None
    title: str
    baseline: str
    due_on: date
    ids: dict[str, UUID]


def source(
    *,
    actor: Actor,
    concern: UUID | None = None,
    record: UUID | None = None,
    risk: UUID | None = None,
    plan: UUID | None = None,
    episode: UUID | None = None,
    service: UUID | None = None,
) -> Source | None:
    """The audit concern, record (another concern), risk, plan, episode or service; None if none is
    given.

    Raises NotFound, or Forbidden beyond the person's services.
    """
    if concern is not None:
        found = _audit_concern(actor, load(AuditConcern, actor.org_id, concern))
    elif record is not None:
        found = _concern(actor, load(Concern, actor.org_id, record))
    elif risk is not None:
        found = _risk(actor, load(Risk, actor.org_id, risk))
    elif plan is not None:
        found = _plan(actor, load(RecoveryPlan, actor.org_id, plan))
    elif episode is not None:
        found = _episode(actor, load(MonitoringEpisode, actor.org_id, episode))
    elif service is not None:
        row = load(Service, actor.org_id, service)
        found = _source(actor, "service", row.id, row.name, row.id, None)
    else:
        return None
    return found


def _source(actor, kind, row_id, label, service_id, domain, title="", baseline="", days=None):
    if not actor.reaches(service_id):
        raise Forbidden("This belongs to a service outside your own.")
    due_on = next_working_day(actor.today + timedelta(days=days or SUGGESTED_DEFAULT))
    ids = {} if kind == "service" else {f"{kind}_id": row_id}
    name = load(Service, actor.org_id, service_id).name
    title = title if len(title) <= MOST_TITLE else f"{title[: MOST_TITLE - 1].rstrip()}…"
    return Source(kind, row_id, label, service_id, name, domain, title, baseline, due_on, ids)


def _audit_concern(actor: Actor, row: AuditConcern) -> Source:
    audit = load(Audit, actor.org_id, row.audit_id) if row.audit_id else None
    return _source(
        actor,
        "audit_concern",
        row.id,
        row.source_key or f"{row.theme} finding",
        row.service_id,
        row.domain,
        row.text,
        _baseline(row, audit),
        SUGGESTED_DAYS[row.severity],
    )


def _baseline(row: AuditConcern, audit: Audit | None) -> str:
    said = f"{row.severity.capitalize()} finding on {row.theme}, raised {day_words(row.raised_on)}"
    if audit is None or audit.score is None:
        return said
    score = f"{audit.score / 100:g}"
    if audit.max_score:
        score += f" of {audit.max_score / 100:g}"
    return f"{said}; audit score {score} on {day_words(audit.completed_on)}"


def _concern(actor: Actor, row: Concern) -> Source:
    kind = in_words(row.kind)
    label = " ".join(part for part in (kind.capitalize(), row.source_key) if part)
    baseline = f"{kind.capitalize()} of {day_words(row.occurred_on)}"
    title = row.theme and f"Respond to {kind}: {row.theme}"
    return _source(
        actor, "concern", row.id, label, row.service_id, row.domain, title or "", baseline
    )


def _risk(actor: Actor, row: Risk) -> Source:
    rating = in_words(row.rating)
    baseline = f"Rated {rating} on {day_words(row.rated_on)}"
    if row.outcome_position:
        baseline += f"; {row.outcome_position}"
    title = row.original_cause
    return _source(
        actor, "risk", row.id, row.reference, row.service_id, row.domain, title, baseline
    )


def _plan(actor: Actor, row: RecoveryPlan) -> Source:
    return _source(
        actor, "plan", row.id, row.reference, row.service_id, row.domain, "", row.baseline_issue
    )


def _episode(actor: Actor, row: MonitoringEpisode) -> Source:
    return _source(actor, "episode", row.id, row.reference, row.service_id, None, days=14)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list."""

    id: UUID
    name: str


def services(*, actor: Actor) -> list[Option]:
    """The active services within the person's scope, by name."""
    statement = select(Service.id, Service.name).where(Service.org_id == actor.org_id)
    if actor.service_ids is not None:
        statement = statement.where(Service.id.in_(actor.service_ids))
    statement = statement.where(Service.active).order_by(Service.name_norm)
    return [Option(*row) for row in db.session.execute(statement)]


def owners(*, actor: Actor, service_id: UUID | None = None) -> list[Option]:
    """The members who may own an action (of that service, if given), by name. One statement."""
    scope = func.array_agg(MembershipService.service_id)
    statement = (
        select(Membership.id, Membership.name, Membership.roles, Membership.all_services, scope)
        .outerjoin(
            MembershipService,
            (MembershipService.org_id == Membership.org_id)
            & (MembershipService.membership_id == Membership.id),
        )
        .where(Membership.org_id == actor.org_id, Membership.active)
        .group_by(Membership.org_id, Membership.id)
        .order_by(Membership.name)
    )
    return [
        Option(row_id, name)
        for row_id, name, roles, all_services, reached in db.session.execute(statement)
        if Permission.WORK_ON_ACTION in permissions_of(frozenset(roles))
        and (all_services or service_id is None or service_id in reached)
    ]


def named_owners(*, actor: Actor) -> list[Option]:
    """The members who own an action that the person may see, also those who have left."""
    owns = within(actor, select(Action.owner_id))
    statement = (
        select(Membership.id, Membership.name, Membership.active)
        .where(Membership.org_id == actor.org_id, Membership.id.in_(owns))
        .order_by(Membership.name)
    )
    return [
        Option(row_id, name if active else f"{name} (left)")
        for row_id, name, active in db.session.execute(statement)
    ]

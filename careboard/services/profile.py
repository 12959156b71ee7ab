"""The parts of a service's page: what stands open there, and what it rests on.

Each function is one statement. Source: DESIGN section 5, screen 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, column, exists, func, select, text
from sqlalchemy.dialects.postgresql import JSONB

from careboard.accounts.models import Membership
from careboard.actions.lateness import LIVE
from careboard.actions.models import Action
from careboard.db import db
from careboard.evidence.models import Evidence
from careboard.evidence.queries import NO_SUPPORT
from careboard.experience.on_board import THEMES
from careboard.monitoring.sql import MONITORED
from careboard.records.models import Audit, AuditConcern, Concern
from careboard.reviews.models import Review
from careboard.risks.assurance import Assurance
from careboard.risks.rated import assurance_of, rated
from careboard.services.models import Service
from careboard.services.queries import open_audit_concern, overdue
from careboard.tenancy import Actor

SHOWN = 8
RECENT_DAYS = 92


def facts(*, actor: Actor, service: Service) -> Row:
    """(manager, audit_concerns, actions, overdue, evidence, experience, monitoring): its manager's
    name, what is open, the evidence in date, what `experience.on_board.shown` takes, and what
    `monitoring.sql.MONITORED` tells."""
    own = {
        model: (model.org_id == service.org_id) & (model.service_id == service.id)
        for model in (AuditConcern, Action, Evidence)
    }

    def count(model: type, *conditions):
        return (
            select(func.count()).select_from(model).where(own[model], *conditions).scalar_subquery()
        )

    return db.session.execute(
        select(
            select(Membership.name)
            .where(Membership.org_id == service.org_id, Membership.id == service.manager_id)
            .scalar_subquery()
            .label("manager"),
            count(AuditConcern, open_audit_concern()).label("audit_concerns"),
            count(Action, Action.status.in_(LIVE)).label("actions"),
            count(Action, overdue(actor)).label("overdue"),
            count(
                Evidence,
                Evidence.valid_until >= actor.today,
                Evidence.status.not_in(NO_SUPPORT),
            ).label("evidence"),
            *(
                text(f"SELECT {found}")
                .bindparams(org=service.org_id, service=service.id)
                .columns(column(name, JSONB))
                .scalar_subquery()
                .label(name)
                for name, found in (("experience", THEMES), ("monitoring", MONITORED))
            ),
        )
    ).one()


@dataclass(frozen=True, slots=True)
class RiskLine:
    """An open risk: its row (id, reference, domain, rating, rated_on, original_cause,
    outcome_position, actions) and how far the rating may be relied upon."""

    row: Row
    assurance: Assurance


_RISKS = text(
    rated(
        "AND r.service_id = :service",
        """, r.original_cause, r.outcome_position,
    (SELECT count(*) FROM action a WHERE a.org_id = r.org_id AND a.risk_id = r.id
      AND a.status IN ('open', 'in_progress', 'completed')) AS actions""",
    )
)


def risks(*, actor: Actor, service_id: UUID) -> dict[str, RiskLine]:
    """Open risks by domain; `actions` counts those under way."""
    values = {"org": actor.org_id, "on": actor.today, "service": service_id}
    return {
        row.domain: RiskLine(row, assurance_of(row, actor.today))
        for row in db.session.execute(_RISKS, values)
    }


def open_actions(*, actor: Actor, service_id: UUID) -> Sequence[Row]:
    """The actions under way that fall due first: (id, reference, title, status, due_on, owner)."""
    return db.session.execute(
        select(
            Action.id,
            Action.reference,
            Action.title,
            Action.status,
            Action.due_on,
            func.coalesce(Membership.name, Action.owner_name).label("owner"),
        )
        .outerjoin(Membership, _same(Membership, Action.owner_id, Action.org_id))
        .where(
            Action.org_id == actor.org_id,
            Action.service_id == service_id,
            Action.status.in_(("draft", *LIVE)),
        )
        .order_by(Action.due_on.asc().nulls_first(), Action.reference)
        .limit(SHOWN)
    ).all()


def open_audit_concerns(*, actor: Actor, service_id: UUID) -> Sequence[Row]:
    """Open findings, red before amber: (id, source_key, text, theme, severity, raised_on,
    answered); `answered` tells whether an action is under way."""
    answered = exists().where(
        Action.org_id == AuditConcern.org_id,
        Action.audit_concern_id == AuditConcern.id,
        Action.status.in_((*LIVE, "verified")),
    )
    return db.session.execute(
        select(
            AuditConcern.id,
            AuditConcern.source_key,
            AuditConcern.text,
            AuditConcern.theme,
            AuditConcern.severity,
            AuditConcern.raised_on,
            answered.label("answered"),
        )
        .where(
            AuditConcern.org_id == actor.org_id,
            AuditConcern.service_id == service_id,
            open_audit_concern(),
        )
        .order_by(AuditConcern.severity.desc(), AuditConcern.raised_on, AuditConcern.id)
        .limit(SHOWN)
    ).all()


def audits_by_theme(*, actor: Actor, service_id: UUID) -> Sequence[Row]:
    """The latest audit of each theme with the one before: (id, theme, completed_on, score,
    max_score, rag, previous_score, previous_max, previous_on), newest first."""
    order = {
        "partition_by": Audit.theme,
        "order_by": (Audit.completed_on.desc(), Audit.recorded_at.desc()),
    }

    def before(column):
        return func.lead(column).over(**order)

    ranked = (
        select(
            Audit.id,
            Audit.theme,
            Audit.completed_on,
            Audit.score,
            Audit.max_score,
            Audit.rag,
            before(Audit.score).label("previous_score"),
            before(Audit.max_score).label("previous_max"),
            before(Audit.completed_on).label("previous_on"),
            func.row_number().over(**order).label("place"),
        )
        .where(Audit.org_id == actor.org_id, Audit.service_id == service_id)
        .subquery()
    )
    return db.session.execute(
        select(ranked)
        .where(ranked.c.place == 1)
        .order_by(ranked.c.completed_on.desc(), ranked.c.theme)
        .limit(20)
    ).all()


def concern_counts(*, actor: Actor, service_id: UUID) -> Sequence[Row]:
    """(kind, recent, waiting): items of the last 92 days, and those still open, by kind."""
    since = actor.today - timedelta(days=RECENT_DAYS)
    return db.session.execute(
        select(
            Concern.kind,
            func.count().filter(Concern.occurred_on > since).label("recent"),
            func.count().filter(Concern.status == "open").label("waiting"),
            func.max(Concern.occurred_on).label("latest"),
        )
        .where(Concern.org_id == actor.org_id, Concern.service_id == service_id)
        .group_by(Concern.kind)
        .order_by(Concern.kind)
    ).all()


def evidence(*, actor: Actor, service_id: UUID) -> Sequence[Row]:
    """The newest evidence: (id, reference, title, kind, status, valid_until)."""
    return db.session.execute(
        select(
            Evidence.id,
            Evidence.reference,
            Evidence.title,
            Evidence.kind,
            Evidence.status,
            Evidence.valid_until,
        )
        .where(Evidence.org_id == actor.org_id, Evidence.service_id == service_id)
        .order_by(Evidence.created_at.desc(), Evidence.id.desc())
        .limit(SHOWN)
    ).all()


def reviews(*, actor: Actor, service_id: UUID) -> Sequence[Row]:
    """The newest sittings on this service: (id, reference, forum, status, period_to, assurance)."""
    return db.session.execute(
        select(
            Review.id,
            Review.reference,
            Review.forum,
            Review.status,
            Review.period_to,
            Review.assurance,
        )
        .where(Review.org_id == actor.org_id, Review.service_id == service_id)
        .order_by(Review.period_to.desc(), Review.id.desc())
        .limit(SHOWN)
    ).all()


def _same(model: Any, column: Any, org_id: Any) -> Any:
    return and_(model.org_id == org_id, model.id == column)

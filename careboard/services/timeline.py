"""Everything that happened to a service, in one line of time: one UNION ALL statement.

Source: DESIGN section 5, screen 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Numeric,
    Select,
    cast,
    func,
    literal,
    select,
    union_all,
)

from careboard.accounts.models import Membership
from careboard.actions.models import Action, ActionUpdate
from careboard.evidence.models import Evidence
from careboard.monitoring.models import EpisodeReview, MonitoringDecision, MonitoringEpisode
from careboard.records.models import Audit, AuditConcern, Concern
from careboard.reviews.models import Review
from careboard.risks.models import RatingReview, Risk
from careboard.rules.models import Trigger
from careboard.services import timeline_sharing
from careboard.services.lists import Page, fetch_page
from careboard.services.timeline_parts import by_member, happened, local_day
from careboard.services.timeline_words import TONES, title
from careboard.tenancy import Actor

KINDS = {
    "audit": "Audits",
    "audit_concern": "Audit concerns",
    "concern": "Incidents, complaints and other concerns",
    "action": "Actions",
    "rating": "Ratings",
    "evidence": "Evidence",
    "review": "Reviews",
    "trigger": "Triggers",
    "monitoring": "Enhanced monitoring",
    "sharing": "Decisions on sharing",
    "communication": "Communications",
    "pack": "Packs",
}
PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `when` is a moment where it is known, else a day; `kind` a key of
    KINDS; `subject_id` the row it is told of, None for a decision not to start monitoring."""

    kind: str
    subject_id: UUID | None
    when: date | datetime
    title: str
    text: str
    who: str | None
    tone: str | None


def service_timeline(*, actor: Actor, service_id: UUID, kind: str = "", page: int = 1) -> Page:
    """A page of Events of that kind (empty: of every kind), newest first. One statement."""
    chosen = [kind] if kind else list(KINDS)
    parts = [part for name in chosen for part in _PARTS[name](actor, service_id)]
    # Aliased even when there is but one part, so that ordering and counting see plain columns.
    all_parts = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
    statement = select(all_parts).order_by(
        all_parts.c.day.desc(),
        all_parts.c.moment.desc().nulls_last(),
        all_parts.c.subject_id.desc(),
    )
    found = fetch_page(statement, page=page, size=PAGE_SIZE)
    return Page([_event(row) for row in found.rows], found.number, found.total, found.size)


def _audits(actor: Actor, service_id: UUID) -> list[Select]:
    percent = func.round(cast(Audit.score, Numeric) * 100 / func.nullif(Audit.max_score, 0), 1)
    return [
        happened(
            Audit,
            "audit",
            actor,
            day=Audit.completed_on,
            code=Audit.rag,
            subject=Audit.id,
            name=Audit.theme,
            text=percent,
        ).where(Audit.service_id == service_id)
    ]


def _audit_concerns(actor: Actor, service_id: UUID) -> list[Select]:
    raised = happened(
        AuditConcern,
        "audit_concern",
        actor,
        day=AuditConcern.raised_on,
        code=AuditConcern.severity,
        subject=AuditConcern.id,
        name=AuditConcern.theme,
        text=AuditConcern.text,
    ).where(AuditConcern.service_id == service_id)
    closed = by_member(
        happened(
            AuditConcern,
            "audit_concern",
            actor,
            day=AuditConcern.closed_on,
            code=literal("closed"),
            subject=AuditConcern.id,
            name=AuditConcern.theme,
            text=AuditConcern.close_reason,
            who=Membership.name,
        ).select_from(AuditConcern),
        AuditConcern,
        AuditConcern.closed_by_id,
    ).where(AuditConcern.service_id == service_id, AuditConcern.closed_on.is_not(None))
    return [raised, closed]


def _concerns(actor: Actor, service_id: UUID) -> list[Select]:
    return [
        happened(
            Concern,
            "concern",
            actor,
            day=Concern.occurred_on,
            moment=Concern.occurred_at,
            code=Concern.kind,
            subject=Concern.id,
            name=Concern.theme,
            text=Concern.text,
        ).where(Concern.service_id == service_id)
    ]


def _actions(actor: Actor, service_id: UUID) -> list[Select]:
    part = happened(
        ActionUpdate,
        "action",
        actor,
        day=local_day(actor, ActionUpdate.happened_at),
        moment=ActionUpdate.happened_at,
        code=ActionUpdate.kind,
        subject=Action.id,
        name=Action.reference + ", " + Action.title,
        text=ActionUpdate.note,
        who=Membership.name,
    ).join(Action, (Action.org_id == ActionUpdate.org_id) & (Action.id == ActionUpdate.action_id))
    return [
        by_member(part.select_from(ActionUpdate), ActionUpdate, ActionUpdate.by_id).where(
            Action.service_id == service_id
        )
    ]


def _ratings(actor: Actor, service_id: UUID) -> list[Select]:
    part = happened(
        RatingReview,
        "rating",
        actor,
        day=RatingReview.decided_on,
        moment=RatingReview.decided_at,
        code=RatingReview.decision,
        subject=Risk.id,
        name=Risk.domain + "|" + RatingReview.rating_to,
        text=RatingReview.rationale,
        who=Membership.name,
    ).join(Risk, (Risk.org_id == RatingReview.org_id) & (Risk.id == RatingReview.risk_id))
    return [
        by_member(part.select_from(RatingReview), RatingReview, RatingReview.decided_by_id).where(
            Risk.service_id == service_id
        )
    ]


def _evidence(actor: Actor, service_id: UUID) -> list[Select]:
    submitted = happened(
        Evidence,
        "evidence",
        actor,
        day=local_day(actor, Evidence.created_at),
        moment=Evidence.created_at,
        code=literal("added"),
        subject=Evidence.id,
        name=Evidence.reference + ", " + Evidence.title,
        who=Membership.name,
    )
    decided = happened(
        Evidence,
        "evidence",
        actor,
        day=Evidence.decided_on,
        code=Evidence.status,
        subject=Evidence.id,
        name=Evidence.reference + ", " + Evidence.title,
        text=Evidence.decision_note,
        who=Membership.name,
    ).where(Evidence.decided_on.is_not(None))
    return [
        by_member(part.select_from(Evidence), Evidence, column).where(
            Evidence.service_id == service_id
        )
        for part, column in (
            (submitted, Evidence.submitted_by_id),
            (decided, Evidence.decided_by_id),
        )
    ]


def _reviews(actor: Actor, service_id: UUID) -> list[Select]:
    signed = func.coalesce(Review.signed_at, Review.created_at)
    part = happened(
        Review,
        "review",
        actor,
        day=local_day(actor, signed),
        moment=signed,
        code=Review.status,
        subject=Review.id,
        name=Review.forum,
        text=Review.summary,
        who=Membership.name,
    )
    return [
        by_member(
            part.select_from(Review),
            Review,
            func.coalesce(Review.signed_by_id, Review.opened_by_id),
        ).where(Review.service_id == service_id)
    ]


def _triggers(actor: Actor, service_id: UUID) -> list[Select]:
    return [
        happened(
            Trigger,
            "trigger",
            actor,
            day=Trigger.fired_on,
            moment=Trigger.created_at,
            code=literal("fired"),
            subject=Trigger.id,
            name=Trigger.reference,
            text=Trigger.sentence,
        ).where(Trigger.service_id == service_id)
    ]


def _monitoring(actor: Actor, service_id: UUID) -> list[Select]:
    """Decisions and reviews; one not to start is told of its triggers' decision log."""
    decided = happened(
        MonitoringDecision,
        "monitoring",
        actor,
        day=MonitoringDecision.decided_on,
        moment=MonitoringDecision.decided_at,
        code=MonitoringDecision.decision,
        subject=MonitoringDecision.episode_id,
        name=MonitoringDecision.reference,
        text=MonitoringDecision.reason,
        who=Membership.name,
    ).select_from(MonitoringDecision)
    reviewed = (
        happened(
            EpisodeReview,
            "monitoring",
            actor,
            day=EpisodeReview.held_on,
            moment=EpisodeReview.decided_at,
            code=EpisodeReview.decision,
            subject=EpisodeReview.episode_id,
            name=MonitoringEpisode.reference,
            text=EpisodeReview.reason,
            who=Membership.name,
        )
        .select_from(EpisodeReview)
        .join(
            MonitoringEpisode,
            (MonitoringEpisode.org_id == EpisodeReview.org_id)
            & (MonitoringEpisode.id == EpisodeReview.episode_id),
        )
    )
    return [
        by_member(decided, MonitoringDecision, MonitoringDecision.decided_by_id).where(
            MonitoringDecision.service_id == service_id
        ),
        by_member(reviewed, EpisodeReview, EpisodeReview.decided_by_id).where(
            MonitoringEpisode.service_id == service_id
        ),
    ]


_PARTS = {
    "audit": _audits,
    "audit_concern": _audit_concerns,
    "concern": _concerns,
    "action": _actions,
    "rating": _ratings,
    "evidence": _evidence,
    "review": _reviews,
    "trigger": _triggers,
    "monitoring": _monitoring,
    "sharing": timeline_sharing.decisions,
    "communication": timeline_sharing.communications,
    "pack": timeline_sharing.packs,
}


def _event(row: Any) -> Event:
    code = row.code or ""
    return Event(
        kind=row.kind,
        subject_id=row.subject_id,
        when=row.moment or row.day,
        title=title(row.kind, code, row.name),
        text="" if row.kind == "audit" and not row.text else _text(row),
        who=row.who,
        tone=TONES.get(code),
    )


def _text(row: Any) -> str:
    return f"Scored {float(row.text):g}%" if row.kind == "audit" else row.text

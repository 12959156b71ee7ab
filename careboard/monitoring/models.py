"""Enhanced monitoring: the decision of a person, the episode, what it changes, how it ends.

Source: DESIGN section 4, monitoring episode; steps S2-1.1 to S2-3.5; rules 3.4.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent
from careboard.recovery.models import _one_of

KINDS = ("safeguarding", "audit", "commissioner", "other")
STATUSES = ("open", "stepped_down", "closed")
CHANGES = (
    "weekly_review",
    "provider_visits",
    "action_verification",
    "senior_reporting",
    "temporary_support",
)
REVIEW_KINDS = ("scheduled", "out_of_cycle", "follow_up")
DECISIONS = ("continue", "escalate", "step_down", "sustained", "not_sustained")
ESCALATIONS = ("local_authority", "provider_intervention", "board", "commissioner")


class MonitoringEpisode(Base, TenantRow):
    """A service under enhanced monitoring.

    `requires` says what is demanded of it. Open until a review steps it down; then it waits for
    its follow-up review, which closes it. At least one criterion for stepping down, always.
    """

    __tablename__ = "monitoring_episode"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    started_on: Mapped[date]
    frequency_days: Mapped[int] = mapped_column(server_default="7")
    planned_review_on: Mapped[date]
    governance_lead_id: Mapped[UUID]
    manager_id: Mapped[UUID]
    requires: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="open")
    ended_on: Mapped[date | None]
    re_escalation: Mapped[str] = mapped_column(Text, server_default="")
    follow_up_on: Mapped[date | None]
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("governance_lead_id", "membership"),
        parent("manager_id", "membership"),
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("status", STATUSES), name="status"),
        CheckConstraint("title <> '' AND requires <> ''", name="words"),
        CheckConstraint("frequency_days BETWEEN 1 AND 31", name="frequency_days"),
        CheckConstraint("planned_review_on > started_on", name="planned_review_on"),
        CheckConstraint(
            "governance_lead_id <> manager_id OR same_person_reason <> ''", name="two_leads"
        ),
        CheckConstraint(
            "CASE WHEN status = 'open' THEN num_nonnulls(ended_on, follow_up_on) = 0 "
            "ELSE num_nulls(ended_on, follow_up_on) = 0 AND re_escalation <> '' END",
            name="stepped_down",
        ),
        CheckConstraint(
            "follow_up_on > ended_on AND follow_up_on <= ended_on + 28", name="follow_up_on"
        ),
        Index(
            "uq_monitoring_episode_open",
            "org_id",
            "service_id",
            "kind",
            unique=True,
            postgresql_where="status = 'open'",
        ),
        Index("ix_monitoring_episode_org_id_service_id", "org_id", "service_id"),
    )


class MonitoringDecision(Base, TenantRow):
    """A named person decided to start enhanced monitoring, or not to, and why. Never changed.

    Without triggers it was decided on the person's own judgement.
    """

    __tablename__ = "monitoring_decision"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    decision: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[UUID]
    decided_on: Mapped[date]
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    episode_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("decided_by_id", "membership"),
        parent("episode_id", "monitoring_episode"),
        CheckConstraint("decision IN ('start', 'do_not_start')", name="decision"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(decision = 'start') = (episode_id IS NOT NULL)", name="started"),
        Index("ix_monitoring_decision_org_id_service_id", "org_id", "service_id", "decided_at"),
        Index("ix_monitoring_decision_org_id_episode_id", "org_id", "episode_id"),
    )


class DecisionTrigger(Base, TenantRow):
    """A trigger that was decided on, as it stood then. Never changed."""

    __tablename__ = "decision_trigger"

    decision_id: Mapped[UUID]
    trigger_id: Mapped[UUID]
    sentence: Mapped[str] = mapped_column(Text)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    __table_args__ = (
        Unique("org_id", "decision_id", "trigger_id"),
        parent("decision_id", "monitoring_decision"),
        parent("trigger_id", "trigger"),
        Index("ix_decision_trigger_org_id_trigger_id", "org_id", "trigger_id"),
    )


class ConfidenceNote(Base, TenantRow):
    """Somebody of the provider has lost confidence in a service's own controls. Never changed."""

    __tablename__ = "confidence_note"

    service_id: Mapped[UUID]
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID]
    on_date: Mapped[date]

    __table_args__ = (
        parent("service_id", "service"),
        parent("by_id", "membership"),
        CheckConstraint("text <> ''", name="text"),
        Index("ix_confidence_note_org_id_service_id", "org_id", "service_id", "on_date"),
    )


class EpisodeChange(Base, TenantRow):
    """What changes operationally, with its owner and day; `done_on` when it was put in place."""

    __tablename__ = "episode_change"

    episode_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[UUID]
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    done_by_id: Mapped[UUID | None]

    __table_args__ = (
        parent("episode_id", "monitoring_episode"),
        parent("owner_id", "membership"),
        parent("done_by_id", "membership"),
        CheckConstraint(_one_of("kind", CHANGES), name="kind"),
        CheckConstraint("what <> ''", name="what"),
        CheckConstraint("(done_on IS NULL) = (done_by_id IS NULL)", name="done"),
        Index("ix_episode_change_org_id_episode_id", "org_id", "episode_id"),
    )


class EpisodeCriterion(Base, TenantRow):
    """A condition for stepping down.

    `code` names how it is computed (see `criteria`) from `parameters`; without one a person judges
    it. It is never changed, only withdrawn, with a reason.
    """

    __tablename__ = "episode_criterion"

    episode_id: Mapped[UUID]
    number: Mapped[int]
    code: Mapped[str | None] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    words: Mapped[str] = mapped_column(Text)
    added_on: Mapped[date]
    added_by_id: Mapped[UUID]
    withdrawn_on: Mapped[date | None]
    withdrawn_by_id: Mapped[UUID | None]
    withdrawn_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "episode_id", "number"),
        parent("episode_id", "monitoring_episode"),
        parent("added_by_id", "membership"),
        parent("withdrawn_by_id", "membership"),
        CheckConstraint("words <> ''", name="words"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(
            "CASE WHEN withdrawn_on IS NULL THEN withdrawn_by_id IS NULL "
            "ELSE withdrawn_by_id IS NOT NULL AND withdrawn_reason <> '' END",
            name="withdrawn",
        ),
    )


class CriterionJudgement(Base, TenantRow):
    """What a person found on a criterion that cannot be computed. The last one counts."""

    __tablename__ = "criterion_judgement"

    criterion_id: Mapped[UUID]
    met: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    evidence_id: Mapped[UUID | None]
    judged_by_id: Mapped[UUID]
    judged_on: Mapped[date]
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        parent("criterion_id", "episode_criterion"),
        parent("evidence_id", "evidence"),
        parent("judged_by_id", "membership"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("NOT met OR evidence_id IS NOT NULL", name="evidenced"),
        Index("ix_criterion_judgement_org_id_criterion_id", "org_id", "criterion_id"),
    )


class MonitoringVisit(Base, TenantRow):
    """A provider visit to the service. Never changed.

    `verifies` says what was verified on it; empty: nothing was. `independent`: the visitor has no
    part in what is monitored.
    """

    __tablename__ = "monitoring_visit"

    episode_id: Mapped[UUID]
    on_date: Mapped[date]
    visited_by_id: Mapped[UUID]
    independent: Mapped[bool]
    findings: Mapped[str] = mapped_column(Text)
    verifies: Mapped[str] = mapped_column(Text, server_default="")
    recorded_by_id: Mapped[UUID]

    __table_args__ = (
        parent("episode_id", "monitoring_episode"),
        parent("visited_by_id", "membership"),
        parent("recorded_by_id", "membership"),
        CheckConstraint("findings <> ''", name="findings"),
        Index("ix_monitoring_visit_org_id_episode_id", "org_id", "episode_id", "on_date"),
    )


class CommissionerStatement(Base, TenantRow):
    """What the commissioner said about its confidence, as recorded. Never changed."""

    __tablename__ = "commissioner_statement"

    episode_id: Mapped[UUID]
    restored: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    stated_on: Mapped[date]
    recorded_by_id: Mapped[UUID]

    __table_args__ = (
        parent("episode_id", "monitoring_episode"),
        parent("recorded_by_id", "membership"),
        CheckConstraint("text <> ''", name="text"),
        Index("ix_commissioner_statement_org_id_episode_id", "org_id", "episode_id", "stated_on"),
    )


class EpisodeReview(Base, TenantRow):
    """A review of an episode and its decision. Never changed.

    `criteria` is where each stood then; `all_met` that all did. `cause` is why an out-of-cycle
    review was called. `sustained` and `not_sustained` are of the follow-up review alone.
    `same_person_reason` says why who stepped it down also made the visit that verified it.
    """

    __tablename__ = "episode_review"

    episode_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    held_on: Mapped[date]
    cause: Mapped[str] = mapped_column(Text, server_default="")
    decision: Mapped[str] = mapped_column(Text)
    escalated_to: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    all_met: Mapped[bool]
    decided_by_id: Mapped[UUID]
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sitting_id: Mapped[UUID | None]
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "episode_id", "number"),
        parent("episode_id", "monitoring_episode"),
        parent("decided_by_id", "membership"),
        parent("sitting_id", "review"),
        CheckConstraint(_one_of("kind", REVIEW_KINDS), name="kind"),
        CheckConstraint(_one_of("decision", DECISIONS), name="decision"),
        CheckConstraint(_one_of("escalated_to", ESCALATIONS), name="escalated_to"),
        CheckConstraint("(decision = 'escalate') = (escalated_to IS NOT NULL)", name="escalated"),
        CheckConstraint("(kind = 'out_of_cycle') = (cause <> '')", name="out_of_cycle"),
        CheckConstraint(
            "(kind = 'follow_up') = (decision IN ('sustained', 'not_sustained'))", name="follow_up"
        ),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(
            "decision <> 'step_down' OR (all_met AND sitting_id IS NOT NULL)", name="step_down"
        ),
        Index("ix_episode_review_org_id_sitting_id", "org_id", "sitting_id"),
    )

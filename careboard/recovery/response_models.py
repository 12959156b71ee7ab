"""What was answered to a decline, and the reviews of recovery plans with their story."""

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
from careboard.vocabulary import DOMAINS

STATUSES = ("open", "answered", "not_needed", "closed")
KINDS = ("risk_register", "provider_oversight", "additional_audit", "revised_controls", "none")
CADENCES = ("week", "month")
DECISIONS = ("continue", "change", "enhanced_review", "close")
ASSURANCES = ("assured", "further_action", "escalated")


class Response(Base, TenantRow):
    """A decline by rule, and what the provider answered to it.

    It is of an indicator, or of a plan's checks, actions or feedback. `rows` are those that made
    the rule fire, with what they said then. Open until somebody decides: answered or not needed.
    Closed once the rule is no longer true, with or without an answer (`kind` tells); its facts and
    its decision never change. `asked_id` is who answers for the indicator or plan.
    """

    __tablename__ = "response"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    domain: Mapped[str] = mapped_column(Text)
    indicator_id: Mapped[UUID | None]
    plan_id: Mapped[UUID | None]
    fired_on: Mapped[date]
    rule: Mapped[str] = mapped_column(Text)
    rule_version: Mapped[int]
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    sentence: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="open")
    asked_id: Mapped[UUID | None]
    kind: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[UUID | None]
    due_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text, server_default="")
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    action_id: Mapped[UUID | None]
    risk_id: Mapped[UUID | None]
    closed_on: Mapped[date | None]
    closing: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("indicator_id", "indicator"),
        parent("plan_id", "recovery_plan"),
        parent("asked_id", "membership"),
        parent("owner_id", "membership"),
        parent("decided_by_id", "membership"),
        parent("action_id", "action"),
        parent("risk_id", "risk"),
        CheckConstraint(_one_of("domain", DOMAINS), name="domain"),
        CheckConstraint(_one_of("status", STATUSES), name="status"),
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint("num_nonnulls(indicator_id, plan_id) = 1", name="one_subject"),
        CheckConstraint("(closed_on IS NULL) = (status <> 'closed')", name="closed"),
        CheckConstraint(
            "(status <> 'open' OR kind IS NULL) AND (status <> 'answered' OR kind <> 'none') "
            "AND (status <> 'not_needed' OR kind = 'none') "
            "AND (status NOT IN ('answered', 'not_needed') OR kind IS NOT NULL)",
            name="decided",
        ),
        CheckConstraint(
            "CASE WHEN kind IS NULL THEN num_nonnulls(decided_by_id, decided_at) = 0 "
            "ELSE num_nulls(decided_by_id, decided_at) = 0 AND reason <> '' END",
            name="decision",
        ),
        CheckConstraint(
            "kind = 'none' OR kind IS NULL OR num_nulls(owner_id, due_on) = 0", name="owned"
        ),
        CheckConstraint("kind <> 'risk_register' OR risk_id IS NOT NULL", name="on_the_register"),
        CheckConstraint(
            "kind NOT IN ('additional_audit', 'revised_controls') OR action_id IS NOT NULL",
            name="acted_on",
        ),
        # Nobody finds alone that a decline of what they answer for needs nothing.
        CheckConstraint(
            "kind <> 'none' OR asked_id IS NULL OR decided_by_id <> asked_id "
            "OR same_person_reason <> ''",
            name="not_needed_by_someone_else",
        ),
        Index(
            "uq_response_standing",
            "org_id",
            "service_id",
            "rule",
            "indicator_id",
            "plan_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where="status <> 'closed'",
        ),
        Index("ix_response_org_id_service_id", "org_id", "service_id", "fired_on"),
        Index("ix_response_org_id_indicator_id", "org_id", "indicator_id"),
        Index("ix_response_org_id_action_id", "org_id", "action_id"),
        Index("ix_response_org_id_risk_id", "org_id", "risk_id"),
    )


class PlanReview(Base, TenantRow):
    """A weekly or monthly review of a recovery plan. Never changed.

    `position` is where each indicator stood at the end of the period, in the chart's words. `lead`
    is the plan's: a month is reviewed by someone else. `assurance` is of a month only.
    """

    __tablename__ = "plan_review"

    plan_id: Mapped[UUID]
    cadence: Mapped[str] = mapped_column(Text)
    period_start: Mapped[date]
    period_end: Mapped[date]
    position: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    changed: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    followed: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    assurance: Mapped[str | None] = mapped_column(Text)
    lead_id: Mapped[UUID]
    by_id: Mapped[UUID]
    on_date: Mapped[date]
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "plan_id", "cadence", "period_end"),
        parent("plan_id", "recovery_plan"),
        parent("lead_id", "membership"),
        parent("by_id", "membership"),
        CheckConstraint(_one_of("cadence", CADENCES), name="cadence"),
        CheckConstraint("period_end >= period_start AND period_end <= on_date", name="period"),
        CheckConstraint("changed <> '' AND why <> '' AND followed <> ''", name="story"),
        CheckConstraint(_one_of("decision", DECISIONS), name="decision"),
        CheckConstraint(_one_of("assurance", ASSURANCES), name="assurance"),
        CheckConstraint("(cadence = 'month') = (assurance IS NOT NULL)", name="assurance_of_month"),
        CheckConstraint(
            "cadence = 'week' OR by_id <> lead_id OR same_person_reason <> ''",
            name="month_by_someone_else",
        ),
    )


class PlanReviewStory(Base, TenantRow):
    """The story of one indicator that moved by a special cause since the review before."""

    __tablename__ = "plan_review_story"

    plan_review_id: Mapped[UUID]
    indicator_id: Mapped[UUID]
    changed: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    followed: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Unique("org_id", "plan_review_id", "indicator_id"),
        parent("plan_review_id", "plan_review"),
        parent("indicator_id", "indicator"),
        CheckConstraint("changed <> '' AND why <> '' AND followed <> ''", name="story"),
    )

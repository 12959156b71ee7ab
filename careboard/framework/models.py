"""What is tagged to which topic, the framework in use, and decisions on the crosswalk."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class FrameworkTag(Base, TenantRow):
    """One thing tagged to one topic. Taken off, it stays with the day and the person."""

    __tablename__ = "framework_tag"

    framework: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    risk_id: Mapped[UUID | None]
    indicator_id: Mapped[UUID | None]
    action_id: Mapped[UUID | None]
    evidence_id: Mapped[UUID | None]
    tagged_by_id: Mapped[UUID | None]
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    removed_by_id: Mapped[UUID | None]

    __table_args__ = (
        parent("risk_id", "risk"),
        parent("indicator_id", "indicator"),
        parent("action_id", "action"),
        parent("evidence_id", "evidence"),
        parent("tagged_by_id", "membership"),
        parent("removed_by_id", "membership"),
        CheckConstraint(
            "num_nonnulls(risk_id, indicator_id, action_id, evidence_id) = 1", name="one_target"
        ),
        Index(
            "uq_framework_tag_once",
            "org_id",
            "framework",
            "topic",
            "risk_id",
            "indicator_id",
            "action_id",
            "evidence_id",
            unique=True,
            postgresql_where="removed_at IS NULL",
            postgresql_nulls_not_distinct=True,
        ),
    )


class FrameworkUse(Base, TenantRow):
    """Which framework the organisation works by from a day on; the latest row holds."""

    __tablename__ = "framework_use"

    framework: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[UUID | None]

    __table_args__ = (
        parent("decided_by_id", "membership"),
        CheckConstraint("reason <> ''", name="reason"),
    )


class CrosswalkDecision(Base, TenantRow):
    """Whether two topics say the same, in the judgement of a person; the latest row holds."""

    __tablename__ = "crosswalk_decision"

    one_framework: Mapped[str] = mapped_column(Text)
    one_topic: Mapped[str] = mapped_column(Text)
    other_framework: Mapped[str] = mapped_column(Text)
    other_topic: Mapped[str] = mapped_column(Text)
    same: Mapped[bool]
    decided_by_id: Mapped[UUID | None]

    __table_args__ = (
        parent("decided_by_id", "membership"),
        Index("ix_crosswalk_decision_pair", "org_id", "one_topic", "other_topic"),
    )

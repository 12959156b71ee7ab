"""People's experience: monthly summaries with their themes, and the notes made on them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class ExperienceSummary(Base, TenantRow):
    """What a month's feedback said of a service. Source: step S0-2.1, rule N2.

    A correction is a row with the next `number`; the one before it is superseded and stays.
    `invited` and `people` (using the service) are None where nobody counted them.
    """

    __tablename__ = "experience_summary"

    service_id: Mapped[UUID]
    month: Mapped[date]
    number: Mapped[int]
    sample_size: Mapped[int]
    invited: Mapped[int | None]
    people: Mapped[int | None]
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    correction_reason: Mapped[str] = mapped_column(Text, server_default="")
    submitted_by_id: Mapped[UUID | None]
    submitted_on: Mapped[date]
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Unique("org_id", "service_id", "month", "number"),
        parent("service_id", "service"),
        parent("submitted_by_id", "membership"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint("source IN ('imported', 'entered')", name="source"),
        CheckConstraint(
            "sample_size >= 0 AND invited >= sample_size AND people > 0", name="counts"
        ),
        CheckConstraint("number = 1 OR correction_reason <> ''", name="correction_reason"),
        Index(
            "uq_experience_summary_present",
            "org_id",
            "service_id",
            "month",
            unique=True,
            postgresql_where="superseded_at IS NULL",
        ),
        Index("ix_experience_summary_org_id_month", "org_id", "month"),
    )


class ExperienceTheme(Base, TenantRow):
    """How many said good and bad things of a theme in the month; themes are lower case."""

    __tablename__ = "experience_theme"

    summary_id: Mapped[UUID]
    theme: Mapped[str] = mapped_column(Text)
    positive: Mapped[int]
    negative: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "summary_id", "theme"),
        parent("summary_id", "experience_summary"),
        CheckConstraint("positive >= 0 AND negative >= 0", name="counts"),
        CheckConstraint("theme = lower(theme) AND theme <> ''", name="theme"),
    )


class ThemeRating(Base, TenantRow):
    """A theme put on the board with a rating and its reasons (dashboard notes, step S0-2.3).

    `rating` is None where the theme is noted without one.
    """

    __tablename__ = "theme_rating"

    service_id: Mapped[UUID]
    theme: Mapped[str] = mapped_column(Text)
    month: Mapped[date]
    rating: Mapped[str | None] = mapped_column(Text)
    rationale: Mapped[str] = mapped_column(Text)
    rated_by_id: Mapped[UUID | None]
    rated_on: Mapped[date]

    __table_args__ = (
        parent("service_id", "service"),
        parent("rated_by_id", "membership"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint("rating IN ('low', 'moderate', 'high', 'very_high')", name="rating"),
        CheckConstraint("rationale <> ''", name="rationale"),
        Index("ix_theme_rating_org_id_service_id", "org_id", "service_id", "theme", "created_at"),
    )


class IntelligenceNote(Base, TenantRow):
    """What the comparison of feedback with complaints found (experience intelligence log, S0-2.2).

    `finding` is what the rule said on that day. `acknowledged`: those who spoke up were told that
    they have been heard.
    """

    __tablename__ = "intelligence_note"

    service_id: Mapped[UUID]
    theme: Mapped[str] = mapped_column(Text)
    month: Mapped[date]
    finding: Mapped[str] = mapped_column(Text)
    overlap: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    acknowledged: Mapped[bool] = mapped_column(server_default="false")
    noted_by_id: Mapped[UUID | None]
    noted_on: Mapped[date]

    __table_args__ = (
        parent("service_id", "service"),
        parent("noted_by_id", "membership"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint("overlap IN ('matches', 'partly', 'none')", name="overlap"),
        CheckConstraint("text <> ''", name="text"),
        Index(
            "ix_intelligence_note_org_id_service_id", "org_id", "service_id", "theme", "created_at"
        ),
    )


class ThemeAction(Base, TenantRow):
    """That an action answers a theme (quality improvement plan, step S0-2.4)."""

    __tablename__ = "theme_action"

    action_id: Mapped[UUID]
    theme: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Unique("org_id", "action_id"),
        parent("action_id", "action"),
        CheckConstraint("theme = lower(theme) AND theme <> ''", name="theme"),
    )

"""Reviews: sittings of a forum, what they looked at, decided and challenged."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class Review(Base, TenantRow):
    """A sitting. Once signed, neither it nor its items and entries can be changed."""

    __tablename__ = "review"

    reference: Mapped[str] = mapped_column(Text)
    forum: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID | None]
    period_from: Mapped[date]
    period_to: Mapped[date]
    status: Mapped[str] = mapped_column(Text, server_default="open")
    summary: Mapped[str] = mapped_column(Text, server_default="")
    assurance: Mapped[str | None] = mapped_column(Text)
    attendance: Mapped[str] = mapped_column(Text, server_default="")
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    opened_by_id: Mapped[UUID | None]
    signed_by_id: Mapped[UUID | None]
    signed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    sha256: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("opened_by_id", "membership"),
        parent("signed_by_id", "membership"),
        CheckConstraint(
            "forum IN ('weekly_manager', 'weekly_monitoring', 'monthly_governance', "
            "'fortnightly_recovery', 'quarterly_board', 'quarterly_safeguarding')",
            name="forum",
        ),
        CheckConstraint("status IN ('open', 'signed')", name="status"),
        CheckConstraint("assurance IN ('given', 'partial', 'withheld')", name="assurance"),
        CheckConstraint(
            "(status = 'signed') = (signed_at IS NOT NULL AND sha256 IS NOT NULL)", name="signed"
        ),
        Index("ix_review_org_id_forum", "org_id", "forum", "period_to"),
        Index(
            "uq_review_one_open",
            "org_id",
            "forum",
            "service_id",
            "period_from",
            "period_to",
            unique=True,
            postgresql_where="status = 'open'",
            postgresql_nulls_not_distinct=True,
        ),
    )


class ReviewItem(Base, TenantRow):
    """One line of the prepared agenda, as the thing stood when the agenda was made."""

    __tablename__ = "review_item"

    review_id: Mapped[UUID]
    position: Mapped[int]
    section: Mapped[str] = mapped_column(Text)
    action_id: Mapped[UUID | None]
    audit_concern_id: Mapped[UUID | None]
    risk_id: Mapped[UUID | None]
    title: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")

    __table_args__ = (
        parent("review_id", "review"),
        parent("action_id", "action"),
        parent("audit_concern_id", "audit_concern"),
        parent("risk_id", "risk"),
        CheckConstraint(
            "section IN ('overdue', 'unlinked', 'returned', 'changed', 'challenges', 'added')",
            name="section",
        ),
        Index("ix_review_item_org_id_review_id", "org_id", "review_id", "position"),
    )


class ReviewEntry(Base, TenantRow):
    """A decision or challenge recorded in a sitting, against an item or the sitting itself."""

    __tablename__ = "review_entry"

    review_id: Mapped[UUID]
    item_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID | None]
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        parent("review_id", "review"),
        parent("item_id", "review_item"),
        parent("by_id", "membership"),
        CheckConstraint("kind IN ('decision', 'challenge', 'note')", name="kind"),
        CheckConstraint("text <> ''", name="text"),
        Index("ix_review_entry_org_id_review_id", "org_id", "review_id", "entered_at"),
    )


class ChallengeAnswer(Base, TenantRow):
    """The answer to a challenge. Without one a challenge is open, whatever its sitting."""

    __tablename__ = "challenge_answer"

    entry_id: Mapped[UUID]
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID | None]
    answered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Unique("org_id", "entry_id"),
        parent("entry_id", "review_entry"),
        parent("by_id", "membership"),
        CheckConstraint("text <> ''", name="text"),
    )

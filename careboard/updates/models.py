"""What a commissioner asked for, the fortnightly updates on it, and what the commissioner said.

Source: DESIGN section 4, Recovery update; steps S3-3.1 to S3-3.5; rule N13.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent

SECTIONS = ("asked", "progress", "validated", "not_validated", "remaining_risk", "next")


class TrackedConcern(Base, TenantRow):
    """A line of the external assurance tracker: a commissioner's concern and what would assure it.

    `lead_id` is the contracts lead who answers for it, `manager_id` who gathers the evidence,
    `link_id` the commissioner who reads the updates.
    """

    __tablename__ = "tracked_concern"

    reference: Mapped[str] = mapped_column(Text)
    concern_id: Mapped[UUID]
    service_id: Mapped[UUID]
    theme: Mapped[str] = mapped_column(Text)
    required_assurance: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    link_id: Mapped[UUID | None]
    lead_id: Mapped[UUID]
    manager_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(Text, server_default="open")
    closed_on: Mapped[date | None]
    closed_by_id: Mapped[UUID | None]
    close_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        Unique("org_id", "concern_id"),
        parent("concern_id", "concern"),
        parent("service_id", "service"),
        parent("lead_id", "membership"),
        parent("manager_id", "membership"),
        parent("link_id", "commissioner_link"),
        parent("closed_by_id", "membership"),
        CheckConstraint("theme <> '' AND required_assurance <> ''", name="words"),
        CheckConstraint("status IN ('open', 'met', 'closed_unmet')", name="status"),
        CheckConstraint(
            "CASE WHEN status = 'open' "
            "THEN num_nonnulls(closed_on, closed_by_id) = 0 AND close_reason = '' "
            "ELSE num_nulls(closed_on, closed_by_id) = 0 AND close_reason <> '' END",
            name="closed",
        ),
        Index("ix_tracked_concern_org_id_service_id", "org_id", "service_id"),
    )


class UpdateSchedule(Base, TenantRow):
    """The fortnights of a tracked concern, from `anchor_on`, which is the first of them.

    It ends by a decision of the governance group, `end_entry_id`.
    """

    __tablename__ = "update_schedule"

    tracked_id: Mapped[UUID]
    anchor_on: Mapped[date]
    every_days: Mapped[int] = mapped_column(server_default="14")
    started_by_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(Text, server_default="running")
    ended_on: Mapped[date | None]
    ended_by_id: Mapped[UUID | None]
    end_reason: Mapped[str] = mapped_column(Text, server_default="")
    end_entry_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "tracked_id"),
        parent("tracked_id", "tracked_concern"),
        parent("started_by_id", "membership"),
        parent("ended_by_id", "membership"),
        parent("end_entry_id", "review_entry"),
        CheckConstraint("every_days = 14", name="every_days"),
        CheckConstraint("status IN ('running', 'ended')", name="status"),
        CheckConstraint(
            "CASE WHEN status = 'running' "
            "THEN num_nonnulls(ended_on, ended_by_id, end_entry_id) = 0 AND end_reason = '' "
            "ELSE num_nulls(ended_on, ended_by_id, end_entry_id) = 0 AND end_reason <> '' END",
            name="ended",
        ),
    )


class RecoveryUpdate(Base, TenantRow):
    """One fortnight of a schedule, once and for all: (schedule_id, due_on).

    `content` is the exact text of a packs.content.Content, figures without words; what people wrote
    is in `update_words`. `claim_id` is the evidence set of the manager, `claim_by_id` who handed it
    in, `edited_by_id` who wrote last. Missed: nothing was published before the next fortnight. An
    exception says why a step was taken by somebody who had taken an earlier one.
    """

    __tablename__ = "recovery_update"

    reference: Mapped[str] = mapped_column(Text)
    schedule_id: Mapped[UUID]
    number: Mapped[int]
    due_on: Mapped[date]
    status: Mapped[str] = mapped_column(Text)
    content: Mapped[str | None] = mapped_column(Text)
    content_sha256: Mapped[str | None] = mapped_column(Text)
    drafted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    claim_id: Mapped[UUID | None]
    claim_by_id: Mapped[UUID | None]
    edited_by_id: Mapped[UUID | None]
    validated_by_id: Mapped[UUID | None]
    validated_on: Mapped[date | None]
    approved_by_id: Mapped[UUID | None]
    approved_on: Mapped[date | None]
    published_by_id: Mapped[UUID | None]
    published_on: Mapped[date | None]
    pack_id: Mapped[UUID | None]
    validation_exception: Mapped[str] = mapped_column(Text, server_default="")
    approval_exception: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        Unique("org_id", "schedule_id", "due_on"),
        Unique("org_id", "schedule_id", "number"),
        Unique("org_id", "claim_id"),
        parent("schedule_id", "update_schedule"),
        # Who hands the evidence set in makes its claim: validating is by somebody else.
        ForeignKeyConstraint(
            ["org_id", "claim_id", "claim_by_id"],
            ["claim.org_id", "claim.id", "claim.submitted_by_id"],
        ),
        parent("edited_by_id", "membership"),
        parent("validated_by_id", "membership"),
        parent("approved_by_id", "membership"),
        parent("published_by_id", "membership"),
        parent("pack_id", "pack"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(
            "status IN ('draft', 'validated', 'approved', 'published', 'missed')", name="status"
        ),
        CheckConstraint(
            "num_nulls(content, content_sha256, drafted_at) IN (0, 3) "
            "AND (content IS NOT NULL OR status = 'missed')",
            name="drafted",
        ),
        CheckConstraint("(claim_id IS NULL) = (claim_by_id IS NULL)", name="claimed"),
        CheckConstraint(
            "CASE WHEN status IN ('validated', 'approved', 'published') "
            "THEN num_nulls(claim_id, validated_by_id, validated_on) = 0 "
            "ELSE num_nulls(validated_by_id, validated_on) = 2 OR status = 'missed' END",
            name="validated",
        ),
        CheckConstraint(
            "CASE WHEN status IN ('approved', 'published') "
            "THEN num_nulls(approved_by_id, approved_on) = 0 "
            "ELSE num_nulls(approved_by_id, approved_on) = 2 OR status = 'missed' END",
            name="approved",
        ),
        CheckConstraint(
            "num_nulls(published_by_id, published_on, pack_id) "
            "= CASE WHEN status = 'published' THEN 0 ELSE 3 END",
            name="published",
        ),
        CheckConstraint(
            "validated_by_id <> claim_by_id OR validation_exception <> ''",
            name="validated_by_someone_else",
        ),
        CheckConstraint(
            "(approved_by_id NOT IN (validated_by_id, claim_by_id) "
            "AND coalesce(approved_by_id <> edited_by_id, true)) OR approval_exception <> ''",
            name="approved_by_someone_else",
        ),
        CheckConstraint(
            "(validation_exception = '' OR validated_by_id IS NOT NULL) "
            "AND (approval_exception = '' OR approved_by_id IS NOT NULL)",
            name="exceptions",
        ),
        Index("ix_recovery_update_org_id_due_on", "org_id", "due_on"),
    )


class UpdateWords(Base, TenantRow):
    """What somebody wrote on a section of a draft; the latest stands. Never changed."""

    __tablename__ = "update_words"

    update_id: Mapped[UUID]
    section: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID]

    __table_args__ = (
        parent("update_id", "recovery_update"),
        parent("by_id", "membership"),
        CheckConstraint(f"section IN {SECTIONS}", name="section"),
        Index("ix_update_words_org_id_update_id", "org_id", "update_id", "created_at"),
    )


class UpdateFeedback(Base, TenantRow):
    """What a commissioner said of an update, and whether it is content. Never changed."""

    __tablename__ = "update_feedback"

    update_id: Mapped[UUID]
    on_date: Mapped[date]
    said: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    recorded_by_id: Mapped[UUID]

    __table_args__ = (
        parent("update_id", "recovery_update"),
        parent("recorded_by_id", "membership"),
        CheckConstraint("said <> ''", name="said"),
        CheckConstraint("content IN ('yes', 'partly', 'no')", name="content"),
        Index("ix_update_feedback_org_id_update_id", "org_id", "update_id", "on_date"),
    )


class FeedbackAnswer(Base, TenantRow):
    """What the governance group decided on a commissioner's feedback, in a sitting. Never changed.

    Source: step S3-3.5 (governance minutes).
    """

    __tablename__ = "feedback_answer"

    feedback_id: Mapped[UUID]
    sitting_id: Mapped[UUID]
    decision: Mapped[str] = mapped_column(Text)
    next_steps: Mapped[str] = mapped_column(Text, server_default="")
    by_id: Mapped[UUID]

    __table_args__ = (
        parent("feedback_id", "update_feedback"),
        parent("sitting_id", "review"),
        parent("by_id", "membership"),
        CheckConstraint("decision <> ''", name="decision"),
        Index("ix_feedback_answer_org_id_feedback_id", "org_id", "feedback_id"),
        Index("ix_feedback_answer_org_id_sitting_id", "org_id", "sitting_id"),
    )

"""The outbox: e-mail that is owed, and what became of it; and which reminders were raised."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class Outbox(Base, TenantRow):
    """One e-mail. `dedupe_key` makes it exist once, `message_id` lets a double be recognised."""

    __tablename__ = "outbox"

    kind: Mapped[str] = mapped_column(Text)
    membership_id: Mapped[UUID | None]
    to_email: Mapped[str] = mapped_column(Text)
    to_name: Mapped[str] = mapped_column(Text, server_default="")
    template: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    subject: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    dedupe_key: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="ready")
    attempts: Mapped[int] = mapped_column(server_default="0")
    not_before: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lease_token: Mapped[UUID | None]
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_error: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "dedupe_key"),
        parent("membership_id", "membership"),
        CheckConstraint(
            "status IN ('ready', 'sending', 'sent', 'dead', 'suppressed')", name="status"
        ),
        Index("ix_outbox_org_id_created_at", "org_id", "created_at"),
        Index("ix_outbox_org_id_membership_id", "org_id", "membership_id", "created_at"),
        Index(
            "ix_outbox_due",
            "not_before",
            postgresql_where="status IN ('ready', 'sending')",
        ),
    )


class Reminder(Base, TenantRow):
    """One reminder of one thing to one address, raised once per occurrence.

    `rule` says what kind of thing `subject_id` is; `occurrence` is the day that the rule fell due,
    whatever day the mail went.
    """

    __tablename__ = "reminder"

    subject_id: Mapped[UUID]
    rule: Mapped[str] = mapped_column(Text)
    occurrence: Mapped[date]
    to_email: Mapped[str] = mapped_column(Text)
    outbox_id: Mapped[UUID]

    __table_args__ = (
        Unique("org_id", "subject_id", "rule", "occurrence", "to_email"),
        parent("outbox_id", "outbox"),
        CheckConstraint(
            "rule IN ('due_soon', 'due_today', 'overdue', 'manager', 'governance', 'verification', "
            "'evidence_expiry', 'claim_waiting', 'dispute_due', 'watch_ending', 'return_due', "
            "'experience_due', 'sitting_overdue', 'challenge_open', "
            "'response_unanswered', 'response_escalated', 'trigger_undecided', 'weekly_return', "
            "'weekly_return_late', 'return_unverified', 'episode_review', 'episode_follow_up', "
            "'sharing_undecided', 'sharing_untold', 'control_check_due', 'update_evidence_due', "
            "'update_validation_due', 'update_approval_due', 'update_publication_due', "
            "'update_missed')",
            name="rule",
        ),
    )


class Suppression(Base, TenantRow):
    """An address that mail cannot or must not reach."""

    __tablename__ = "suppression"

    email_norm: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Unique("org_id", "email_norm"),
        CheckConstraint("reason IN ('hard_bounce', 'asked')", name="reason"),
    )

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

_FORUMS = (
    "forum IN ('weekly_manager', 'weekly_monitoring', 'monthly_governance', "
    "'fortnightly_recovery', 'quarterly_board', 'quarterly_safeguarding')"
)
_OF_SERVICE = "service_id IS NULL OR forum IN ('weekly_manager', 'weekly_monitoring')"


class ForumMember(Base, TenantRow):
    """Who belongs to a forum and in what part; only its end is written later.

    `service_id` None: for all services, or of a forum of the whole organisation.
    """

    __tablename__ = "forum_member"

    forum: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID | None]
    membership_id: Mapped[UUID]
    part: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    until_on: Mapped[date | None]

    __table_args__ = (
        parent("service_id", "service"),
        parent("membership_id", "membership"),
        CheckConstraint(_FORUMS, name="forum"),
        CheckConstraint(_OF_SERVICE, name="of_service"),
        CheckConstraint("part IN ('chair', 'member')", name="part"),
        CheckConstraint("until_on >= from_on", name="until_on"),
        Index(
            "uq_forum_member_now",
            "org_id",
            "forum",
            "service_id",
            "membership_id",
            unique=True,
            postgresql_where="until_on IS NULL",
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "uq_forum_member_one_chair",
            "org_id",
            "forum",
            "service_id",
            unique=True,
            postgresql_where="until_on IS NULL AND part = 'chair'",
            postgresql_nulls_not_distinct=True,
        ),
    )


class ForumRule(Base, TenantRow):
    """Since when a forum's sittings are expected, and how many members they need.

    `in_use_from` None: as by default; `quorum` None: none is demanded. `service_id` None: for the
    organisation, or for all services.
    """

    __tablename__ = "forum_rule"

    forum: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID | None]
    quorum: Mapped[int | None]
    in_use_from: Mapped[date | None]

    __table_args__ = (
        Unique("org_id", "forum", "service_id", postgresql_nulls_not_distinct=True),
        parent("service_id", "service"),
        CheckConstraint(_FORUMS, name="forum"),
        CheckConstraint(_OF_SERVICE, name="of_service"),
        CheckConstraint("quorum BETWEEN 1 AND 50", name="quorum"),
    )


class Review(Base, TenantRow):
    """A sitting. Once signed, neither it nor its items, entries and attendance can be changed.

    `form` names what its seal covers; `quorum`, `members_present` and `signed_as` are of the
    moment of signing.
    """

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
    quorum: Mapped[int | None]
    members_present: Mapped[int | None]
    inquorate_reason: Mapped[str] = mapped_column(Text, server_default="")
    signed_as: Mapped[str | None] = mapped_column(Text)
    form: Mapped[str] = mapped_column(Text, server_default="minutes/2")
    opened_by_id: Mapped[UUID | None]
    signed_by_id: Mapped[UUID | None]
    signed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    sha256: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("opened_by_id", "membership"),
        parent("signed_by_id", "membership"),
        CheckConstraint(_FORUMS, name="forum"),
        CheckConstraint("status IN ('open', 'signed')", name="status"),
        CheckConstraint("assurance IN ('given', 'partial', 'withheld')", name="assurance"),
        CheckConstraint(
            "(status = 'signed') = (signed_at IS NOT NULL AND sha256 IS NOT NULL)", name="signed"
        ),
        CheckConstraint(
            "status = 'open' OR quorum IS NULL OR coalesce(members_present, 0) >= quorum "
            "OR inquorate_reason <> ''",
            name="quorate",
        ),
        CheckConstraint("signed_as IN ('chair', 'acting_chair')", name="signed_as"),
        Index("ix_review_org_id_forum", "org_id", "forum", "period_to"),
        Index(
            "ix_review_signed",
            "org_id",
            "forum",
            "service_id",
            "period_to",
            postgresql_where="status = 'signed'",
        ),
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
            "section IN ('overdue', 'unlinked', 'returned', 'changed', 'challenges', 'added', "
            "'ratings', 'disputes', 'watch', 'assurance', 'experience', 'outcomes')",
            name="section",
        ),
        Index("ix_review_item_org_id_review_id", "org_id", "review_id", "position"),
    )


class ReviewEntry(Base, TenantRow):
    """What was recorded in a sitting, against an item or the sitting itself.

    `withheld`: assurance withheld, with the reason.
    """

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
        CheckConstraint("kind IN ('decision', 'challenge', 'note', 'withheld')", name="kind"),
        CheckConstraint("text <> ''", name="text"),
        Index("ix_review_entry_org_id_review_id", "org_id", "review_id", "entered_at"),
    )


class ReviewAttendee(Base, TenantRow):
    """Somebody who took part in a sitting or sent apologies, and in what part they did."""

    __tablename__ = "review_attendee"

    review_id: Mapped[UUID]
    membership_id: Mapped[UUID]
    part: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Unique("org_id", "review_id", "membership_id"),
        parent("review_id", "review"),
        parent("membership_id", "membership"),
        CheckConstraint("part IN ('chair', 'member', 'guest')", name="part"),
        CheckConstraint("status IN ('present', 'apologies')", name="status"),
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

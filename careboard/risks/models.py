"""The risk profile: one entry for a service and domain, the decisions on its rating, disputes
of a rating, and the watch over one that was lowered.

Source: DESIGN section 4, rating review; steps S0-3.1 to S0-3.5.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent

_RATINGS = "('low', 'moderate', 'high', 'very_high')"
_DOMAINS = (
    "('safety', 'medicines', 'safeguarding', 'staffing', 'complaints', 'experience', "
    "'records', 'audits')"
)


class Risk(Base, TenantRow):
    """An entry on the risk profile. `rating` repeats its latest rating review; it stood until
    `closed_on`, where the risk is closed."""

    __tablename__ = "risk"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    domain: Mapped[str] = mapped_column(Text)
    original_cause: Mapped[str] = mapped_column(Text)
    rating: Mapped[str] = mapped_column(Text)
    rated_on: Mapped[date]
    rating_review_id: Mapped[UUID | None]
    outcome_position: Mapped[str] = mapped_column(Text, server_default="")
    status: Mapped[str] = mapped_column(Text, server_default="open")
    opened_on: Mapped[date]
    opened_by_id: Mapped[UUID | None]
    closed_on: Mapped[date | None]

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("opened_by_id", "membership"),
        CheckConstraint(f"rating IN {_RATINGS}", name="rating"),
        CheckConstraint(f"domain IN {_DOMAINS}", name="domain"),
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        CheckConstraint(
            "(status = 'closed') = (closed_on IS NOT NULL) "
            "AND coalesce(closed_on >= opened_on, true)",
            name="closed",
        ),
        CheckConstraint("original_cause <> ''", name="original_cause"),
        Index(
            "uq_risk_org_id_service_id_domain",
            "org_id",
            "service_id",
            "domain",
            unique=True,
            postgresql_where="status = 'open'",
        ),
        Index("ix_risk_rated_on", "org_id", "rated_on", postgresql_where="status = 'open'"),
    )


class RatingReview(Base, TenantRow):
    """One decision on a rating, with its reasons. Never changed.

    `sitting_id` is the sitting of the governance group that decided; `urgent` a raise that waits
    for one. `submitted_by_id` and `validated_by_id` repeat those of the return it rests on, so
    that the database can tell whether somebody appears twice.
    """

    __tablename__ = "rating_review"

    risk_id: Mapped[UUID]
    rating_from: Mapped[str | None] = mapped_column(Text)
    rating_to: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    rationale: Mapped[str] = mapped_column(Text)
    outcome_position: Mapped[str] = mapped_column(Text, server_default="")
    decided_by_id: Mapped[UUID | None]
    decided_on: Mapped[date]
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sitting_id: Mapped[UUID | None]
    claim_id: Mapped[UUID | None]
    dispute_id: Mapped[UUID | None]
    submitted_by_id: Mapped[UUID | None]
    validated_by_id: Mapped[UUID | None]
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")
    urgent: Mapped[bool] = mapped_column(server_default="false")

    __table_args__ = (
        parent("risk_id", "risk"),
        parent("decided_by_id", "membership"),
        parent("sitting_id", "review"),
        parent("claim_id", "claim"),
        parent("submitted_by_id", "membership"),
        parent("validated_by_id", "membership"),
        # A dispute is about a review, and moderation makes one: the later link closes the circle.
        ForeignKeyConstraint(
            ["org_id", "dispute_id"],
            ["rating_dispute.org_id", "rating_dispute.id"],
            name="fk_rating_review_org_id_dispute_id",
            use_alter=True,
        ),
        CheckConstraint(f"rating_from IN {_RATINGS}", name="rating_from"),
        CheckConstraint(f"rating_to IN {_RATINGS}", name="rating_to"),
        CheckConstraint(
            "decision IN ('set', 'raise', 'hold', 'lower', 'moderated')", name="decision"
        ),
        CheckConstraint("rationale <> ''", name="rationale"),
        CheckConstraint(
            "decision IN ('set', 'moderated') OR sitting_id IS NOT NULL OR urgent",
            name="in_sitting",
        ),
        CheckConstraint("NOT urgent OR (decision = 'raise' AND sitting_id IS NULL)", name="urgent"),
        CheckConstraint("decision <> 'lower' OR claim_id IS NOT NULL", name="lowered_on_return"),
        CheckConstraint("(decision = 'moderated') = (dispute_id IS NOT NULL)", name="moderated"),
        CheckConstraint(
            "(claim_id IS NULL) = (submitted_by_id IS NULL) "
            "AND (claim_id IS NULL) = (validated_by_id IS NULL)",
            name="parties",
        ),
        CheckConstraint(
            "(decided_by_id = submitted_by_id OR decided_by_id = validated_by_id) IS NOT TRUE "
            "OR same_person_reason <> ''",
            name="decided_by_another",
        ),
        Index("ix_rating_review_org_id_risk_id", "org_id", "risk_id", "decided_at"),
        Index(
            "uq_rating_review_first",
            "org_id",
            "risk_id",
            unique=True,
            postgresql_where="decision = 'set'",
        ),
        Index(
            "uq_rating_review_lowered_once",
            "org_id",
            "claim_id",
            unique=True,
            postgresql_where="decision = 'lower'",
        ),
        Index("ix_rating_review_org_id_decided_on", "org_id", "decided_on"),
        *(
            Index(
                f"ix_rating_review_org_id_{column}",
                "org_id",
                column,
                postgresql_where=f"{column} IS NOT NULL",
            )
            for column in ("sitting_id", "claim_id")
        ),
    )


class RatingDispute(Base, TenantRow):
    """A service's dispute of a rating, until moderation upholds or changes it.

    `filing_exception` and `same_person_reason` say why somebody with a part in the rating filed or
    moderated it. `escalated`: it was not the first on this rating within 90 days.
    """

    __tablename__ = "rating_dispute"

    reference: Mapped[str] = mapped_column(Text)
    risk_id: Mapped[UUID]
    rating_review_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(Text)
    filed_by_id: Mapped[UUID]
    filed_on: Mapped[date]
    filing_exception: Mapped[str] = mapped_column(Text, server_default="")
    due_on: Mapped[date]
    escalated: Mapped[bool] = mapped_column(server_default="false")
    status: Mapped[str] = mapped_column(Text, server_default="open")
    moderation: Mapped[str] = mapped_column(Text, server_default="")
    moderated_by_id: Mapped[UUID | None]
    moderated_on: Mapped[date | None]
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")
    sitting_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("risk_id", "risk"),
        parent("rating_review_id", "rating_review"),
        parent("filed_by_id", "membership"),
        parent("moderated_by_id", "membership"),
        parent("sitting_id", "review"),
        CheckConstraint("status IN ('open', 'upheld', 'changed', 'withdrawn')", name="status"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            "CASE WHEN status IN ('upheld', 'changed') THEN moderation <> '' "
            "AND num_nulls(moderated_by_id, moderated_on) = 0 "
            "ELSE num_nonnulls(moderated_by_id, moderated_on) = 0 END",
            name="moderated",
        ),
        CheckConstraint(
            "moderated_by_id IS NULL OR moderated_by_id <> filed_by_id OR same_person_reason <> ''",
            name="moderated_by_another",
        ),
        Index("ix_rating_dispute_org_id_risk_id", "org_id", "risk_id"),
    )


class RatingWatch(Base, TenantRow):
    """The 92 days after a rating was lowered, until a person decides whether it was sustained.

    `signal` is what the board follows for the domain (empty: nothing does), `before` its monthly
    value when the higher rating was given, `lowered_at` the one when it was lowered.
    `standing_review_id` is the rating that stood when the watch was decided. Source: rules 3.3.
    """

    __tablename__ = "rating_watch"

    risk_id: Mapped[UUID]
    rating_review_id: Mapped[UUID]
    started_on: Mapped[date]
    until: Mapped[date]
    signal: Mapped[str] = mapped_column(Text, server_default="")
    before: Mapped[Decimal | None]
    lowered_at: Mapped[Decimal | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    decided_by_id: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    sitting_id: Mapped[UUID | None]
    standing_review_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "rating_review_id"),
        parent("risk_id", "risk"),
        parent("rating_review_id", "rating_review"),
        parent("decided_by_id", "membership"),
        parent("sitting_id", "review"),
        parent("standing_review_id", "rating_review"),
        CheckConstraint(
            "signal IN ('', 'audit', 'incident', 'safeguarding', 'complaint', 'feedback')",
            name="signal",
        ),
        CheckConstraint("outcome IN ('sustained', 'not_sustained')", name="outcome"),
        CheckConstraint(
            "CASE WHEN outcome IS NULL THEN decided_on IS NULL "
            "ELSE num_nulls(decided_on, standing_review_id) = 0 AND reason <> '' END",
            name="decided",
        ),
        Index("ix_rating_watch_org_id_risk_id", "org_id", "risk_id"),
    )


class WatchNote(Base, TenantRow):
    """What was seen while a lowered rating is watched, with a new concern where there is one.

    Never changed. Source: step S0-3.4, risk profile tracker.
    """

    __tablename__ = "watch_note"

    watch_id: Mapped[UUID]
    note: Mapped[str] = mapped_column(Text)
    concern_id: Mapped[UUID | None]
    noted_on: Mapped[date]
    by_id: Mapped[UUID | None]

    __table_args__ = (
        parent("watch_id", "rating_watch"),
        parent("concern_id", "concern"),
        parent("by_id", "membership"),
        CheckConstraint("note <> ''", name="note"),
        Index("ix_watch_note_org_id_watch_id", "org_id", "watch_id"),
    )

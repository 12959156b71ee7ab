"""The risk profile: one entry for a service and domain, and the decisions on its rating."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent

_RATINGS = "('low', 'moderate', 'high', 'very_high')"
_DOMAINS = (
    "('safety', 'medicines', 'safeguarding', 'staffing', 'complaints', 'experience', "
    "'records', 'audits')"
)


class Risk(Base, TenantRow):
    """An entry on the risk profile. `rating` repeats its latest rating review."""

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

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("opened_by_id", "membership"),
        CheckConstraint(f"rating IN {_RATINGS}", name="rating"),
        CheckConstraint(f"domain IN {_DOMAINS}", name="domain"),
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        CheckConstraint("original_cause <> ''", name="original_cause"),
        Index(
            "uq_risk_org_id_service_id_domain",
            "org_id",
            "service_id",
            "domain",
            unique=True,
            postgresql_where="status = 'open'",
        ),
    )


class RatingReview(Base, TenantRow):
    """One decision on a rating, with its reasons. Never changed."""

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

    __table_args__ = (
        parent("risk_id", "risk"),
        parent("decided_by_id", "membership"),
        CheckConstraint(f"rating_from IN {_RATINGS}", name="rating_from"),
        CheckConstraint(f"rating_to IN {_RATINGS}", name="rating_to"),
        CheckConstraint("decision IN ('set', 'raise', 'hold', 'lower')", name="decision"),
        CheckConstraint("rationale <> ''", name="rationale"),
        Index("ix_rating_review_org_id_risk_id", "org_id", "risk_id", "decided_at"),
        Index("ix_rating_review_org_id_decided_on", "org_id", "decided_on"),
    )

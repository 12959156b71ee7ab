"""What computed indicators were, kept for the pages that show all of them at once."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, Double, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent

Amounts = ARRAY(Double)


class KeptSeries(Base, TenantRow):
    """The last full periods of a computed indicator, the oldest begins on `first_on`.

    `values`, `numerators` and `denominators` are of equal length, None for a period without
    anything to judge by. It says nothing that the records do not: it can be made again from them.
    """

    __tablename__ = "kept_series"

    indicator_id: Mapped[UUID]
    cadence: Mapped[str] = mapped_column(Text)
    first_on: Mapped[date]
    values: Mapped[list[float | None]] = mapped_column(Amounts)
    numerators: Mapped[list[float | None]] = mapped_column(Amounts)
    denominators: Mapped[list[float | None]] = mapped_column(Amounts)
    kept_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Unique("org_id", "indicator_id"),
        parent("indicator_id", "indicator"),
        CheckConstraint("cadence IN ('day', 'week', 'month')", name="cadence"),
        CheckConstraint(
            "cardinality(values) = cardinality(numerators) "
            "AND cardinality(values) = cardinality(denominators)",
            name="as_long",
        ),
    )

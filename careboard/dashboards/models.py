"""Readings of figures, kept so that a board can say what a figure was."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow


class FigureReading(Base, TenantRow):
    """A figure as it was on a day, with the version of its definition."""

    __tablename__ = "figure_reading"

    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    on_date: Mapped[date]
    numerator: Mapped[int]
    denominator: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Unique("org_id", "code", "version", "on_date"),)

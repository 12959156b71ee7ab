"""How long records are kept, what must be kept longer, and what was disposed of."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent

_IS_CLASS = "record_class IN ('concerns', 'held_text', 'import_files', 'mail', 'packs')"


class RetentionPeriod(Base, TenantRow):
    """How long one class of records is kept from that day on, in days. The newest counts."""

    __tablename__ = "retention_period"

    record_class: Mapped[str] = mapped_column(Text)
    days: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    set_by_id: Mapped[UUID]
    set_on: Mapped[date]

    __table_args__ = (
        parent("set_by_id", "membership"),
        CheckConstraint(_IS_CLASS, name="record_class"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("days BETWEEN 30 AND 36525", name="days"),
    )


class LegalHold(Base, TenantRow):
    """Records that nobody disposes of until it is lifted; `record_class` None: all of them."""

    __tablename__ = "legal_hold"

    reference: Mapped[str] = mapped_column(Text)
    record_class: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    placed_by_id: Mapped[UUID]
    placed_on: Mapped[date]
    lifted_on: Mapped[date | None]
    lifted_by_id: Mapped[UUID | None]
    lift_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("placed_by_id", "membership"),
        parent("lifted_by_id", "membership"),
        CheckConstraint(_IS_CLASS, name="record_class"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            "(lifted_on IS NULL) = (lifted_by_id IS NULL) "
            "AND (lifted_on IS NULL OR lift_reason <> '')",
            name="lifted",
        ),
    )


class Disposal(Base, TenantRow):
    """One disposal: how many records of a class, from when, by whom and why.

    `ids_sha256` is over their ids in order, one a line, so that a list can be shown to be this one.
    """

    __tablename__ = "disposal"

    reference: Mapped[str] = mapped_column(Text)
    record_class: Mapped[str] = mapped_column(Text)
    days: Mapped[int]
    before_on: Mapped[date]
    oldest_on: Mapped[date]
    newest_on: Mapped[date]
    number: Mapped[int]
    ids_sha256: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    disposed_by_id: Mapped[UUID]
    disposed_on: Mapped[date]

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("disposed_by_id", "membership"),
        CheckConstraint(_IS_CLASS, name="record_class"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("number > 0", name="number"),
    )

"""Indicators with targets, readings and rebases, and the records that some are computed from."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Numeric, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent
from careboard.imports.provenance import Imported
from careboard.vocabulary import DOMAINS, MEDICINE_OUTCOMES

# Exact in the database, so that 95.8 stays 95.8; read as floats, since charts reckon with them.
Amount = Numeric(14, 4, asdecimal=False)


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


class Indicator(Base, TenantRow):
    """What one service measures, with baseline, review owner and better direction.

    `measure` is what it measures in a word that imports and other services share: a code of
    `measures.MEASURES`, or its own name folded. `computed_by` is the measure whose series gives
    its values; None: its readings come by hand or by import. Its target is the `IndicatorTarget`
    in effect.
    """

    __tablename__ = "indicator"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    measure: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    good: Mapped[str] = mapped_column(Text)
    baseline_value: Mapped[float | None] = mapped_column(Amount)
    baseline_on: Mapped[date | None]
    cadence: Mapped[str] = mapped_column(Text)
    review_owner_id: Mapped[UUID | None]
    source: Mapped[str] = mapped_column(Text, server_default="")
    computed_by: Mapped[str | None] = mapped_column(Text)
    numerator_name: Mapped[str] = mapped_column(Text, server_default="")
    denominator_name: Mapped[str] = mapped_column(Text, server_default="")
    active: Mapped[bool] = mapped_column(server_default="true")
    opened_by_id: Mapped[UUID | None]
    opened_by_batch_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("review_owner_id", "membership"),
        parent("opened_by_id", "membership"),
        parent("opened_by_batch_id", "import_batch"),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint("measure <> ''", name="measure"),
        CheckConstraint(_one_of("domain", DOMAINS), name="domain"),
        CheckConstraint(
            "unit IN ('percent', 'count', 'rate', 'minutes', 'hours', 'score')", name="unit"
        ),
        CheckConstraint("good IN ('up', 'down')", name="good"),
        CheckConstraint("cadence IN ('day', 'week', 'month')", name="cadence"),
        CheckConstraint("computed_by IS NULL OR computed_by = measure", name="computed_by"),
        CheckConstraint("(baseline_value IS NULL) = (baseline_on IS NULL)", name="baseline"),
        # One by hand or import and one computed may stand side by side: they check each other.
        Index(
            "uq_indicator_org_id_service_id_measure",
            "org_id",
            "service_id",
            "measure",
            postgresql_where="computed_by IS NULL",
            unique=True,
        ),
        Index(
            "uq_indicator_org_id_service_id_computed_by",
            "org_id",
            "service_id",
            "computed_by",
            unique=True,
        ),
    )


class IndicatorTarget(Base, TenantRow):
    """A target from a day on; the latest one in effect holds. Never changed."""

    __tablename__ = "indicator_target"

    indicator_id: Mapped[UUID]
    value: Mapped[float] = mapped_column(Amount)
    due_on: Mapped[date | None]
    effective_from: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, server_default="")
    set_by_id: Mapped[UUID | None]

    __table_args__ = (
        parent("indicator_id", "indicator"),
        parent("set_by_id", "membership"),
        CheckConstraint("due_on >= effective_from", name="due_on"),
        Index(
            "ix_indicator_target_org_id_indicator_id",
            "org_id",
            "indicator_id",
            "effective_from",
        ),
    )


class Reading(Base, TenantRow, Imported):
    """An indicator's value for one period, as it now stands.

    What it said before is in `superseded_row`. A version made by hand names who recorded it
    (`entered_by_id`) and, where it corrects an earlier one, why; a later import leaves it alone.
    """

    __tablename__ = "reading"

    indicator_id: Mapped[UUID]
    period_start: Mapped[date]
    period_end: Mapped[date]
    value: Mapped[float] = mapped_column(Amount)
    numerator: Mapped[float | None] = mapped_column(Amount)
    denominator: Mapped[float | None] = mapped_column(Amount)
    note: Mapped[str] = mapped_column(Text, server_default="")
    entered_by_id: Mapped[UUID | None]
    correction_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "indicator_id", "period_start"),
        parent("indicator_id", "indicator"),
        parent("entered_by_id", "membership"),
        parent("batch_id", "import_batch"),
        CheckConstraint("period_end >= period_start", name="period"),
        CheckConstraint("value <> 'NaN'", name="value"),
        CheckConstraint("denominator > 0", name="denominator"),
        CheckConstraint(
            "correction_reason = '' OR entered_by_id IS NOT NULL", name="correction_reason"
        ),
        Index("ix_reading_org_id_source_key", "org_id", "source_key"),
        Index("ix_reading_org_id_recorded_at", "org_id", "recorded_at"),
    )


class Rebase(Base, TenantRow):
    """A change of process from which an indicator's limits start afresh.

    One noted in error is withdrawn with a reason, and stays.
    """

    __tablename__ = "rebase"

    indicator_id: Mapped[UUID]
    on_date: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_by_id: Mapped[UUID | None]
    withdrawn_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        parent("indicator_id", "indicator"),
        parent("by_id", "membership"),
        parent("withdrawn_by_id", "membership"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason = '')", name="withdrawn"),
        Index(
            "uq_rebase_org_id_indicator_id_on_date",
            "org_id",
            "indicator_id",
            "on_date",
            unique=True,
            postgresql_where="withdrawn_at IS NULL",
        ),
    )


class CareReview(Base, TenantRow, Imported):
    """A review of one person's care. `actions` is how many it raised; `person_ref` a keyed hash."""

    __tablename__ = "care_review"

    service_id: Mapped[UUID]
    person_ref: Mapped[str] = mapped_column(Text, server_default="")
    review_type: Mapped[str] = mapped_column(Text, server_default="")
    due_on: Mapped[date]
    completed_on: Mapped[date | None]
    high_risk: Mapped[bool] = mapped_column(server_default="false")
    actions: Mapped[int | None]

    __table_args__ = (
        Unique("org_id", "source_key"),
        parent("service_id", "service"),
        parent("batch_id", "import_batch"),
        Index("ix_care_review_org_id_service_id", "org_id", "service_id", "due_on"),
    )


class MedicineDose(Base, TenantRow, Imported):
    """A dose that was due, and what came of it; the medicine itself is not known here.

    `due_on` is the local day of `due_at`. `outcome` None: no entry. References to people are keyed
    hashes.
    """

    __tablename__ = "medicine_dose"

    service_id: Mapped[UUID]
    person_ref: Mapped[str] = mapped_column(Text, server_default="")
    due_on: Mapped[date]
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outcome_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str | None] = mapped_column(Text)
    as_needed: Mapped[bool] = mapped_column(server_default="false")
    controlled: Mapped[bool] = mapped_column(server_default="false")
    recorder_ref: Mapped[str] = mapped_column(Text, server_default="")
    witness_ref: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "source_key"),
        parent("service_id", "service"),
        parent("batch_id", "import_batch"),
        CheckConstraint(_one_of("outcome", MEDICINE_OUTCOMES), name="outcome"),
        # Compliance over weeks is counted from this index alone.
        Index(
            "ix_medicine_dose_org_id_service_id",
            "org_id",
            "service_id",
            "due_on",
            "as_needed",
            "outcome",
        ),
    )

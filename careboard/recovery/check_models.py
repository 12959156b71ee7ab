"""Structured checks of practice, and what they found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent
from careboard.recovery.models import _one_of

CHECK_KINDS = (
    "medicines_shift",
    "practice_observation",
    "competency",
    "deployment",
    "review_actions",
)
VERDICTS = ("as_agreed", "not_as_agreed", "unsafe", "ok", "discrepancies")
SHIFTS = ("early", "late", "night", "long_day")
FINDING_KINDS = ("discrepancy", "practice", "delay", "unmet_need", "vague_action")


class PracticeCheck(Base, TenantRow):
    """A check that someone made on a shift. Source: steps S1-1.3, S1-1.4, S1-2.2, S1-2.4, S1-3.3.

    `staff_ref` is a keyed hash of a staff code: who made a medicines check, who was observed or
    whose competency was checked; empty: the person who recorded it. `result` holds the figures of
    its kind, as `checks.KINDS` names them. Never changed; one recorded in error is withdrawn with
    a reason, and stays.
    """

    __tablename__ = "practice_check"

    reference: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    plan_id: Mapped[UUID | None]
    on_date: Mapped[date]
    shift: Mapped[str] = mapped_column(Text, server_default="")
    checked_by_id: Mapped[UUID | None]
    staff_ref: Mapped[str] = mapped_column(Text, server_default="")
    result: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    verdict: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_by_id: Mapped[UUID | None]
    withdrawn_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("plan_id", "recovery_plan"),
        parent("checked_by_id", "membership"),
        parent("withdrawn_by_id", "membership"),
        CheckConstraint(_one_of("kind", CHECK_KINDS), name="kind"),
        CheckConstraint(_one_of("verdict", VERDICTS), name="verdict"),
        CheckConstraint(f"shift = '' OR {_one_of('shift', SHIFTS)}", name="shift"),
        # A hash or nothing: a name typed past the form is refused here.
        CheckConstraint("staff_ref ~ '^([0-9a-f]{24})?$'", name="staff_ref"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason = '')", name="withdrawn"),
        Index("ix_practice_check_org_id_service_id", "org_id", "service_id", "on_date"),
        Index("ix_practice_check_org_id_on_date", "org_id", "on_date"),
    )


class CheckFinding(Base, TenantRow):
    """One thing that a check found. A discrepancy is reviewed by someone, with an outcome.

    `round` is the medicine round (empty: none named). Source: step S1-1.3, discrepancy logs.
    """

    __tablename__ = "check_finding"

    check_id: Mapped[UUID]
    place: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    round: Mapped[str] = mapped_column(Text, server_default="")
    what: Mapped[str] = mapped_column(Text)
    critical: Mapped[bool] = mapped_column(server_default="false")
    detected_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reviewed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reviewed_by_id: Mapped[UUID | None]
    outcome: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "check_id", "place"),
        parent("check_id", "practice_check"),
        parent("reviewed_by_id", "membership"),
        CheckConstraint(_one_of("kind", FINDING_KINDS), name="kind"),
        CheckConstraint("what <> ''", name="what"),
        CheckConstraint(
            "(reviewed_at IS NULL) = (outcome = '') AND reviewed_at >= detected_at",
            name="reviewed",
        ),
        Index(
            "ix_check_finding_unreviewed",
            "org_id",
            postgresql_where="reviewed_at IS NULL AND kind = 'discrepancy'",
        ),
    )

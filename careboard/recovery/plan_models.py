"""Recovery plans, the indicators they rest on, and the templates they are made from."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent
from careboard.recovery.models import Amount, _one_of
from careboard.vocabulary import DOMAINS


class RecoveryPlan(Base, TenantRow):
    """What a service undertook to put right, measurably, in so many weeks.

    `content` holds what the template said beside the indicators: sources, checks, reviews and what
    is watched, as `plan_content.Content` reads it. `template_code` is empty for one made by hand.
    """

    __tablename__ = "recovery_plan"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    domain: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    baseline_issue: Mapped[str] = mapped_column(Text)
    improvement: Mapped[str] = mapped_column(Text)
    horizon_weeks: Mapped[int]
    started_on: Mapped[date]
    lead_id: Mapped[UUID]
    template_code: Mapped[str] = mapped_column(Text, server_default="")
    template_version: Mapped[int | None]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    status: Mapped[str] = mapped_column(Text, server_default="open")
    closed_on: Mapped[date | None]
    closed_by_id: Mapped[UUID | None]
    close_reason: Mapped[str] = mapped_column(Text, server_default="")
    opened_by_id: Mapped[UUID | None]
    lock_version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": lock_version}
    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("lead_id", "membership"),
        parent("closed_by_id", "membership"),
        parent("opened_by_id", "membership"),
        CheckConstraint(_one_of("domain", DOMAINS), name="domain"),
        CheckConstraint(
            "title <> '' AND baseline_issue <> '' AND improvement <> ''", name="not_vague"
        ),
        CheckConstraint("horizon_weeks BETWEEN 1 AND 104", name="horizon"),
        CheckConstraint(
            "status = 'open' AND closed_on IS NULL AND close_reason = '' OR "
            "status = 'closed' AND closed_on >= started_on AND close_reason <> ''",
            name="closed",
        ),
        Index("ix_recovery_plan_org_id_service_id", "org_id", "service_id", "status"),
    )


class PlanIndicator(Base, TenantRow):
    """An indicator in a plan: where it stood when the plan began, and where it is to be.

    `is_goal`: the measurable improvement is that this meets its target; the others are read beside
    it. `baseline_value` None: nobody knew.
    """

    __tablename__ = "plan_indicator"

    plan_id: Mapped[UUID]
    indicator_id: Mapped[UUID]
    place: Mapped[int]
    is_goal: Mapped[bool]
    baseline_value: Mapped[float | None] = mapped_column(Amount)
    baseline_on: Mapped[date | None]
    target: Mapped[float | None] = mapped_column(Amount)

    __table_args__ = (
        Unique("org_id", "plan_id", "indicator_id"),
        parent("plan_id", "recovery_plan"),
        parent("indicator_id", "indicator"),
        CheckConstraint("(baseline_value IS NULL) = (baseline_on IS NULL)", name="baseline"),
        CheckConstraint("target IS NOT NULL OR NOT is_goal", name="goal"),
        Index("ix_plan_indicator_org_id_indicator_id", "org_id", "indicator_id"),
    )


class PlanTemplate(Base, TenantRow):
    """A version of a template of the organisation's own; the latest of a code holds.

    `content` as `plan_content.Template` reads it. Never changed: an edit is the next version.
    """

    __tablename__ = "plan_template"

    code: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    in_use: Mapped[bool] = mapped_column(server_default="true")
    made_by_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "code", "version"),
        parent("made_by_id", "membership"),
        CheckConstraint("name <> '' AND code <> ''", name="name"),
        CheckConstraint("version >= 1", name="version"),
    )

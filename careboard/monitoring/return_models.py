"""Weekly returns of an episode, the reports on them, and what was shared with commissioners.

Source: steps S2-1.4, S2-2.4, S2-3.3 and S2-3.5; rule N11.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class MonitoringReturn(Base, TenantRow):
    """The manager's return of one week of an episode. Never changed.

    What it claims is a claim with its evidence, which somebody else validates by a sample.
    `prefilled` is what the data said when it was handed in, each figure with its rows; `actions`
    are the priority actions as they stood, with the manager's word on each.
    """

    __tablename__ = "monitoring_return"

    reference: Mapped[str] = mapped_column(Text)
    episode_id: Mapped[UUID]
    week: Mapped[int]
    due_on: Mapped[date]
    submitted_on: Mapped[date]
    submitted_by_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    prefilled: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    narrative: Mapped[str] = mapped_column(Text)
    help_needed: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        Unique("org_id", "episode_id", "week"),
        Unique("org_id", "claim_id"),
        Unique("org_id", "id", "episode_id", "week", "submitted_by_id"),
        parent("episode_id", "monitoring_episode"),
        # Who hands the return in makes its claim: their validation is by somebody else.
        ForeignKeyConstraint(
            ["org_id", "claim_id", "submitted_by_id"],
            ["claim.org_id", "claim.id", "claim.submitted_by_id"],
        ),
        CheckConstraint("week >= 1", name="week"),
        CheckConstraint("narrative <> ''", name="narrative"),
    )


class MonitoringReport(Base, TenantRow):
    """The weekly enhanced monitoring report: progress checked by someone else. Never changed.

    `position` is what the data said when it was written; `return_id` the return of that week, None
    when none had come.
    """

    __tablename__ = "monitoring_report"

    reference: Mapped[str] = mapped_column(Text)
    episode_id: Mapped[UUID]
    week: Mapped[int]
    return_id: Mapped[UUID | None]
    returned_by_id: Mapped[UUID | None]
    position: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    assessment: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    next_steps: Mapped[str] = mapped_column(Text, server_default="")
    written_by_id: Mapped[UUID]
    written_on: Mapped[date]
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        Unique("org_id", "episode_id", "week"),
        parent("episode_id", "monitoring_episode"),
        parent("written_by_id", "membership"),
        ForeignKeyConstraint(
            ["org_id", "return_id", "episode_id", "week", "returned_by_id"],
            [
                f"monitoring_return.{name}"
                for name in ("org_id", "id", "episode_id", "week", "submitted_by_id")
            ],
            name="fk_monitoring_report_return",
        ),
        CheckConstraint("week >= 1", name="week"),
        CheckConstraint("assessment <> ''", name="assessment"),
        CheckConstraint("decision IN ('on_track', 'more_needed', 'review_now')", name="decision"),
        CheckConstraint("decision = 'on_track' OR next_steps <> ''", name="next_steps"),
        CheckConstraint("(return_id IS NULL) = (returned_by_id IS NULL)", name="returned"),
        CheckConstraint(
            "written_by_id <> returned_by_id OR same_person_reason <> ''",
            name="written_by_someone_else",
        ),
    )


class ContractNote(Base, TenantRow):
    """What the contract lead shared with a commissioner, and what was said. Never changed.

    Source: step S2-3.5 (contract governance notes).
    """

    __tablename__ = "contract_note"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    episode_id: Mapped[UUID | None]
    concern_id: Mapped[UUID | None]
    on_date: Mapped[date]
    commissioner: Mapped[str] = mapped_column(Text)
    shared: Mapped[str] = mapped_column(Text)
    progress: Mapped[str] = mapped_column(Text)
    remaining_risk: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID]

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("episode_id", "monitoring_episode"),
        parent("concern_id", "concern"),
        parent("by_id", "membership"),
        CheckConstraint(
            "commissioner <> '' AND shared <> '' AND progress <> '' AND remaining_risk <> ''",
            name="told",
        ),
        Index("ix_contract_note_org_id_service_id", "org_id", "service_id", "on_date"),
        Index("ix_contract_note_org_id_episode_id", "org_id", "episode_id"),
    )

"""Thresholds an organisation set, what its rows made fire, and when it was last looked at.

Source: DESIGN sections 3 and 4; rules 3.1.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent


class RuleSetting(Base, TenantRow):
    """An organisation's thresholds for a rule from a day on; of those in use by then the latest
    holds, of one day the one set last. Never changed. `parameters` are those that differ from
    CareBoard's own; none: back to these."""

    __tablename__ = "rule_setting"

    rule_code: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    in_use_from: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    set_by_id: Mapped[UUID]
    set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Unique("org_id", "rule_code", "number"),
        parent("set_by_id", "membership"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("number >= 1", name="number"),
    )


class Trigger(Base, TenantRow):
    """A rule that fired for one state of affairs, as it fired; what it says since is in its
    changes. Open until it is no longer true; the same rule fires later as a new trigger.

    `rows` is a list of {kind, id, reference, on}. `decide_by` is set where it asks for a decision
    on enhanced monitoring.
    """

    __tablename__ = "trigger"

    reference: Mapped[str] = mapped_column(Text)
    rule_code: Mapped[str] = mapped_column(Text)
    rule_version: Mapped[int]
    setting_id: Mapped[UUID | None]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    service_id: Mapped[UUID | None]
    key: Mapped[str] = mapped_column(Text)
    fired_on: Mapped[date]
    sentence: Mapped[str] = mapped_column(Text)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    suggests: Mapped[bool]
    decide_by: Mapped[date | None]
    closed_on: Mapped[date | None]
    closed_why: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("setting_id", "rule_setting"),
        parent("service_id", "service"),
        CheckConstraint("sentence <> ''", name="sentence"),
        CheckConstraint("suggests = (decide_by IS NOT NULL)", name="decide_by"),
        CheckConstraint("(closed_on IS NULL) = (closed_why = '')", name="closed"),
        Index(
            "uq_trigger_open",
            "org_id",
            "rule_code",
            "service_id",
            "key",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where="closed_on IS NULL",
        ),
        Index("ix_trigger_org_id_service_id", "org_id", "service_id", "fired_on"),
        Index("ix_trigger_org_id_rule_code", "org_id", "rule_code", "fired_on"),
    )


class TriggerChange(Base, TenantRow):
    """The same state of affairs rests on other rows since. Never changed."""

    __tablename__ = "trigger_change"

    trigger_id: Mapped[UUID]
    on_date: Mapped[date]
    sentence: Mapped[str] = mapped_column(Text)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    __table_args__ = (
        parent("trigger_id", "trigger"),
        Index("ix_trigger_change_org_id_trigger_id", "org_id", "trigger_id", "created_at"),
    )


class RulePass(Base, TenantRow):
    """The last look of a day at an organisation by every rule.

    It looked at what was known at `known_at`, when the audit trail ended with `audit_seq`;
    `rules` tells which rules there were (see `triggers.fingerprint`). `next_on` is the next day on
    which time alone may change an answer. `outcomes` counts, by rule, the findings of each
    outcome.
    """

    __tablename__ = "rule_pass"

    on_date: Mapped[date]
    known_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    audit_seq: Mapped[int] = mapped_column(BigInteger)
    rules: Mapped[str] = mapped_column(Text)
    next_on: Mapped[date | None]
    outcomes: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        Unique("org_id", "on_date"),
        CheckConstraint("next_on > on_date", name="next_on"),
    )


class RowVersion(Base, TenantRow):
    """What the rules read of a row before it changed or went, kept by the database itself.

    It was so until `said_until`; so what was known at an instant can be read again (see `known`).
    """

    __tablename__ = "row_version"

    table_name: Mapped[str] = mapped_column(Text)
    record_id: Mapped[UUID]
    said_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        Index("ix_row_version_record", "org_id", "table_name", "record_id", "said_until"),
    )

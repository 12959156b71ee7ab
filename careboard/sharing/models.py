"""Decisions to share and not to share, what was considered for each, thresholds of contracts, and
risks that a manager raises.

Source: DESIGN section 4, sharing decision; steps S3-1.1, S3-1.2 and S3-2.3.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, Index, Numeric, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent
from careboard.recovery.models import _one_of
from careboard.vocabulary import DOMAINS

SUBJECTS = ("risk", "trigger", "concern", "episode")
DECISIONS = ("share", "do_not_share", "seek_advice")
RECIPIENTS = ("commissioner", "safeguarding_partner", "health_professional", "other")
FACTORS = (
    "safety",
    "continuity",
    "safeguarding",
    "contract_delivery",
    "public_confidence",
    "multi_agency",
)
ANSWERS = ("yes", "no", "uncertain")


class SharingDecision(Base, TenantRow):
    """A named person decided to share what is known, not to, or to seek advice first. Never
    changed; of a subject, the latest stands.

    `first_identified_on` is the earliest of the subject's own signals, computed. `control_on` is
    the day on which controls began: 28 days later they are checked (rule N12).
    """

    __tablename__ = "sharing_decision"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    risk_id: Mapped[UUID | None]
    trigger_id: Mapped[UUID | None]
    concern_id: Mapped[UUID | None]
    episode_id: Mapped[UUID | None]
    first_identified_on: Mapped[date]
    decision: Mapped[str] = mapped_column(Text)
    rationale: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text, server_default="")
    recipients: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    to_whom: Mapped[str] = mapped_column(Text, server_default="")
    action_under_way: Mapped[str] = mapped_column(Text, server_default="")
    control_on: Mapped[date | None]
    tell_by: Mapped[date | None]
    decided_by_id: Mapped[UUID]
    decided_on: Mapped[date]
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("risk_id", "risk"),
        parent("trigger_id", "trigger"),
        parent("concern_id", "concern"),
        parent("episode_id", "monitoring_episode"),
        parent("decided_by_id", "membership"),
        CheckConstraint(
            "num_nonnulls(risk_id, trigger_id, concern_id, episode_id) = 1", name="subject"
        ),
        CheckConstraint(_one_of("decision", DECISIONS), name="decision"),
        CheckConstraint("rationale <> ''", name="rationale"),
        CheckConstraint(
            "decision = 'do_not_share' OR (what <> '' AND action_under_way <> '' "
            "AND cardinality(recipients) > 0 AND tell_by IS NOT NULL)",
            name="told",
        ),
        CheckConstraint(
            "recipients <@ ARRAY['commissioner', 'safeguarding_partner', "
            "'health_professional', 'other']",
            name="recipients",
        ),
        CheckConstraint("NOT ('other' = ANY(recipients)) OR to_whom <> ''", name="to_whom"),
        CheckConstraint("first_identified_on <= decided_on", name="identified"),
        CheckConstraint("tell_by >= decided_on", name="tell_by"),
        Index("ix_sharing_decision_org_id_service_id", "org_id", "service_id", "decided_at"),
        *(
            Index(f"ix_sharing_decision_org_id_{subject}_id", "org_id", f"{subject}_id")
            for subject in SUBJECTS
        ),
    )


class ContractThreshold(Base, TenantRow):
    """From where on a contract's risk concerns its commissioner. Never changed: a later row takes
    the place of the one that it `replaces_id`; one not `in_use` ends it.

    `measure` is that of indicators (see `Indicator`), so that the form can show what a service's
    own says: reached when it is at least, or at most, `number`.
    """

    __tablename__ = "contract_threshold"

    reference: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    commissioner: Mapped[str] = mapped_column(Text, server_default="")
    measure: Mapped[str | None] = mapped_column(Text)
    way: Mapped[str | None] = mapped_column(Text)
    number: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    unit: Mapped[str] = mapped_column(Text, server_default="")
    in_use_from: Mapped[date]
    in_use: Mapped[bool] = mapped_column(server_default="true")
    reason: Mapped[str] = mapped_column(Text)
    set_by_id: Mapped[UUID]
    replaces_id: Mapped[UUID | None]

    __table_args__ = (
        Unique("org_id", "reference"),
        Unique("org_id", "replaces_id"),
        parent("set_by_id", "membership"),
        parent("replaces_id", "contract_threshold"),
        CheckConstraint("words <> ''", name="words"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("way IN ('at_least', 'at_most')", name="way"),
        CheckConstraint(
            "num_nonnulls(way, number) IN (0, 2) AND (measure IS NULL OR way IS NOT NULL)",
            name="measured",
        ),
    )


class SharingConsideration(Base, TenantRow):
    """How one threshold was answered for a decision: one of the six factors, or one of the
    organisation's own with what the indicator said then. Never changed."""

    __tablename__ = "sharing_consideration"

    decision_id: Mapped[UUID]
    factor: Mapped[str | None] = mapped_column(Text)
    threshold_id: Mapped[UUID | None]
    affected: Mapped[str] = mapped_column(Text)
    reading: Mapped[str] = mapped_column(Text, server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "decision_id", "factor"),
        Unique("org_id", "decision_id", "threshold_id"),
        parent("decision_id", "sharing_decision"),
        parent("threshold_id", "contract_threshold"),
        CheckConstraint(_one_of("factor", FACTORS), name="factor"),
        CheckConstraint("num_nonnulls(factor, threshold_id) = 1", name="about"),
        CheckConstraint(_one_of("affected", ANSWERS), name="affected"),
    )


class RaisedRisk(Base, TenantRow):
    """A manager says that a service has a risk, and its original cause. Not rated: a governance
    lead answers, by a rating (`risk_id`) or with reasons why none is needed."""

    __tablename__ = "raised_risk"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    domain: Mapped[str] = mapped_column(Text)
    original_cause: Mapped[str] = mapped_column(Text)
    controls: Mapped[str] = mapped_column(Text, server_default="")
    raised_by_id: Mapped[UUID]
    raised_on: Mapped[date]
    risk_id: Mapped[UUID | None]
    answer: Mapped[str] = mapped_column(Text, server_default="")
    answered_by_id: Mapped[UUID | None]
    answered_on: Mapped[date | None]

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("raised_by_id", "membership"),
        parent("risk_id", "risk"),
        parent("answered_by_id", "membership"),
        CheckConstraint(_one_of("domain", DOMAINS), name="domain"),
        CheckConstraint("original_cause <> ''", name="original_cause"),
        CheckConstraint(
            "CASE WHEN answered_by_id IS NULL THEN num_nonnulls(answered_on, risk_id) = 0 "
            "ELSE answered_on IS NOT NULL AND (risk_id IS NOT NULL OR answer <> '') END",
            name="answered",
        ),
        CheckConstraint("answered_by_id <> raised_by_id", name="answered_by_another"),
        Index("ix_raised_risk_org_id_service_id", "org_id", "service_id", "raised_on"),
        Index("ix_raised_risk_org_id_risk_id", "org_id", "risk_id"),
    )


class RaisedRiskGround(Base, TenantRow):
    """What a raised risk rests on, and what it said then. Never changed."""

    __tablename__ = "raised_risk_ground"

    raised_id: Mapped[UUID]
    indicator_id: Mapped[UUID | None]
    trigger_id: Mapped[UUID | None]
    concern_id: Mapped[UUID | None]
    evidence_id: Mapped[UUID | None]
    sentence: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        parent("raised_id", "raised_risk"),
        parent("indicator_id", "indicator"),
        parent("trigger_id", "trigger"),
        parent("concern_id", "concern"),
        parent("evidence_id", "evidence"),
        CheckConstraint(
            "num_nonnulls(indicator_id, trigger_id, concern_id, evidence_id) = 1", name="one"
        ),
        CheckConstraint("sentence <> ''", name="sentence"),
        Index("ix_raised_risk_ground_org_id_raised_id", "org_id", "raised_id"),
    )

"""What was said outside, what was answered, and whether it helped. Rows that are never changed.

Source: steps S3-1.3 and S3-1.5, S3-2.2 and S3-2.4; rule N12.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from careboard.db import Base, TenantRow, parent
from careboard.recovery.models import _one_of
from careboard.sharing.models import RECIPIENTS

DIRECTIONS = ("out", "in")
CHANNELS = ("meeting", "phone", "email", "letter", "portal", "other")
ADVICE_KINDS = ("advice", "referral")
ADVICE_OUTCOMES = (
    "awaited",
    "section_42",
    "other_enquiry",
    "advice_only",
    "no_further_action",
)
ESCALATING = ("yes", "no", "uncertain")
CHECK_OUTCOMES = ("reduced", "not_reduced", "too_little_data")
# Fewer records than this on a side say nothing.
LEAST_RECORDS = 10
# What the two sides make of it: at least a tenth less, relatively. Source: rule N12.
OUTCOME_RULE = (
    f"outcome = CASE WHEN least(before_of, after_of) < {LEAST_RECORDS} "
    "OR before_count + after_count = 0 THEN 'too_little_data' "
    "WHEN 10::bigint * after_count * before_of <= 9::bigint * before_count * after_of "
    "THEN 'reduced' ELSE 'not_reduced' END"
)


class Communication(Base, TenantRow):
    """What was said to somebody outside (`out`), or by them to the provider (`in`).

    `partner` is the authority or team, `person_role` a role and never a name. `answer_due_on` is
    the day by which an answer was asked for.
    """

    __tablename__ = "communication"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    decision_id: Mapped[UUID | None]
    tracked_id: Mapped[UUID | None]
    update_id: Mapped[UUID | None]
    pack_id: Mapped[UUID | None]
    direction: Mapped[str] = mapped_column(Text)
    on_date: Mapped[date]
    channel: Mapped[str] = mapped_column(Text)
    partner_kind: Mapped[str] = mapped_column(Text)
    partner: Mapped[str] = mapped_column(Text)
    person_role: Mapped[str] = mapped_column(Text)
    said: Mapped[str] = mapped_column(Text)
    answer_due_on: Mapped[date | None]
    by_id: Mapped[UUID]

    __table_args__ = (
        Unique("org_id", "reference"),
        Unique("org_id", "id", "decision_id"),
        parent("service_id", "service"),
        parent("decision_id", "sharing_decision"),
        parent("tracked_id", "tracked_concern"),
        parent("update_id", "recovery_update"),
        parent("pack_id", "pack"),
        parent("by_id", "membership"),
        CheckConstraint(_one_of("direction", DIRECTIONS), name="direction"),
        CheckConstraint(_one_of("channel", CHANNELS), name="channel"),
        CheckConstraint(_one_of("partner_kind", RECIPIENTS), name="partner_kind"),
        CheckConstraint("partner <> '' AND person_role <> '' AND said <> ''", name="words"),
        CheckConstraint("answer_due_on >= on_date", name="answer_due_on"),
        Index("ix_communication_org_id_service_id", "org_id", "service_id", "on_date"),
        Index("ix_communication_org_id_decision_id", "org_id", "decision_id"),
        Index("ix_communication_org_id_tracked_id", "org_id", "tracked_id"),
    )


class CommunicationAnswer(Base, TenantRow):
    """What was answered to a communication: by the partner to what went out, by the provider to
    what came in."""

    __tablename__ = "communication_answer"

    communication_id: Mapped[UUID]
    on_date: Mapped[date]
    answered: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID]

    __table_args__ = (
        parent("communication_id", "communication"),
        parent("by_id", "membership"),
        CheckConstraint("answered <> ''", name="answered"),
        Index("ix_communication_answer_org_id_communication_id", "org_id", "communication_id"),
    )


class PartnerAdvice(Base, TenantRow):
    """Advice or the outcome of a referral, received from an authority: the safeguarding action
    record. What an authority says later is a row that `follows_id` the one before."""

    __tablename__ = "partner_advice"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    communication_id: Mapped[UUID]
    decision_id: Mapped[UUID | None]
    follows_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(Text)
    authority: Mapped[str] = mapped_column(Text)
    authority_reference: Mapped[str] = mapped_column(Text, server_default="")
    received_on: Mapped[date]
    guidance: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    what_follows: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID]

    __table_args__ = (
        Unique("org_id", "reference"),
        Unique("org_id", "follows_id"),
        parent("service_id", "service"),
        parent("communication_id", "communication"),
        parent("decision_id", "sharing_decision"),
        # Advice belongs to the decision that its communication was about, and to no other.
        ForeignKeyConstraint(
            ["org_id", "communication_id", "decision_id"],
            ["communication.org_id", "communication.id", "communication.decision_id"],
            name="fk_partner_advice_communication_decision",
        ),
        parent("follows_id", "partner_advice"),
        parent("by_id", "membership"),
        CheckConstraint(_one_of("kind", ADVICE_KINDS), name="kind"),
        CheckConstraint(_one_of("outcome", ADVICE_OUTCOMES), name="outcome"),
        CheckConstraint("authority <> '' AND guidance <> '' AND what_follows <> ''", name="words"),
        Index("ix_partner_advice_org_id_service_id", "org_id", "service_id", "received_on"),
        Index("ix_partner_advice_org_id_communication_id", "org_id", "communication_id"),
        Index("ix_partner_advice_org_id_decision_id", "org_id", "decision_id"),
    )


class PatternReview(Base, TenantRow):
    """The manager's check of care records and staff notes behind a pattern: the safeguarding review
    note. Whoever checks does not decide (see `migrations/versions/0040_communications.py`)."""

    __tablename__ = "pattern_review"

    reference: Mapped[str] = mapped_column(Text)
    service_id: Mapped[UUID]
    trigger_id: Mapped[UUID | None]
    on_date: Mapped[date]
    care_records: Mapped[str] = mapped_column(Text)
    staff_notes: Mapped[str] = mapped_column(Text)
    escalating: Mapped[str] = mapped_column(Text)
    findings: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID]
    same_person_reason: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (
        Unique("org_id", "reference"),
        parent("service_id", "service"),
        parent("trigger_id", "trigger"),
        parent("by_id", "membership"),
        CheckConstraint(_one_of("escalating", ESCALATING), name="escalating"),
        CheckConstraint(
            "care_records <> '' AND staff_notes <> '' AND findings <> ''", name="words"
        ),
        Index("ix_pattern_review_org_id_service_id", "org_id", "service_id", "on_date"),
        Index("ix_pattern_review_org_id_trigger_id", "org_id", "trigger_id"),
    )


class ControlCheck(Base, TenantRow):
    """Did the controls reduce it, four weeks before against four weeks after?

    `before_count` of `before_of` and `after_count` of `after_of` are records, from an indicator or
    from the `source` named; `outcome` follows from them. `sitting_id` has it in its minutes.
    Source: step S3-1.5; rule N12.
    """

    __tablename__ = "control_check"

    decision_id: Mapped[UUID]
    service_id: Mapped[UUID]
    control_on: Mapped[date]
    checked_on: Mapped[date]
    indicator_id: Mapped[UUID | None]
    source: Mapped[str] = mapped_column(Text, server_default="")
    before_count: Mapped[int]
    before_of: Mapped[int]
    after_count: Mapped[int]
    after_of: Mapped[int]
    outcome: Mapped[str] = mapped_column(Text)
    findings: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID]
    sitting_id: Mapped[UUID | None]

    __table_args__ = (
        parent("decision_id", "sharing_decision"),
        parent("service_id", "service"),
        parent("indicator_id", "indicator"),
        parent("by_id", "membership"),
        parent("sitting_id", "review"),
        CheckConstraint("(indicator_id IS NULL) = (source <> '')", name="source"),
        CheckConstraint("before_count BETWEEN 0 AND before_of", name="before_count"),
        CheckConstraint("after_count BETWEEN 0 AND after_of", name="after_count"),
        CheckConstraint("greatest(before_of, after_of) <= 10000000", name="sizes"),
        CheckConstraint(_one_of("outcome", CHECK_OUTCOMES), name="outcome"),
        CheckConstraint(OUTCOME_RULE, name="computed"),
        CheckConstraint("checked_on >= control_on", name="checked_on"),
        CheckConstraint("findings <> ''", name="findings"),
        Index("ix_control_check_org_id_decision_id", "org_id", "decision_id", "checked_on"),
        Index("ix_control_check_org_id_sitting_id", "org_id", "sitting_id"),
    )

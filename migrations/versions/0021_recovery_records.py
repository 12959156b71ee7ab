"""Indicators with readings, care reviews and medicine doses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import CHANGING, LASTING, REMOVABLE, protect

revision = "0021_recovery_records"
down_revision = "0020_action_outcomes"

GRANTS = {
    "indicator": CHANGING,
    "indicator_target": LASTING,
    "reading": REMOVABLE,
    "rebase": CHANGING,
    "care_review": REMOVABLE,
    "medicine_dose": REMOVABLE,
}


def upgrade() -> None:
    op.create_table(
        "indicator",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("good", sa.Text(), nullable=False),
        sa.Column(
            "baseline_value", sa.Numeric(precision=14, scale=4, asdecimal=False), nullable=True
        ),
        sa.Column("baseline_on", sa.Date(), nullable=True),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("review_owner_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("computed_by", sa.Text(), nullable=True),
        sa.Column("numerator_name", sa.Text(), server_default="", nullable=False),
        sa.Column("denominator_name", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by_batch_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "cadence IN ('day', 'week', 'month')", name=op.f("ck_indicator_cadence")
        ),
        sa.CheckConstraint(
            "domain IN ('safety', 'medicines', 'safeguarding', 'staffing', 'complaints', 'experience', 'records', 'audits')",
            name=op.f("ck_indicator_domain"),
        ),
        sa.CheckConstraint("good IN ('up', 'down')", name=op.f("ck_indicator_good")),
        sa.CheckConstraint("measure <> ''", name=op.f("ck_indicator_measure")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_indicator_name")),
        sa.CheckConstraint(
            "unit IN ('percent', 'count', 'rate', 'minutes', 'hours', 'score')",
            name=op.f("ck_indicator_unit"),
        ),
        sa.CheckConstraint(
            "(baseline_value IS NULL) = (baseline_on IS NULL)", name=op.f("ck_indicator_baseline")
        ),
        sa.CheckConstraint(
            "computed_by IS NULL OR computed_by = measure", name=op.f("ck_indicator_computed_by")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "opened_by_batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_indicator_org_id_opened_by_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "opened_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_indicator_org_id_opened_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "review_owner_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_indicator_org_id_review_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_indicator_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_indicator_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("org_id", "reference", name=op.f("uq_indicator_org_id_reference")),
    )
    op.create_index(
        "uq_indicator_org_id_service_id_computed_by",
        "indicator",
        ["org_id", "service_id", "computed_by"],
        unique=True,
    )
    op.create_index(
        "uq_indicator_org_id_service_id_measure",
        "indicator",
        ["org_id", "service_id", "measure"],
        unique=True,
        postgresql_where="computed_by IS NULL",
    )
    op.create_table(
        "indicator_target",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=4, asdecimal=False), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("set_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("due_on >= effective_from", name=op.f("ck_indicator_target_due_on")),
        sa.ForeignKeyConstraint(
            ["org_id", "indicator_id"],
            ["indicator.org_id", "indicator.id"],
            name=op.f("fk_indicator_target_org_id_indicator_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "set_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_indicator_target_org_id_set_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_indicator_target_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_indicator_target")),
    )
    op.create_index(
        "ix_indicator_target_org_id_indicator_id",
        "indicator_target",
        ["org_id", "indicator_id", "effective_from"],
        unique=False,
    )
    op.create_table(
        "reading",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=4, asdecimal=False), nullable=False),
        sa.Column("numerator", sa.Numeric(precision=14, scale=4, asdecimal=False), nullable=True),
        sa.Column("denominator", sa.Numeric(precision=14, scale=4, asdecimal=False), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=True),
        sa.Column("correction_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("row_no", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "correction_reason = '' OR entered_by_id IS NOT NULL",
            name=op.f("ck_reading_correction_reason"),
        ),
        sa.CheckConstraint("value <> 'NaN'", name=op.f("ck_reading_value")),
        sa.CheckConstraint("denominator > 0", name=op.f("ck_reading_denominator")),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_reading_period")),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_reading_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "entered_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_reading_org_id_entered_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "indicator_id"],
            ["indicator.org_id", "indicator.id"],
            name=op.f("fk_reading_org_id_indicator_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_reading_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_reading")),
        sa.UniqueConstraint(
            "org_id",
            "indicator_id",
            "period_start",
            name=op.f("uq_reading_org_id_indicator_id_period_start"),
        ),
    )
    op.create_index(
        "ix_reading_org_id_source_key", "reading", ["org_id", "source_key"], unique=False
    )
    op.create_table(
        "rebase",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason = '')", name=op.f("ck_rebase_withdrawn")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_rebase_reason")),
        sa.ForeignKeyConstraint(
            ["org_id", "by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_rebase_org_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "indicator_id"],
            ["indicator.org_id", "indicator.id"],
            name=op.f("fk_rebase_org_id_indicator_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "withdrawn_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_rebase_org_id_withdrawn_by_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_rebase_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_rebase")),
    )
    op.create_index(
        "uq_rebase_org_id_indicator_id_on_date",
        "rebase",
        ["org_id", "indicator_id", "on_date"],
        unique=True,
        postgresql_where="withdrawn_at IS NULL",
    )
    op.create_table(
        "care_review",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("person_ref", sa.Text(), server_default="", nullable=False),
        sa.Column("review_type", sa.Text(), server_default="", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("high_risk", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("actions", sa.Integer(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("row_no", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_care_review_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_care_review_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_care_review_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_care_review")),
        sa.UniqueConstraint("org_id", "source_key", name=op.f("uq_care_review_org_id_source_key")),
    )
    op.create_index(
        "ix_care_review_org_id_service_id",
        "care_review",
        ["org_id", "service_id", "due_on"],
        unique=False,
    )
    op.create_table(
        "medicine_dose",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("person_ref", sa.Text(), server_default="", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("as_needed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("controlled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("recorder_ref", sa.Text(), server_default="", nullable=False),
        sa.Column("witness_ref", sa.Text(), server_default="", nullable=False),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("row_no", sa.Integer(), nullable=True),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "outcome IN ('given', 'prompted', 'made_available', 'self_administered', 'refused', 'not_taken', 'asleep', 'absent', 'hospital', 'leave', 'unwell', 'not_required', 'too_soon', 'discontinued', 'withheld', 'rescheduled', 'on_paper', 'destroyed', 'contaminated', 'out_of_date', 'stock_out', 'awaiting_stock', 'omitted', 'missing_given', 'missing_not_given')",
            name=op.f("ck_medicine_dose_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_medicine_dose_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_medicine_dose_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_medicine_dose_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_medicine_dose")),
        sa.UniqueConstraint(
            "org_id", "source_key", name=op.f("uq_medicine_dose_org_id_source_key")
        ),
    )
    op.create_index(
        "ix_medicine_dose_org_id_service_id",
        "medicine_dose",
        ["org_id", "service_id", "due_on", "as_needed", "outcome"],
        unique=False,
    )
    for table, grants in GRANTS.items():
        protect(table, grants)


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table)

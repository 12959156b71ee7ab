"""Claims, their validation, and the samples drawn for it.

A validation cannot be by the submitter without a reason, and never changes once completed; nor do
a claim that was decided on, its evidence, and what was drawn.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rls import CHANGING, LASTING, protect

revision = "0015_claims"
down_revision = "0014_overdue_until_verified"

TABLES = {
    "claim": CHANGING,
    "validation": CHANGING,
    "sample": LASTING,
    "sample_item": "SELECT, INSERT, "
    "UPDATE (result, description, critical, checked_by_id, checked_at)",
}

CLAIM = """
CREATE FUNCTION app.keep_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status IN ('validated', 'withdrawn') THEN
    RAISE EXCEPTION 'a claim that is settled cannot be changed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.status = 'submitted' AND (NEW.status = 'draft' OR
      (NEW.kind, NEW.service_id, NEW.domain, NEW.risk_id, NEW.statement, NEW.period_from,
       NEW.period_to, NEW.submitted_by_id, NEW.submitted_on) IS DISTINCT FROM
      (OLD.kind, OLD.service_id, OLD.domain, OLD.risk_id, OLD.statement, OLD.period_from,
       OLD.period_to, OLD.submitted_by_id, OLD.submitted_on)) THEN
    RAISE EXCEPTION 'a submitted claim is kept as it was made'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.status = 'validated' AND NOT EXISTS (SELECT FROM validation v
      WHERE v.org_id = NEW.org_id AND v.claim_id = NEW.id AND v.outcome = NEW.outcome
        AND v.unsupported = NEW.unsupported AND v.validated_by_id = NEW.validated_by_id
        AND v.completed_on = NEW.validated_on) THEN
    RAISE EXCEPTION 'a claim is validated by a completed validation only'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""

VALIDATION = """
CREATE FUNCTION app.keep_completed_validation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.completed_on IS NOT NULL THEN
    RAISE EXCEPTION 'a completed validation cannot be changed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
"""

SAMPLE = """
CREATE FUNCTION app.keep_completed_sample() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  validation_of uuid;
BEGIN
  IF TG_TABLE_NAME = 'sample' THEN
    validation_of := NEW.validation_id;
  ELSE
    SELECT s.validation_id INTO validation_of FROM sample s
    WHERE s.org_id = NEW.org_id AND s.id = NEW.sample_id;
  END IF;
  IF EXISTS (SELECT FROM validation v WHERE v.org_id = NEW.org_id AND v.id = validation_of
             AND v.completed_on IS NOT NULL) THEN
    RAISE EXCEPTION 'the sample of a completed validation cannot be changed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""

EVIDENCE = """
CREATE FUNCTION app.keep_evidence_of_validated_claim() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  link record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF EXISTS (SELECT FROM claim c WHERE c.org_id = link.org_id AND c.id = link.claim_id
             AND c.status = 'validated') THEN
    RAISE EXCEPTION 'the evidence of a validated claim is kept as it was'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN link;
END $$
"""

TARGETS = "action_id, audit_concern_id, concern_id, risk_id, rating_review_id"


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("risk_id", sa.Uuid(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("withdraw_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("unsupported", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("validated_by_id", sa.Uuid(), nullable=True),
        sa.Column("validated_on", sa.Date(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "CASE WHEN status = 'validated' THEN num_nulls(outcome, validated_by_id, validated_on) = 0 ELSE num_nonnulls(outcome, validated_by_id, validated_on) = 0 AND NOT unsupported END",
            name=op.f("ck_claim_validated"),
        ),
        sa.CheckConstraint(
            "kind = 'claim' OR risk_id IS NOT NULL", name=op.f("ck_claim_return_about_a_risk")
        ),
        sa.CheckConstraint("kind IN ('claim', 'assurance_return')", name=op.f("ck_claim_kind")),
        sa.CheckConstraint(
            "outcome IN ('proves', 'partly', 'does_not_prove')", name=op.f("ck_claim_outcome")
        ),
        sa.CheckConstraint("statement <> ''", name=op.f("ck_claim_statement")),
        sa.CheckConstraint(
            "status <> 'withdrawn' OR withdraw_reason <> ''", name=op.f("ck_claim_withdraw_reason")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'validated', 'withdrawn')",
            name=op.f("ck_claim_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('submitted', 'validated') OR submitted_on IS NOT NULL",
            name=op.f("ck_claim_submitted"),
        ),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_claim_period")),
        _parent("claim", "risk_id", "risk"),
        _parent("claim", "service_id", "service"),
        _parent("claim", "submitted_by_id", "membership"),
        _parent("claim", "validated_by_id", "membership"),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_claim_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_claim")),
        sa.UniqueConstraint(
            "org_id", "id", "submitted_by_id", name=op.f("uq_claim_org_id_id_submitted_by_id")
        ),
        sa.UniqueConstraint("org_id", "reference", name=op.f("uq_claim_org_id_reference")),
    )
    op.create_index("ix_claim_org_id_risk_id", "claim", ["org_id", "risk_id"], unique=False)
    op.create_index("ix_claim_org_id_service_id", "claim", ["org_id", "service_id"], unique=False)
    op.create_index(
        "ix_claim_org_id_status", "claim", ["org_id", "status", "submitted_on"], unique=False
    )
    op.create_table(
        "validation",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=False),
        sa.Column("validated_by_id", sa.Uuid(), nullable=False),
        sa.Column("same_person_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("relevant", sa.Text(), nullable=True),
        sa.Column("relevant_note", sa.Text(), server_default="", nullable=False),
        sa.Column("is_current", sa.Text(), nullable=True),
        sa.Column("is_current_note", sa.Text(), server_default="", nullable=False),
        sa.Column("sufficient", sa.Text(), nullable=True),
        sa.Column("sufficient_note", sa.Text(), server_default="", nullable=False),
        sa.Column("findings", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("sampled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("matched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("critical", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unsupported", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "completed_on IS NULL OR (num_nulls(relevant, is_current, sufficient, outcome) = 0 AND findings <> '')",
            name=op.f("ck_validation_completed"),
        ),
        sa.CheckConstraint(
            "completed_on IS NULL OR outcome = 'does_not_prove' OR sampled > 0",
            name=op.f("ck_validation_sampled"),
        ),
        sa.CheckConstraint(
            "is_current IN ('yes', 'partly', 'no')", name=op.f("ck_validation_is_current")
        ),
        sa.CheckConstraint(
            "outcome IN ('proves', 'partly', 'does_not_prove')", name=op.f("ck_validation_outcome")
        ),
        sa.CheckConstraint(
            "relevant IN ('yes', 'partly', 'no')", name=op.f("ck_validation_relevant")
        ),
        sa.CheckConstraint(
            "sufficient IN ('yes', 'partly', 'no')", name=op.f("ck_validation_sufficient")
        ),
        sa.CheckConstraint(
            "validated_by_id <> submitted_by_id OR same_person_reason <> ''",
            name=op.f("ck_validation_validated_by_someone_else"),
        ),
        sa.CheckConstraint(
            "0 <= critical AND 0 <= matched AND matched + critical <= sampled",
            name=op.f("ck_validation_counts"),
        ),
        sa.CheckConstraint(
            "completed_on IS NULL OR unsupported = (critical > 0 OR matched * 100 < sampled * 90)",
            name=op.f("ck_validation_unsupported"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "claim_id", "submitted_by_id"],
            ["claim.org_id", "claim.id", "claim.submitted_by_id"],
            name=op.f("fk_validation_org_id_claim_id_submitted_by_id"),
        ),
        _parent("validation", "validated_by_id", "membership"),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_validation_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_validation")),
        sa.UniqueConstraint("org_id", "claim_id", name=op.f("uq_validation_org_id_claim_id")),
    )
    op.create_table(
        "sample",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("validation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("population_size", sa.Integer(), nullable=False),
        sa.Column("population_sha256", sa.Text(), nullable=False),
        sa.Column("redraw_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("drawn_by_id", sa.Uuid(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "number >= 1 AND (number = 1 OR redraw_reason <> '')", name=op.f("ck_sample_redraw")
        ),
        sa.CheckConstraint("size BETWEEN 1 AND population_size", name=op.f("ck_sample_size")),
        _parent("sample", "drawn_by_id", "membership"),
        _parent("sample", "validation_id", "validation"),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_sample_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_sample")),
        sa.UniqueConstraint(
            "org_id", "validation_id", "number", name=op.f("uq_sample_org_id_validation_id_number")
        ),
    )
    op.create_table(
        "sample_item",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("critical", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "NOT critical OR (result IS NOT NULL AND result <> 'matches')",
            name=op.f("ck_sample_item_critical"),
        ),
        sa.CheckConstraint(
            "record_kind IN ('audit', 'audit_concern', 'concern', 'action', 'evidence')",
            name=op.f("ck_sample_item_record_kind"),
        ),
        sa.CheckConstraint(
            "result IN ('matches', 'mismatch', 'not_found')", name=op.f("ck_sample_item_result")
        ),
        sa.CheckConstraint(
            "result IS NULL OR result = 'matches' OR description <> ''",
            name=op.f("ck_sample_item_described"),
        ),
        sa.CheckConstraint(
            "(result IS NULL) = (checked_by_id IS NULL)", name=op.f("ck_sample_item_checked")
        ),
        _parent("sample_item", "checked_by_id", "membership"),
        _parent("sample_item", "sample_id", "sample"),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_sample_item_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_sample_item")),
        sa.UniqueConstraint(
            "org_id", "sample_id", "position", name=op.f("uq_sample_item_org_id_sample_id_position")
        ),
        sa.UniqueConstraint(
            "org_id",
            "sample_id",
            "record_kind",
            "record_id",
            name=op.f("uq_sample_item_org_id_sample_id_record_kind_record_id"),
        ),
    )
    op.add_column("evidence_link", sa.Column("claim_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_evidence_link_org_id_claim_id",
        "evidence_link",
        "claim",
        ["org_id", "claim_id"],
        ["org_id", "id"],
    )
    _targets(f"{TARGETS}, claim_id")
    op.create_index("ix_evidence_link_org_id_claim_id", "evidence_link", ["org_id", "claim_id"])
    for table, grants in TABLES.items():
        protect(table, grants)
    _keep()


def _parent(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def _targets(columns: str) -> None:
    """Let a link lead to exactly one of these."""
    op.drop_constraint("ck_evidence_link_one_target", "evidence_link")
    op.create_check_constraint(
        op.f("ck_evidence_link_one_target"), "evidence_link", f"num_nonnulls({columns}) = 1"
    )
    op.drop_constraint("uq_evidence_link_target", "evidence_link")
    op.create_unique_constraint(
        "uq_evidence_link_target",
        "evidence_link",
        ["org_id", "evidence_id", *columns.split(", ")],
        postgresql_nulls_not_distinct=True,
    )


def _keep() -> None:
    for body in (CLAIM, VALIDATION, SAMPLE, EVIDENCE):
        op.execute(body)
    for name, when, table, function in (
        ("claim_is_kept", "UPDATE", "claim", "keep_claim"),
        ("validation_is_kept", "UPDATE OR DELETE", "validation", "keep_completed_validation"),
        ("sample_is_closed", "INSERT", "sample", "keep_completed_sample"),
        ("sample_is_kept", "UPDATE OR DELETE", "sample", "refuse_change"),
        ("sample_item_is_closed", "INSERT OR UPDATE", "sample_item", "keep_completed_sample"),
        (
            "evidence_of_claim_is_kept",
            "INSERT OR UPDATE OR DELETE",
            "evidence_link",
            "keep_evidence_of_validated_claim",
        ),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION app.{function}()"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER evidence_of_claim_is_kept ON evidence_link")
    op.execute("ALTER TABLE evidence_link NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM evidence_link WHERE claim_id IS NOT NULL")
    op.execute("ALTER TABLE evidence_link FORCE ROW LEVEL SECURITY")
    _targets(TARGETS)
    op.drop_column("evidence_link", "claim_id")
    for table in ("sample_item", "sample", "validation", "claim"):
        op.drop_table(table)
    for function in (
        "keep_claim",
        "keep_completed_validation",
        "keep_completed_sample",
        "keep_evidence_of_validated_claim",
    ):
        op.execute(f"DROP FUNCTION app.{function}()")

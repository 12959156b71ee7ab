"""Recovery plans with their indicators and templates, and structured checks of practice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import CHANGING, LASTING, REMOVABLE, protect

revision = "0023_recovery_plans"
down_revision = "0022_framework_tags"

DOMAINS = (
    "'safety', 'medicines', 'safeguarding', 'staffing', 'complaints', 'experience', "
    "'records', 'audits'"
)
TARGETS = (
    "action_id, audit_concern_id, concern_id, risk_id, rating_review_id, claim_id, dispute_id"
)
GRANTS = {
    "recovery_plan": CHANGING,
    # An indicator may be taken out of a plan again; the audit trail keeps that it was there.
    "plan_indicator": REMOVABLE,
    "plan_template": LASTING,
    "practice_check": (
        "SELECT, INSERT, UPDATE (withdrawn_at, withdrawn_by_id, withdrawn_reason)"
    ),
    "check_finding": "SELECT, INSERT, UPDATE (reviewed_at, reviewed_by_id, outcome)",
}


def upgrade() -> None:
    _plans()
    _templates()
    _checks()
    for table in ("action", "evidence_link"):
        op.add_column(table, sa.Column("plan_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            f"fk_{table}_org_id_plan_id",
            table,
            "recovery_plan",
            ["org_id", "plan_id"],
            ["org_id", "id"],
        )
        op.create_index(f"ix_{table}_org_id_plan_id", table, ["org_id", "plan_id"])
    _targets(f"{TARGETS}, plan_id")
    for table, grants in GRANTS.items():
        protect(table, grants)


def _row(name: str, *parts: sa.schema.SchemaItem) -> None:
    """A table of tenant rows."""
    op.create_table(
        name,
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *parts,
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{name}_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f(f"pk_{name}")),
    )


def _words(name: str, *, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _amount(name: str) -> sa.Column:
    return sa.Column(name, sa.Numeric(precision=14, scale=4, asdecimal=False), nullable=True)


def _links(table: str, **parents: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["org_id", column],
            [f"{parent}.org_id", f"{parent}.id"],
            name=op.f(f"fk_{table}_org_id_{column}"),
        )
        for column, parent in parents.items()
    ]


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _plans() -> None:
    table = "recovery_plan"
    _row(
        table,
        _words("reference"),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        *(_words(name) for name in ("domain", "title", "baseline_issue", "improvement")),
        sa.Column("horizon_weeks", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        _words("template_code", default=""),
        sa.Column("template_version", sa.Integer(), nullable=True),
        sa.Column("content", sa.dialects.postgresql.JSONB(), server_default="{}", nullable=False),
        _words("status", default="open"),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        _words("close_reason", default=""),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column("lock_version", sa.Integer(), server_default="1", nullable=False),
        *_links(
            table,
            service_id="service",
            lead_id="membership",
            closed_by_id="membership",
            opened_by_id="membership",
        ),
        _check(table, "domain", f"domain IN ({DOMAINS})"),
        _check(
            table, "not_vague", "title <> '' AND baseline_issue <> '' AND improvement <> ''"
        ),
        _check(table, "horizon", "horizon_weeks BETWEEN 1 AND 104"),
        _check(
            table,
            "closed",
            "status = 'open' AND closed_on IS NULL AND close_reason = '' OR "
            "status = 'closed' AND closed_on >= started_on AND close_reason <> ''",
        ),
        sa.UniqueConstraint("org_id", "reference", name=op.f(f"uq_{table}_org_id_reference")),
    )
    op.create_index(
        f"ix_{table}_org_id_service_id", table, ["org_id", "service_id", "status"]
    )
    table = "plan_indicator"
    _row(
        table,
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("is_goal", sa.Boolean(), nullable=False),
        _amount("baseline_value"),
        sa.Column("baseline_on", sa.Date(), nullable=True),
        _amount("target"),
        *_links(table, plan_id="recovery_plan", indicator_id="indicator"),
        _check(table, "baseline", "(baseline_value IS NULL) = (baseline_on IS NULL)"),
        _check(table, "goal", "target IS NOT NULL OR NOT is_goal"),
        sa.UniqueConstraint(
            "org_id",
            "plan_id",
            "indicator_id",
            name=op.f(f"uq_{table}_org_id_plan_id_indicator_id"),
        ),
    )
    op.create_index(f"ix_{table}_org_id_indicator_id", table, ["org_id", "indicator_id"])


def _templates() -> None:
    table = "plan_template"
    _row(
        table,
        _words("code"),
        sa.Column("version", sa.Integer(), nullable=False),
        _words("name"),
        sa.Column("content", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("in_use", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        *_links(table, made_by_id="membership"),
        _check(table, "name", "name <> '' AND code <> ''"),
        _check(table, "version", "version >= 1"),
        sa.UniqueConstraint(
            "org_id", "code", "version", name=op.f(f"uq_{table}_org_id_code_version")
        ),
    )


def _checks() -> None:
    table = "practice_check"
    _row(
        table,
        _words("reference"),
        _words("kind"),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=False),
        _words("shift", default=""),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        _words("staff_ref", default=""),
        sa.Column("result", sa.dialects.postgresql.JSONB(), server_default="{}", nullable=False),
        _words("verdict"),
        _words("note", default=""),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        _words("withdrawn_reason", default=""),
        *_links(
            table,
            service_id="service",
            plan_id="recovery_plan",
            checked_by_id="membership",
            withdrawn_by_id="membership",
        ),
        _check(
            table,
            "kind",
            "kind IN ('medicines_shift', 'practice_observation', 'competency', 'deployment', "
            "'review_actions')",
        ),
        _check(
            table,
            "verdict",
            "verdict IN ('as_agreed', 'not_as_agreed', 'unsafe', 'ok', 'discrepancies')",
        ),
        _check(
            table, "shift", "shift = '' OR shift IN ('early', 'late', 'night', 'long_day')"
        ),
        _check(table, "staff_ref", "staff_ref ~ '^([0-9a-f]{24})?$'"),
        _check(table, "withdrawn", "(withdrawn_at IS NULL) = (withdrawn_reason = '')"),
        sa.UniqueConstraint("org_id", "reference", name=op.f(f"uq_{table}_org_id_reference")),
    )
    op.create_index(
        f"ix_{table}_org_id_service_id", table, ["org_id", "service_id", "on_date"]
    )
    op.create_index(f"ix_{table}_org_id_on_date", table, ["org_id", "on_date"])
    table = "check_finding"
    _row(
        table,
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        _words("kind"),
        _words("round", default=""),
        _words("what"),
        sa.Column("critical", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("detected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_id", sa.Uuid(), nullable=True),
        _words("outcome", default=""),
        *_links(table, check_id="practice_check", reviewed_by_id="membership"),
        _check(
            table,
            "kind",
            "kind IN ('discrepancy', 'practice', 'delay', 'unmet_need', 'vague_action')",
        ),
        _check(table, "what", "what <> ''"),
        _check(
            table,
            "reviewed",
            "(reviewed_at IS NULL) = (outcome = '') AND reviewed_at >= detected_at",
        ),
        sa.UniqueConstraint(
            "org_id", "check_id", "place", name=op.f(f"uq_{table}_org_id_check_id_place")
        ),
    )
    op.create_index(
        "ix_check_finding_unreviewed",
        table,
        ["org_id"],
        postgresql_where=sa.text("reviewed_at IS NULL AND kind = 'discrepancy'"),
    )


def _targets(columns: str) -> None:
    """Let a link of evidence lead to exactly one of these."""
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


def downgrade() -> None:
    op.execute("ALTER TABLE evidence_link NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM evidence_link WHERE plan_id IS NOT NULL")
    op.execute("ALTER TABLE evidence_link FORCE ROW LEVEL SECURITY")
    _targets(TARGETS)
    op.drop_column("evidence_link", "plan_id")
    op.drop_column("action", "plan_id")
    for table in reversed(GRANTS):
        op.drop_table(table)

"""Members, quorum and attendance of the forums; further sections of the agenda."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import CHANGING, REMOVABLE, protect

revision = "0017_forums"
down_revision = "0016_rating_decisions"

FORUMS = (
    "forum IN ('weekly_manager', 'weekly_monitoring', 'monthly_governance', "
    "'fortnightly_recovery', 'quarterly_board', 'quarterly_safeguarding')"
)
OF_SERVICE = "service_id IS NULL OR forum IN ('weekly_manager', 'weekly_monitoring')"
SECTIONS = "'overdue', 'unlinked', 'returned', 'changed', 'challenges', 'added'"
MORE_SECTIONS = "'ratings', 'disputes', 'watch', 'assurance', 'experience', 'outcomes'"
QUORATE = (
    "status = 'open' OR quorum IS NULL OR coalesce(members_present, 0) >= quorum "
    "OR inquorate_reason <> ''"
)

# What a sitting decides and its minutes hold, beside its own lines and entries.
DECIDED = ("rating_review", "rating_dispute", "rating_watch")
# The lock makes a decision wait for somebody who is signing, and then refuses it.
DECIDED_IN_OPEN_SITTING = """
CREATE FUNCTION app.decide_in_open_sitting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sitting record;
BEGIN
  SELECT r.status INTO sitting FROM review r
    WHERE r.org_id = NEW.org_id AND r.id = NEW.sitting_id FOR SHARE;
  IF sitting.status = 'signed' THEN
    RAISE EXCEPTION 'signed minutes cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""


def _tenant_columns() -> list[sa.Column]:
    return [
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _created_at() -> sa.Column:
    return sa.Column(
        "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _keys(table: str, **parents: str) -> list[sa.Constraint]:
    """Primary key, organisation and composite foreign keys of a tenant's table."""
    return [
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f(f"fk_{table}_org_id")),
        *(
            sa.ForeignKeyConstraint(
                ["org_id", column],
                [f"{parent}.org_id", f"{parent}.id"],
                name=op.f(f"fk_{table}_org_id_{column}"),
            )
            for column, parent in parents.items()
        ),
    ]


def upgrade() -> None:
    _create_members()
    _create_rules()
    _create_attendees()
    _extend_sittings()


def _create_members() -> None:
    op.create_table(
        "forum_member",
        *_tenant_columns(),
        sa.Column("forum", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        _created_at(),
        *_keys("forum_member", service_id="service", membership_id="membership"),
        sa.CheckConstraint(FORUMS, name=op.f("ck_forum_member_forum")),
        sa.CheckConstraint(OF_SERVICE, name=op.f("ck_forum_member_of_service")),
        sa.CheckConstraint("part IN ('chair', 'member')", name=op.f("ck_forum_member_part")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_forum_member_until_on")),
    )
    op.create_index(
        "uq_forum_member_now",
        "forum_member",
        ["org_id", "forum", "service_id", "membership_id"],
        unique=True,
        postgresql_where="until_on IS NULL",
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "uq_forum_member_one_chair",
        "forum_member",
        ["org_id", "forum", "service_id"],
        unique=True,
        postgresql_where="until_on IS NULL AND part = 'chair'",
        postgresql_nulls_not_distinct=True,
    )
    protect("forum_member", "SELECT, INSERT, UPDATE (until_on)")


def _create_rules() -> None:
    op.create_table(
        "forum_rule",
        *_tenant_columns(),
        sa.Column("forum", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("quorum", sa.Integer(), nullable=True),
        sa.Column("in_use_from", sa.Date(), nullable=True),
        _created_at(),
        *_keys("forum_rule", service_id="service"),
        sa.UniqueConstraint(
            "org_id",
            "forum",
            "service_id",
            name=op.f("uq_forum_rule_org_id_forum_service_id"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint(FORUMS, name=op.f("ck_forum_rule_forum")),
        sa.CheckConstraint(OF_SERVICE, name=op.f("ck_forum_rule_of_service")),
        sa.CheckConstraint("quorum BETWEEN 1 AND 50", name=op.f("ck_forum_rule_quorum")),
    )
    protect("forum_rule", CHANGING)


def _create_attendees() -> None:
    op.create_table(
        "review_attendee",
        *_tenant_columns(),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        _created_at(),
        *_keys("review_attendee", review_id="review", membership_id="membership"),
        sa.UniqueConstraint(
            "org_id",
            "review_id",
            "membership_id",
            name=op.f("uq_review_attendee_org_id_review_id_membership_id"),
        ),
        sa.CheckConstraint(
            "part IN ('chair', 'member', 'guest')", name=op.f("ck_review_attendee_part")
        ),
        sa.CheckConstraint(
            "status IN ('present', 'apologies')", name=op.f("ck_review_attendee_status")
        ),
    )
    protect("review_attendee", REMOVABLE)
    op.execute(
        "CREATE TRIGGER review_attendee_signed BEFORE INSERT OR UPDATE OR DELETE "
        "ON review_attendee FOR EACH ROW EXECUTE FUNCTION app.keep_part_of_signed_review()"
    )


def _extend_sittings() -> None:
    op.add_column("review", sa.Column("quorum", sa.Integer(), nullable=True))
    op.add_column("review", sa.Column("members_present", sa.Integer(), nullable=True))
    op.add_column(
        "review", sa.Column("inquorate_reason", sa.Text(), server_default="", nullable=False)
    )
    op.add_column("review", sa.Column("signed_as", sa.Text(), nullable=True))
    # Minutes that were signed before keep the form of their seal.
    op.add_column(
        "review", sa.Column("form", sa.Text(), server_default="minutes/1", nullable=False)
    )
    op.alter_column("review", "form", server_default="minutes/2")
    op.create_check_constraint(op.f("ck_review_quorate"), "review", QUORATE)
    op.create_check_constraint(
        op.f("ck_review_signed_as"), "review", "signed_as IN ('chair', 'acting_chair')"
    )
    op.create_index(
        "ix_review_signed",
        "review",
        ["org_id", "forum", "service_id", "period_to"],
        postgresql_where="status = 'signed'",
    )
    _check("review_item", "section", f"section IN ({SECTIONS}, {MORE_SECTIONS})")
    _check("review_entry", "kind", "kind IN ('decision', 'challenge', 'note', 'withheld')")
    op.execute(DECIDED_IN_OPEN_SITTING)
    for table in DECIDED:
        op.execute(
            f"CREATE TRIGGER {table}_in_open_sitting BEFORE INSERT OR UPDATE OF sitting_id "
            f"ON {table} FOR EACH ROW WHEN (NEW.sitting_id IS NOT NULL) "
            "EXECUTE FUNCTION app.decide_in_open_sitting()"
        )


def _check(table: str, name: str, condition: str) -> None:
    """Replace a check."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def downgrade() -> None:
    for table in DECIDED:
        op.execute(f"DROP TRIGGER {table}_in_open_sitting ON {table}")
    op.execute("DROP FUNCTION app.decide_in_open_sitting()")
    _check("review_entry", "kind", "kind IN ('decision', 'challenge', 'note')")
    _check("review_item", "section", f"section IN ({SECTIONS})")
    op.drop_index("ix_review_signed", "review")
    for column in ("form", "signed_as", "inquorate_reason", "members_present", "quorum"):
        op.drop_column("review", column)
    op.drop_table("review_attendee")
    op.drop_table("forum_rule")
    op.drop_table("forum_member")

"""What a rating decision rests on and who took part; disputes and watches.

The database itself refuses a rating that no review gave, a rating lowered without a checked
return, and anybody who appears twice on one record without a recorded reason. The rules for
reviews hold for those made from now on; older ones stay as they were made.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import LASTING, protect

revision = "0016_rating_decisions"
down_revision = "0015_claims"

TABLES = {
    "rating_dispute": "SELECT, INSERT, UPDATE (status, moderation, moderated_by_id, moderated_on, "
    "same_person_reason, sitting_id)",
    "rating_watch": "SELECT, INSERT, UPDATE (outcome, reason, decided_by_id, decided_on, "
    "sitting_id, standing_review_id)",
    "watch_note": LASTING,
}
TARGETS = "action_id, audit_concern_id, concern_id, risk_id, rating_review_id, claim_id"
CHECKS = {
    "in_sitting": "decision IN ('set', 'moderated') OR sitting_id IS NOT NULL OR urgent",
    "urgent": "NOT urgent OR (decision = 'raise' AND sitting_id IS NULL)",
    "lowered_on_return": "decision <> 'lower' OR claim_id IS NOT NULL",
    "moderated": "(decision = 'moderated') = (dispute_id IS NOT NULL)",
    "parties": "(claim_id IS NULL) = (submitted_by_id IS NULL) "
    "AND (claim_id IS NULL) = (validated_by_id IS NULL)",
    "decided_by_another": "(decided_by_id = submitted_by_id OR decided_by_id = validated_by_id) "
    "IS NOT TRUE OR same_person_reason <> ''",
}

# Who disputed a rating, gave it, or stands behind the return that it rests on.
PARTIES = """
CREATE FUNCTION app.is_party(org uuid, review uuid, member uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce(bool_or(member IN (v.decided_by_id, v.submitted_by_id, v.validated_by_id)), false)
  FROM rating_review v WHERE v.org_id = org AND v.id = review
$$
"""

REVIEW = """
CREATE FUNCTION app.rating_review_rests_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  held record;
BEGIN
  IF NEW.claim_id IS NOT NULL THEN
    SELECT * INTO held FROM claim c WHERE c.org_id = NEW.org_id AND c.id = NEW.claim_id;
    IF held.kind IS DISTINCT FROM 'assurance_return' OR held.status <> 'validated'
       OR held.risk_id <> NEW.risk_id OR held.submitted_by_id <> NEW.submitted_by_id
       OR held.validated_by_id <> NEW.validated_by_id THEN
      RAISE EXCEPTION 'a rating rests on a checked return about its own risk'
        USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.decision = 'lower' AND (held.outcome = 'does_not_prove' OR held.unsupported) THEN
      RAISE EXCEPTION 'a rating is lowered on a return that was proved'
        USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  IF NEW.sitting_id IS NOT NULL AND NOT EXISTS (SELECT FROM review r
      WHERE r.org_id = NEW.org_id AND r.id = NEW.sitting_id AND r.forum IN ('monthly_governance',
        'fortnightly_recovery', 'quarterly_board', 'quarterly_safeguarding')) THEN
    RAISE EXCEPTION 'a rating is decided in a sitting of the governance group'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.dispute_id IS NOT NULL THEN
    SELECT * INTO held FROM rating_dispute d
      WHERE d.org_id = NEW.org_id AND d.id = NEW.dispute_id;
    IF held.status IS DISTINCT FROM 'open' OR held.risk_id <> NEW.risk_id THEN
      RAISE EXCEPTION 'a rating is moderated in an open dispute about its own risk'
        USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.same_person_reason = '' AND (NEW.decided_by_id = held.filed_by_id
       OR app.is_party(NEW.org_id, held.rating_review_id, NEW.decided_by_id)) THEN
      RAISE EXCEPTION 'a rating is moderated by someone who took no part in it'
        USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$
"""

DISPUTE = """
CREATE FUNCTION app.keep_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.status <> 'open' THEN
    RAISE EXCEPTION 'a dispute that is settled cannot be changed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM rating_review v WHERE v.org_id = NEW.org_id
      AND v.id = NEW.rating_review_id AND v.risk_id = NEW.risk_id) THEN
    RAISE EXCEPTION 'a dispute is about a rating of its own risk'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'INSERT' AND NEW.filing_exception = ''
     AND app.is_party(NEW.org_id, NEW.rating_review_id, NEW.filed_by_id) THEN
    RAISE EXCEPTION 'a rating is disputed by someone who took no part in it'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.moderated_by_id IS NOT NULL AND NEW.same_person_reason = ''
     AND app.is_party(NEW.org_id, NEW.rating_review_id, NEW.moderated_by_id) THEN
    RAISE EXCEPTION 'a dispute is moderated by someone who took no part in the rating'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""

WATCH = """
CREATE FUNCTION app.keep_watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.outcome IS NOT NULL THEN
    RAISE EXCEPTION 'a watch that is decided cannot be changed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""

RATING = """
CREATE OR REPLACE FUNCTION app.rating_by_review_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.rating, NEW.rating_review_id) IS DISTINCT FROM (OLD.rating, OLD.rating_review_id)
     AND NOT EXISTS (SELECT FROM rating_review v WHERE v.org_id = NEW.org_id
       AND v.id = NEW.rating_review_id AND v.risk_id = NEW.id AND v.rating_to = NEW.rating) THEN
    RAISE EXCEPTION 'a rating changes only by a rating review'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""

RATING_BEFORE = """
CREATE OR REPLACE FUNCTION app.rating_by_review_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.rating IS DISTINCT FROM OLD.rating
     AND NEW.rating_review_id IS NOT DISTINCT FROM OLD.rating_review_id THEN
    RAISE EXCEPTION 'a rating changes only by a rating review'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    _disputes()
    _watches()
    _reviews()
    op.add_column("evidence_link", sa.Column("dispute_id", sa.Uuid(), nullable=True))
    _foreign("evidence_link", "dispute_id", "rating_dispute")
    _targets(f"{TARGETS}, dispute_id")
    op.create_index("ix_evidence_link_org_id_dispute_id", "evidence_link", ["org_id", "dispute_id"])
    for table, grants in TABLES.items():
        protect(table, grants)
    for body in (PARTIES, REVIEW, DISPUTE, WATCH, RATING):
        op.execute(body)
    for name, when, table, function in (
        ("rating_review_rests_on", "INSERT", "rating_review", "rating_review_rests_on"),
        ("rating_dispute_is_kept", "INSERT OR UPDATE", "rating_dispute", "keep_dispute"),
        ("rating_watch_is_kept", "UPDATE", "rating_watch", "keep_watch"),
        ("watch_note_is_kept", "UPDATE", "watch_note", "refuse_change"),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION app.{function}()"
        )


def _disputes() -> None:
    op.create_table(
        "rating_dispute",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("risk_id", sa.Uuid(), nullable=False),
        sa.Column("rating_review_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_by_id", sa.Uuid(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("filing_exception", sa.Text(), server_default="", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("escalated", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("moderation", sa.Text(), server_default="", nullable=False),
        sa.Column("moderated_by_id", sa.Uuid(), nullable=True),
        sa.Column("moderated_on", sa.Date(), nullable=True),
        sa.Column("same_person_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=True),
        _created_at(),
        _check("rating_dispute", "status", "status IN ('open', 'upheld', 'changed', 'withdrawn')"),
        _check("rating_dispute", "reason", "reason <> ''"),
        _check(
            "rating_dispute",
            "moderated",
            "CASE WHEN status IN ('upheld', 'changed') THEN moderation <> '' "
            "AND num_nulls(moderated_by_id, moderated_on) = 0 "
            "ELSE num_nonnulls(moderated_by_id, moderated_on) = 0 END",
        ),
        _check(
            "rating_dispute",
            "moderated_by_another",
            "moderated_by_id IS NULL OR moderated_by_id <> filed_by_id OR same_person_reason <> ''",
        ),
        *_keys(
            "rating_dispute",
            risk_id="risk",
            rating_review_id="rating_review",
            filed_by_id="membership",
            moderated_by_id="membership",
            sitting_id="review",
        ),
        sa.UniqueConstraint("org_id", "reference", name=op.f("uq_rating_dispute_org_id_reference")),
    )
    op.create_index("ix_rating_dispute_org_id_risk_id", "rating_dispute", ["org_id", "risk_id"])


def _watches() -> None:
    op.create_table(
        "rating_watch",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("risk_id", sa.Uuid(), nullable=False),
        sa.Column("rating_review_id", sa.Uuid(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("signal", sa.Text(), server_default="", nullable=False),
        sa.Column("before", sa.Numeric(), nullable=True),
        sa.Column("lowered_at", sa.Numeric(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("sitting_id", sa.Uuid(), nullable=True),
        sa.Column("standing_review_id", sa.Uuid(), nullable=True),
        _created_at(),
        _check(
            "rating_watch",
            "signal",
            "signal IN ('', 'audit', 'incident', 'safeguarding', 'complaint', 'feedback')",
        ),
        _check("rating_watch", "outcome", "outcome IN ('sustained', 'not_sustained')"),
        _check(
            "rating_watch",
            "decided",
            "CASE WHEN outcome IS NULL THEN decided_on IS NULL "
            "ELSE num_nulls(decided_on, standing_review_id) = 0 AND reason <> '' END",
        ),
        *_keys(
            "rating_watch",
            risk_id="risk",
            rating_review_id="rating_review",
            decided_by_id="membership",
            sitting_id="review",
            standing_review_id="rating_review",
        ),
        sa.UniqueConstraint(
            "org_id", "rating_review_id", name=op.f("uq_rating_watch_org_id_rating_review_id")
        ),
    )
    op.create_index("ix_rating_watch_org_id_risk_id", "rating_watch", ["org_id", "risk_id"])
    op.create_table(
        "watch_note",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("watch_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=True),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        _created_at(),
        _check("watch_note", "note", "note <> ''"),
        *_keys("watch_note", watch_id="rating_watch", concern_id="concern", by_id="membership"),
    )
    op.create_index("ix_watch_note_org_id_watch_id", "watch_note", ["org_id", "watch_id"])


def _reviews() -> None:
    for column in (
        *("sitting_id", "claim_id", "dispute_id", "submitted_by_id", "validated_by_id"),
    ):
        op.add_column("rating_review", sa.Column(column, sa.Uuid(), nullable=True))
    for column, table in (
        ("sitting_id", "review"),
        ("claim_id", "claim"),
        ("dispute_id", "rating_dispute"),
        ("submitted_by_id", "membership"),
        ("validated_by_id", "membership"),
    ):
        _foreign("rating_review", column, table)
    op.add_column(
        "rating_review",
        sa.Column("same_person_reason", sa.Text(), server_default="", nullable=False),
    )
    op.add_column(
        "rating_review", sa.Column("urgent", sa.Boolean(), server_default="false", nullable=False)
    )
    for column in ("sitting_id", "claim_id"):
        op.create_index(
            f"ix_rating_review_org_id_{column}",
            "rating_review",
            ["org_id", column],
            postgresql_where=f"{column} IS NOT NULL",
        )
    _decisions("'set', 'raise', 'hold', 'lower', 'moderated'")
    for name, condition in CHECKS.items():
        op.execute(
            f"ALTER TABLE rating_review ADD CONSTRAINT ck_rating_review_{name} "
            f"CHECK ({condition}) NOT VALID"
        )


def _decisions(allowed: str) -> None:
    op.drop_constraint("ck_rating_review_decision", "rating_review")
    op.execute(
        "ALTER TABLE rating_review ADD CONSTRAINT ck_rating_review_decision "
        f"CHECK (decision IN ({allowed})) NOT VALID"
    )


def _targets(columns: str) -> None:
    """What a link may point to: exactly one of these, and each once."""
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


def _created_at() -> sa.Column:
    return sa.Column(
        "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


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


def _foreign(table: str, column: str, parent: str) -> None:
    op.create_foreign_key(
        f"fk_{table}_org_id_{column}", table, parent, ["org_id", column], ["org_id", "id"]
    )


def downgrade() -> None:
    op.execute(RATING_BEFORE)
    op.execute("DROP TRIGGER rating_review_rests_on ON rating_review")
    op.execute("ALTER TABLE evidence_link NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM evidence_link WHERE dispute_id IS NOT NULL")
    op.execute("ALTER TABLE evidence_link FORCE ROW LEVEL SECURITY")
    _targets(TARGETS)
    op.drop_column("evidence_link", "dispute_id")
    for name in CHECKS:
        op.drop_constraint(f"ck_rating_review_{name}", "rating_review")
    _decisions("'set', 'raise', 'hold', 'lower'")
    for column in (
        *("sitting_id", "claim_id", "dispute_id", "submitted_by_id", "validated_by_id"),
        *("same_person_reason", "urgent"),
    ):
        op.drop_column("rating_review", column)
    for table in ("watch_note", "rating_watch", "rating_dispute"):
        op.drop_table(table)
    for function in ("keep_dispute()", "keep_watch()", "rating_review_rests_on()"):
        op.execute(f"DROP FUNCTION app.{function}")
    op.execute("DROP FUNCTION app.is_party(uuid, uuid, uuid)")

"""Retention schedule, legal holds and the disposal log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import APP, LASTING, protect

revision = "0035_retention"
down_revision = "0034_uploads"

CLASSES = "('concerns', 'held_text', 'import_files', 'mail', 'packs')"
STATES = "('quarantined', 'clean', 'rejected', 'disposed')"

# What is held is not disposed of, whoever asks the database.
HELD = """
CREATE FUNCTION app.refuse_where_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM legal_hold h WHERE h.org_id = NEW.org_id AND h.lifted_on IS NULL
      AND (h.record_class IS NULL OR h.record_class = NEW.record_class)) THEN
    RAISE EXCEPTION 'records under a legal hold are not disposed of'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
# An earlier version outlives its record's words by nothing.
KEEP_VERSION = """
CREATE FUNCTION app.keep_row_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.table_name = 'concern' AND EXISTS (
      SELECT FROM concern c WHERE c.org_id = OLD.org_id AND c.id = OLD.record_id
        AND c.disposed_on IS NOT NULL) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'what a row said is kept' USING ERRCODE = 'restrict_violation';
END $$
"""


def _row(name: str, *parts: sa.schema.SchemaItem) -> None:
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


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        ["membership.org_id", "membership.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def _is_class(table: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"record_class IN {CLASSES}", name=op.f(f"ck_{table}_record_class"))


def _reasoned(table: str, column: str = "reason") -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} <> ''", name=op.f(f"ck_{table}_{column}"))


def upgrade() -> None:
    _tables()
    for table in ("retention_period", "disposal"):
        protect(table, LASTING)
    protect("legal_hold", "SELECT, INSERT, UPDATE (lifted_on, lifted_by_id, lift_reason)")
    op.add_column("concern", sa.Column("disposed_on", sa.Date(), nullable=True))
    op.drop_constraint(op.f("ck_stored_file_state"), "stored_file")
    op.create_check_constraint(op.f("ck_stored_file_state"), "stored_file", f"state IN {STATES}")
    op.execute(HELD)
    op.execute(
        "CREATE TRIGGER held_is_kept BEFORE INSERT ON disposal "
        "FOR EACH ROW EXECUTE FUNCTION app.refuse_where_held()"
    )
    op.execute(KEEP_VERSION)
    op.execute("DROP TRIGGER row_version_is_kept ON row_version")
    op.execute(
        "CREATE TRIGGER row_version_is_kept BEFORE UPDATE OR DELETE ON row_version "
        "FOR EACH ROW EXECUTE FUNCTION app.keep_row_version()"
    )
    op.execute(f"GRANT DELETE ON row_version TO {APP}")


def _tables() -> None:
    table = "retention_period"
    _row(
        table,
        sa.Column("record_class", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by_id", sa.Uuid(), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        _is_class(table),
        _reasoned(table),
        sa.CheckConstraint("days BETWEEN 30 AND 36525", name=op.f(f"ck_{table}_days")),
        _person(table, "set_by_id"),
    )
    table = "legal_hold"
    _row(
        table,
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("record_class", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by_id", sa.Uuid(), nullable=False),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("lifted_by_id", sa.Uuid(), nullable=True),
        sa.Column("lift_reason", sa.Text(), server_default="", nullable=False),
        _is_class(table),
        _reasoned(table),
        sa.CheckConstraint(
            "(lifted_on IS NULL) = (lifted_by_id IS NULL) "
            "AND (lifted_on IS NULL OR lift_reason <> '')",
            name=op.f(f"ck_{table}_lifted"),
        ),
        sa.UniqueConstraint("org_id", "reference", name=op.f(f"uq_{table}_org_id_reference")),
        _person(table, "placed_by_id"),
        _person(table, "lifted_by_id"),
    )
    table = "disposal"
    _row(
        table,
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("record_class", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("before_on", sa.Date(), nullable=False),
        sa.Column("oldest_on", sa.Date(), nullable=False),
        sa.Column("newest_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ids_sha256", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("disposed_by_id", sa.Uuid(), nullable=False),
        sa.Column("disposed_on", sa.Date(), nullable=False),
        _is_class(table),
        _reasoned(table),
        sa.CheckConstraint("number > 0", name=op.f(f"ck_{table}_number")),
        sa.UniqueConstraint("org_id", "reference", name=op.f(f"uq_{table}_org_id_reference")),
        _person(table, "disposed_by_id"),
    )


def downgrade() -> None:
    op.execute(f"REVOKE DELETE ON row_version FROM {APP}")
    op.execute("DROP TRIGGER row_version_is_kept ON row_version")
    op.execute("DROP FUNCTION app.keep_row_version()")
    op.execute(
        "CREATE TRIGGER row_version_is_kept BEFORE UPDATE OR DELETE ON row_version "
        "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
    )
    op.drop_constraint(op.f("ck_stored_file_state"), "stored_file")
    op.create_check_constraint(
        op.f("ck_stored_file_state"), "stored_file", "state IN ('quarantined', 'clean', 'rejected')"
    )
    op.drop_column("concern", "disposed_on")
    for table in ("disposal", "legal_hold", "retention_period"):
        op.drop_table(table)
    op.execute("DROP FUNCTION app.refuse_where_held()")

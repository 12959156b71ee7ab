"""Board packs made by the worker."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import across_organisations, open_to_dispatch, protect

revision = "0018_board_packs"
down_revision = "0017_forums"

# A worker that was killed leaves its lease behind; when that has run out the pack waits again.
WAITING = """
CREATE FUNCTION app.waiting_packs() RETURNS TABLE (org_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT p.org_id, p.id FROM board_pack p
  WHERE p.status = 'queued' OR (p.status = 'working' AND p.lease_until < now())
$$
"""

KEEP = """
CREATE FUNCTION app.keep_finished_pack() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'done' THEN
    RAISE EXCEPTION 'a finished board pack cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""


def _parent(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{table}.org_id", f"{table}.id"],
        name=op.f(f"fk_board_pack_org_id_{column}"),
    )


def upgrade() -> None:
    op.create_table(
        "board_pack",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("step", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pdf_file_id", sa.Uuid(), nullable=True),
        sa.Column("zip_file_id", sa.Uuid(), nullable=True),
        sa.Column("pdf_sha256", sa.Text(), nullable=True),
        sa.Column("zip_sha256", sa.Text(), nullable=True),
        sa.Column("audit_seq", sa.BigInteger(), nullable=True),
        sa.Column("audit_hash", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("title <> ''", name=op.f("ck_board_pack_title")),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_board_pack_period")),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name=op.f("ck_board_pack_progress")),
        sa.CheckConstraint(
            "status IN ('queued', 'working', 'done', 'failed')", name=op.f("ck_board_pack_status")
        ),
        sa.CheckConstraint(
            "(status = 'working') = (num_nonnulls(lease_token, lease_until) = 2)",
            name=op.f("ck_board_pack_lease"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(pdf_file_id, zip_file_id, pdf_sha256, zip_sha256, audit_seq, "
            "audit_hash, finished_at) = CASE WHEN status = 'done' THEN 7 ELSE 0 END",
            name=op.f("ck_board_pack_done"),
        ),
        sa.CheckConstraint(
            "status <> 'failed' OR error <> ''", name=op.f("ck_board_pack_failed")
        ),
        _parent("review_id", "review"),
        _parent("requested_by_id", "membership"),
        _parent("pdf_file_id", "stored_file"),
        _parent("zip_file_id", "stored_file"),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_board_pack_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_board_pack")),
        sa.UniqueConstraint("org_id", "reference", name=op.f("uq_board_pack_org_id_reference")),
    )
    op.create_index("ix_board_pack_org_id_created_at", "board_pack", ["org_id", "created_at"])
    op.create_index(
        "uq_board_pack_in_hand",
        "board_pack",
        ["org_id", "period_from", "period_to", "review_id"],
        unique=True,
        postgresql_where="status IN ('queued', 'working')",
        postgresql_nulls_not_distinct=True,
    )
    protect("board_pack")
    open_to_dispatch("board_pack", "SELECT")
    op.execute(WAITING)
    across_organisations("app.waiting_packs()")
    op.execute(KEEP)
    op.execute(
        "CREATE TRIGGER board_pack_finished BEFORE UPDATE ON board_pack "
        "FOR EACH ROW EXECUTE FUNCTION app.keep_finished_pack()"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION app.waiting_packs()")
    op.drop_table("board_pack")
    op.execute("DROP FUNCTION app.keep_finished_pack()")

"""Signed heads of the audit trail; the same stand outside, in the file store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import LASTING, across_organisations, open_to_dispatch, protect

revision = "0033_audit_heads"
down_revision = "0032_second_factor"

WITHOUT_HEAD = """
CREATE FUNCTION app.organisations_without_head(day date) RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT h.org_id FROM audit_head h
  WHERE NOT EXISTS (SELECT FROM signed_head s WHERE s.org_id = h.org_id
    AND (s.on_date >= day OR s.seq >= h.seq))
$$
"""


def upgrade() -> None:
    op.create_table(
        "signed_head",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_signed_head_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_signed_head")),
        sa.UniqueConstraint("org_id", "on_date", name=op.f("uq_signed_head_org_id_on_date")),
    )
    protect("signed_head", LASTING)
    open_to_dispatch("signed_head", "SELECT")
    op.execute(
        "CREATE TRIGGER signed_head_is_kept BEFORE UPDATE OR DELETE ON signed_head "
        "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
    )
    op.execute(WITHOUT_HEAD)
    across_organisations("app.organisations_without_head(date)")


def downgrade() -> None:
    op.execute("DROP FUNCTION app.organisations_without_head(date)")
    op.drop_table("signed_head")

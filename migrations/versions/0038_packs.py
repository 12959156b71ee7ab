"""What was published to commissioners, frozen, and who was granted it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import APP, LASTING, protect
from migrations.tables import (
    checks,
    days,
    ids,
    index,
    instants,
    links,
    numbers,
    tenant_table,
    texts,
    unique,
)

revision = "0038_packs"
down_revision = "0037_sharing"

AFTERWARDS = ("withdrawn_on", "withdrawn_by_id", "withdraw_reason", "superseded_by_id")
REVOKING = ("revoked_at", "revoked_by_id", "revoke_reason")
ENDING = ("ended_on", "ended_by_id", "end_reason")
TABLES = ("pack_read", "pack_grant", "pack_override", "pack", "commissioner_link")

# The owner of the tables is held to it too: {columns} may be filled once, nothing else changes.
KEEP = """
CREATE FUNCTION app.keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE'
     OR to_jsonb(NEW) - {columns}::text[] IS DISTINCT FROM to_jsonb(OLD) - {columns}::text[]
     OR {written_twice} THEN
    RAISE EXCEPTION 'a row of {table} cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
PACK_TWICE = (
    "(OLD.withdrawn_on IS NOT NULL AND (NEW.withdrawn_on, NEW.withdrawn_by_id, "
    "NEW.withdraw_reason) IS DISTINCT FROM (OLD.withdrawn_on, OLD.withdrawn_by_id, "
    "OLD.withdraw_reason)) OR (OLD.superseded_by_id IS NOT NULL "
    "AND NEW.superseded_by_id IS DISTINCT FROM OLD.superseded_by_id)"
)


def upgrade() -> None:
    _links()
    _packs()
    _grants()
    _reads()
    _changing("commissioner_link", ENDING, "OLD.ended_on IS NOT NULL")
    _changing("pack", AFTERWARDS, PACK_TWICE)
    _changing("pack_grant", REVOKING, "OLD.revoked_at IS NOT NULL")
    for table in ("pack_override", "pack_read"):
        protect(table, LASTING)
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
        )


def _changing(table: str, columns: tuple[str, ...], written_twice: str) -> None:
    """A table of which only those columns are ever written to again, and those once."""
    protect(table, LASTING)
    op.execute(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {APP}")
    listed = f"'{{{','.join(columns)}}}'"
    op.execute(KEEP.format(table=table, columns=listed, written_twice=written_twice))
    op.execute(
        f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION app.keep_{table}()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change()"
    )


def _links() -> None:
    table = "commissioner_link"
    tenant_table(
        table,
        ids("commissioner_org_id"),
        texts("email_domain"),
        ids("confirmed_by_id"),
        days("confirmed_on"),
        texts("how_confirmed"),
        days("ended_on", null=True),
        ids("ended_by_id", null=True),
        texts("end_reason", default=""),
        unique(table, "id", "commissioner_org_id"),
        _of_commissioner(table),
        links(table, confirmed_by_id="membership", ended_by_id="membership"),
        checks(
            table,
            another="commissioner_org_id <> org_id",
            email_domain="email_domain = lower(email_domain) "
            "AND email_domain ~ '^[a-z0-9-]+([.][a-z0-9-]+)+$'",
            how_confirmed="how_confirmed <> ''",
            ended="(ended_on IS NULL) = (ended_by_id IS NULL) "
            "AND (ended_on IS NULL) = (end_reason = '')",
        ),
    )
    op.create_index(
        "uq_commissioner_link_live",
        table,
        ["org_id", "commissioner_org_id"],
        unique=True,
        postgresql_where="ended_on IS NULL",
    )


def _of_commissioner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["commissioner_org_id"],
        ["organisation.id"],
        name=op.f(f"fk_{table}_commissioner_org_id"),
    )


def _packs() -> None:
    table = "pack"
    tenant_table(
        table,
        texts("reference", "kind"),
        ids("subject_id"),
        ids("service_id", null=True),
        texts("provider_name"),
        texts("service_name", default=""),
        texts("title"),
        days("period_from", "period_to"),
        texts("content", "content_sha256", "manifest", "manifest_sha256"),
        texts("key", "signature", "events"),
        ids("pdf_file_id"),
        texts("pdf_sha256"),
        ids("published_by_id"),
        instants("published_at"),
        days("published_on"),
        ids("supersedes_id", null=True),
        days("withdrawn_on", null=True),
        ids("withdrawn_by_id", null=True),
        texts("withdraw_reason", default=""),
        ids("superseded_by_id", null=True),
        unique(table, "reference"),
        unique(table, "supersedes_id"),
        unique(table, "id", "kind", "subject_id"),
        links(
            table,
            service_id="service",
            pdf_file_id="stored_file",
            published_by_id="membership",
            withdrawn_by_id="membership",
            superseded_by_id="pack",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "supersedes_id", "kind", "subject_id"],
            ["pack.org_id", "pack.id", "pack.kind", "pack.subject_id"],
            name="fk_pack_supersedes",
        ),
        checks(
            table,
            kind="kind IN ('update', 'board', 'episode')",
            title="title <> ''",
            period="period_from <= period_to",
            content="content_sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex')",
            manifest="manifest_sha256 = encode(sha256(convert_to(manifest, 'UTF8')), 'hex')",
            withdrawn="(withdrawn_on IS NULL) = (withdrawn_by_id IS NULL) "
            "AND (withdrawn_on IS NULL) = (withdraw_reason = '')",
            another="supersedes_id <> id AND superseded_by_id <> id",
        ),
    )
    for column in ("subject_id", "service_id", "published_at"):
        index(table, column)
    override = "pack_override"
    tenant_table(
        override,
        ids("pack_id"),
        texts("place", "kind", "reason"),
        ids("by_id"),
        unique(override, "pack_id", "place", "kind"),
        links(override, pack_id="pack", by_id="membership"),
        checks(override, reason="reason <> ''"),
    )


def _grants() -> None:
    table = "pack_grant"
    tenant_table(
        table,
        ids("pack_id", "link_id", "commissioner_org_id", "granted_by_id"),
        instants("granted_at"),
        days("expires_on"),
        instants("revoked_at", null=True),
        ids("revoked_by_id", null=True),
        texts("revoke_reason", default=""),
        links(table, pack_id="pack", granted_by_id="membership", revoked_by_id="membership"),
        sa.ForeignKeyConstraint(
            ["org_id", "link_id", "commissioner_org_id"],
            [f"commissioner_link.{name}" for name in ("org_id", "id", "commissioner_org_id")],
            name="fk_pack_grant_link",
        ),
        checks(
            table,
            revoked="(revoked_at IS NULL) = (revoked_by_id IS NULL) "
            "AND (revoked_at IS NULL) = (revoke_reason = '')",
        ),
    )
    op.create_index(
        "uq_pack_grant_live",
        table,
        ["org_id", "pack_id", "link_id"],
        unique=True,
        postgresql_where="revoked_at IS NULL",
    )
    # The portal looks from the commissioner's side, across providers.
    op.create_index("ix_pack_grant_commissioner_org_id", table, ["commissioner_org_id"])


def _reads() -> None:
    table = "pack_read"
    tenant_table(
        table,
        ids("pack_id", "commissioner_org_id", "reader_id"),
        texts("what"),
        numbers("number", null=True),
        instants("read_at"),
        days("read_on"),
        links(table, pack_id="pack"),
        checks(
            table,
            what="what IN ('viewed', 'printed', 'pdf', 'bundle', 'attachment')",
            number="(what = 'attachment') = (number IS NOT NULL)",
        ),
    )
    index(table, "pack_id")
    op.create_index(
        "uq_pack_read_look",
        table,
        ["org_id", "pack_id", "reader_id", "what", "read_on"],
        unique=True,
        postgresql_where="what IN ('viewed', 'printed')",
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for table in ("pack_grant", "pack", "commissioner_link"):
        op.execute(f"DROP FUNCTION app.keep_{table}()")

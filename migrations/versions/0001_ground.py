"""Organisations, people, services and the files they hand in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_ground"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cqc_provider_id", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), server_default="Europe/London", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('provider', 'commissioner')", name=op.f("ck_organisation_kind")
        ),
        sa.CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name=op.f("ck_organisation_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisation_slug")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column(
            "email_norm", sa.Text(), sa.Computed("lower(email)", persisted=True), nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email_norm", name=op.f("uq_account_email_norm")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_account_fs_uniquifier")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "membership",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("job_title", sa.Text(), server_default="", nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("all_services", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("mail_mode", sa.Text(), server_default="daily", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "mail_mode IN ('daily', 'weekly', 'urgent')", name=op.f("ck_membership_mail_mode")
        ),
        sa.CheckConstraint(
            "roles <@ ARRAY['administrator','governance_lead','registered_manager','contributor','verifier','contracts_lead','board_member','commissioner_reader']::text[]",
            name=op.f("ck_membership_roles"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_membership_account_id")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_membership_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_membership")),
        sa.UniqueConstraint("org_id", "account_id", name=op.f("uq_membership_org_id_account_id")),
    )
    op.create_table(
        "organisation_key",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_organisation_key_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_organisation_key")),
        sa.UniqueConstraint("org_id", name=op.f("uq_organisation_key_org_id")),
    )
    op.create_table(
        "reference_counter",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_reference_counter_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_reference_counter")),
        sa.UniqueConstraint("org_id", "prefix", name=op.f("uq_reference_counter_org_id_prefix")),
    )
    op.create_table(
        "stored_file",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "created_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_stored_file_org_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_stored_file_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_stored_file")),
    )
    op.create_index(
        "ix_stored_file_org_id_sha256", "stored_file", ["org_id", "sha256"], unique=False
    )
    op.create_table(
        "data_map",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "created_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_data_map_org_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_data_map_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_data_map")),
        sa.UniqueConstraint(
            "org_id",
            "feed",
            "source",
            "version",
            name=op.f("uq_data_map_org_id_feed_source_version"),
        ),
    )
    op.create_table(
        "import_batch",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("data_map_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column(
            "report", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("rows_total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("accepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status IN ('mapping', 'previewed', 'queued', 'loading', 'loaded', 'failed', 'undone', 'cancelled')",
            name=op.f("ck_import_batch_status"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "created_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_import_batch_org_id_created_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "data_map_id"],
            ["data_map.org_id", "data_map.id"],
            name=op.f("fk_import_batch_org_id_data_map_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "file_id"],
            ["stored_file.org_id", "stored_file.id"],
            name=op.f("fk_import_batch_org_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "undone_by_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_import_batch_org_id_undone_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_import_batch_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_import_batch")),
    )
    op.create_index(
        "ix_import_batch_org_id_created_at", "import_batch", ["org_id", "created_at"], unique=False
    )
    op.create_index(
        "ix_import_batch_org_id_sha256", "import_batch", ["org_id", "feed", "sha256"], unique=False
    )
    op.create_table(
        "service",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "name_norm", sa.Text(), sa.Computed("lower(name)", persisted=True), nullable=False
        ),
        sa.Column("cqc_location_id", sa.Text(), nullable=True),
        sa.Column("ods_code", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="other", nullable=False),
        sa.Column("types", sa.Text(), server_default="", nullable=False),
        sa.Column("local_authority", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("postcode", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
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
            "kind IN ('home', 'homecare', 'living', 'other')", name=op.f("ck_service_kind")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "batch_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_service_org_id_batch_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "manager_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_service_org_id_manager_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_service_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_service")),
        sa.UniqueConstraint("org_id", "source_key", name=op.f("uq_service_org_id_source_key")),
    )
    op.create_index("ix_service_org_id_name_norm", "service", ["org_id", "name_norm"], unique=False)
    op.create_table(
        "membership_service",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "membership_id"],
            ["membership.org_id", "membership.id"],
            name=op.f("fk_membership_service_org_id_membership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "service_id"],
            ["service.org_id", "service.id"],
            name=op.f("fk_membership_service_org_id_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_membership_service_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_membership_service")),
        sa.UniqueConstraint(
            "org_id",
            "membership_id",
            "service_id",
            name=op.f("uq_membership_service_org_id_membership_id_service_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("membership_service")
    op.drop_table("service")
    op.drop_table("import_batch")
    op.drop_table("data_map")
    op.drop_table("stored_file")
    op.drop_table("reference_counter")
    op.drop_table("organisation_key")
    op.drop_table("membership")
    op.drop_table("heartbeat")
    op.drop_table("account")
    op.drop_table("organisation")

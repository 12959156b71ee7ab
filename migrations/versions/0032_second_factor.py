"""Second factors, passkeys, recovery codes, and links that work once.

They belong to a sign-in and not to an organisation. Secrets are encrypted, codes and links are
hashed, and what was used once stays used: the database itself refuses the second time. What
enhanced monitoring asks for can be given to another when its owner leaves.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import APP

revision = "0032_second_factor"
down_revision = "0031_sessions"

GRANTS = {
    "authenticator": "SELECT, INSERT, DELETE, UPDATE (last_counter)",
    "recovery_code": "SELECT, INSERT, DELETE, UPDATE (used_at)",
    "passkey": "SELECT, INSERT, DELETE, UPDATE (sign_count, last_used_at)",
    "single_use_token": "SELECT, INSERT, DELETE, UPDATE (used_at)",
}
KEEP_COUNTER = """
CREATE FUNCTION app.keep_counter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.last_counter <= OLD.last_counter THEN
    RAISE EXCEPTION 'a code works once' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
KEEP_USED = """
CREATE FUNCTION app.keep_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.used_at IS NOT NULL THEN
    RAISE EXCEPTION '% works once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""


def _instant(name: str, *, now: bool = False, null: bool = False) -> sa.Column:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=null)


def _of_account(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id")
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "authenticator",
        *_of_account("authenticator"),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("last_counter", sa.BigInteger(), nullable=False),
        _instant("created_at", now=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_authenticator")),
    )
    op.create_table(
        "recovery_code",
        *_of_account("recovery_code"),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        _instant("used_at", null=True),
        _instant("created_at", now=True),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_of_account("passkey"),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _instant("last_used_at", null=True),
        _instant("created_at", now=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"])
    op.create_table(
        "single_use_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        *_of_account("single_use_token"),
        sa.Column("purpose", sa.Text(), nullable=False),
        _instant("expires_at"),
        _instant("used_at", null=True),
        sa.CheckConstraint(
            "purpose IN ('invitation', 'reset', 'challenge')",
            name=op.f("ck_single_use_token_purpose"),
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_single_use_token")),
    )
    op.create_index("ix_single_use_token_account_id", "single_use_token", ["account_id"])
    for table, grants in GRANTS.items():
        op.execute(f"GRANT {grants} ON {table} TO {APP}")
    op.execute(f"GRANT UPDATE (owner_id) ON episode_change TO {APP}")
    op.execute(KEEP_COUNTER)
    op.execute(KEEP_USED)
    op.execute(
        "CREATE TRIGGER authenticator_counts_up BEFORE UPDATE ON authenticator "
        "FOR EACH ROW EXECUTE FUNCTION app.keep_counter()"
    )
    for table in ("recovery_code", "single_use_token"):
        op.execute(
            f"CREATE TRIGGER {table}_works_once BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION app.keep_used()"
        )


def downgrade() -> None:
    op.execute(f"REVOKE UPDATE (owner_id) ON episode_change FROM {APP}")
    for table in reversed(GRANTS):
        op.drop_table(table)
    op.execute("DROP FUNCTION app.keep_counter()")
    op.execute("DROP FUNCTION app.keep_used()")

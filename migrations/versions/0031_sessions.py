"""Sign-ins that end when they are ended, forms held over a sign-in, and the delay after wrong
passwords. The app role reaches these tables by functions alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import DISPATCH, across_organisations

revision = "0031_sessions"
down_revision = "0030_monitoring_returns"

# Whose session a token's hash opens, if it lives: not ended, not idle, not too old.
OPEN = """
CREATE FUNCTION app.open_session(wanted text)
RETURNS TABLE (session_id uuid, account_id uuid, second_factor_at timestamptz,
  idle_seconds integer, seen_ago integer, lasts_for integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT s.id, s.account_id, s.second_factor_at, app.idle_seconds(s.account_id),
    floor(extract(epoch FROM now() - s.last_seen_at))::integer,
    floor(extract(epoch FROM s.absolute_until - now()))::integer
  FROM account_session s
  WHERE s.token_hash = wanted AND s.revoked_at IS NULL AND s.absolute_until > now()
    AND s.last_seen_at + make_interval(secs => app.idle_seconds(s.account_id)) > now()
$$
"""

# The shortest that any of the person's organisations asks for.
IDLE = """
CREATE FUNCTION app.idle_seconds(who uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT coalesce(min(o.idle_minutes), 15) * 60
  FROM membership m JOIN organisation o ON o.id = m.org_id
  WHERE m.account_id = who AND m.active
$$
"""

BEGIN = """
CREATE FUNCTION app.begin_session(who uuid, hash text, hours integer, factor boolean,
  address text, agent text) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  INSERT INTO account_session (id, account_id, token_hash, absolute_until, second_factor_at,
    address, agent)
  VALUES (gen_random_uuid(), who, hash, now() + make_interval(hours => hours),
    CASE WHEN factor THEN now() END, address, agent)
  RETURNING id
$$
"""

TOUCH = """
CREATE FUNCTION app.touch_session(wanted uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  UPDATE account_session SET last_seen_at = now() WHERE id = wanted AND revoked_at IS NULL
$$
"""

LIST = """
CREATE FUNCTION app.sessions_of(who uuid)
RETURNS TABLE (id uuid, created_at timestamptz, last_seen_at timestamptz, address text, agent text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT s.id, s.created_at, s.last_seen_at, s.address, s.agent FROM account_session s
  WHERE s.account_id = who AND s.revoked_at IS NULL AND s.absolute_until > now()
    AND s.last_seen_at + make_interval(secs => app.idle_seconds(who)) > now()
  ORDER BY s.last_seen_at DESC
$$
"""

# One of the person's sessions, or (none given) all but the one that is kept; how many ended.
END = """
CREATE FUNCTION app.end_sessions(who uuid, ended uuid, kept uuid) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  WITH gone AS (
    UPDATE account_session SET revoked_at = now(), held = NULL
    WHERE account_id = who AND revoked_at IS NULL
      AND (ended IS NULL OR id = ended) AND id IS DISTINCT FROM kept
    RETURNING 1)
  SELECT count(*)::integer FROM gone
$$
"""

# What was sent after the session had run out waits for the same person's next sign-in.
HOLD = """
CREATE FUNCTION app.hold_form(wanted text, content bytea) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  WITH kept AS (
    UPDATE account_session SET held = content, held_at = now()
    WHERE token_hash = wanted AND revoked_at IS NULL RETURNING 1)
  SELECT EXISTS (SELECT FROM kept)
$$
"""

HELD = """
CREATE FUNCTION app.held_form(who uuid) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT held FROM account_session
  WHERE account_id = who AND held IS NOT NULL AND held_at > now() - interval '12 hours'
  ORDER BY held_at DESC LIMIT 1
$$
"""

RELEASE = """
CREATE FUNCTION app.release_forms(who uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  UPDATE account_session SET held = NULL WHERE account_id = who AND held IS NOT NULL
$$
"""

# Counts an attempt before it is judged, so that many at once cannot slip through; answers the
# seconds to wait, 0 for none. The delay doubles from the sixth attempt on, to a quarter of an hour.
TRY = """
CREATE FUNCTION app.try_sign_in(wanted text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
DECLARE
  tried sign_in_attempt;
  until timestamptz;
BEGIN
  INSERT INTO sign_in_attempt (key, attempts) VALUES (wanted, 0) ON CONFLICT DO NOTHING;
  SELECT * INTO STRICT tried FROM sign_in_attempt WHERE key = wanted FOR UPDATE;
  IF tried.last_at < clock_timestamp() - interval '1 day' THEN
    tried.attempts := 0;
  END IF;
  IF tried.attempts >= 5 THEN
    until := tried.last_at
      + make_interval(secs => least(900, power(2, least(tried.attempts, 20) - 5)));
    IF until > clock_timestamp() THEN
      RETURN ceil(extract(epoch FROM until - clock_timestamp()))::integer;
    END IF;
  END IF;
  UPDATE sign_in_attempt SET attempts = tried.attempts + 1, last_at = clock_timestamp()
  WHERE key = wanted;
  RETURN 0;
END $$
"""

WORKED = """
CREATE FUNCTION app.sign_in_worked(wanted text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  DELETE FROM sign_in_attempt WHERE key = wanted
$$
"""

FORGET = """
CREATE FUNCTION app.forget_sign_ins() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  WITH attempts AS (
    DELETE FROM sign_in_attempt WHERE last_at < now() - interval '1 day'),
  gone AS (
    DELETE FROM account_session WHERE absolute_until < now() - interval '30 days' RETURNING 1)
  SELECT count(*)::integer FROM gone
$$
"""

FUNCTIONS = {
    "app.idle_seconds(uuid)": IDLE,
    "app.open_session(text)": OPEN,
    "app.begin_session(uuid, text, integer, boolean, text, text)": BEGIN,
    "app.touch_session(uuid)": TOUCH,
    "app.sessions_of(uuid)": LIST,
    "app.end_sessions(uuid, uuid, uuid)": END,
    "app.hold_form(text, bytea)": HOLD,
    "app.held_form(uuid)": HELD,
    "app.release_forms(uuid)": RELEASE,
    "app.try_sign_in(text)": TRY,
    "app.sign_in_worked(text)": WORKED,
    "app.forget_sign_ins()": FORGET,
}


def _instant(name: str, *, now: bool = False) -> sa.Column:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def upgrade() -> None:
    op.add_column(
        "organisation",
        sa.Column("idle_minutes", sa.SmallInteger(), server_default="15", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_organisation_idle_minutes"), "organisation", "idle_minutes BETWEEN 5 AND 30"
    )
    op.create_index("ix_membership_account_id", "membership", ["account_id"])
    op.create_table(
        "account_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        _instant("created_at", now=True),
        _instant("last_seen_at", now=True),
        sa.Column("absolute_until", sa.DateTime(timezone=True), nullable=False),
        _instant("second_factor_at"),
        _instant("revoked_at"),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.Column("held", sa.LargeBinary(), nullable=True),
        _instant("held_at"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_session_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_session_token_hash")),
    )
    op.create_index("ix_account_session_account_id", "account_session", ["account_id"])
    op.create_index("ix_account_session_absolute_until", "account_session", ["absolute_until"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _instant("last_at", now=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_last_at", "sign_in_attempt", ["last_at"])
    op.execute(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON account_session, sign_in_attempt TO {DISPATCH}"
    )
    for signature, body in FUNCTIONS.items():
        op.execute(body)
        across_organisations(signature)


def downgrade() -> None:
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_table("sign_in_attempt")
    op.drop_table("account_session")
    op.drop_index("ix_membership_account_id", table_name="membership")
    op.drop_constraint(op.f("ck_organisation_idle_minutes"), "organisation")
    op.drop_column("organisation", "idle_minutes")

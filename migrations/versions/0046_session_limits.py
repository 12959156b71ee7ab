"""Each session knows how long it may stay idle, as it was told when it was last seen.

The limit is the shortest that the person's organisations ask for. Where it is raised, or an
organisation that asked for less is left, sessions that had ended by the earlier limit stay ended;
where it is lowered it holds at once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046_session_limits"
down_revision = "0045_commissioner_identity"

OPEN = """
CREATE OR REPLACE FUNCTION app.open_session(wanted text)
RETURNS TABLE (session_id uuid, account_id uuid, second_factor_at timestamptz,
  idle_seconds integer, seen_ago integer, lasts_for integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT s.id, s.account_id, s.second_factor_at, {limit},
    floor(extract(epoch FROM now() - s.last_seen_at))::integer,
    floor(extract(epoch FROM s.absolute_until - now()))::integer
  FROM account_session s
  WHERE s.token_hash = wanted AND s.revoked_at IS NULL AND s.absolute_until > now()
    AND s.last_seen_at + make_interval(secs => {limit}) > now()
$$
"""

LIST = """
CREATE OR REPLACE FUNCTION app.sessions_of(who uuid)
RETURNS TABLE (id uuid, created_at timestamptz, last_seen_at timestamptz, address text, agent text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT s.id, s.created_at, s.last_seen_at, s.address, s.agent FROM account_session s
  WHERE s.account_id = who AND s.revoked_at IS NULL AND s.absolute_until > now()
    AND s.last_seen_at + make_interval(secs => {limit}) > now()
  ORDER BY s.last_seen_at DESC
$$
"""

BEGIN = """
CREATE OR REPLACE FUNCTION app.begin_session(who uuid, hash text, hours integer, factor boolean,
  address text, agent text) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  INSERT INTO account_session (id, account_id, token_hash, absolute_until, second_factor_at,
    address, agent{column})
  VALUES (gen_random_uuid(), who, hash, now() + make_interval(hours => hours),
    CASE WHEN factor THEN now() END, address, agent{value})
  RETURNING id
$$
"""

TOUCH = """
CREATE OR REPLACE FUNCTION app.touch_session(wanted uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  UPDATE account_session SET last_seen_at = now(){told} WHERE id = wanted AND revoked_at IS NULL
$$
"""

EARLIER = "app.idle_seconds(s.account_id)"
NOW = f"least(s.idle_seconds, {EARLIER})"


def upgrade() -> None:
    op.add_column("account_session", sa.Column("idle_seconds", sa.Integer()))
    op.execute("UPDATE account_session SET idle_seconds = app.idle_seconds(account_id)")
    op.alter_column("account_session", "idle_seconds", nullable=False)
    for function in (OPEN, LIST):
        op.execute(function.format(limit=NOW))
    op.execute(BEGIN.format(column=", idle_seconds", value=", app.idle_seconds(who)"))
    op.execute(TOUCH.format(told=", idle_seconds = app.idle_seconds(account_id)"))


def downgrade() -> None:
    for function in (OPEN, LIST):
        op.execute(function.format(limit=EARLIER))
    op.execute(BEGIN.format(column="", value=""))
    op.execute(TOUCH.format(told=""))
    op.drop_column("account_session", "idle_seconds")

"""Entering an organisation also tells the number of its latest event; figures are read daily."""

from __future__ import annotations

from alembic import op

from migrations.rls import across_organisations, open_to_dispatch

revision = "0013_daily_figures"
down_revision = "0012_evidence_judged_by_another"

_ENTER = "app.enter(text, uuid, text, boolean)"
_UNREAD = "app.providers_without_reading(date)"

ENTER = """
CREATE FUNCTION app.enter(wanted text, who uuid, request text, read_only boolean)
RETURNS TABLE (org_id uuid, slug text, org_name text, kind text, time_zone text,
  membership_id uuid, member_name text, roles text[], all_services boolean, service_ids uuid[],
  last_event bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
BEGIN
  SELECT o.id, o.slug, o.name, o.kind, o.time_zone, m.id, m.name, m.roles, m.all_services,
    ARRAY(SELECT s.service_id FROM membership_service s
          WHERE s.org_id = m.org_id AND s.membership_id = m.id),
    coalesce((SELECT h.seq FROM audit_head h WHERE h.org_id = o.id), 0)
  INTO org_id, slug, org_name, kind, time_zone, membership_id, member_name, roles,
    all_services, service_ids, last_event
  FROM organisation o JOIN membership m ON m.org_id = o.id
  WHERE o.slug = wanted AND m.account_id = who AND m.active;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM set_config('app.org', org_id::text, true);
  PERFORM set_config('app.user', membership_id::text, true);
  PERFORM set_config('app.request', request, true);
  IF read_only THEN
    PERFORM set_config('transaction_read_only', 'on', true);
  END IF;
  RETURN NEXT;
END $$
"""

BEFORE = """
CREATE FUNCTION app.enter(wanted text, who uuid, request text, read_only boolean)
RETURNS TABLE (org_id uuid, slug text, org_name text, kind text, time_zone text,
  membership_id uuid, member_name text, roles text[], all_services boolean, service_ids uuid[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
BEGIN
  SELECT o.id, o.slug, o.name, o.kind, o.time_zone, m.id, m.name, m.roles, m.all_services,
    ARRAY(SELECT s.service_id FROM membership_service s
          WHERE s.org_id = m.org_id AND s.membership_id = m.id)
  INTO org_id, slug, org_name, kind, time_zone, membership_id, member_name, roles,
    all_services, service_ids
  FROM organisation o JOIN membership m ON m.org_id = o.id
  WHERE o.slug = wanted AND m.account_id = who AND m.active;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM set_config('app.org', org_id::text, true);
  PERFORM set_config('app.user', membership_id::text, true);
  PERFORM set_config('app.request', request, true);
  IF read_only THEN
    PERFORM set_config('transaction_read_only', 'on', true);
  END IF;
  RETURN NEXT;
END $$
"""

UNREAD = """
CREATE FUNCTION app.providers_without_reading(day date) RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id FROM organisation o WHERE o.kind = 'provider'
    AND NOT EXISTS (SELECT FROM figure_reading r WHERE r.org_id = o.id AND r.on_date = day)
$$
"""


def upgrade() -> None:
    op.execute(f"DROP FUNCTION {_ENTER}")
    op.execute(ENTER)
    across_organisations(_ENTER)
    open_to_dispatch("figure_reading", "SELECT")
    op.execute(UNREAD)
    across_organisations(_UNREAD)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {_UNREAD}")
    op.execute("DROP POLICY figure_reading_dispatch ON figure_reading")
    op.execute("REVOKE ALL ON figure_reading FROM careboard_dispatch")
    op.execute(f"DROP FUNCTION {_ENTER}")
    op.execute(BEFORE)
    across_organisations(_ENTER)

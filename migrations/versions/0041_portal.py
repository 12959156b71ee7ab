"""What the portal's role may read, and who was invited to read it.

The portal reads as a role of its own that is told, for each transaction, the commissioner
(`app.org`), the links of providers that the person may read through (`app.links`) and the day
(`app.day`). Without one of them it sees nothing. A withdrawn pack is no row to it at all, so that
no fault of a page can show what was taken back; that there was one, and why it went, is told by a
function that has no content to tell.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import APP, DISPATCH, LASTING, across_organisations, open_to_dispatch, protect
from migrations.tables import ids, instants, links, tenant_table, texts, unique

revision = "0041_portal"
down_revision = "0040_communications"

PORTAL = "careboard_portal"
# Which columns it reads: who granted, revoked or withdrew, and which record a pack was made of,
# are the provider's own.
READS = {
    "pack": (
        *("org_id", "id", "reference", "kind", "provider_name", "service_name", "title"),
        *("period_from", "period_to", "content", "content_sha256", "manifest", "manifest_sha256"),
        *("key", "signature", "events", "pdf_sha256", "published_at", "published_on"),
        *("supersedes_id", "superseded_by_id", "withdrawn_on"),
    ),
    "pack_grant": (
        *("org_id", "id", "pack_id", "link_id", "commissioner_org_id", "granted_at"),
        *("expires_on", "revoked_at"),
    ),
}
SEES = {
    "pack": (
        "withdrawn_on IS NULL AND EXISTS (SELECT FROM pack_grant g "
        "WHERE g.org_id = pack.org_id AND g.pack_id = pack.id)"
    ),
    "pack_grant": (
        "commissioner_org_id = nullif(current_setting('app.org', true), '')::uuid "
        "AND link_id = ANY (nullif(current_setting('app.links', true), '')::uuid[]) "
        "AND expires_on >= nullif(current_setting('app.day', true), '')::date "
        "AND revoked_at IS NULL"
    ),
}

# The links that a person may read through: of a commissioner that they are an active reader for,
# with an address at the domain that the provider confirmed, and not shut out by that provider. A
# reader whom another provider invited under another domain comes no nearer to this one's packs.
LINKS = """
CREATE FUNCTION app.reader_links(who uuid)
RETURNS TABLE (reader_org uuid, provider_org uuid, link_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT m.org_id, l.org_id, l.id
  FROM membership m
  JOIN account a ON a.id = m.account_id AND a.active
  JOIN commissioner_link l ON l.commissioner_org_id = m.org_id AND l.ended_on IS NULL
    AND lower(l.email_domain) = substring(a.email_norm FROM '@([^@]+)$')
  WHERE m.account_id = who AND m.active AND 'commissioner_reader' = ANY (m.roles)
    AND NOT EXISTS (SELECT FROM commissioner_reader r WHERE r.org_id = l.org_id
      AND r.link_id = l.id AND r.account_id = who AND r.ended_at IS NOT NULL)
$$
"""

# The commissioners that a person reads for; no row for anybody else.
READER = """
CREATE FUNCTION app.portal_reader(who uuid)
RETURNS TABLE (org_id uuid, slug text, org_name text, time_zone text, reader_name text,
  links uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id, o.slug, o.name, o.time_zone, m.name,
    ARRAY(SELECT l.link_id FROM app.reader_links(who) l WHERE l.reader_org = o.id)
  FROM membership m JOIN organisation o ON o.id = m.org_id AND o.kind = 'commissioner'
  WHERE m.account_id = who AND m.active AND 'commissioner_reader' = ANY (m.roles)
  ORDER BY o.name
$$
"""

# What can be told of a pack that was taken back.
WITHDRAWN = """
CREATE FUNCTION app.withdrawn_packs(who uuid, day date)
RETURNS TABLE (reader_org uuid, id uuid, reference text, kind text, provider_name text,
  service_name text, title text, period_from date, period_to date, published_on date,
  withdrawn_on date, withdraw_reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT DISTINCT l.reader_org, p.id, p.reference, p.kind, p.provider_name, p.service_name,
    p.title, p.period_from, p.period_to, p.published_on, p.withdrawn_on, p.withdraw_reason
  FROM app.reader_links(who) l
  JOIN pack_grant g ON g.org_id = l.provider_org AND g.link_id = l.link_id
    AND g.commissioner_org_id = l.reader_org AND g.revoked_at IS NULL AND g.expires_on >= day
  JOIN pack p ON p.org_id = g.org_id AND p.id = g.pack_id AND p.withdrawn_on IS NOT NULL
$$
"""

# Leaves in the provider's own chain that the person read its pack, and when; false, and nothing is
# left, where they may not. Of two commissioners that they read it for it is the first, as on the
# page. Of one reader's looks at one pack a day leaves one, each download leaves
# its own.
NOTE = """
CREATE FUNCTION app.note_pack_read(who uuid, wanted uuid, act text, part integer,
  at timestamptz, day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
DECLARE
  held text := coalesce(current_setting('app.org', true), '');
  provider uuid;
  reader uuid;
BEGIN
  SELECT l.provider_org, l.reader_org INTO provider, reader
  FROM app.reader_links(who) l
  JOIN pack_grant g ON g.org_id = l.provider_org AND g.link_id = l.link_id
    AND g.commissioner_org_id = l.reader_org AND g.revoked_at IS NULL AND g.expires_on >= day
  JOIN pack p ON p.org_id = g.org_id AND p.id = g.pack_id AND p.withdrawn_on IS NULL
  JOIN organisation o ON o.id = l.reader_org
  WHERE p.id = wanted ORDER BY o.name LIMIT 1;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO pack_read (org_id, id, pack_id, commissioner_org_id, reader_id, what, number,
    read_at, read_on)
  VALUES (provider, gen_random_uuid(), wanted, reader, who, act, part, at, day)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN true;
  END IF;
  PERFORM set_config('app.org', provider::text, true);
  PERFORM app.append_audit(provider, jsonb_build_array(jsonb_build_object(
    'actor', who::text, 'tag', 'pack:' || act, 'subject', wanted::text,
    'payload', format('{"after": {"commissioner": "%s"}, "before": {}}', reader))));
  PERFORM set_config('app.org', held, true);
  RETURN true;
END $$
"""

# Who reads through a link of the provider in whose name this is asked.
READERS = """
CREATE FUNCTION app.readers_of_link(link uuid)
RETURNS TABLE (account_id uuid, name text, email text, invited_at timestamptz,
  last_read timestamptz, waits boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT a.id, m.name, a.email, r.invited_at,
    (SELECT max(p.read_at) FROM pack_read p WHERE p.org_id = l.org_id AND p.reader_id = a.id),
    a.password IS NULL
  FROM commissioner_link l
  JOIN membership m ON m.org_id = l.commissioner_org_id AND m.active
    AND 'commissioner_reader' = ANY (m.roles)
  JOIN account a ON a.id = m.account_id AND a.active
    AND lower(l.email_domain) = substring(a.email_norm FROM '@([^@]+)$')
  LEFT JOIN commissioner_reader r ON r.org_id = l.org_id AND r.link_id = l.id
    AND r.account_id = a.id
  WHERE l.org_id = app.org() AND l.id = link AND l.ended_on IS NULL AND r.ended_at IS NULL
  ORDER BY m.name
$$
"""

# Makes somebody a reader for the commissioner of the provider's own living link: the one thing
# that a provider may write there. No row where the link or the address will not do, or the
# person's sign-in, or their reading for the commissioner, was ended: no provider undoes that.
INVITE = """
CREATE FUNCTION app.invite_reader(link uuid, address text, called text)
RETURNS TABLE (account_id uuid, waits boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
DECLARE
  held text := current_setting('app.org', true);
  commissioner uuid;
  known account;
  added uuid;
BEGIN
  SELECT l.commissioner_org_id INTO commissioner FROM commissioner_link l
  WHERE l.org_id = app.org() AND l.id = link AND l.ended_on IS NULL
    AND lower(l.email_domain) = substring(lower(address) FROM '^[^@]+@([^@]+)$');
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO account (id, email, name, fs_uniquifier)
  VALUES (gen_random_uuid(), address, called, replace(gen_random_uuid()::text
    || gen_random_uuid()::text, '-', '')) ON CONFLICT (email_norm) DO NOTHING;
  SELECT * INTO STRICT known FROM account a WHERE a.email_norm = lower(address);
  IF NOT known.active OR EXISTS (SELECT FROM membership m
      WHERE m.org_id = commissioner AND m.account_id = known.id AND NOT m.active) THEN
    RETURN;
  END IF;
  INSERT INTO membership (org_id, id, account_id, name, email, roles)
  VALUES (commissioner, gen_random_uuid(), known.id, called, address,
    ARRAY['commissioner_reader']) ON CONFLICT DO NOTHING
  RETURNING id INTO added;
  IF added IS NOT NULL THEN
    PERFORM set_config('app.org', commissioner::text, true);
    PERFORM app.append_audit(commissioner, jsonb_build_array(jsonb_build_object(
      'actor', 'careboard', 'tag', 'member:added', 'subject', added::text, 'payload',
      format('{"after": {"provider": "%s", "roles": ["commissioner_reader"]}, "before": {}}',
        held))));
    PERFORM set_config('app.org', held, true);
  END IF;
  RETURN QUERY SELECT known.id, known.password IS NULL;
END $$
"""

FUNCTIONS = {
    "app.reader_links(uuid)": LINKS,
    "app.portal_reader(uuid)": READER,
    "app.withdrawn_packs(uuid, date)": WITHDRAWN,
    "app.note_pack_read(uuid, uuid, text, integer, timestamptz, date)": NOTE,
    "app.readers_of_link(uuid)": READERS,
    "app.invite_reader(uuid, text, text)": INVITE,
}
DISPATCHED = {
    "commissioner_link": "SELECT",
    "commissioner_reader": "SELECT",
    "pack": "SELECT",
    "pack_grant": "SELECT",
    "pack_read": "SELECT, INSERT",
}
OF_ACCOUNT = "SELECT, INSERT (id, email, name, fs_uniquifier)"
OF_MEMBERSHIP = "INSERT (org_id, id, account_id, name, email, roles)"


def upgrade() -> None:
    tenant_table(
        "commissioner_reader",
        ids("link_id", "account_id"),
        texts("name", "email"),
        ids("invited_by_id", null=True),
        instants("invited_at", null=True),
        ids("ended_by_id", null=True),
        instants("ended_at", null=True),
        links(
            "commissioner_reader",
            link_id="commissioner_link",
            invited_by_id="membership",
            ended_by_id="membership",
        ),
        unique("commissioner_reader", "link_id", "account_id"),
        sa.CheckConstraint(
            "(invited_at IS NULL) = (invited_by_id IS NULL) "
            "AND (ended_at IS NULL) = (ended_by_id IS NULL)",
            name=op.f("ck_commissioner_reader_by_whom"),
        ),
    )
    protect("commissioner_reader", LASTING)
    op.execute(
        "GRANT UPDATE (name, invited_by_id, invited_at, ended_by_id, ended_at) "
        f"ON commissioner_reader TO {APP}"
    )
    # Readers come from the commissioner's side.
    op.create_index(
        "ix_commissioner_link_commissioner_org_id", "commissioner_link", ["commissioner_org_id"]
    )
    for table, grants in DISPATCHED.items():
        open_to_dispatch(table, grants)
    op.execute(f"GRANT {OF_ACCOUNT} ON account TO {DISPATCH}")
    op.execute(f"GRANT {OF_MEMBERSHIP} ON membership TO {DISPATCH}")
    for signature, body in FUNCTIONS.items():
        op.execute(body)
        across_organisations(signature)
    for table, condition in SEES.items():
        op.execute(f"GRANT SELECT ({', '.join(READS[table])}) ON {table} TO {PORTAL}")
        op.execute(f"CREATE POLICY {table}_portal ON {table} TO {PORTAL} USING ({condition})")
        # The organisation's own policy is for every role: this one keeps the portal from it.
        op.execute(
            f"CREATE POLICY {table}_portal_wall ON {table} AS RESTRICTIVE TO {PORTAL} "
            f"USING ({condition})"
        )


def downgrade() -> None:
    for table in SEES:
        op.execute(f"DROP POLICY {table}_portal ON {table}")
        op.execute(f"DROP POLICY {table}_portal_wall ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM {PORTAL}")
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute(f"REVOKE ALL ON account FROM {DISPATCH}")
    op.execute(f"REVOKE INSERT ON membership FROM {DISPATCH}")
    for table in DISPATCHED:
        op.execute(f"DROP POLICY {table}_dispatch ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM {DISPATCH}")
    op.drop_index("ix_commissioner_link_commissioner_org_id", "commissioner_link")
    op.drop_table("commissioner_reader")

"""The domains at which CareBoard's operator has confirmed a commissioner to be.

A provider's contracts lead says at which domain the commissioner of its contract has its addresses;
whoever could say any domain could invite readers of their own making and show packs as read. So
the operator, who is no party, confirms the domain first: the owner of the tables alone writes
here, and without a row nobody is invited, reads or is told through a link.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.rls import APP, DISPATCH

revision = "0045_commissioner_identity"
down_revision = "0044_closed_risks"

# As in 0041, but through domains that the operator confirmed alone.
LINKS = """
CREATE OR REPLACE FUNCTION app.reader_links(who uuid)
RETURNS TABLE (reader_org uuid, provider_org uuid, link_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT m.org_id, l.org_id, l.id
  FROM membership m
  JOIN account a ON a.id = m.account_id AND a.active
  JOIN commissioner_link l ON l.commissioner_org_id = m.org_id AND l.ended_on IS NULL
    AND lower(l.email_domain) = substring(a.email_norm FROM '@([^@]+)$')
  {confirmed}
  WHERE m.account_id = who AND m.active AND 'commissioner_reader' = ANY (m.roles)
    AND NOT EXISTS (SELECT FROM commissioner_reader r WHERE r.org_id = l.org_id
      AND r.link_id = l.id AND r.account_id = who AND r.ended_at IS NOT NULL)
$$
"""

READERS = """
CREATE OR REPLACE FUNCTION app.readers_of_link(link uuid)
RETURNS TABLE (account_id uuid, name text, email text, invited_at timestamptz,
  last_read timestamptz, waits boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT a.id, m.name, a.email, r.invited_at,
    (SELECT max(p.read_at) FROM pack_read p WHERE p.org_id = l.org_id AND p.reader_id = a.id),
    a.password IS NULL
  FROM commissioner_link l
  {confirmed}
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

INVITE = """
CREATE OR REPLACE FUNCTION app.invite_reader(link uuid, address text, called text)
RETURNS TABLE (account_id uuid, waits boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
DECLARE
  held text := current_setting('app.org', true);
  commissioner uuid;
  known account;
  added uuid;
BEGIN
  SELECT l.commissioner_org_id INTO commissioner FROM commissioner_link l
  {confirmed}
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
      format('{{"after": {{"provider": "%s", "roles": ["commissioner_reader"]}}, "before": {{}}}}',
        held))));
    PERFORM set_config('app.org', held, true);
  END IF;
  RETURN QUERY SELECT known.id, known.password IS NULL;
END $$
"""

FUNCTIONS = (LINKS, READERS, INVITE)
CONFIRMED = (
    "JOIN commissioner_domain d ON d.commissioner_id = l.commissioner_org_id "
    "AND d.domain = l.email_domain"
)


def upgrade() -> None:
    op.create_table(
        "commissioner_domain",
        sa.Column("commissioner_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commissioner_id"],
            ["organisation.id"],
            name=op.f("fk_commissioner_domain_commissioner_id"),
        ),
        sa.PrimaryKeyConstraint("commissioner_id", "domain", name=op.f("pk_commissioner_domain")),
        sa.CheckConstraint(
            "domain = lower(domain) AND domain ~ '^[a-z0-9-]+([.][a-z0-9-]+)+$'",
            name=op.f("ck_commissioner_domain_domain"),
        ),
        sa.CheckConstraint("how <> ''", name=op.f("ck_commissioner_domain_how")),
    )
    op.execute(f"GRANT SELECT ON commissioner_domain TO {APP}, {DISPATCH}")
    for function in FUNCTIONS:
        op.execute(function.format(confirmed=CONFIRMED))


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(function.format(confirmed=""))
    op.execute(f"REVOKE ALL ON commissioner_domain FROM {DISPATCH}")
    op.drop_table("commissioner_domain")

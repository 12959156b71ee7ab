"""Row-level security, the audit chain, the functions that look across organisations, and the
triggers that keep signed minutes, decisions and ratings as they were made."""

from __future__ import annotations

from alembic import op

from migrations.rls import (
    APP,
    CHANGING,
    DISPATCH,
    LASTING,
    REMOVABLE,
    across_organisations,
    open_to_dispatch,
    protect,
)

revision = "0007_walls"
down_revision = "0006_reminders"

TABLES = {
    "membership": CHANGING,
    "membership_service": REMOVABLE,
    "organisation_key": LASTING,
    "reference_counter": CHANGING,
    "stored_file": LASTING,
    "data_map": LASTING,
    "import_batch": CHANGING,
    "service": REMOVABLE,
    "quarantined_row": CHANGING,
    "held_text": REMOVABLE,
    "superseded_row": REMOVABLE,
    "audit": REMOVABLE,
    "audit_concern": REMOVABLE,
    "concern": REMOVABLE,
    "risk": CHANGING,
    "rating_review": LASTING,
    "action": REMOVABLE,
    "action_update": REMOVABLE,
    "evidence": CHANGING,
    "evidence_revision": LASTING,
    "evidence_link": REMOVABLE,
    "review": CHANGING,
    "review_item": CHANGING,
    "review_entry": LASTING,
    "challenge_answer": LASTING,
    "outbox": CHANGING,
    "reminder": LASTING,
    "suppression": REMOVABLE,
    "figure_reading": CHANGING,
}

ORG = """
CREATE FUNCTION app.org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.org', true), '')::uuid $$
"""

AUDIT = """
CREATE TABLE audit_event (
  org_id uuid NOT NULL CONSTRAINT fk_audit_event_org_id REFERENCES organisation,
  seq bigint NOT NULL,
  at text NOT NULL,
  actor text NOT NULL,
  tag text NOT NULL,
  subject text NOT NULL,
  payload text NOT NULL,
  previous text NOT NULL,
  hash text NOT NULL,
  CONSTRAINT pk_audit_event PRIMARY KEY (org_id, seq)
);
CREATE INDEX ix_audit_event_org_id_subject ON audit_event (org_id, subject, seq);
CREATE TABLE audit_head (
  org_id uuid NOT NULL CONSTRAINT pk_audit_head PRIMARY KEY
    CONSTRAINT fk_audit_head_org_id REFERENCES organisation,
  seq bigint NOT NULL,
  hash text NOT NULL
);
"""

APPEND = """
CREATE FUNCTION app.append_audit(org uuid, events jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
DECLARE
  head audit_head;
  item jsonb;
  stamp text;
  link text;
BEGIN
  IF org IS DISTINCT FROM app.org() THEN
    RAISE EXCEPTION 'audit event for another organisation';
  END IF;
  INSERT INTO audit_head VALUES (org, 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
  SELECT * INTO STRICT head FROM audit_head WHERE org_id = org FOR UPDATE;
  FOR item IN SELECT * FROM jsonb_array_elements(events) LOOP
    stamp := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    head.seq := head.seq + 1;
    link := encode(sha256(convert_to(concat_ws(E'\\n', head.hash, org::text, head.seq::text,
      stamp, item->>'actor', item->>'tag', item->>'subject', item->>'payload'), 'UTF8')), 'hex');
    INSERT INTO audit_event VALUES (org, head.seq, stamp, item->>'actor', item->>'tag',
      item->>'subject', item->>'payload', head.hash, link);
    head.hash := link;
  END LOOP;
  UPDATE audit_head SET seq = head.seq, hash = head.hash WHERE org_id = org;
END $$
"""

# Sets the tenant of the transaction for a member, and tells who they are: one round trip.
ENTER = """
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

MEMBERSHIPS = """
CREATE FUNCTION app.memberships(who uuid)
RETURNS TABLE (org_id uuid, slug text, org_name text, kind text, roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id, o.slug, o.name, o.kind, m.roles
  FROM organisation o JOIN membership m ON m.org_id = o.id
  WHERE m.account_id = who AND m.active ORDER BY o.name
$$
"""

# Takes mail that is due, of whatever organisation, and says only whose and which it is.
CLAIM_OUTBOX = """
CREATE FUNCTION app.claim_outbox(most integer, at timestamptz, lease interval)
RETURNS TABLE (org_id uuid, id uuid, lease_token uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  UPDATE outbox SET status = 'sending', lease_until = at + lease,
    lease_token = gen_random_uuid(), attempts = attempts + 1
  WHERE (outbox.org_id, outbox.id) IN (
    SELECT o.org_id, o.id FROM outbox o
    WHERE o.not_before <= at
      AND (o.status = 'ready' OR (o.status = 'sending' AND o.lease_until < at))
    ORDER BY o.not_before LIMIT most FOR UPDATE SKIP LOCKED)
  RETURNING outbox.org_id, outbox.id, outbox.lease_token
$$
"""

DUE_ORGANISATIONS = """
CREATE FUNCTION app.organisations_with_due_actions(latest date) RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT o.id FROM organisation o
  WHERE EXISTS (SELECT FROM action a WHERE a.org_id = o.id
    AND a.status IN ('open', 'in_progress') AND a.due_on <= latest)
$$
"""

WAITING_IMPORTS = """
CREATE FUNCTION app.waiting_imports() RETURNS TABLE (org_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, app AS $$
  SELECT b.org_id, b.id FROM import_batch b WHERE b.status = 'queued'
$$
"""

REFUSE = """
CREATE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is kept as it was made', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""

SIGNED_REVIEW = """
CREATE FUNCTION app.keep_signed_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'signed' THEN
    RAISE EXCEPTION 'signed minutes cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
"""

SIGNED_PART = """
CREATE FUNCTION app.keep_part_of_signed_review() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  part record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  IF EXISTS (SELECT FROM review r WHERE r.org_id = part.org_id AND r.id = part.review_id
             AND r.status = 'signed') THEN
    RAISE EXCEPTION 'signed minutes cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN part;
END $$
"""

RATING = """
CREATE FUNCTION app.rating_by_review_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.rating IS DISTINCT FROM OLD.rating
     AND NEW.rating_review_id IS NOT DISTINCT FROM OLD.rating_review_id THEN
    RAISE EXCEPTION 'a rating changes only by a rating review'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA app")
    op.execute(f"GRANT USAGE ON SCHEMA app TO {APP}, {DISPATCH}")
    op.execute(f"GRANT SELECT ON organisation TO {DISPATCH}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON organisation, account, heartbeat TO {APP}")
    op.execute(f"GRANT SELECT ON alembic_version TO {APP}")
    op.execute(ORG)
    op.execute(f"GRANT EXECUTE ON FUNCTION app.org() TO {APP}, {DISPATCH}")
    for table, grants in TABLES.items():
        protect(table, grants)
    _audit()
    _across()
    _keep()


def _audit() -> None:
    op.execute(AUDIT)
    for table in ("audit_event", "audit_head"):
        protect(table, "SELECT")
        open_to_dispatch(table, "SELECT, INSERT, UPDATE")
    op.execute(f"REVOKE UPDATE ON audit_event FROM {DISPATCH}")
    op.execute(APPEND)
    across_organisations("app.append_audit(uuid, jsonb)")
    op.execute(REFUSE)
    op.execute(
        "CREATE TRIGGER audit_event_is_kept BEFORE UPDATE OR DELETE ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER audit_event_is_not_emptied BEFORE TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change()"
    )


def _across() -> None:
    for table in ("membership", "membership_service", "action", "import_batch"):
        open_to_dispatch(table, "SELECT")
    open_to_dispatch("outbox", "SELECT, UPDATE")
    for body, signature in (
        (ENTER, "app.enter(text, uuid, text, boolean)"),
        (MEMBERSHIPS, "app.memberships(uuid)"),
        (CLAIM_OUTBOX, "app.claim_outbox(integer, timestamptz, interval)"),
        (DUE_ORGANISATIONS, "app.organisations_with_due_actions(date)"),
        (WAITING_IMPORTS, "app.waiting_imports()"),
    ):
        op.execute(body)
        across_organisations(signature)


def _keep() -> None:
    for table in ("rating_review", "evidence_revision", "action_update", "challenge_answer"):
        op.execute(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION app.refuse_change()"
        )
    op.execute(SIGNED_REVIEW)
    op.execute(
        "CREATE TRIGGER review_signed BEFORE UPDATE OR DELETE ON review "
        "FOR EACH ROW EXECUTE FUNCTION app.keep_signed_review()"
    )
    op.execute(SIGNED_PART)
    for table in ("review_item", "review_entry"):
        op.execute(
            f"CREATE TRIGGER {table}_signed BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION app.keep_part_of_signed_review()"
        )
    op.execute(RATING)
    op.execute(
        "CREATE TRIGGER risk_rating_by_review BEFORE UPDATE ON risk "
        "FOR EACH ROW EXECUTE FUNCTION app.rating_by_review_only()"
    )


def downgrade() -> None:
    op.execute("DROP TABLE audit_head, audit_event")
    for table in TABLES:
        op.execute(f"DROP POLICY {table}_of_org ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON {table} FROM {APP}, {DISPATCH}")
    for table in ("membership", "membership_service", "action", "import_batch", "outbox"):
        op.execute(f"DROP POLICY {table}_dispatch ON {table}")
    op.execute(
        f"REVOKE ALL ON organisation, account, heartbeat, alembic_version FROM {APP}, {DISPATCH}"
    )
    op.execute("DROP SCHEMA app CASCADE")

"""Mistakes that a migration could bring, each with the fault that the catalogue must name.

Each is made in a transaction that is taken back.
"""

from __future__ import annotations

IN_THE_SCHEMA = {
    "a table without row-level security": (
        "ALTER TABLE risk DISABLE ROW LEVEL SECURITY",
        "no row-level security: risk",
    ),
    "a table whose owner passes": (
        "ALTER TABLE risk NO FORCE ROW LEVEL SECURITY",
        "no row-level security: risk",
    ),
    "a new table without anything": (
        "CREATE TABLE forgotten (org_id uuid NOT NULL, id uuid, PRIMARY KEY (org_id, id))",
        "no row-level security: forgotten",
    ),
    "a forgotten policy": (
        "DROP POLICY action_of_org ON action",
        "no policy of the organisation: action",
    ),
    "a policy that lets pass when nobody is told": (
        "ALTER POLICY action_of_org ON action USING (org_id = app.org() OR app.org() IS NULL)",
        "another policy: action",
    ),
    "a policy that lets foreign rows be written": (
        "ALTER POLICY action_of_org ON action WITH CHECK (true)",
        "another policy: action",
    ),
    "a second policy for the app": (
        "CREATE POLICY shared ON action FOR SELECT TO careboard_app USING (title <> '')",
        "another policy: action",
    ),
    "an organisation by default": (
        "ALTER TABLE action ALTER org_id SET DEFAULT gen_random_uuid()",
        "a default organisation: action",
    ),
    "a plain foreign key": (
        "CREATE TABLE forgotten (org_id uuid NOT NULL, id uuid, manager uuid, "
        "account_id uuid CONSTRAINT fk_plain REFERENCES account, PRIMARY KEY (org_id, id))",
        "a key without the organisation: fk_plain",
    ),
    "a primary key without the organisation": (
        "CREATE TABLE forgotten (org_id uuid NOT NULL, id uuid CONSTRAINT pk_plain PRIMARY KEY)",
        "a key without the organisation: pk_plain",
    ),
    "a name that is unique across organisations": (
        "ALTER TABLE action ADD CONSTRAINT uq_plain UNIQUE (reference)",
        "a key without the organisation: uq_plain",
    ),
    "a unique index across organisations": (
        "CREATE UNIQUE INDEX ix_plain ON action (reference)",
        "an index without the organisation: ix_plain",
    ),
    "a view that runs as its owner": (
        "CREATE VIEW every_action AS SELECT * FROM action",
        "a view that runs as its owner: every_action",
    ),
    "a materialised view": (
        "CREATE MATERIALIZED VIEW every_action AS SELECT * FROM action",
        "a view that runs as its owner: every_action",
    ),
    "an app role that passes row-level security": (
        "ALTER ROLE careboard_app BYPASSRLS",
        "a role too strong: careboard_app",
    ),
    "an app role that is a superuser": (
        "ALTER ROLE careboard_app SUPERUSER",
        "a role too strong: careboard_app",
    ),
    "an app role that owns a table": (
        "ALTER TABLE action OWNER TO careboard_app",
        "a role too strong: careboard_app",
    ),
    "an app role that may become the owner": (
        "GRANT careboard_owner TO careboard_app",
        "a role too strong: careboard_app",
    ),
    "a function across organisations without a search path": (
        "ALTER FUNCTION app.memberships(uuid) RESET search_path",
        "a function without a search path: memberships",
    ),
    "a function across organisations that anyone may call": (
        "GRANT EXECUTE ON FUNCTION app.memberships(uuid) TO PUBLIC",
        "a function for everyone: memberships",
    ),
    "a portal that reads a live table": (
        "GRANT SELECT ON risk TO careboard_portal",
        "a portal that reaches more: risk SELECT",
    ),
    "a portal that reads a pack's own record": (
        "GRANT SELECT ON pack TO careboard_portal",
        "a portal that reaches more: pack SELECT",
    ),
    "a portal that writes a column": (
        "GRANT UPDATE (title) ON pack TO careboard_portal",
        "a portal that reaches more: pack UPDATE",
    ),
    "a portal that may call functions": (
        "GRANT USAGE ON SCHEMA app TO careboard_portal",
        "a portal that reaches more: schema app",
    ),
    "a portal that is the app as well": (
        "GRANT careboard_app TO careboard_portal",
        "a portal that reaches more: member of careboard_app",
    ),
    "a portal that the organisation's own policy lets in": (
        "DROP POLICY pack_portal_wall ON pack",
        "a portal without its wall: pack",
    ),
    "an audit trail that the app may change": (
        "GRANT UPDATE ON audit_event TO careboard_app",
        "an audit trail that can be changed: audit_event UPDATE",
    ),
    "an audit trail that its owner may change": (
        "DROP TRIGGER audit_event_is_kept ON audit_event",
        "an audit trail without its triggers: audit_event_is_kept",
    ),
    "an audit trail whose trigger sleeps": (
        "ALTER TABLE audit_event DISABLE TRIGGER audit_event_is_not_emptied",
        "an audit trail without its triggers: audit_event_is_not_emptied",
    ),
}

# A function's text with one condition taken out, as someone would forget it.
ANYONE_ENTERS = ("app.enter(text, uuid, text, boolean)", "m.account_id = who AND")
LEAVERS_ENTER = ("app.enter(text, uuid, text, boolean)", "AND m.active")
ENTERED_FOR_GOOD = (
    "app.enter(text, uuid, text, boolean)",
    "PERFORM set_config('app.org', org_id::text, true);",
    "PERFORM set_config('app.org', org_id::text, false);",
)
EVERY_MEMBERSHIP = ("app.memberships(uuid)", "m.account_id = who AND")
ANY_CHAIN = ("app.append_audit(uuid, jsonb)", "IF org IS DISTINCT FROM app.org() THEN",
             "IF false THEN")  # fmt: skip


def rewritten(connection, signature: str, old: str, new: str = "") -> None:
    """Put the function back with `old` replaced; fails when the function has no such words."""
    words = connection.execute(
        "SELECT pg_get_functiondef(%s::regprocedure)", [signature]
    ).fetchone()[0]
    assert old in words, f"{signature} has no {old!r}"
    connection.execute(words.replace(old, new))

"""What the database's own catalogue says of the wall: every fault by name."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from careboard.tenancy import GLOBAL_TABLES

POLICY = "(org_id = ( SELECT app.org() AS org))"
# A person's account is one across organisations.
# A commissioner is an organisation of its own, linked to by the provider that confirmed it.
OUTWARD_LINKS = {"fk_membership_account_id", "fk_commissioner_link_commissioner_org_id"}
PORTAL_TABLES = {"pack", "pack_grant"}


def faults(connection: psycopg.Connection) -> list[str]:
    """Everything that is wrong, each as `<fault>: <what>`."""
    found = []
    for fault, (statement, wrong) in _CHECKS.items():
        for row in connection.execute(statement).fetchall():
            if wrong(*row):
                found.append(f"{fault}: {row[0]}")
    return found


def _open(table: str, enabled: bool, forced: bool) -> bool:
    return table not in GLOBAL_TABLES and not (enabled and forced)


def _odd(
    table: str, policy: str, roles: list[str], permissive: str, reads: str, writes: str
) -> bool:
    if policy == f"{table}_of_org":
        return (roles, permissive, reads, writes) != (["public"], "PERMISSIVE", POLICY, POLICY)
    if policy.startswith(f"{table}_portal"):
        return roles != ["careboard_portal"] or table not in PORTAL_TABLES
    return roles != ["careboard_dispatch"]


_CHECKS: dict[str, tuple[str, Callable[..., bool]]] = {
    "no row-level security": (
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
        "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
        _open,
    ),
    "no policy of the organisation": (
        "SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p') "
        "AND relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_policies p "
        "WHERE p.tablename = c.relname AND p.policyname = c.relname || '_of_org')",
        lambda table: table not in GLOBAL_TABLES,
    ),
    "another policy": (
        "SELECT tablename, policyname, roles::text[], permissive, qual, with_check "
        "FROM pg_policies WHERE schemaname = 'public'",
        _odd,
    ),
    "a default organisation": (
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND column_name = 'org_id' AND (column_default IS NOT NULL OR is_nullable = 'YES')",
        lambda table: True,
    ),
    "a key without the organisation": (
        "SELECT c.conname, c.conrelid::regclass::text, a.attname FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        "WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'f')",
        lambda name, table, first: (
            table not in GLOBAL_TABLES and first != "org_id" and name not in OUTWARD_LINKS
        ),
    ),
    "an index without the organisation": (
        "SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text, a.attname "
        "FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
        "JOIN pg_class c ON c.oid = i.indrelid WHERE i.indisunique "
        "AND c.relnamespace = 'public'::regnamespace",
        lambda name, table, first: table not in GLOBAL_TABLES and first != "org_id",
    ),
    "a view that runs as its owner": (
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND "
        "(relkind = 'm' OR (relkind = 'v' AND NOT coalesce(reloptions::text LIKE "
        "'%security_invoker=true%', false)))",
        lambda view: True,
    ),
    "a role too strong": (
        "SELECT rolname FROM pg_roles r WHERE rolname IN ('careboard_app', 'careboard_portal', "
        "'careboard_dispatch') AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb "
        "OR EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) OR EXISTS (SELECT FROM "
        "pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid "
        "AND g.rolname = 'careboard_owner'))",
        lambda role: True,
    ),
    "a portal that reaches more": (
        "SELECT c.relname || ' ' || a.privilege_type FROM pg_class c CROSS JOIN LATERAL "
        "aclexplode(c.relacl) a WHERE a.grantee = 'careboard_portal'::regrole "
        "UNION ALL SELECT c.relname || ' ' || a.privilege_type FROM pg_attribute t "
        "JOIN pg_class c ON c.oid = t.attrelid CROSS JOIN LATERAL aclexplode(t.attacl) a "
        "WHERE a.grantee = 'careboard_portal'::regrole AND (c.relname NOT IN ('pack', "
        "'pack_grant') OR a.privilege_type <> 'SELECT') "
        "UNION ALL SELECT 'schema app' WHERE has_schema_privilege('careboard_portal', 'app', "
        "'USAGE') UNION ALL SELECT 'member of ' || roleid::regrole FROM pg_auth_members "
        "WHERE member = 'careboard_portal'::regrole",
        lambda reached: True,
    ),
    "a portal without its wall": (
        "SELECT t.name FROM (VALUES ('pack'), ('pack_grant')) t (name) WHERE NOT EXISTS "
        "(SELECT FROM pg_policies p WHERE p.tablename = t.name AND p.permissive = 'RESTRICTIVE' "
        "AND p.roles = '{careboard_portal}' AND p.qual <> 'true')",
        lambda table: True,
    ),
    "a function without a search path": (
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace IN "
        "('app'::regnamespace, 'public'::regnamespace) "
        "AND NOT coalesce(array_to_string(proconfig, ' ') LIKE '%search_path=%', false)",
        lambda function: True,
    ),
    "a function for everyone": (
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'app'::regnamespace "
        "AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0))",
        lambda function: True,
    ),
    "an audit trail that can be changed": (
        "SELECT table_name || ' ' || privilege_type FROM information_schema.role_table_grants "
        "WHERE table_name IN ('audit_event', 'audit_head', 'signed_head') AND grantee IN "
        "('careboard_app', 'PUBLIC') AND privilege_type NOT IN ('SELECT') "
        "AND (table_name, privilege_type) <> ('signed_head', 'INSERT')",
        lambda grant: True,
    ),
    "an audit trail without its triggers": (
        "SELECT t.name FROM (VALUES ('audit_event_is_kept'), ('audit_event_is_not_emptied'), "
        "('signed_head_is_kept')) t (name) WHERE NOT EXISTS "
        "(SELECT FROM pg_trigger g WHERE g.tgname = t.name AND g.tgenabled = 'O')",
        lambda trigger: True,
    ),
}  # fmt: skip

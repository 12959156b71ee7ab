"""The wall between organisations, asked of the database's own catalogue and of the app role."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import careboard.models  # noqa: F401  (fills the metadata)
from careboard.db import Base, db
from careboard.tenancy import GLOBAL_TABLES, tenant_context

TENANT_TABLES = sorted({*Base.metadata.tables, "audit_event", "audit_head"} - GLOBAL_TABLES.keys())
POLICY = "(org_id = ( SELECT app.org() AS org))"


def _catalogue(statement: str) -> list:
    with db.engine.connect() as connection:
        return list(connection.execute(text(statement)))


def test_every_table_is_behind_the_wall_or_has_a_reason(world):
    rows = _catalogue(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
        "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    open_tables = {row.relname for row in rows if not (row[1] and row[2])}
    assert open_tables == GLOBAL_TABLES.keys()
    assert all(GLOBAL_TABLES.values())


def test_every_policy_has_the_one_spelling(world):
    rows = _catalogue(
        "SELECT tablename, policyname, roles, qual, with_check FROM pg_policies "
        "WHERE schemaname = 'public'"
    )
    own = {row.tablename for row in rows if row.policyname == f"{row.tablename}_of_org"}
    assert own == set(TENANT_TABLES)
    for row in rows:
        if row.policyname.endswith("_of_org"):
            assert (row.qual, row.with_check) == (POLICY, POLICY), row.tablename
        else:
            assert row.roles == ["careboard_dispatch"], row.policyname


def test_org_id_has_no_default_and_leads_every_key(world):
    defaults = _catalogue(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND column_name = 'org_id' AND column_default IS NOT NULL"
    )
    assert defaults == []
    keys = _catalogue(
        "SELECT c.conname, c.contype, c.conrelid::regclass::text AS relation, "
        "  array_agg(a.attname ORDER BY k.place) AS columns "
        "FROM pg_constraint c, unnest(c.conkey) WITH ORDINALITY k (number, place), pg_attribute a "
        "WHERE a.attrelid = c.conrelid AND a.attnum = k.number "
        "AND c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'u', 'f') "
        "GROUP BY 1, 2, 3"
    )
    wrong = [
        (row.relation, row.conname)
        for row in keys
        if row.relation in TENANT_TABLES
        and row.columns[0] != "org_id"
        and row.conname != "fk_membership_account_id"
    ]
    assert wrong == []


def test_no_view_runs_as_its_owner_and_nothing_is_materialised(world):
    rows = _catalogue(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND "
        "(relkind = 'm' OR (relkind = 'v' AND NOT coalesce(reloptions::text LIKE "
        "'%security_invoker=true%', false)))"
    )
    assert rows == []


def test_the_app_role_is_no_superuser_and_owns_nothing(world):
    (role,) = _catalogue(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, "
        "(SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned "
        "FROM pg_roles r WHERE rolname = current_user"
    )
    assert tuple(role) == ("careboard_app", False, False, False, 0)


def test_every_function_across_organisations_has_a_fixed_search_path(world):
    rows = _catalogue(
        "SELECT proname, proconfig FROM pg_proc WHERE prosecdef "
        "AND pronamespace = 'app'::regnamespace"
    )
    assert rows
    assert all("search_path" in (row.proconfig or [""])[0] for row in rows)


@pytest.mark.parametrize("table", ["service", "membership", "audit_event"])
def test_raw_sql_sees_only_its_own_organisation(world, table):
    assert _catalogue(f"SELECT count(*) FROM {table}")[0][0] == 0
    birch = world.org_id("birch")
    assert world.sql(f"SELECT count(*) FROM {table}")[0][0] > 0
    assert world.sql(f"SELECT count(*) FROM {table} WHERE org_id = :b", b=birch)[0][0] == 0


def test_a_row_for_another_organisation_is_refused(world):
    statement = text(
        "INSERT INTO reference_counter (org_id, id, prefix, last) "
        "VALUES (:org, gen_random_uuid(), 'X', 1)"
    )
    alder, birch = world.org_id("alder"), world.org_id("birch")
    db.session.remove()
    with tenant_context(alder), pytest.raises(DBAPIError, match="row-level security"):
        db.session.execute(statement, {"org": birch})


def test_a_parent_of_another_organisation_is_refused(world):
    foreign = world.service_id("Birch House", "birch")
    alder = world.org_id("alder")
    statement = text(
        "INSERT INTO membership_service (org_id, id, membership_id, service_id) "
        "VALUES (:org, gen_random_uuid(), :member, :service)"
    )
    given = {"org": alder, "member": world.member_id("bob"), "service": foreign}
    db.session.remove()
    with tenant_context(alder), pytest.raises(DBAPIError, match="foreign key"):
        db.session.execute(statement, given)


@pytest.mark.parametrize("verb", ["UPDATE audit_event SET tag = 'x'", "DELETE FROM audit_event"])
def test_the_app_role_cannot_change_the_audit_trail(world, verb):
    with pytest.raises(DBAPIError, match="permission denied"):
        world.sql(verb)

"""The wall between organisations, asked of the app role; catalogue.py asks the catalogue."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from careboard.db import db
from careboard.tenancy import GLOBAL_TABLES, tenant_context


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


def test_the_app_role_is_no_superuser_and_owns_nothing(world):
    (role,) = _catalogue(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, "
        "(SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned "
        "FROM pg_roles r WHERE rolname = current_user"
    )
    assert tuple(role) == ("careboard_app", False, False, False, 0)


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

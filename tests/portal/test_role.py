"""The portal's own role, asked in raw SQL: packs that are open to a reader, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from careboard import checkup, clock
from careboard.db import Base, db
from careboard.packs import afterwards
from tests.guards.isolation import administrator
from tests.packs import published
from tests.portal import making

HIDDEN = [
    "subject_id",
    "service_id",
    "published_by_id",
    "pdf_file_id",
    "withdrawn_by_id",
    "withdraw_reason",
]


@pytest.fixture
def link(world, monkeypatch):
    making.changing_board(monkeypatch)
    return published.confirm(world)


@pytest.fixture
def signed_in(world):
    """A connection as the portal's role, as it begins."""
    url = world.app.config["SQLALCHEMY_BINDS"]["portal"].replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def portal(signed_in):
    """One that sends whatever it likes: rights hold it, not that it only means to read."""
    signed_in.execute("SET default_transaction_read_only = off")
    return signed_in


def say(connection, org: UUID | str = "", links: list[UUID] = (), day: str = "2026-11-20"):
    for name, value in (
        ("app.org", str(org)),
        ("app.links", "{" + ",".join(map(str, links)) + "}"),
        ("app.day", day),
    ):
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))


def seen(connection) -> set[UUID]:
    return {row[0] for row in connection.execute("SELECT id FROM pack").fetchall()}


def refused(connection, statement: str) -> bool:
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_every_other_table_is_denied(world, portal):
    tables = {*Base.metadata.tables, "audit_event", "audit_head", "alembic_version"}
    for table in sorted(tables - {"pack", "pack_grant"}):
        assert refused(portal, f"SELECT count(*) FROM {table}"), table
    for table in sorted(tables):
        for statement in (
            f"INSERT INTO {table} DEFAULT VALUES",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"SELECT * FROM {table} FOR UPDATE",
        ):
            assert refused(portal, statement), statement


@pytest.mark.parametrize("statement", ["SELECT lo_create(0)", "CREATE TEMP TABLE own AS SELECT 1"])
def test_what_every_role_may_write_for_itself_is_refused_too(signed_in, statement):
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        signed_in.execute(statement)


def test_no_column_can_be_written_and_the_providers_own_are_not_read(world, portal):
    for table in ("pack", "pack_grant"):
        for column in Base.metadata.tables[table].columns:
            assert refused(portal, f"UPDATE {table} SET {column.name} = NULL"), column
    for column in HIDDEN:
        assert refused(portal, f"SELECT {column} FROM pack"), column
    for column in ("granted_by_id", "revoked_by_id", "revoke_reason"):
        assert refused(portal, f"SELECT {column} FROM pack_grant"), column


def test_no_function_of_the_application_can_be_called(world, portal):
    with administrator(world) as superuser:
        functions = superuser.execute(
            "SELECT proname, pronargs FROM pg_proc WHERE pronamespace = 'app'::regnamespace"
        ).fetchall()
    assert len(functions) > 40
    for name, arguments in functions:
        nulls = ", ".join(["NULL"] * arguments)
        assert refused(portal, f"SELECT app.{name}({nulls})"), name


def test_without_a_commissioner_a_link_and_a_day_nothing_is_seen(world, link, portal):
    pack = published.publish(world, link)
    northshire = world.org_id("northshire")
    assert seen(portal) == set()
    say(portal, northshire, [link])
    assert seen(portal) == {pack}
    for told in (
        {"org": ""}, {"links": []}, {"day": ""}, {"links": [uuid4()]}, {"org": uuid4()},
        {"org": world.org_id("alder")}, {"org": world.org_id("birch")}, {"day": "2027-01-01"},
    ):  # fmt: skip
        say(portal, **({"org": northshire, "links": [link]} | told))
        assert seen(portal) == set(), told
        assert portal.execute("SELECT count(*) FROM pack_grant").fetchone() == (0,), told


def test_neither_revoked_nor_expired_nor_withdrawn_nor_never_granted(world, link, portal):
    with world.acting("cora") as cora:
        soon = cora.today + timedelta(days=1)
    living, revoked, withdrawn = (published.publish(world, link) for _ in range(3))
    expired = published.publish(world, link, expires_on=soon)
    (grant,) = world.sql("SELECT id FROM pack_grant WHERE pack_id = :id", id=revoked)
    with world.acting("cora") as cora:
        afterwards.revoke(
            actor=cora, pack_id=revoked, grant_id=grant.id, reason="Sent to the wrong team."
        )
        afterwards.withdraw(actor=cora, pack_id=withdrawn, reason="A figure was wrong.")
        db.session.commit()
    northshire = world.org_id("northshire")
    say(portal, northshire, [link], str(soon))
    assert seen(portal) == {living, expired}
    say(portal, northshire, [link], str(soon + timedelta(days=1)))
    assert seen(portal) == {living}


def test_the_doctor_is_content_with_the_role(world):
    assert checkup.portal_role() is None


def test_the_portals_pages_use_that_role_in_read_only_transactions(world, link):
    from sqlalchemy import text

    from careboard.portal import readers, reading

    reader = readers.find(world.actor("carol").account_id)
    with reading.reading(reader.places[0]) as connection:
        told = connection.execute(
            text("SELECT current_user, current_setting('transaction_read_only')")
        ).one()
    assert tuple(told) == ("careboard_portal", "on")
    assert reader.places[0].links == (link,) and reader.places[0].today == clock.today()

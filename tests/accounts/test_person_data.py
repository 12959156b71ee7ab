"""One person's account data: told, and taken away."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from careboard import audit
from careboard.accounts import person_data
from careboard.db import db
from careboard.errors import Conflict, NotFound
from careboard.packs import commissioners
from tests.actions.samples import add_action
from tests.packs import published

EMAIL = "rita@alder.example"


@pytest.fixture
def owner(app, world, database):
    """The owner's connection to this test's own database; rolled back only on an error."""
    engine = create_engine(make_url(app.config["OWNER_URL"]).set(database=database))

    class Owner:
        def __call__(self, do, *values):
            with engine.begin() as connection:
                return do(connection, *values)

    yield Owner()
    engine.dispose()


def leave(world, name="Rita"):
    with world.acting("adam"):
        db.session.execute(
            text("UPDATE membership SET active = false WHERE name = :n"), {"n": name}
        )
        db.session.commit()


def test_what_is_held_is_told(world, owner):
    world.client("rita").get("/o/alder/")
    add_action(world)
    told = owner(person_data.export, "RITA@alder.example")
    assert told["account"][0]["email"] == EMAIL
    assert told["sign_ins"] and told["organisations"]["alder"]["membership"][0]["name"] == "Rita"
    assert list(told["organisations"]) == ["alder"]
    json.dumps(told, default=str)


def test_nothing_is_taken_away_while_there_is_access(world, owner):
    with pytest.raises(Conflict, match="still has access to alder"):
        owner(person_data.erase, EMAIL)
    assert owner(person_data.export, EMAIL)["account"]


def test_what_is_taken_away_is_gone_and_what_was_done_stays(world, owner):
    action_id = add_action(world)
    leave(world)
    assert owner(person_data.erase, EMAIL) == 1
    with pytest.raises(NotFound):
        owner(person_data.export, EMAIL)
    (member,) = world.sql("SELECT * FROM membership WHERE name = 'Former member'")
    assert (member.email, member.job_title) == ("", "")
    (action,) = world.sql("SELECT owner_id FROM action WHERE id = :id", id=action_id)
    assert action.owner_id == member.id
    for table in person_data.GLOBAL:
        left = text(f"SELECT count(*) FROM {table} WHERE account_id = :account")
        bound = left.bindparams(account=member.account_id)
        assert owner(lambda connection, bound=bound: connection.execute(bound).scalar()) == 0
    (event,) = world.sql("SELECT * FROM audit_event WHERE tag = 'account:erased'")
    assert event.subject == str(member.id)
    with world.acting("alice") as actor:
        assert audit.verify(actor.org_id).broken is None


def test_a_commissioners_reader_is_told_and_taken_away_with_every_provider(world, owner):
    link = published.confirm(world)
    email = "nina@northshire.example"
    with world.acting("cora") as cora:
        commissioners.invite_reader(actor=cora, link_id=link, name="Nina New", email=email)
        db.session.commit()
    told = owner(person_data.export, email)
    assert told["read_of"]["alder"]["reader"][0]["name"] == "Nina New"
    assert told["read_of"]["alder"]["mails"] and list(told["read_of"]) == ["alder"]
    assert owner(person_data.erase, email) == 1
    for table in ("commissioner_reader", "outbox"):
        rows = str(world.sql(f"SELECT * FROM {table}"))
        assert "nina@" not in rows and "Nina New" not in rows, table
    rows = str(world.sql("SELECT * FROM membership", "northshire"))
    assert "nina@" not in rows and "Nina New" not in rows


def test_no_table_that_hangs_on_an_account_is_forgotten(owner):
    hanging = owner(
        lambda c: (
            c.execute(
                text(
                    "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint "
                    "WHERE contype = 'f' AND confrelid = 'account'::regclass"
                )
            )
            .scalars()
            .all()
        )
    )
    assert set(hanging) == {*person_data.GLOBAL, "membership"}


def test_no_table_with_addresses_is_forgotten(owner):
    told = " ".join(
        (
            *person_data.ERASE_OF_MEMBER,
            *person_data.ERASE_OF_READER,
            person_data.ERASE_ACCOUNT,
        )
    )
    tables = owner(
        lambda c: (
            c.execute(
                text(
                    "SELECT DISTINCT table_name FROM information_schema.columns "
                    "WHERE table_schema = 'public' AND column_name LIKE '%email%' "
                    "AND column_name <> 'email_domain'"
                )
            )
            .scalars()
            .all()
        )
    )
    for table in tables:
        assert f"UPDATE {table} " in told or f"DELETE FROM {table} " in told, table

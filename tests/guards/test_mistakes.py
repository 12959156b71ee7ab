"""Mistakes made on purpose: each is caught by at least one check.

The checks are the suite's own: the catalogue's faults, the matrix of foreign ids, the guards.
"""

from __future__ import annotations

import inspect

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from careboard import access, audit, storage, tenancy, web
from careboard.access import Access
from careboard.db import db
from tests.guards import catalogue, isolation, mistakes, test_events, test_routes
from tests.guards.everything import rows


def test_the_catalogue_has_no_fault(world):
    with isolation.administrator(world) as connection:
        assert catalogue.faults(connection) == []


@pytest.mark.parametrize("name", mistakes.IN_THE_SCHEMA)
def test_a_mistake_in_the_schema_is_named(world, name):
    statement, fault = mistakes.IN_THE_SCHEMA[name]
    with isolation.administrator(world) as connection:
        connection.autocommit = False
        connection.execute(statement)
        found = catalogue.faults(connection)
        connection.rollback()
        assert fault in found


@pytest.fixture
def foreign(world, monkeypatch):
    """Only the filters are left, and Alder's words have a canary."""
    found = isolation.first_of(rows(world))
    isolation.staff(world, monkeypatch)
    isolation.plant(world)
    isolation.wall_off(world)
    return found


PAGES = {
    "action": "actions.show",
    "evidence": "evidence.show",
    "risk": "risks.show",
    "import_batch": "imports.show",
    "review": "reviews.show",
    "recovery_plan": "recovery.plan",
    "outbox": "reminders.show",
}
LISTS = {
    "action": "actions/",
    "audit": "records/data-log.csv",
    "service": "services/",
    "membership": "accounts/people",
    "concern": f"records/search?q={isolation.CANARY}",
}


def test_a_filter_missing_where_one_row_is_read(world, foreign):
    for table, endpoint in PAGES.items():
        rules = [r for r in isolation.tenant_rules(world) if r.endpoint == endpoint]
        with isolation.filters_off(table):
            assert isolation.leaks(world, "birch-governance-lead", foreign, rules), table


def test_a_filter_missing_in_a_list_or_an_export(world, foreign):
    client = world.client("birch-administrator")
    for table, where in LISTS.items():
        # What was looked for stands in the page; with it, as often, the rows that were found.
        asked = client.get(f"/o/birch/{where}").text.count(isolation.CANARY)
        with isolation.filters_off(table):
            assert client.get(f"/o/birch/{where}").text.count(isolation.CANARY) > asked, table


def test_a_refusal_that_tells_foreign_from_absent(world, foreign, monkeypatch):
    told = web.error_page

    def telling(status, message=""):
        from flask import request

        return told(status, request.path)

    monkeypatch.setattr(web, "error_page", telling)
    assert isolation.leaks(world, "birch-governance-lead", foreign)


def _fails(check, *given) -> bool:
    """Whether a guard test notices."""
    try:
        check(*given)
    except (AssertionError, DBAPIError):
        return True
    return False


@pytest.mark.parametrize(
    ("access_or_commits", "check"),
    [
        ({"access": None}, test_routes.test_every_view_declares_its_access),
        (
            {"access": Access()},
            test_routes.test_everything_with_an_organisation_in_its_address_asks_for_a_permission,
        ),
        (
            {"access": Access(public=True)},
            test_routes.test_everything_with_an_organisation_in_its_address_asks_for_a_permission,
        ),
        ({"commits": True}, test_routes.test_get_never_commits_and_post_always_does),
    ],
    ids=["no declaration", "signed in is enough", "public", "a GET that commits"],
)
def test_a_view_declared_wrongly(world, monkeypatch, access_or_commits, check):
    for name, value in access_or_commits.items():
        monkeypatch.setattr(world.app.view_functions["actions.index"], name, value, raising=False)
    assert _fails(check, world.app)


def test_a_door_that_forgets_the_permission(world, monkeypatch):
    source = inspect.getsource(access._enter)
    forgotten = source.replace("if not g.actor.may(permission):", "if False:")
    assert forgotten != source
    exec(forgotten, access.__dict__ | (made := {}), made)
    monkeypatch.setattr(access, "_enter", made["_enter"])
    assert _fails(test_routes.test_a_reader_cannot_change_anything, world)


def _a_stranger_is_refused(world) -> None:
    assert world.client("charlie").get("/o/alder/records/").status_code == 404


def _a_leaver_is_refused(world) -> None:
    with isolation.administrator(world) as connection:
        connection.execute("UPDATE membership SET active = false WHERE name = 'Ben'")
    assert world.client("ben").get("/o/alder/records/").status_code == 404


def _a_connection_forgets_its_organisation(world) -> None:
    """What a transaction told the database does not outlive it in the pool."""
    with world.acting("alice"):
        db.session.execute(text("SELECT 1"))
        db.session.commit()
    with isolation.administrator(world) as connection:
        who = connection.execute("SELECT id FROM account WHERE name = 'Alice'").fetchone()[0]
    tenancy.enter(slug="alder", account_id=who, request_id="test", read_only=False)
    db.session.commit()
    db.session.remove()
    with db.engine.connect() as connection:
        told = connection.scalar(text("SELECT current_setting('app.org', true)"))
        assert not told
        assert connection.scalar(text("SELECT count(*) FROM service")) == 0


def _memberships_are_ones_own(world) -> None:
    with isolation.administrator(world) as connection:
        who = connection.execute("SELECT id FROM account WHERE name = 'Charlie'").fetchone()[0]
    db.session.remove()
    assert [row.slug for row in tenancy.memberships(who)] == ["birch"]


def _nobody_writes_into_anothers_chain(world) -> None:
    alder = world.org_id()
    db.session.remove()
    with tenancy.tenant_context(world.org_id("birch")), pytest.raises(DBAPIError):
        audit.append_now(org_id=alder, actor="x", tag="test:forged", subject=alder)
    db.session.remove()


@pytest.mark.parametrize(
    ("mistake", "check"),
    [
        (mistakes.ANYONE_ENTERS, _a_stranger_is_refused),
        (mistakes.LEAVERS_ENTER, _a_leaver_is_refused),
        (mistakes.ENTERED_FOR_GOOD, _a_connection_forgets_its_organisation),
        (mistakes.EVERY_MEMBERSHIP, _memberships_are_ones_own),
        (mistakes.ANY_CHAIN, _nobody_writes_into_anothers_chain),
    ],
    ids=["anyone enters", "leavers enter", "told to the session", "every membership", "any chain"],
)
def test_a_function_that_forgets_a_condition(world, mistake, check):
    check(world)
    with isolation.administrator(world) as connection:
        if check is _a_leaver_is_refused:
            connection.execute("UPDATE membership SET active = true WHERE name = 'Ben'")
        mistakes.rewritten(connection, *mistake)
    assert _fails_or_raises(check, world)


def _fails_or_raises(check, *given) -> bool:
    try:
        check(*given)
    except (AssertionError, DBAPIError, pytest.fail.Exception):
        return True
    return False


def test_a_tenant_told_to_the_session(world, monkeypatch):
    for_good = str(tenancy._SET).replace(":org, true", ":org, false")
    monkeypatch.setattr(tenancy, "_SET", text(for_good))
    world.sql("SELECT 1")
    assert _fails(_a_connection_forgets_its_organisation, world)


def _a_session_serves_one_organisation(world) -> None:
    alder, birch = world.org_id(), world.org_id("birch")
    db.session.remove()
    try:
        tenancy.bind(tenancy.Tenant(alder))
        with pytest.raises(RuntimeError):
            tenancy.bind(tenancy.Tenant(birch))
    finally:
        db.session.remove()


def test_a_session_handed_from_one_organisation_to_another(world, monkeypatch):
    _a_session_serves_one_organisation(world)

    def careless(tenant):
        db.session().info["tenant"] = tenant

    monkeypatch.setattr(tenancy, "bind", careless)
    assert _fails_or_raises(_a_session_serves_one_organisation, world)


def _contents_are_not_shared(world) -> None:
    kept = storage.put(world.org_id(), b"only Alder has this")
    with pytest.raises(FileNotFoundError):
        storage.get(world.org_id("birch"), kept)


def test_a_file_store_that_shares_content(world, monkeypatch):
    _contents_are_not_shared(world)
    monkeypatch.setattr(storage, "key", lambda org_id, sha256: f"sha256/{sha256}")
    assert _fails_or_raises(_contents_are_not_shared, world)


@pytest.mark.parametrize("said", ["Mrs Smith fell in the hall", "rita@alder.example", "Rita"])
def test_a_name_or_a_sentence_in_an_event(world, said):
    with world.acting("alice") as alice:
        audit.record(actor=alice, tag="test:noted", subject_id=alice.org_id, after={"why": said})
        db.session.commit()
    assert test_events.unplain(world)


@pytest.mark.parametrize("argument", ["Mrs Smith", "rita@alder.example"])
def test_a_name_in_a_job(argument):
    assert test_events.is_plain_argument("01a1fcfb-0bcb-71f5-b7ed-10c861461777")
    assert not test_events.is_plain_argument(argument)

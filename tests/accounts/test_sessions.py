"""A sign-in lives in the database: it ends when it is ended, when idle and when old."""

from __future__ import annotations

import re

import pytest
from flask import g
from sqlalchemy import create_engine, text

from careboard import tenancy
from careboard.accounts import sessions, signing_in
from careboard.accounts.agents import device_words
from careboard.db import db
from tests.counting import statements
from tests.worlds import PASSWORD

ALICE = {"email": "alice@alder.example", "password": PASSWORD}
BOARD = "/o/alder/"


def as_owner(world, statement: str, **values) -> list:
    """Rows of a statement that the application itself may not make."""
    engine = create_engine(world.app.config["OWNER_URL"])
    with engine.begin() as connection:
        result = connection.execute(text(statement), values)
        rows = list(result) if result.returns_rows else []
    engine.dispose()
    return rows


def age(world, minutes: int, column: str = "last_seen_at") -> None:
    """Move an instant of every session into the past."""
    as_owner(
        world,
        f"UPDATE account_session SET {column} = {column} - make_interval(mins => :m)",
        m=minutes,
    )


def signed_in(world, person=ALICE):
    client = world.client()
    assert client.post("/login", data=person).status_code == 302
    assert client.get(BOARD).status_code == 200
    return client


def cookie_copied(world, client):
    """Another browser with a copy of the cookie as it is now."""
    thief = world.client()
    thief.set_cookie("careboard", client.get_cookie("careboard").value)
    return thief


def test_a_cookie_copied_before_sign_out_is_dead_after_it(world):
    client = signed_in(world)
    thief = cookie_copied(world, client)
    assert thief.get(BOARD).status_code == 200
    client.post("/logout")
    assert "/login" in thief.get(BOARD).location


def test_the_cookie_holds_a_token_and_the_database_only_its_hash(world):
    client = signed_in(world)
    with client.session_transaction() as session:
        token = session["_user_id"]
    assert len(token) >= 43
    (row,) = as_owner(world, "SELECT * FROM account_session")
    assert token not in str(row._mapping)
    assert len(row.token_hash) == 64


def test_signing_in_changes_the_token_and_ends_the_session_before(world):
    client = signed_in(world)
    thief = cookie_copied(world, client)
    client.post("/logout")
    client.post("/login", data=ALICE)
    assert client.get(BOARD).status_code == 200
    assert thief.get(BOARD).status_code == 302


def test_a_cookie_planted_before_sign_in_keeps_nothing(world):
    client = world.client()
    with client.session_transaction() as session:
        session["planted"] = "x"
    client.post("/login", data=ALICE)
    with client.session_transaction() as session:
        assert "planted" not in session


@pytest.mark.parametrize(("minutes", "lives"), [(14, True), (16, False)])
def test_idle_sessions_end(world, minutes, lives):
    client = signed_in(world)
    age(world, minutes)
    assert (client.get(BOARD).status_code == 200) is lives


def test_a_session_in_use_lives_until_it_is_twelve_hours_old(world):
    client = signed_in(world)
    age(world, 11 * 60 + 59, "absolute_until")
    assert client.get(BOARD).status_code == 200
    age(world, 2, "absolute_until")
    assert client.get(BOARD).status_code == 302


def test_being_seen_is_written_at_most_once_a_minute(world):
    client = world.client("alice")
    client.get(BOARD)
    with statements() as sent:
        client.get(BOARD)
    assert "touch_session" not in " ".join(sent)
    age(world, 2)
    with statements() as sent:
        client.get(BOARD)
    assert "touch_session" in " ".join(sent)
    (row,) = as_owner(
        world, "SELECT last_seen_at > now() - interval '9 s' AS seen FROM account_session"
    )
    assert row.seen


def test_the_person_the_session_and_their_standing_are_found_by_one_statement(world):
    client = world.client("alice")
    client.get(BOARD)
    with statements() as sent:
        client.get("/o/alder/accounts/")
    assert len(sent) == 1
    assert "account JOIN app.open_session" in sent[0]
    assert "LATERAL app.enter" in sent[0]


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        ("UPDATE account SET active = active", "alder"),
        ("UPDATE account SET active = false", None),
        ("UPDATE account_session SET second_factor_at = NULL", None),
        ("UPDATE account_session SET revoked_at = now()", None),
    ],
)
def test_whoever_is_refused_leaves_the_organisation_they_asked_for(world, refused, told):
    client = world.client("alice")
    with client.session_transaction() as session:
        token = session["_user_id"]
    as_owner(world, "UPDATE account SET demo = false")
    as_owner(world, refused)
    with world.app.test_request_context():
        g.door = tenancy.Door("alder", "test", read_only=True)
        assert (signing_in._load(token) is not None) == bool(told)
        assert (g.get("actor") is not None) == bool(told)
        now = db.session.scalar(text("SELECT current_setting('app.org', true)"))
        assert (now or None) == (told and str(world.org_id(told)))
        assert ("tenant" in db.session().info) == bool(told)


def test_a_session_not_seen_for_a_minute_enters_once_it_is_marked(world):
    client = world.client("alice")
    age(world, 2)
    with statements() as sent:
        assert client.get("/o/alder/accounts/").status_code == 200
    assert ["app.enter" in one for one in sent] == [True, False, True]


def test_the_libraries_tokens_open_nothing(world):
    answer = world.client().post("/login?include_auth_token", json=ALICE)
    user = (answer.json or {}).get("response", {}).get("user", {})
    token = user.get("authentication_token", "none")
    visitor = world.client()
    assert visitor.get(BOARD, headers={"Authentication-Token": token}).status_code == 302
    assert visitor.get(f"{BOARD}?auth_token={token}").status_code == 302


@pytest.mark.parametrize("table", ["account_session", "sign_in_attempt"])
def test_the_app_role_cannot_read_the_tables_themselves(world, table):
    with pytest.raises(Exception, match="permission denied"):
        world.sql(f"SELECT 1 FROM {table}")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36", "Chrome on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Safari/605", "Safari on iPad"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox on Linux"),
        ("curl/8", "A browser"),
    ],
)
def test_a_device_is_told_in_words(agent, words):
    assert device_words(agent) == words


def listed(client) -> int:
    return client.get("/my-sign-in/devices/").text.count("<tr>") - 1


def test_a_person_sees_where_they_are_signed_in_and_ends_one(world):
    here, there = signed_in(world), signed_in(world)
    assert listed(here) == 2
    page = here.get("/my-sign-in/devices/").text
    (address,) = re.findall(r'href="(/my-sign-in/devices/[0-9a-f-]+/end)"', page)
    page = here.get(address).text
    assert "Your password" in page and ", signed in " in page
    for wrong in ({}, {"password": "x" * 14}):
        assert here.post(address, data=wrong).status_code == 422
    assert there.get(BOARD).status_code == 200
    assert here.post(address, data=ALICE).status_code == 303
    assert there.get(BOARD).status_code == 302
    assert here.get(BOARD).status_code == 200
    assert listed(here) == 1
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
    assert tags[-1] == "account:session_revoked"


def test_a_person_ends_all_the_others(world):
    here, there = signed_in(world), signed_in(world)
    assert here.post("/my-sign-in/devices/end-others").status_code == 422
    assert there.get(BOARD).status_code == 200
    here.post("/my-sign-in/devices/end-others", data=ALICE)
    assert there.get(BOARD).status_code == 302
    assert here.get(BOARD).status_code == 200


def test_nobody_ends_another_persons_session(world):
    client = signed_in(world)
    ((mine,),) = as_owner(world, "SELECT id FROM account_session")
    path, charlie = f"/my-sign-in/devices/{mine}/end", world.client("charlie")
    assert charlie.get(path).status_code == 404
    assert charlie.post(path, data=ALICE).status_code == 404
    assert client.get(BOARD).status_code == 200
    assert world.client().get("/my-sign-in/devices/").status_code == 302


def test_the_next_person_takes_over_the_tablet_on_the_same_page(world):
    client = signed_in(world)
    thief = cookie_copied(world, client)
    answer = client.post("/my-sign-in/devices/switch", data={"next": "/o/alder/actions/"})
    assert answer.location == "/login?next=/o/alder/actions/"
    answer = client.post(answer.location, data={**ALICE, "email": "bob@alder.example"})
    assert answer.location == "/o/alder/actions/"
    assert "Bob" in client.get(answer.location).text
    assert thief.get(BOARD).status_code == 302


def test_switching_never_leads_to_another_site(world):
    client = signed_in(world)
    answer = client.post("/my-sign-in/devices/switch", data={"next": "https://evil.example/"})
    answer = client.post(answer.location, data=ALICE)
    assert "evil" not in (answer.location or "")


def test_new_roles_end_the_persons_sessions_and_a_new_name_does_not(world):
    client, adam = world.client("bob"), world.client("adam")
    address = f"/o/alder/accounts/people/{world.member_id('bob')}"
    standing = {"name": "Robert", "all_services": "y", "active": "y"}
    adam.post(address, data={**standing, "roles": ["registered_manager"]})
    assert client.get(BOARD).status_code == 200
    adam.post(address, data={**standing, "roles": ["registered_manager", "verifier"]})
    assert client.get(BOARD).status_code == 302


def test_a_new_password_ends_every_session(world):
    here, there = signed_in(world), signed_in(world)
    word = "ploughing seventeen violet kettles"
    form = {"password": PASSWORD, "new_password": word, "new_password_confirm": word}
    answer = here.post("/my-sign-in/password", data=form)
    assert answer.status_code == 303, answer.text
    assert there.get(BOARD).status_code == 302
    assert here.get(BOARD).status_code == 302


def test_sessions_are_forgotten_a_month_after_they_could_last_be_used(world):
    signed_in(world)
    assert sessions.forget() == 0
    age(world, 30 * 24 * 60, "absolute_until")
    assert sessions.forget() == 0
    age(world, 13 * 60, "absolute_until")
    assert sessions.forget() == 1

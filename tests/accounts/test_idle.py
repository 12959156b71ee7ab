"""Running out of time loses nothing: what was sent waits, what was typed comes back."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from careboard import tenancy
from careboard.accounts import service as accounts
from careboard.accounts import sessions
from careboard.db import db
from careboard.errors import Forbidden, Invalid
from tests.accounts.test_sessions import ALICE, age, as_owner, signed_in
from tests.actions import samples

NOTE = "We moved the chart.\nNobody was hurt; <b>the family</b> was told."


def expired_post(world, path: str, **data):
    client = signed_in(world)
    age(world, 16)
    return client, client.post(path, data=data)


def comment_path(world) -> str:
    return f"/o/alder/actions/{samples.add_action(world)}/notes"


def test_what_a_form_sent_too_late_is_offered_after_sign_in(world):
    path = comment_path(world)
    client, answer = expired_post(world, path, note=NOTE, percent="40")
    assert answer.location == "/login?next=/held-form/"
    answer = client.post(answer.location, data=ALICE)
    page = BeautifulSoup(client.get(answer.location).text, "html.parser")
    assert page.find("textarea", attrs={"name": "note"}).text.strip() == NOTE
    assert page.find("input", attrs={"name": "percent"})["value"] == "40"


def test_sending_it_again_reaches_the_address_it_was_meant_for_and_keeps_nothing(world):
    path = comment_path(world)
    client, answer = expired_post(world, path, note=NOTE)
    client.post(answer.location, data=ALICE)
    answer = client.post("/held-form/send", data={"note": NOTE})
    assert (answer.status_code, answer.location) == (307, path)
    assert client.get("/held-form/").location == "/"
    assert as_owner(world, "SELECT 1 FROM account_session WHERE held IS NOT NULL") == []


def test_it_may_be_discarded(world):
    client, answer = expired_post(world, comment_path(world), note=NOTE)
    client.post(answer.location, data=ALICE)
    assert client.post("/held-form/discard").status_code == 303
    assert client.get("/held-form/").location == "/"
    assert client.post("/held-form/send").status_code == 404


def test_it_is_encrypted_and_nobody_else_gets_it(world):
    client, answer = expired_post(world, comment_path(world), note=NOTE)
    ((held,),) = as_owner(world, "SELECT held FROM account_session WHERE held IS NOT NULL")
    assert b"chart" not in bytes(held)
    client.post("/login", data={**ALICE, "email": "bob@alder.example"})
    assert client.get("/held-form/").location == "/"


def test_nothing_is_held_for_a_visitor_nor_after_sign_out(world):
    path = comment_path(world)
    assert world.client().post(path, data={"note": NOTE}).location == "/login"
    client = signed_in(world)
    cookie = client.get_cookie("careboard").value
    client.post("/logout")
    client.set_cookie("careboard", cookie)
    assert client.post(path, data={"note": NOTE}).location == "/login"
    assert as_owner(world, "SELECT 1 FROM account_session WHERE held IS NOT NULL") == []


def test_a_fragment_too_late_sends_the_page_to_sign_in_and_back(world):
    client = signed_in(world)
    age(world, 16)
    shown = "http://localhost/o/alder/actions/?owner=me"
    headers = {"HX-Request": "true", "HX-Current-URL": shown}
    answer = client.post("/o/alder/actions/new", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/login?next=/o/alder/actions/?owner%3Dme"


def test_a_fragment_never_leads_to_another_site(world):
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/x"}
    assert world.client().get("/o/alder/", headers=headers).headers["HX-Redirect"] == "/login"


def test_pages_and_fragments_tell_how_long_the_session_has_left(world):
    client = world.client("alice")
    page = client.get("/o/alder/actions/").text
    assert 880 < int(re.search(r'name="session-left" content="(\d+)"', page).group(1)) <= 900
    fragment = client.get("/o/alder/actions/", headers={"HX-Request": "true"})
    assert 880 < int(fragment.headers["Session-Left"]) <= 900
    assert client.get("/my-sign-in/devices/stay").json["left"] > 880
    assert "session-left" not in world.client().get("/login").text


def test_asking_for_more_time_is_being_seen(world):
    client = signed_in(world)
    age(world, 14)
    assert client.get("/my-sign-in/devices/stay").json["left"] > 880
    age(world, 14)
    assert client.get("/o/alder/").status_code == 200


def test_the_administrator_sets_the_minutes_for_everyone_at_once(world):
    client = signed_in(world)
    answer = world.client("adam").post("/o/alder/accounts/idle/", data={"minutes": "5"})
    assert answer.status_code == 303
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
    assert tags[-1] == "organisation:idle_minutes_set"
    age(world, 6)
    assert client.get("/o/alder/").status_code == 302


@pytest.mark.parametrize("minutes", ["4", "31", "", "x", "99999999999"])
def test_only_from_five_to_thirty(world, minutes):
    client = world.client("adam")
    answer = client.post("/o/alder/accounts/idle/", data={"minutes": minutes})
    assert answer.status_code == 422
    with world.acting("adam") as adam, pytest.raises(Invalid):
        sessions.set_idle_minutes(actor=adam, minutes=31)


def test_who_may_set_the_minutes(world):
    assert world.client("charlie").get("/o/alder/accounts/idle/").status_code == 404
    assert world.client("bob").get("/o/alder/accounts/idle/").status_code == 403
    with world.acting("bob") as bob, pytest.raises(Forbidden):
        sessions.set_idle_minutes(actor=bob, minutes=10)


def test_the_shortest_of_the_persons_organisations_counts(world):
    as_owner(world, "UPDATE organisation SET idle_minutes = 30 WHERE slug = 'alder'")
    client = signed_in(world)
    age(world, 20)
    assert client.get("/o/alder/").status_code == 200


def as_operator(world, minutes: int, slug: str = "alder") -> None:
    as_owner(world, "UPDATE organisation SET idle_minutes = :m WHERE slug = :s", m=minutes, s=slug)


def test_a_longer_limit_brings_no_session_back(world):
    ended, living = signed_in(world), signed_in(world)
    age(world, 10)
    assert living.get("/o/alder/").status_code == 200
    age(world, 6)
    as_operator(world, 30)
    assert "/login" in ended.get("/o/alder/").location
    assert living.get("/o/alder/").status_code == 200
    age(world, 29)
    assert living.get("/o/alder/").status_code == 200, "the longer limit holds once it was seen"


def test_a_shorter_limit_holds_at_once(world):
    client = signed_in(world)
    age(world, 8)
    as_operator(world, 5)
    assert "/login" in client.get("/o/alder/").location


def test_nor_does_leaving_the_organisation_that_asked_for_less(world):
    as_operator(world, 30)
    as_operator(world, 5, "birch")
    account_id = world.actor("alice").account_id
    with tenancy.acting_for("birch") as actor:
        member_id = accounts.add_member(
            actor=actor, account_id=account_id, name="Alice", email="alice@alder.example",
            roles=["contributor"],
        )  # fmt: skip
        db.session.commit()
    client = signed_in(world)
    age(world, 8)
    with tenancy.acting_for("birch") as actor:
        accounts.member(actor=actor, membership_id=member_id).active = False
        db.session.commit()
    assert "/login" in client.get("/o/alder/").location

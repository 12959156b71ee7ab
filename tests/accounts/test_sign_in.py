"""Signing in, and what a stranger sees."""

from __future__ import annotations

import re

from careboard import audit, tenancy
from tests.worlds import PASSWORD


def test_the_right_password_leads_home(world):
    client = world.client()
    form = {"email": "alice@alder.example", "password": PASSWORD}
    answer = client.post("/login", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.request.path == "/o/alder/"


def test_the_wrong_password_and_an_unknown_address_get_the_same_answer(world):
    answers = [
        world.client().post("/login", data={"email": email, "password": "not this one at all"})
        for email in ("alice@alder.example", "nobody@alder.example")
    ]
    bodies = {
        re.sub(r'(content|value)="[^"]{40,}"|alice@|nobody@', "", answer.text) for answer in answers
    }
    assert len(bodies) == 1


def test_a_visitor_is_sent_to_sign_in_and_back(world):
    answer = world.client().get("/o/alder/")
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=")


def test_a_fragment_for_a_visitor_reloads_the_page(world):
    answer = world.client().get("/o/alder/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/login")


def test_a_stranger_sees_the_same_as_nothing(world):
    client = world.client("charlie")
    foreign, absent = client.get("/o/alder/"), client.get("/o/no-such-place/")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.data == absent.data


def test_sign_in_is_an_event_of_the_chain(world):
    world.client().post("/login", data={"email": "alice@alder.example", "password": PASSWORD})
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
    assert tags[-1] == "account:signed_in"
    org_id = world.org_id()
    with tenancy.tenant_context(org_id):
        assert audit.verify(org_id).intact

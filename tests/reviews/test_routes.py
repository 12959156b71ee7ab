"""The pages of reviews: who gets which answer, with and without HTMX."""

from __future__ import annotations

from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event

from careboard.db import db
from careboard.reviews import reading
from tests.reviews.sample import fill, open_monthly, open_weekly, record, sign

BASE = "/o/alder/reviews"
HX = {"HX-Request": "true"}


@pytest.fixture
def weekly(world):
    fill(world)
    return open_weekly(world)


def _line(world, review_id, section="overdue"):
    with world.acting("alice") as alice:
        return reading.minutes(actor=alice, review_id=review_id).sections[section][0].id


def _addresses(world, review_id):
    item = _line(world, review_id)
    entry = record(world, "bob", review_id, "challenge", "Why?")
    return {
        "get": [
            f"{BASE}/",
            f"{BASE}/sittings",
            f"{BASE}/new",
            f"{BASE}/{review_id}",
            f"{BASE}/{review_id}/items/{item}",
            f"{BASE}/{review_id}/signature",
            f"{BASE}/challenges/{entry}",
        ],
        "post": [
            f"{BASE}/",
            f"{BASE}/{review_id}",
            f"{BASE}/{review_id}/items",
            f"{BASE}/{review_id}/items/{item}/entries",
            f"{BASE}/{review_id}/entries",
            f"{BASE}/{review_id}/signature",
            f"{BASE}/challenges/{entry}",
        ],
    }


def test_the_manager_opens_every_page(world, weekly):
    client = world.client("bob")
    for address in _addresses(world, weekly)["get"]:
        assert client.get(address).status_code == 200, address


def test_strangers_and_visitors_get_nothing(world, weekly):
    stranger, visitor = world.client("charlie"), world.client()
    for method, addresses in _addresses(world, weekly).items():
        for address in addresses:
            assert getattr(stranger, method)(address).status_code == 404, address
            assert getattr(visitor, method)(address).status_code == 302, address


def test_a_foreign_id_is_404_within_ones_own_organisation(world, weekly):
    client = world.client("charlie")
    for address in (f"/o/birch/reviews/{weekly}", f"/o/birch/reviews/{weekly}/signature"):
        assert client.get(address).status_code == 404
    assert world.client("bob").get(f"{BASE}/{uuid4()}").status_code == 404


@pytest.mark.parametrize("person", ["rita", "vera", "cora"])
def test_without_the_right_nothing_is_written(world, weekly, person):
    client = world.client(person)
    for address in _addresses(world, weekly)["post"]:
        assert client.post(address, data={"kind": "note", "text": "x"}).status_code == 403, address
    assert client.get(f"{BASE}/new").status_code == 403
    assert client.get(f"{BASE}/{weekly}/signature").status_code == 403
    assert client.get(f"{BASE}/{weekly}").status_code == 200


def test_a_review_of_another_service_is_403(world):
    lodge = world.service_id("Alder Lodge")
    alice = world.client("alice")
    form = {"forum": "weekly_manager", "service": str(lodge)}
    address = alice.post(f"{BASE}/", data=form).location
    assert world.client("bob").get(address).status_code == 403
    assert world.client("bob").post(f"{address}/entries", data={}).status_code == 403


def test_wrong_methods(world, weekly):
    client = world.client("bob")
    for address in (f"{BASE}/sittings", f"{BASE}/new"):
        assert client.post(address).status_code == 405
    for address in (f"{BASE}/{weekly}/entries", f"{BASE}/{weekly}/items"):
        assert client.get(address).status_code == 405


def test_starting_a_review_from_its_row(world):
    client = world.client("bob")
    page = BeautifulSoup(client.get(f"{BASE}/").text, "html.parser")
    start = page.find("a", string=lambda text: text and text.startswith("Start"))
    start = start or next(a for a in page.select("td a") if a.text.startswith("Start"))
    form = BeautifulSoup(client.get(start["href"]).text, "html.parser")
    assert form.select_one("#period_from")["value"] == "2026-11-16"
    assert form.select_one("#period_to")["value"] == "2026-11-22"
    offered = [o.text for o in form.select("#forum option")]
    assert offered == ["Weekly manager review", "Weekly monitoring review"]
    bare = BeautifulSoup(client.get(f"{BASE}/new?forum=nonsense&service=x").text, "html.parser")
    assert bare.select_one("#service option[selected]").text == "Alder House"
    house = str(world.service_id("Alder House"))
    posted = {"forum": "weekly_manager", "service": house, "period_from": "", "period_to": ""}
    first, again = (client.post(f"{BASE}/", data=posted) for _ in range(2))
    assert first.status_code == again.status_code == 303
    assert first.location == again.location


def test_a_wrong_period_comes_back_with_what_was_typed(world):
    client = world.client("bob")
    posted = {
        "forum": "weekly_manager",
        "service": str(world.service_id("Alder House")),
        "period_from": "2026-11-22",
        "period_to": "2026-11-16",
    }
    answer = client.post(f"{BASE}/", data=posted)
    assert answer.status_code == 422
    assert "ends before it begins" in answer.text
    assert 'value="2026-11-22"' in answer.text
    for wrong in ({}, {**posted, "forum": "quarterly_board"}, {**posted, "service": "x"},
                  {**posted, "period_to": "soon"}):  # fmt: skip
        assert client.post(f"{BASE}/", data=wrong).status_code == 422


def test_recording_on_a_line_both_ways(world, weekly):
    client = world.client("bob")
    item = _line(world, weekly)
    address = f"{BASE}/{weekly}/items/{item}/entries"
    plain = client.post(address, data={"kind": "decision", "text": "Reassign it"})
    assert (plain.status_code, plain.location) == (303, f"{BASE}/{weekly}#item-{item}")
    fragment = client.post(address, data={"kind": "note", "text": "Seen"}, headers=HX)
    assert fragment.status_code == 200
    root = BeautifulSoup(fragment.text, "html.parser").find(True)
    assert root["id"] == f"item-{item}"
    assert "Reassign it" in fragment.text and "Seen" in fragment.text
    assert "announce" in fragment.headers["HX-Trigger"]
    empty = client.post(address, data={"kind": "note", "text": " "}, headers=HX)
    assert empty.status_code == 422
    assert "<html" not in empty.text
    long = client.post(address, data={"kind": "note", "text": "y\x00" * 4001})
    assert long.status_code == 422
    assert "yyyy" in long.text


def test_board_members_get_a_form_for_challenges_alone(world):
    fill(world)
    monthly = open_monthly(world)
    client = world.client("ben")
    page = BeautifulSoup(client.get(f"{BASE}/{monthly}").text, "html.parser")
    assert [o["value"] for o in page.select("#kind-sitting option")] == ["challenge"]
    assert "Read and sign" not in page.text
    posted = client.post(
        f"{BASE}/{monthly}/entries", data={"kind": "challenge", "text": "Enough?"}, headers=HX
    )
    assert posted.status_code == 200
    assert "Someone else has to answer it" in posted.text
    assert client.post(f"{BASE}/{monthly}/signature", data={"read": "y"}).status_code == 403


def test_answering_a_challenge(world):
    monthly = open_monthly(world)
    entry = record(world, "ben", monthly, "challenge", "Enough?")
    address = f"{BASE}/challenges/{entry}"
    assert world.client("ben").post(address, data={"text": "Yes"}).status_code == 403
    client = world.client("alice")
    assert client.post(address, data={"text": ""}).status_code == 422
    assert client.post(address, data={"text": "Yes"}, headers=HX).status_code == 200
    assert client.post(address, data={"text": "Yes"}).status_code == 409
    assert "Every challenge has been answered" in client.get(f"{BASE}/").text


def test_the_way_to_signed_minutes(world, weekly):
    client = world.client("bob")
    page = client.get(f"{BASE}/{weekly}/signature").text
    assert "cannot be signed yet" in page
    form = BeautifulSoup(client.get(f"{BASE}/{weekly}").text, "html.parser")
    posted = {
        "attendance": "Bob",
        "summary": "<b>All</b> seen",
        "assurance": "withheld",
        "seen": form.select_one("#close #seen")["value"],
    }
    assert client.post(f"{BASE}/{weekly}", data=posted).status_code == 303
    stale = client.post(f"{BASE}/{weekly}", data={**posted, "summary": "Other", "seen": "old"})
    assert stale.status_code == 422
    assert "What the other person saved" in stale.text and "Other" in stale.text
    seen = BeautifulSoup(client.get(f"{BASE}/{weekly}/signature").text, "html.parser")
    token = seen.select_one("#seen")["value"]
    address = f"{BASE}/{weekly}/signature"
    assert client.post(address, data={"seen": token}).status_code == 422
    assert client.post(address, data={"seen": "x", "read": "y"}).status_code == 422
    assert client.post(address, data={"seen": token, "read": "y"}).status_code == 303
    signed = client.get(f"{BASE}/{weekly}").text
    assert "unchanged since signing" in signed
    assert "&lt;b&gt;All&lt;/b&gt; seen" in signed
    assert "Assurance withheld" in signed
    assert "Service oversight note REV-0001 of Alder Care" in signed
    assert client.get(address).status_code == 303
    refused = client.post(f"{BASE}/{weekly}/entries", data={"kind": "note", "text": "x"})
    assert refused.status_code == 409
    assert "next sitting" in refused.text


def test_an_answer_after_signing_is_marked_as_such(world, weekly):
    entry = record(world, "bob", weekly, "challenge", "Why?")
    sign(world, "bob", weekly)
    world.client("alice").post(f"{BASE}/challenges/{entry}", data={"text": "Because"})
    page = world.client("bob").get(f"{BASE}/{weekly}").text
    assert "after these minutes were signed" in page
    assert "unchanged since signing" in page


def test_forged_minutes_say_so(world, databases, database, weekly):
    import psycopg

    sign(world, "bob", weekly)
    with psycopg.connect(databases.admin, dbname=database) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE review SET summary = 'All was well.'")
    page = world.client("bob").get(f"{BASE}/{weekly}").text
    assert "not as they were signed" in page
    assert "unchanged since signing" not in page


def test_from_a_line_to_its_action_and_concern(world, weekly):
    page = BeautifulSoup(world.client("bob").get(f"{BASE}/{weekly}").text, "html.parser")
    hrefs = {a["href"] for a in page.select(".matter a")}
    assert any(href.startswith("/o/alder/actions/new?concern=") for href in hrefs)
    assert any(href.startswith("/o/alder/records/audit-concerns/") for href in hrefs)
    assert any(href.startswith("/o/alder/risks/") for href in hrefs)
    # Rita may not assign actions, so she is not led to it.
    ritas = world.client("rita").get(f"{BASE}/{weekly}").text
    assert "actions/new" not in ritas


def test_statements_are_few_and_do_not_grow_with_the_agenda(app, world, weekly):
    item = _line(world, weekly)
    entry = record(world, "alice", weekly, "challenge", "Why?")
    sign(world, "bob", weekly)
    client = world.client("bob")
    with app.app_context():
        engine = db.engines[None]
    counted = []

    def count(connection, cursor, statement, *rest):
        counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    most = {
        f"{BASE}/": 12,
        f"{BASE}/{weekly}": 9,
        f"{BASE}/{weekly}/items/{item}": 5,
        f"{BASE}/challenges/{entry}": 5,
    }
    for address, limit in most.items():
        counted.clear()
        assert client.get(address, headers=HX).status_code == 200
        assert len(counted) <= limit, (address, counted)

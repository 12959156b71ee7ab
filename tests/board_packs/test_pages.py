"""The pages of board packs: who may have one made, who may read one, and what they are told."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from tests.board_packs.packs import FORM, ask, made, pdf_of, row, run_job
from tests.guards.test_at_once import at_once
from tests.reviews import sample as reviews
from tests.worlds import PEOPLE

BASE = "/o/alder/board-packs"


@pytest.mark.parametrize("person", ["alice", "ben"])
def test_the_governance_lead_and_the_board_have_packs_made(world, person):
    client = world.client(person)
    answer = client.post(f"{BASE}/new", data=FORM)
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert "Waiting for the worker" in page.text and "Look again" in page.text
    (pack,) = world.sql("SELECT * FROM board_pack")
    assert (pack.reference, pack.status, pack.requested_by_id) == (
        *("BPK-0001", "queued"),
        world.member_id(person),
    )


def test_asked_for_at_once_by_three_it_is_one_pack(world):
    clients = [world.client(person) for person in ("alice", "alice", "ben")]
    posts = [lambda c=c: c.post(f"{BASE}/new", data=FORM).status_code for c in clients]
    assert at_once(posts) == [303] * 3
    assert [p.reference for p in world.sql("SELECT reference FROM board_pack")] == ["BPK-0001"]
    (last,) = world.sql("SELECT last FROM reference_counter WHERE prefix = 'BPK'")
    assert last.last == 1, "no number is lost"


@pytest.mark.parametrize("person", ["bob", "rita", "vera", "cora", "adam"])
def test_others_have_none_made(world, person):
    client = world.client(person)
    assert client.get(f"{BASE}/new").status_code == 403
    assert client.post(f"{BASE}/new", data=FORM).status_code == 403
    pack_id = ask(world)
    assert client.post(f"{BASE}/{pack_id}/retrial").status_code == 403


@pytest.mark.parametrize("person", ["alice", "ben", "vera", "cora", "adam", "bob", "rita"])
def test_readers_of_the_whole_organisation_download(world, person):
    pack_id = made(world)
    client = world.client(person)
    addresses = [BASE + "/", f"{BASE}/{pack_id}", *(f"{BASE}/{pack_id}/files/{k}" for k in FILES)]
    expected = 403 if PEOPLE[person][2] else 200
    assert [client.get(address).status_code for address in addresses] == [expected] * 4


FILES = ("pdf", "zip")


def test_a_stranger_finds_nothing(world):
    pack_id = made(world)
    client = world.client("charlie")
    for address in ("/", "/new", f"/{pack_id}", f"/{pack_id}/files/pdf"):
        assert client.get(BASE + address).status_code == 404
    own = "/o/birch/board-packs"
    for address in (f"/{pack_id}", f"/{pack_id}/files/pdf", f"/{pack_id}/files/zip"):
        assert client.get(own + address).status_code == 404
    assert client.post(f"{own}/{pack_id}/retrial").status_code == 404


def test_wrong_methods_and_kinds(world):
    pack_id, client = made(world), world.client("alice")
    assert client.post(f"{BASE}/{pack_id}").status_code == 405
    assert client.get(f"{BASE}/{pack_id}/retrial").status_code == 405
    assert client.get(f"{BASE}/{pack_id}/files/docx").status_code == 404
    assert client.get(f"{BASE}/{uuid4()}/files/pdf").status_code == 404


def test_a_download_is_saved_never_shown_and_leaves_an_event(world):
    pack_id = made(world)
    answer = world.client("vera").get(f"{BASE}/{pack_id}/files/pdf")
    assert answer.data == pdf_of(world, pack_id)
    assert "BPK-0001-alder.pdf" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    (event,) = world.sql("SELECT * FROM audit_event WHERE tag = 'board_pack:downloaded'")
    assert event.actor == str(world.member_id("vera")) and row(world, pack_id).pdf_sha256 in (
        event.payload
    )


def test_a_file_that_is_not_there_yet_is_not_found(world):
    assert world.client("alice").get(f"{BASE}/{ask(world)}/files/pdf").status_code == 404


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"title": ""}, "Give the pack a title."),
        ({"title": "x" * 121}, "at most 120 characters"),
        ({"period_from": ""}, "Give the first day."),
        ({"period_to": "2026-02-30"}, "This is not a date"),
        ({"period_to": "2026-11-21"}, "cannot end after today"),
        ({"period_from": "2026-11-20", "period_to": "2026-11-19"}, "ends before it begins"),
        ({"period_from": "2025-01-01"}, "at most 400 days"),
        ({"review": str(uuid4())}, "Not a valid choice"),
        ({"review": "x"}, "Choice"),
    ],
)
def test_wrong_input_is_told_and_what_was_typed_is_kept(world, given, told):
    answer = world.client("alice").post(f"{BASE}/new", data={**FORM, "title": "Kept", **given})
    assert answer.status_code == 422
    assert told in answer.text and ("title" in given or 'value="Kept"' in answer.text)
    assert world.sql("SELECT id FROM board_pack") == []


def test_the_form_offers_what_follows_the_last_pack(world):
    client = world.client("alice")
    assert 'value="2026-10-01"' in client.get(f"{BASE}/new").text, "the running quarter"
    made(world)
    assert 'value="2026-10-01"' in client.get(f"{BASE}/new").text, "the one of today does not count"
    made(world, period_to=date(2026, 11, 9))
    assert 'value="2026-11-10"' in client.get(f"{BASE}/new").text


def test_a_pack_for_a_sitting_names_it(world):
    review_id = reviews.open_monthly(world)
    client = world.client("alice")
    form = BeautifulSoup(client.get(f"{BASE}/new?review={review_id}").text, "html.parser")
    assert form.select_one("select[name=review] option[selected]")["value"] == str(review_id)
    answer = client.post(f"{BASE}/new", data={**FORM, "review": str(review_id)})
    assert f"/reviews/{review_id}" in client.get(answer.location).text


def test_the_page_of_a_finished_pack_compares_the_chain(world):
    pack_id = made(world)
    page = world.client("ben").get(f"{BASE}/{pack_id}").text
    found = row(world, pack_id)
    assert found.pdf_sha256 in page and found.zip_sha256 in page and found.audit_hash in page
    assert "Compared just now" in page and "hx-trigger" not in page


def test_progress_is_a_fragment_that_stops_asking(world):
    pack_id, asked = ask(world), {"HX-Request": "true"}
    client = world.client("alice")
    waiting = client.get(f"{BASE}/{pack_id}", headers=asked).text
    assert waiting.lstrip().startswith("<section") and 'hx-trigger="every 1s"' in waiting
    run_job(pack_id)
    finished = client.get(f"{BASE}/{pack_id}", headers=asked).text
    assert "hx-trigger" not in finished and "Download the PDF" in finished


def test_the_list(world):
    client = world.client("alice")
    assert "No board pack yet" in client.get(BASE + "/").text
    made(world, title="Autumn <b>pack</b>")
    page = client.get(BASE + "/").text
    assert "Autumn &lt;b&gt;pack" in page and "/files/zip" in page
    assert "There is no such page" in client.get(BASE + "/?page=9").text

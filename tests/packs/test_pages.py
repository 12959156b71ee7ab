"""The provider's pages of packs: list, preview, publication, what happens later."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from careboard.packs.content import Section
from tests.packs.contents import example
from tests.packs.published import confirm, plain_board, publish


@pytest.fixture
def link(world, monkeypatch):
    plain_board(monkeypatch)
    return confirm(world)


def _new(world, kind="board", name="Alder House"):
    return f"/o/alder/packs/new/{kind}/{world.service_id(name)}"


def test_from_preview_to_pack(world, link):
    cora = world.client("cora")
    page = cora.get(_new(world))
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "1 to 4" in text and "not shown" in text and "small numbers are hidden" in text
    seen = re.search(r'name="seen" type="hidden" value="([0-9a-f]{64})"', text)[1]
    answer = cora.post(
        _new(world), data={"links": [str(link)], "expires_on": "2027-01-31", "seen": seen}
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    shown = cora.get(answer.location)
    text = shown.get_data(as_text=True)
    assert shown.status_code == 200 and "Northshire Council" in text and "PCK-0001" in text
    assert "PCK-0001" in cora.get("/o/alder/packs/").get_data(as_text=True)
    checked = cora.get(f"{answer.location}/check").get_data(as_text=True)
    assert "Intact, checked just now" in checked


def test_a_finding_needs_a_reason_and_keeps_what_was_typed(world, monkeypatch):
    words = Section("words", "Words", "Mrs Marjorie Penhaligon fell. NHS 943 476 5919.")
    plain_board(monkeypatch, example(kind="board", sections=(words,)))
    link, cora = confirm(world), world.client("cora")
    findings = ["name: Words: words", "nhs_number: Words: words"]
    data = {"links": [str(link)], "expires_on": "2027-01-31", "finding": findings}
    answer = cora.post(_new(world), data={**data, "reason": ["A street", ""]})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="A street"' in text and 'aria-invalid="true"' in text
    assert "Correct it, or say why it may stand: Words: words." in text
    answer = cora.post(_new(world), data={**data, "reason": ["A street", "A test number"]})
    assert answer.status_code == 303
    assert "A test number" in cora.get(answer.location).get_data(as_text=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"links": []}, "Choose at least one commissioner"),
        ({"expires_on": ""}, "Give the last day"),
        ({"expires_on": "2020-01-01"}, "This day is over"),
        ({"seen": "0" * 64}, "has changed since"),
        ({"attachments": ["00000000-0000-7000-8000-000000000001"]}, "not among the accepted"),
        ({"links": ["nonsense"]}, "Commissioners"),
    ],
)
def test_wrong_input_is_refused_with_words(world, link, wrong, said):
    data = {"links": [str(link)], "expires_on": "2027-01-31"} | wrong
    answer = world.client("cora").post(_new(world), data=data)
    assert answer.status_code in (409, 422) and said in answer.get_data(as_text=True)


def test_later(world, link):
    pack_id, cora = publish(world, link), world.client("cora")
    address = f"/o/alder/packs/{pack_id}"
    grant = re.search(
        r"grants/([0-9a-f-]{36})/revocation", cora.get(address).get_data(as_text=True)
    )
    assert cora.post(f"{address}/grants/{grant[1]}/revocation", data={}).status_code == 422
    gone = cora.post(f"{address}/grants/{grant[1]}/revocation", data={"reason": "Wrong team"})
    assert gone.status_code == 303
    assert "Wrong team" in cora.get(address).get_data(as_text=True)
    given = cora.post(f"{address}/grants", data={"link": str(link), "expires_on": "2027-02-01"})
    assert given.status_code == 303
    again = cora.post(f"{address}/grants", data={"link": str(link), "expires_on": "2027-02-01"})
    assert again.status_code == 422
    assert cora.post(f"{address}/withdrawal", data={"reason": ""}).status_code == 422
    assert cora.post(f"{address}/withdrawal", data={"reason": "Wrong"}).status_code == 303
    assert cora.post(f"{address}/withdrawal", data={"reason": "Again"}).status_code == 409
    shown = cora.get(address).get_data(as_text=True)
    assert "Withdrawn 20 Nov 2026" in shown
    assert "Revoke</" not in shown and "<span>Open</span>" not in shown
    assert 'quiet">Nobody<' in cora.get("/o/alder/packs/").get_data(as_text=True)


def test_files(world, link):
    pack_id, cora = publish(world, link), world.client("cora")
    for kind, start in (("pdf", b"%PDF"), ("bundle", b"PK")):
        answer = cora.get(f"/o/alder/packs/{pack_id}/files/{kind}")
        assert answer.status_code == 200 and answer.data.startswith(start)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        read_me = archive.read("README.txt").decode()
    assert "on 20 Nov 2026." in read_me and "python3 verify-pack.py PCK-0001.zip\n" in read_me
    assert cora.get(f"/o/alder/packs/{pack_id}/files/other").status_code == 404


def test_who_may_not(world, link):
    pack_id = publish(world, link)
    pages = ("/o/alder/packs/", f"/o/alder/packs/{pack_id}", f"/o/alder/packs/{pack_id}/files/pdf")
    for address in (*pages, _new(world), "/o/alder/packs/new"):
        assert world.client("charlie").get(address).status_code == 404
        assert world.client("carol").get(address).status_code == 404
    for address in pages:
        assert world.client("bob").get(address).status_code == 200
    for person in ("bob", "vera", "ben", "adam", "rita"):
        assert world.client(person).get(_new(world)).status_code == 403
    for part in ("withdrawal", "grants"):
        assert world.client("bob").post(f"/o/alder/packs/{pack_id}/{part}").status_code == 403
        assert world.client("cora").get(f"/o/alder/packs/{pack_id}/{part}").status_code == 405


def test_what_tells_of_every_service_is_not_for_a_manager_of_one(world, link):
    whole = publish(world, link, subject_id=world.org_id())
    other = publish(world, link, subject_id=world.service_id("Alder Lodge"))
    bob = world.client("bob")
    for pack_id in (whole, other):
        assert bob.get(f"/o/alder/packs/{pack_id}").status_code == 403
    assert "PCK-" not in bob.get("/o/alder/packs/").get_data(as_text=True)


def test_the_list_narrowed(world, link):
    publish(world, link)
    cora = world.client("cora")
    for query, found in (("kind=board", True), ("kind=update", False), ("state=withdrawn", False)):
        text = cora.get(f"/o/alder/packs/?{query}").get_data(as_text=True)
        assert ("PCK-0001" in text) is found
    assert "left out" in cora.get("/o/alder/packs/?kind=x").get_data(as_text=True)


def test_an_unknown_kind_or_subject_is_absent(world, link):
    cora = world.client("cora")
    assert cora.get(_new(world, kind="else")).status_code == 404
    absent = "00000000-0000-7000-8000-000000000001"
    assert cora.get(f"/o/alder/packs/new/board/{absent}").status_code == 404


def test_the_choice(world, link):
    text = world.client("cora").get("/o/alder/packs/new").get_data(as_text=True)
    assert "All services" in text and "Alder House" in text

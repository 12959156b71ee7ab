"""The library, an item's page, and the safe download."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date

import pytest
from bs4 import BeautifulSoup

from careboard import audit, tenancy
from tests.actions.samples import add_action, add_evidence, add_finding
from tests.evidence.files import BAD, PDF, PNG
from tests.evidence.test_service import add, row

BASE = "/o/alder/evidence"
HX = {"HX-Request": "true"}
FORM = {"title": "October MAR sheets", "kind": "care_records"}


def soup(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def send(client, path, name="sheet.pdf", content=PDF, headers=None, **form):
    data = {**form, "file": (io.BytesIO(content), name)}
    return client.post(
        BASE + path, data=data, content_type="multipart/form-data", headers=headers or {}
    )


def revision_of(world, evidence_id):
    rows = world.sql(
        "SELECT id FROM evidence_revision WHERE evidence_id = :id ORDER BY number", id=evidence_id
    )
    return [one.id for one in rows]


def uploaded(world, person="rita", name="sheet.pdf", content=PDF):
    answer = send(
        world.client(person), "/new", name, content, **FORM,
        service_id=str(world.service_id("Alder House")),
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    return uuid.UUID(answer.location.rsplit("/", 1)[1])


def test_upload_and_download(world):
    evidence_id = uploaded(world, name="../../Übergabe.pdf")
    revision_id = revision_of(world, evidence_id)[0]
    answer = world.client("alice").get(f"{BASE}/revisions/{revision_id}/file")
    assert answer.data == PDF
    headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment")
    assert "\n" not in headers["Content-Disposition"] and "/" not in headers["Content-Disposition"]
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"


def test_a_download_leaves_an_event_of_the_chain(world):
    revision_id = revision_of(world, uploaded(world))[0]
    world.client("alice").get(f"{BASE}/revisions/{revision_id}/file")
    last = world.sql("SELECT tag, actor FROM audit_event ORDER BY seq")[-1]
    assert (last.tag, last.actor) == ("evidence:downloaded", str(world.member_id("alice")))
    org_id = world.org_id()
    with tenancy.tenant_context(org_id):
        assert audit.verify(org_id).intact


def test_a_download_is_refused_to_strangers_and_beyond_the_scope(world):
    revision_id = revision_of(world, uploaded(world))[0]
    path = f"revisions/{revision_id}/file"
    assert world.client("charlie").get(f"{BASE}/{path}").status_code == 404
    assert world.client("charlie").get(f"/o/birch/evidence/{path}").status_code == 404
    assert world.client("carol").get(f"{BASE}/{path}").status_code == 404
    assert world.client().get(f"{BASE}/{path}").status_code == 302
    lodge = add(world, "alice", "Alder Lodge")
    there = revision_of(world, lodge)[0]
    assert world.client("rita").get(f"{BASE}/revisions/{there}/file").status_code == 403
    assert world.client("rita").get(f"{BASE}/{lodge}").status_code == 403
    assert world.client("alice").get(f"{BASE}/revisions/{there}/file").status_code == 404


@pytest.mark.parametrize("name", ["page.pdf", "bomb.docx", "empty.pdf", "page.html", "slip.docx"])
def test_a_refused_file_has_its_message_at_the_field_and_stores_nothing(world, name):
    client = world.client("rita")
    service_id = str(world.service_id("Alder House"))
    answer = send(client, "/new", name, BAD[name], **FORM, service_id=service_id)
    page = soup(answer)
    assert answer.status_code == 422
    assert page.find(id="file-error") and page.find(id="title")["value"] == FORM["title"]
    assert world.sql("SELECT 1 FROM evidence UNION ALL SELECT 1 FROM stored_file") == []


def test_too_large(world):
    answer = send(world.client("rita"), "/new", "a.pdf", PDF + b" " * 26_300_000, **FORM)
    assert answer.status_code == 422 and "too large" in answer.text


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"kind": "x"}, {"period_to": "9999-12-31"}, {"period_from": "soon"},
     {"service_id": "nonsense"}, {"service_id": str(uuid.uuid4())}, {"title": "\x00"},
     {"valid_until": "2026-13-40"}],
)  # fmt: skip
def test_wrong_input_is_never_a_fault(world, wrong):
    form = {**FORM, "service_id": str(world.service_id("Alder House")), **wrong}
    assert send(world.client("rita"), "/new", **form).status_code == 422


def test_evidence_for_an_action_leads_back_to_it(world):
    action_id = add_action(world)
    client = world.client("rita")
    assert "Supports ACT-0001" in client.get(f"{BASE}/new?action={action_id}").text
    answer = send(client, f"/new?action={action_id}", **FORM)
    assert answer.location == f"/o/alder/actions/{action_id}"
    finding = add_finding(world)
    answer = send(client, f"/new?concern={finding}", **FORM)
    assert answer.status_code == 303 and str(finding) in answer.location
    stranger = world.client("charlie")
    assert stranger.get(f"/o/birch/evidence/new?action={action_id}").status_code == 404
    assert client.get(f"{BASE}/new?action=x").status_code == 400


def test_the_item_shows_revisions_hash_and_what_it_supports(world):
    evidence_id = add_evidence(world, add_action(world))
    client = world.client("rita")
    answer = send(client, f"/{evidence_id}/revisions", "photo.png", PNG, note="Photo instead")
    assert answer.status_code == 303
    page = client.get(answer.location)
    digest = world.sql("SELECT sha256 FROM evidence_revision ORDER BY number DESC")[0].sha256
    for words in ("Revision 2", "Revision 1", digest, "ACT-0001", "Photo instead", "photo.png"):
        assert words in page.text
    wrong = send(client, f"/{evidence_id}/revisions", "photo.png", PNG, headers=HX)
    assert wrong.status_code == 422
    assert soup(wrong).select_one("#evidence #note-error")


def test_attach_detach_and_withdraw_on_the_page(world):
    add_action(world)
    evidence_id = add(world)
    client = world.client("rita")
    unknown = client.post(f"{BASE}/{evidence_id}/links", data={"reference": "ACT-9999"})
    assert unknown.status_code == 422 and soup(unknown).find(id="reference")["value"] == "ACT-9999"
    right = client.post(f"{BASE}/{evidence_id}/links", data={"reference": "act-0001"}, headers=HX)
    assert right.status_code == 200 and "ACT-0001" in right.text
    link = world.sql("SELECT id FROM evidence_link")[0].id
    assert client.post(f"{BASE}/{evidence_id}/links/{uuid.uuid4()}/removal").status_code == 404
    assert client.post(f"{BASE}/{evidence_id}/links/{link}/removal").status_code == 303
    assert world.sql("SELECT 1 FROM evidence_link") == []
    empty = client.post(f"{BASE}/{evidence_id}/withdrawal", data={"reason": ""}, headers=HX)
    assert empty.status_code == 422 and soup(empty).select_one("#error-summary a[href='#reason']")
    client.post(f"{BASE}/{evidence_id}/withdrawal", data={"reason": "Names a resident"})
    assert row(world, evidence_id).status == "withdrawn"
    assert "Names a resident" in client.get(f"{BASE}/{evidence_id}").text


def test_a_draft_is_submitted(world):
    evidence_id = add(world, draft=True)
    client = world.client("rita")
    assert client.post(f"{BASE}/{evidence_id}/submission").status_code == 303
    assert row(world, evidence_id).status == "submitted"


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        ("2026-10-01", "2026-10-31", "1 Oct 2026 to 31 Oct 2026"),
        ("", "2026-10-31", "to 31 Oct 2026"),
        ("2026-10-01", "", "from 1 Oct 2026"),
        ("", "", "–"),
    ],
)
def test_a_period_is_said_by_the_ends_it_has(world, since, until, words):
    send(
        world.client("rita"), "/new", **FORM | {"period_from": since, "period_to": until},
        service_id=str(world.service_id("Alder House")),
    )  # fmt: skip
    cell = soup(world.client("alice").get(f"{BASE}/")).select_one("td[data-label=Period]")
    assert cell.get_text(" ", strip=True) == words


def test_filters(world):
    add(world, title="Old sheets", valid_until=date(2026, 11, 1))
    add(world, title="Soon gone", kind="audits", valid_until=date(2026, 12, 1))
    add(world, title="Fresh", draft=True)
    client = world.client("alice")

    def listed(query):
        page = soup(client.get(f"{BASE}/?{query}"))
        return [th.text.strip() for th in page.select("tbody th")]

    assert listed("") == ["EV-0003", "EV-0002", "EV-0001"]
    assert listed("validity=expired") == ["EV-0001"]
    assert listed("validity=expiring") == ["EV-0002"]
    assert listed("kind=audits") == ["EV-0002"]
    assert listed("status=draft") == ["EV-0003"]
    assert listed("text=old") == ["EV-0001"]
    assert len(listed("kind=x&service=y&status=z&validity=w&page=abc")) == 3


@pytest.mark.parametrize("person", ["vera", "ben", "adam"])
def test_without_the_right_it_is_forbidden(world, person):
    client, evidence_id = world.client(person), uuid.uuid4()
    for path in ("revisions", "submission", "withdrawal", "links", f"links/{uuid.uuid4()}/removal"):
        assert client.post(f"{BASE}/{evidence_id}/{path}").status_code == 403
    assert client.get(f"{BASE}/new").status_code == client.post(f"{BASE}/new").status_code == 403


def test_foreign_and_absent_items_are_the_same_nothing(world):
    evidence_id = add(world)
    for client, path in (
        (world.client("charlie"), f"/o/birch/evidence/{evidence_id}"),
        (world.client("alice"), f"{BASE}/{uuid.uuid4()}"),
    ):
        assert client.get(path).status_code == 404
        for step in ("revisions", "submission", "withdrawal", "links"):
            assert client.post(f"{path}/{step}").status_code == 404
    assert world.client("alice").get(f"{BASE}/{evidence_id}/links").status_code == 405


def test_nothing_inline_and_ids_once(world):
    evidence_id = add(world, draft=True)
    for path in ("/", "/new", f"/{evidence_id}"):
        page = soup(world.client("rita").get(BASE + path))
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert len(ids) == len(set(ids)), path
        assert not re.search(r"<[^>]+\s(on\w+|style)=", str(page))

"""The pages of imports: who may, what they show, and what they refuse."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from careboard.imports import service
from tests.imports.sample import HERE
from tests.imports_db.making import batch, bring, complaints, feedback, quarantined, receive

MIXED = complaints(
    "C1,Alder House,01/10/2026,Food,Mrs Smith of BS1 4DJ",
    "C2,Alder House,31/02/2026,=1+1,No such day",
    "C3,Alder Manor,03/10/2026,Food,@nobody",
)
HX = {"HX-Request": "true"}


def send(client, content: bytes, *, name="complaints.csv", feed="complaints", source="Sheet"):
    form = {"feed": feed, "source": source, "file": (io.BytesIO(content), name)}
    return client.post("/o/alder/imports/new", data=form)


def page(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def words(answer) -> str:
    return " ".join(page(answer).get_text(" ").split())


def every_address(world) -> list[tuple[str, str]]:
    """(method, path) of every address of the feature, with ids that exist."""
    brought = bring(world, "complaints", MIXED)
    row = quarantined(world, brought)[3]
    text = world.sql("SELECT id FROM held_text")[0].id
    return [
        ("GET", ""), ("GET", "new"), ("POST", "new"), ("GET", f"{brought}"),
        ("GET", f"{brought}?step=preview"), ("POST", f"{brought}/map"),
        ("POST", f"{brought}/load"), ("GET", f"{brought}/progress"),
        ("POST", f"{brought}/cancellation"), ("POST", f"{brought}/undoing"),
        ("GET", f"{brought}/file"), ("GET", f"{brought}/held-back.csv"),
        ("POST", f"{brought}/retrial"), ("GET", "quarantine"),
        ("GET", f"quarantine?batch={brought}"), ("GET", f"quarantine/{row}"),
        ("POST", f"quarantine/{row}"), ("POST", f"quarantine/{row}/dismissal"),
        ("GET", "held-texts"), ("GET", f"held-texts?batch={brought}"),
        ("POST", f"held-texts/{text}"), ("POST", "held-texts"),
    ]  # fmt: skip


def test_rights(world):
    addresses = every_address(world)
    charlie, rita = world.client("charlie"), world.client("rita")
    for method, path in addresses:
        foreign = charlie.open(f"/o/alder/imports/{path}", method=method)
        assert foreign.status_code == 404, path
        assert rita.open(f"/o/alder/imports/{path}", method=method).status_code == 403, path
    # The ids of another organisation are nobody's in one's own.
    for method, path in addresses:
        if "-" in path.split("?")[0] and path not in ("held-texts",) and "?batch" not in path:
            answer = charlie.open(f"/o/birch/imports/{path}", method=method)
            assert answer.status_code == 404, path
    assert batch(world, world.sql("SELECT id FROM import_batch")[0].id).status == "loaded"


def test_a_foreign_batch_as_a_filter_is_404(world):
    brought = bring(world, "complaints", MIXED)
    client = world.client("charlie")
    for path in ("quarantine", "held-texts"):
        assert client.get(f"/o/birch/imports/{path}?batch={brought}").status_code == 404


def test_wrong_methods(world):
    client = world.client("alice")
    for method, path in every_address(world):
        both = path.split("?")[0] in ("new", "held-texts") or "quarantine/" in path
        other = "DELETE" if both else "GET" if method == "POST" else "POST"
        answer = client.open(f"/o/alder/imports/{path}", method=other)
        assert answer.status_code == 405, (other, path)


def test_absent_ids_are_404(world):
    client, no = world.client("alice"), uuid4()
    for method, path in (
        ("GET", f"{no}"), ("GET", f"{no}/progress"), ("GET", f"{no}/file"),
        ("GET", f"{no}/held-back.csv"), ("POST", f"{no}/load"), ("POST", f"{no}/map"),
        ("POST", f"{no}/undoing"), ("POST", f"{no}/cancellation"), ("POST", f"{no}/retrial"),
        ("GET", f"quarantine/{no}"), ("POST", f"quarantine/{no}"),
        ("POST", f"quarantine/{no}/dismissal"), ("POST", f"held-texts/{no}"),
    ):  # fmt: skip
        answer = client.open(f"/o/alder/imports/{path}", method=method)
        assert answer.status_code == 404, path


def test_a_file_from_new_to_done(world):
    client = world.client("alice")
    answer = send(client, MIXED.encode())
    assert answer.status_code == 303 and answer.location.endswith("?step=map")
    assert "Received on" in words(client.get(answer.location))
    here = answer.location.split("?")[0]
    preview = client.get(here)
    assert "Nothing has been loaded yet" in preview.text and "Load 1 rows" in preview.text
    assert "is not one of your services" in preview.text and "31/02/2026" in preview.text
    assert "Smith" not in preview.text
    assert world.sql("SELECT count(*) FROM concern")[0][0] == 0
    assert client.post(f"{here}/load").status_code == 303
    done = words(client.get(here))
    assert "New 1" in done and "2 waiting" in done and "Texts held 1" in done
    again = send(client, MIXED.encode(), name="renamed.csv")
    assert again.location == here
    assert "This very file has been loaded before" in client.get(here).text


def test_a_familiar_source_goes_straight_to_the_preview(world):
    client = world.client("alice")
    send(client, MIXED.encode())
    second = send(client, MIXED.replace("Food", "Staffing").encode())
    assert "step" not in second.location
    assert '<option value="Sheet">' in client.get("/o/alder/imports/new").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"content": b""}, "empty"),
        ({"content": b"x", "name": "malware.exe"}, "is not a table"),
        ({"content": b"PK\x03\x04 not a workbook", "name": "a.xlsx"}, "damaged"),
        ({"content": b"\x89PNG\r\n\x1a\n\x00\x00", "name": "a.csv"}, "not a text file"),
        ({"content": b"a;b\n1;2\n", "source": "  "}, "Name the system"),
        ({"content": b"a;b\n1;2\n", "feed": "horses"}, "Not a valid choice"),
    ],
)
def test_wrong_input_is_told_at_the_field_and_kept(world, given, said):
    answer = send(world.client("alice"), **given)
    assert answer.status_code == 422
    told = page(answer).select_one(".field-error")
    assert told is not None and said in told.get_text(), told
    if given.get("source") is None:
        assert page(answer).select_one("#source")["value"] == "Sheet"
    assert world.sql("SELECT count(*) FROM import_batch")[0][0] == 0
    assert world.sql("SELECT count(*) FROM stored_file")[0][0] == 0


def test_no_file_at_all(world):
    form = {"feed": "complaints", "source": "Sheet"}
    answer = world.client("alice").post("/o/alder/imports/new", data=form)
    assert answer.status_code == 422 and "Choose the file." in answer.text


def test_the_mapping_is_corrected_and_remembered(world):
    client = world.client("alice")
    strange = MIXED.replace("Received on", "Rcvd").replace("Complaint ref", "Nr")
    here = send(client, strange.encode()).location.split("?")[0]
    assert "These fields are needed" in client.get(here).text
    form = {
        select["name"]: (select.select_one("option[selected]") or {"value": ""})["value"]
        for select in page(client.get(here)).select("select")
    }
    taken = client.post(f"{here}/map", data=form | {"column-2": "theme"})
    assert taken.status_code == 422 and "gives this already" in taken.text
    chosen = form | {"column-0": "id", "column-2": "received_on", "column-3": "drop at the door"}
    assert client.post(f"{here}/map", data=chosen).status_code == 303
    preview = words(client.get(here))
    assert "Ready" in preview or "Nothing has been loaded yet" in preview
    client.post(f"{here}/load")
    row = world.sql("SELECT raw FROM quarantined_row LIMIT 1")[0]
    assert "Theme" not in row.raw
    maps = world.sql("SELECT version, mapping FROM data_map ORDER BY version")
    assert [row.version for row in maps] == [1, 2]
    assert maps[1].mapping["drop_columns"] == ["Theme"]


def test_words_are_given_a_meaning(world):
    client = world.client("alice")
    text = (
        "Audit ref,Service,Theme,Completed on,RAG\nA1,Alder House,Fire,01/10/2026,Amber\n"
        "A2,Alder House,Fire,02/10/2026,Maroon\n"
    )
    here = send(client, text.encode(), feed="audits").location.split("?")[0]
    assert "Say what the words stand for" in client.get(here).text
    mapping = page(client.get(f"{here}?step=map"))
    word = mapping.find("th", string="Maroon").find_parent("tr").find("select")["name"]
    client.post(f"{here}/map", data={word: "red"})
    client.post(f"{here}/load")
    rows = world.sql("SELECT rag FROM audit ORDER BY source_key")
    assert [row.rag for row in rows] == ["amber", "red"]


def test_downloads_are_safe_and_on_record(world):
    brought = bring(world, "complaints", MIXED, name="../../we\r\nird “name”.csv")
    client = world.client("alice")
    for path in ("file", "held-back.csv"):
        answer = client.get(f"/o/alder/imports/{brought}/{path}")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get(f"/o/alder/imports/{brought}/file").data == MIXED.encode()
    rows = client.get(f"/o/alder/imports/{brought}/held-back.csv").data.decode("utf-8-sig")
    assert "'=1+1" in rows and "'@nobody" in rows and ",=1+1" not in rows
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
    assert "import:file_downloaded" in tags and "import:rows_exported" in tags


def test_a_row_is_corrected_in_place_and_on_its_page(world):
    brought = bring(world, "complaints", MIXED)
    client, rows = world.client("alice"), quarantined(world, brought)
    here = f"/o/alder/imports/quarantine/{rows[3]}"
    fragment = client.get(here, headers=HX)
    assert "<html" not in fragment.text and f'id="row-{rows[3]}"' in fragment.text
    assert "<html" in client.get(here).text
    bad = client.post(here, data={"cell-2": "32/02/2026"}, headers=HX)
    assert bad.status_code == 422
    cell = page(bad).find("input", attrs={"name": "cell-2"})
    assert cell["value"] == "32/02/2026" and cell["aria-invalid"] == "true"
    good = client.post(here, data={"cell-2": "28/02/2026"}, headers=HX)
    assert good.status_code == 200 and "Has come in" in good.text
    assert "announce" in good.headers["HX-Trigger"]
    other = f"/o/alder/imports/quarantine/{rows[4]}"
    refused = client.post(f"{other}/dismissal", data={"reason": ""})
    assert refused.status_code == 422 and "Say why this row is left out" in refused.text
    assert client.post(f"{other}/dismissal", data={"reason": "Sold"}).status_code == 303
    assert "No row waits" in client.get(f"/o/alder/imports/quarantine?batch={brought}").text


def test_originals_are_shown_only_to_people_who_may_decide(world):
    brought = bring(world, "complaints", MIXED)
    here = f"/o/alder/imports/held-texts?batch={brought}"
    verifier = world.client("vera").get(here)
    assert verifier.status_code == 200 and "Smith" not in verifier.text
    lead = world.client("alice").get(here)
    assert "Mrs Smith of BS1 4DJ" in lead.text
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
    assert tags.count("held_text:seen") == 1
    text = world.sql("SELECT id FROM held_text")[0].id
    decide = f"/o/alder/imports/held-texts/{text}"
    assert world.client("vera").post(decide).status_code == 403
    client = world.client("alice")
    refused = client.post(decide, data={"decision": "release"}, headers=HX)
    assert refused.status_code == 422 and "holds no personal data" in refused.text
    kept = client.post(decide, data={"decision": "redact"}, headers=HX)
    assert kept.status_code == 200 and "Smith" not in kept.text
    assert client.post("/o/alder/imports/held-texts", data={"batch": brought}).status_code == 303


def test_people_with_rights_for_some_services_do_not_import(world):
    with world.acting("adam") as actor:
        from careboard.db import db

        db.session.execute(
            db.text("UPDATE membership SET all_services = false WHERE name = 'Vera'")
        )
        db.session.commit()
    assert actor
    answer = world.client("vera").get("/o/alder/imports/")
    assert answer.status_code == 403 and "every service" in answer.text


def test_undoing_says_why_not(world):
    first = bring(world, "complaints", MIXED)
    bring(world, "complaints", MIXED.replace("Food,Mrs", "Staffing,Mrs"))
    client = world.client("alice")
    refused = client.post(f"/o/alder/imports/{first}/undoing")
    assert refused.status_code == 422 and "Undo IMP-0002 first" in refused.text
    second = world.sql("SELECT id FROM import_batch WHERE reference = 'IMP-0002'")[0].id
    assert client.post(f"/o/alder/imports/{second}/undoing").status_code == 303
    assert "Undone by Alice" in client.get(f"/o/alder/imports/{second}").text


def test_progress_is_a_fragment_that_stops_by_itself(world, monkeypatch):
    monkeypatch.setattr(service, "INLINE_ROWS", 2)
    receipt = receive(world, "feedback", feedback(3))
    client, here = world.client("alice"), f"/o/alder/imports/{receipt.batch_id}"
    client.post(f"{here}/load")
    waiting = client.get(f"{here}/progress", headers=HX)
    assert 'hx-trigger="every 2s"' in waiting.text and "Waiting for the worker" in waiting.text
    assert "Look again" in client.get(here).text
    from careboard.imports import background
    from careboard.tenancy import acting_for

    with acting_for("alder") as actor:
        background.load(actor=actor, batch_id=receipt.batch_id)
    finished = client.get(f"{here}/progress", headers=HX)
    assert "hx-trigger" not in finished.text and "All rows are in" in finished.text


def test_problems_are_filtered_in_place(world):
    receipt = receive(world, "complaints", MIXED)
    here = f"/o/alder/imports/{receipt.batch_id}?step=preview&code=bad_date"
    fragment = world.client("alice").get(here, headers=HX)
    assert "<html" not in fragment.text and 'id="problems"' in fragment.text
    assert "31/02/2026" in fragment.text and "Alder Manor" not in fragment.text


def test_the_list_filters_and_leads_on(world):
    client = world.client("alice")
    assert "The order that saves work" in client.get("/o/alder/imports/").text
    bring(world, "complaints", MIXED)
    everything = client.get("/o/alder/imports/").text
    assert "IMP-0001" in everything and "2 waiting" in everything
    assert "IMP-0001" in client.get("/o/alder/imports/?feed=complaints&status=loaded").text
    assert "No import matches" in client.get("/o/alder/imports/?feed=audits").text
    odd = client.get("/o/alder/imports/?feed=%00&status=x&page=99999999999999")
    assert odd.status_code == 200


def test_workbooks_are_taken(world):
    content = (HERE / "commissioner_queries.ods").read_bytes()
    answer = send(world.client("alice"), content, name="q.ods", feed="commissioner_queries")
    assert answer.status_code == 303

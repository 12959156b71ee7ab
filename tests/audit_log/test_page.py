"""The audit log as people read it and take it away."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile

import pytest
from bs4 import BeautifulSoup

from careboard import audit_verifier
from careboard.audit_log import heads
from tests.actions import samples

BASE = "/o/alder/audit"
ADDRESSES = (f"{BASE}/", f"{BASE}/events.csv", f"{BASE}/export.zip", f"{BASE}/verify.py")


def _rows(answer) -> list[list[str]]:
    table = BeautifulSoup(answer.data, "html.parser").find("table")
    found = table.find("tbody").find_all("tr") if table else []
    return [[cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in found]


def test_the_page_tells_who_did_what(world):
    action_id = samples.add_action(world)
    newest = _rows(world.client("alice").get(f"{BASE}/"))[0]
    assert newest[2] in ("Alice", "Bob") and newest[3].startswith("action:")
    reference = world.sql("SELECT reference FROM action WHERE id = :id", id=action_id)[0][0]
    assert newest[4] == reference


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_may_open_it(world, address):
    codes = {name: world.client(name).get(address).status_code
             for name in ("alice", "adam", "bob", "ben", "charlie", "carol")}  # fmt: skip
    assert codes == {
        "alice": 200, "adam": 200, "bob": 403, "ben": 403, "charlie": 404, "carol": 404
    }  # fmt: skip
    assert world.client("alice").post(address).status_code == 405


def test_people_of_some_services_do_not_read_of_all(world):
    world.sql("SELECT 1")
    with world.acting("adam"):
        from sqlalchemy import text

        from careboard.db import db

        db.session.execute(text("UPDATE membership SET all_services = false WHERE name = 'Alice'"))
        db.session.commit()
    for address in ADDRESSES[:3]:
        assert world.client("alice").get(address).status_code == 403


def test_filters_by_who_what_about_and_when(world):
    action_id = samples.add_action(world)
    client = world.client("alice")
    events = world.sql("SELECT actor, tag, subject FROM audit_event")
    bob = str(world.member_id("bob"))
    for query, fits in (
        (f"who={bob}", lambda event: event.actor == bob),
        ("what=action", lambda event: event.tag.startswith("action:")),
        (f"about={action_id}", lambda event: event.subject == str(action_id)),
        ("about=nothing-like-it", lambda event: False),
        ("since=2099-01-01", lambda event: False),
        ("until=2000-01-01", lambda event: False),
        ("since=2000-01-01&until=2099-01-01", lambda event: True),
    ):
        expected = sum(map(fits, events))
        shown = client.get(f"{BASE}/?{query}")
        assert len(_rows(shown)) == min(expected, 50), query
        assert not expected or f"{expected} event" in shown.text, query


def test_a_record_is_found_by_its_reference(world):
    action_id = samples.add_action(world)
    reference = world.sql("SELECT reference FROM action WHERE id = :id", id=action_id)[0][0]
    found = _rows(world.client("alice").get(f"{BASE}/?about={reference.lower()}"))
    assert found and {row[4] for row in found} == {reference}


def test_a_filter_that_cannot_be_read_is_told(world):
    page = world.client("alice").get(f"{BASE}/?who=x&since=yesterday&page=-3")
    assert page.status_code == 200 and "leads nowhere" in page.text


def test_the_list_is_an_event_of_its_own(world):
    answer = world.client("alice").get(f"{BASE}/events.csv?what=account")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][0] == "Event"
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event ORDER BY seq")]
    assert tags[-1] == "audit:listed"


def test_sign_ins_have_a_name(world):
    client = world.app.test_client()
    client.post("/login", data={"email": "bob@alder.example", "password": "wrong"})
    from tests.worlds import PASSWORD

    client.post("/login", data={"email": "bob@alder.example", "password": PASSWORD})
    who = {row[2] for row in _rows(world.client("alice").get(f"{BASE}/?what=account"))}
    assert who == {"Bob"}


def test_the_export_is_checked_by_the_file_within_it(world, tmp_path):
    samples.add_action(world)
    answer = world.client("alice").get(f"{BASE}/export.zip")
    (tmp_path / "export.zip").write_bytes(answer.data)
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("verify.py") == world.client("alice").get(ADDRESSES[3]).data
    assert manifest["seq"] == world.sql("SELECT count(*) FROM audit_event")[0][0] - 1
    assert audit_verifier.main([str(tmp_path / "export.zip"), "--key", heads.public_key()]) == 0


def test_statements_do_not_grow_with_events(world):
    from tests.counting import statements

    for _ in range(3):
        samples.add_action(world)
    client = world.client("alice")
    with statements() as few:
        client.get(f"{BASE}/")
    assert len(few) <= 10, few


def test_the_verifier_needs_only_the_standard_library():
    source = audit_verifier.__file__
    import ast
    import sys
    from pathlib import Path

    names = set()
    for node in ast.walk(ast.parse(Path(source).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    assert {re.split(r"\.", name)[0] for name in names} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", ["", "events.csv"])
@pytest.mark.parametrize(
    "asked",
    ["until=9999-12-31", "since=9999-12-31", "until=0001-01-01", "since=0001-01-01",
     "who=%00&what=%25&about=\'", "who=x&about=" + "%F0%9F%98%80" * 99, "since=0500-01-01"],
)  # fmt: skip
def test_no_filter_is_a_fault(world, path, asked):
    assert world.client("alice").get(f"/o/alder/audit/{path}?{asked}").status_code == 200


def test_a_day_long_ago_leaves_nothing_out(world):
    page = world.client("alice").get("/o/alder/audit/events.csv?since=0500-01-01&until=9999-12-31")
    assert page.text.count("\n") > 5

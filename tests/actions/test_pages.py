"""The tracker's pages: who sees what, the forms without script, fragments, the export."""

from __future__ import annotations

import csv
import io
import re
import uuid

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event

from careboard.accounts.models import Membership
from careboard.db import db
from tests.actions.samples import (
    FULL,
    add_action,
    add_copies,
    add_evidence,
    add_finding,
    add_imported,
    complete,
    leave,
    state,
)

HX = {"HX-Request": "true"}
BASE = "/o/alder/actions"
GET_STEPS = ["completion", "notes", "extension", "assignment", "cancellation"]


def soup(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def count_statements(call) -> int:
    seen = []

    def note(*args):
        seen.append(args[2])

    engine = db.engines[None]
    event.listen(engine, "before_cursor_execute", note)
    call()
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_the_list_shows_what_it_must(world):
    action_id = add_action(world)
    add_evidence(world, action_id)
    page = soup(world.client("alice").get(f"{BASE}/"))
    words = page.find("tbody").get_text(" ", strip=True)
    for part in ("ACT-0001", "Check MAR charts", "Alder House", "Rita", "4 Dec 2026", "in 14 days"):
        assert part in words


@pytest.mark.parametrize(
    ("due", "words", "tone"),
    [("2026-11-19", "1 day overdue", "warn"), ("2026-11-13", "7 days overdue", "warn"),
     ("2026-11-12", "8 days overdue", "bad"), ("2026-10-23", "28 days overdue", "bad"),
     ("2026-10-22", "29 days overdue", "bad")],
)  # fmt: skip
def test_lateness_in_words_and_tone(world, due, words, tone):
    add_imported(world, due_on=due)
    page = soup(world.client("alice").get(f"{BASE}/?view=overdue"))
    chip = page.select_one(f"td[data-label=Due] .chip-{tone}")
    assert chip.get_text(strip=True) == words


def test_views_hold_what_they_say(world):
    mine = add_action(world)
    add_action(world, owner="alice", title="Other")
    complete(world, mine)
    add_imported(world, due_on="2026-10-01", status="completed", reference="TRK-7")

    def listed(person, view):
        page = soup(world.client(person).get(f"{BASE}/?view={view}"))
        return [th.get_text(strip=True) for th in page.select("tbody th")]

    assert listed("rita", "mine") == ["ACT-0001"]
    assert listed("alice", "mine") == ["ACT-0002"]
    assert listed("alice", "overdue") == ["TRK-7"]
    assert listed("alice", "awaiting") == ["TRK-7", "ACT-0001"]
    assert listed("bob", "services") == ["TRK-7", "ACT-0001", "ACT-0002"]
    assert listed("alice", "services") == []


def test_filters_narrow_and_nonsense_is_ignored(world):
    add_action(world)
    add_action(world, title="Fix 100% of the doors", domain="safety", owner="bob")
    client = world.client("alice")

    def listed(query):
        return [t.text.strip() for t in soup(client.get(f"{BASE}/?{query}")).select("tbody th")]

    assert listed("domain=safety") == ["ACT-0002"]
    assert listed("text=100%25") == ["ACT-0002"]
    assert listed(f"owner={world.member_id('rita')}") == ["ACT-0001"]
    assert listed("status=verified") == []
    assert listed("status=nonsense&owner=x&service=y&page=-3&text=%00") == ["ACT-0001", "ACT-0002"]
    assert len(listed("_scheme=javascript&_external=1&endpoint=x&org=y&self=z")) == 2
    assert listed("page=99") == ["ACT-0001", "ACT-0002"]


def test_fifty_a_page_and_a_flat_number_of_statements(world):
    add_action(world)
    client = world.client("alice")
    few = count_statements(lambda: client.get(f"{BASE}/"))
    add_copies(world, 60)
    many = count_statements(lambda: client.get(f"{BASE}/"))
    assert few == many <= 8
    first, last = (soup(client.get(f"{BASE}/?page={n}")) for n in (1, 2))
    assert (len(first.select("tbody tr")), len(last.select("tbody tr"))) == (50, 11)
    assert "61 actions, page 1 of 2" in first.text


def test_every_fragment_is_small(world):
    action_id = add_action(world)
    client = world.client("alice")
    for path in ("", "/completion", "/notes", "/extension", "/assignment"):
        address = f"{BASE}/{action_id}{path}"
        found = {}
        count = count_statements(lambda a=address, f=found: f.update(x=client.get(a, headers=HX)))
        assert count <= 5, path
        assert len(found["x"].data) < 15_000
        assert len(BeautifulSoup(found["x"].text, "html.parser").find_all(recursive=False)) == 1


def test_page_and_fragment_share_their_root(world):
    action_id = add_action(world)
    client = world.client("alice")
    page, part = client.get(f"{BASE}/{action_id}"), client.get(f"{BASE}/{action_id}", headers=HX)
    assert soup(page).find(id="action") and part.text.lstrip().startswith('<div id="action"')
    assert "<html" not in part.text


@pytest.mark.parametrize("path", ["", *(f"/{step}" for step in GET_STEPS), "/gaps"])
def test_a_stranger_and_an_absent_row_are_the_same_nothing(world, path):
    action_id = add_action(world)
    assert world.client("charlie").get(f"{BASE}/{action_id}{path}").status_code == 404
    absent = world.client("alice").get(f"{BASE}/{uuid.uuid4()}{path}")
    assert absent.status_code == 404
    foreign = world.client("charlie").get(f"/o/birch/actions/{action_id}{path}")
    assert foreign.status_code == 404
    assert world.client("charlie").post(f"/o/birch/actions/{action_id}{path}").status_code in (
        404,
        405,
    )


def test_a_contributor_sees_their_own_services_only(world):
    lodge = add_action(world, owner="alice", service_id=world.service_id("Alder Lodge"))
    own = add_action(world)
    client = world.client("rita")
    assert client.get(f"{BASE}/{lodge}").status_code == 403
    assert client.post(f"{BASE}/{lodge}/notes", data={"note": "x"}).status_code == 403
    assert client.get(f"{BASE}/{own}").status_code == 200
    assert [th.text.strip() for th in soup(client.get(f"{BASE}/")).select("tbody th")] == [
        "ACT-0002"
    ]
    assert "ACT-0001" not in client.get(f"{BASE}/export.csv").text


@pytest.mark.parametrize(
    ("person", "path"),
    [("rita", "extension"), ("rita", "assignment"), ("rita", "cancellation"),
     ("rita", "verification"), ("rita", "return"), ("rita", "gaps"), ("rita", "draft"),
     ("ben", "notes"), ("ben", "completion"), ("ben", "confirmations"), ("vera", "extension")],
)  # fmt: skip
def test_without_the_right_it_is_forbidden(world, person, path):
    action_id = add_action(world)
    assert world.client(person).post(f"{BASE}/{action_id}/{path}").status_code == 403


def test_wrong_methods_are_refused(world):
    action_id = add_action(world)
    client = world.client("alice")
    assert client.get(f"{BASE}/{action_id}/confirmations").status_code == 405
    assert client.post(f"{BASE}/{action_id}").status_code == 405
    assert client.post(f"{BASE}/export.csv").status_code == 405


def test_one_click_from_a_concern_to_its_action(world):
    finding = add_finding(world)
    client = world.client("alice")
    page = soup(client.get(f"{BASE}/new?concern={finding}"))
    assert page.find(id="title").text.strip() == "MAR gaps are not followed up"
    assert "84 of 100" in page.find(id="baseline").text
    assert page.find(id="due_on")["value"] == "2026-12-18"
    form = {"title": "Follow up MAR gaps", "domain": "medicines", "due_on": "2026-12-18",
            "owner_id": str(world.member_id("rita")), "intent": "open", **FULL}  # fmt: skip
    answer = client.post(f"{BASE}/new?concern={finding}", data=form)
    assert answer.status_code == 303
    row = world.sql("SELECT status, audit_concern_id FROM action")[0]
    assert (row.status, row.audit_concern_id) == ("open", finding)


def test_a_foreign_concern_is_nothing(world):
    finding = add_finding(world, "Birch House", "birch")
    client = world.client("alice")
    assert client.get(f"{BASE}/new?concern={finding}").status_code == 404
    assert client.post(f"{BASE}/new?concern={finding}", data={"title": "x"}).status_code == 404
    assert client.get(f"{BASE}/new?concern=nonsense").status_code == 400


def test_each_gap_gets_its_message_and_what_was_typed_is_kept(world):
    client = world.client("alice")
    form = {"title": "Kept <b>words</b>", "service_id": str(world.service_id("Alder House"))}
    answer = client.post(f"{BASE}/new", data={**form, "intent": "open", "due_on": "2026-02-30"})
    page = soup(answer)
    assert answer.status_code == 422
    assert page.find(id="title").text.strip() == "Kept <b>words</b>"
    for field in ("owner_id", "due_on", "outcome_measure", "baseline", "evidence_required"):
        assert page.find(id=f"{field}-error"), field
    drafted = client.post(f"{BASE}/new", data={**form, "intent": "draft"})
    assert drafted.status_code == 303
    assert world.sql("SELECT status FROM action")[0].status == "draft"


def test_the_plain_form_of_a_step_redirects_and_says_so(world):
    action_id = add_action(world)
    client = world.client("rita")
    assert soup(client.get(f"{BASE}/{action_id}/completion")).find(id="completion_detail")
    data = {"completion_detail": "Done", "kind": "audits", "lock_version": "1",
            "file": (io.BytesIO(b"%PDF-1.4 sheet %%EOF"), "../MAR sheet.pdf")}  # fmt: skip
    answer = client.post(
        f"{BASE}/{action_id}/completion", data=data, content_type="multipart/form-data"
    )
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Completed. It now awaits verification" in page and "EV-0001" in page
    assert world.sql("SELECT file_name FROM stored_file")[0].file_name == "MAR sheet.pdf"


def test_the_same_step_as_a_fragment(world):
    action_id = add_action(world)
    client = world.client("rita")
    address = f"{BASE}/{action_id}/notes"
    wrong = client.post(address, data={"note": " ", "lock_version": "1"}, headers=HX)
    assert wrong.status_code == 422
    assert soup(wrong).select_one("#action #note-error")
    right = client.post(address, data={"note": "Sheet printed", "lock_version": "1"}, headers=HX)
    assert (right.status_code, soup(right).find(id="note")) == (200, None)
    assert "Progress recorded" in right.headers["HX-Trigger"]
    assert "In progress" in right.text


@pytest.mark.parametrize("headers", [{}, HX])
def test_a_stale_form_is_a_conflict_and_keeps_what_was_typed(world, headers):
    action_id = add_action(world)
    client = world.client("rita")
    client.post(f"{BASE}/{action_id}/notes", data={"note": "first", "lock_version": "1"})
    late = client.post(
        f"{BASE}/{action_id}/notes", data={"note": "second", "lock_version": "1"}, headers=headers
    )
    page = soup(late)
    assert late.status_code == 409
    assert page.find(id="note").text.strip() == "second"
    assert page.select_one("#action-step [name=lock_version]")["value"] == "2"
    assert "Someone changed this action" in page.find(id="error-summary").text
    again = client.post(f"{BASE}/{action_id}/notes", data={"note": "second", "lock_version": "2"})
    assert again.status_code == 303


def test_own_work_is_told_and_an_exception_stays_on_show(world):
    action_id = add_action(world, owner="bob")
    complete(world, action_id, "bob")
    other = add_action(world)
    complete(world, other)
    version = state(world, action_id).lock_version
    leave(world, "vera", "alice")
    client = world.client("bob")
    address = f"{BASE}/{action_id}/verification"
    assert soup(client.get(address)).find(id="same_person_reason")
    refused = client.post(address, data={"lock_version": version})
    assert refused.status_code == 422
    data = {"same_person_reason": "Sole manager this week", "lock_version": "2"}
    assert client.post(address, data=data).status_code == 303
    assert "Sole manager this week" in client.get(f"{BASE}/{action_id}").text
    assert soup(client.get(f"{BASE}/{other}/verification")).find(id="same_person_reason") is None


def test_an_imported_vague_action_says_what_it_lacks(world):
    action_id = add_imported(world)
    client = world.client("bob")
    page = soup(client.get(f"{BASE}/{action_id}"))
    assert "Rita Moss was named as owner but has no sign-in" in page.text
    form = soup(client.get(f"{BASE}/{action_id}/gaps"))
    assert form.find(id="owner_id") and form.find(id="baseline")
    data = {"owner_id": str(world.member_id("rita")), "lock_version": "1"}
    assert client.post(f"{BASE}/{action_id}/gaps", data=data).status_code == 303
    assert state(world, action_id).owner_id == world.member_id("rita")
    assert soup(client.get(f"{BASE}/{action_id}/gaps")).find(id="owner_id") is None


def test_bulk_reassignment_from_the_list(world):
    ids = [add_action(world), add_action(world)]
    client = world.client("alice")
    bob = str(world.member_id("bob"))
    answer = client.post(f"{BASE}/reassignment?view=all", data={"actions": ids, "owner_id": bob})
    assert answer.status_code == 303 and answer.location.endswith("?view=all")
    assert {state(world, i).owner_id for i in ids} == {world.member_id("bob")}
    nothing = client.post(f"{BASE}/reassignment", data={"owner_id": bob})
    assert nothing.status_code == 422 and "Tick the actions" in nothing.text
    foreign = client.post(
        f"{BASE}/reassignment", data={"actions": [str(uuid.uuid4())], "owner_id": bob}
    )
    assert foreign.status_code == 404
    nonsense = client.post(f"{BASE}/reassignment", data={"actions": ["x"], "owner_id": "y"})
    assert nonsense.status_code == 422
    assert world.client("rita").post(f"{BASE}/reassignment").status_code == 403


def test_who_has_left_can_be_found_and_relieved(world):
    add_action(world)
    rita = world.member_id("rita")
    with world.acting("adam") as actor:
        db.session.get(Membership, (actor.org_id, rita)).active = False
        db.session.commit()
    page = soup(world.client("alice").get(f"{BASE}/?owner={rita}"))
    assert "Rita (left)" in page.select_one("#f-owner option[selected]").text
    assert "Rita" not in page.find(id="owner_id").text
    assert len(page.select("tbody tr")) == 1


def test_the_export_is_harmless_and_leaves_an_event(world):
    add_action(world, title="=cmd|'/c calc'!A1")
    answer = world.client("alice").get(f"{BASE}/export.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1][1] == "'=cmd|'/c calc'!A1"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert world.sql("SELECT tag FROM audit_event ORDER BY seq")[-1].tag == "action:exported"


def test_nothing_inline_and_ids_once(world):
    action_id = add_action(world)
    client = world.client("alice")
    for path in ("/", "/new", f"/{action_id}", f"/{action_id}/completion", f"/{action_id}/draft"):
        page = soup(client.get(BASE + path))
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert len(ids) == len(set(ids)), path
        assert not page.find_all("style")
        assert not re.search(r"<[^>]+\s(on\w+|style)=", str(page))


def test_no_data(world):
    assert "No actions yet" in world.client("alice").get(f"{BASE}/").text
    assert "No action matches" in world.client("alice").get(f"{BASE}/?text=zebra").text

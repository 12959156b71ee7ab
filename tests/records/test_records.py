"""The data log, audits, audit concerns and concerns: lists, pages, adding and closing."""

from __future__ import annotations

import csv
import io

import pytest

from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.records import history as past
from careboard.records import service
from careboard.records.models import Audit
from careboard.records.service import AuditFacts, Finding
from tests.services.making import TODAY, add, day, history, many_services
from tests.services.test_services import statements

BASE = "/o/alder/records"
LISTS = (
    "/", "/search?q=medicines", "/data-log", "/audits", "/audit-concerns", "/concerns/incident",
    "/concerns/complaint", "/concerns/feedback", "/concerns/safeguarding",
    "/concerns/commissioner_query",
)  # fmt: skip


@pytest.fixture
def house(world):
    return world.service_id("Alder House")


@pytest.fixture
def made(world, house):
    return history(world, house)


def pages(made):
    return (
        f"{BASE}/audits/{made['audit']}",
        f"{BASE}/audit-concerns/{made['answered']}",
        f"{BASE}/concern/{made['incident']}",
    )


@pytest.mark.parametrize("path", LISTS)
def test_lists_work_with_and_without_data(world, house, path):
    for person in ("alice", "bob", "ben"):
        assert world.client(person).get(BASE + path).status_code == 200
    history(world, house)
    client = world.client("bob")
    assert client.get(BASE + path).status_code == 200
    assert world.client("charlie").get(BASE + path).status_code == 404
    assert client.post(BASE + path).status_code == 405


@pytest.mark.parametrize("path", [path for path in LISTS if "?" not in path])
def test_lists_stand_wrong_input(world, made, path):
    wrong = "?q=%00%25%5F%27&service=x&rag=blue&how=magic&show=!&level=%3C&since=soon&until=9999-99"
    answer = world.client("alice").get(
        f"{BASE}{path}{wrong}&page=-4&endpoint=a&_anchor=b&org=birch"
    )
    assert answer.status_code == 200
    assert path == "/" or "is not a date" in answer.text


def test_pages_for_members_strangers_and_other_services(world, made):
    foreign = history(world, world.service_id("Birch House", "birch"), "birch")
    lodge = history_of_lodge(world)
    for own, theirs, beyond in zip(pages(made), pages(foreign), lodge, strict=True):
        assert world.client("bob").get(own).status_code == 200
        assert world.client("charlie").get(own).status_code == 404
        assert world.client("alice").get(theirs).status_code == 404
        assert world.client("bob").get(beyond).status_code == 403
        assert world.client("bob").post(own).status_code == 405
    assert world.client("alice").get(f"{BASE}/concerns/rumour").status_code == 404


def history_of_lodge(world):
    """The same pages for a service that bob does not reach."""
    lodge = world.service_id("Alder Lodge")
    with world.acting("alice") as actor:
        org = actor.org_id
        audit = add(Audit, org, service_id=lodge, theme="Records", domain="records", cycle="",
                    completed_on=day(3))  # fmt: skip
        concern = add(service.AuditConcern, org, service_id=lodge, theme="Records",
                      domain="records", raised_on=day(3), text="Hidden lodge finding",
                      severity="red", status="open", audit_id=audit)  # fmt: skip
        incident = add(past_concern(), org, kind="incident", service_id=lodge, domain="safety",
                       occurred_on=day(3), text="Hidden lodge incident")  # fmt: skip
        db.session.commit()
    return pages({"audit": audit, "answered": concern, "incident": incident})


def past_concern():
    from careboard.records.models import Concern

    return Concern


def test_a_manager_finds_nothing_of_other_services(world, made):
    history_of_lodge(world)
    client = world.client("bob")
    for path in (
        "/audit-concerns",
        "/concerns/incident",
        "/search?q=hidden+lodge",
        "/data-log.csv",
    ):
        text = client.get(BASE + path).text
        assert "Hidden lodge" not in text and "Alder Lodge," not in text
    assert "Hidden lodge finding" in world.client("alice").get(BASE + "/audit-concerns").text


def test_the_data_log_says_how_each_audit_came(world, made):
    text = world.client("vera").get(BASE + "/data-log").text
    for words in ("AUD-2", "Oct 2026", "84%", "Amber", "Audit form 12", "IMP-0001", "row 7"):
        assert words in text, words
    assert "By hand" in text
    imported = world.client("vera").get(BASE + "/data-log?how=imported").text
    assert "AUD-2" in imported and "AUD-1 ·" not in imported


def test_the_export_runs_in_no_spreadsheet_and_leaves_an_event(world, made, house):
    with world.acting("alice") as actor:
        add(Audit, actor.org_id, service_id=house, theme="=HYPERLINK(1)", domain="records",
            cycle="@x", completed_on=day(1), score=100, max_score=300, rag="red")  # fmt: skip
        db.session.commit()
    answer = world.client("ben").get(BASE + "/data-log.csv?rag=red")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 1
    assert (rows[0]["Theme"], rows[0]["Cycle"]) == ("'=HYPERLINK(1)", "'@x")
    assert rows[0]["Score (%)"] == "33.33"
    event = world.sql("SELECT tag, payload FROM audit_event ORDER BY seq DESC LIMIT 1")[0]
    assert event.tag == "data_log:exported" and '"rows": 1' in event.payload


def test_the_unlinked_are_those_that_the_figure_lists(world, made):
    from careboard import figures

    with world.acting("alice") as actor:
        unlinked = figures.audit_risks_linked(actor=actor, on=actor.today)["unlinked"]
    text = world.client("alice").get(BASE + "/audit-concerns?show=unlinked").text
    assert list(unlinked) == ["AC-2"]
    assert "AC-2" in text and "AC-1" not in text
    assert f"/actions/new?concern={made['bare']}" in text


def test_an_audit_concern_shows_what_answers_it_and_where_it_came_from(world, made):
    text = world.client("bob").get(f"{BASE}/audit-concerns/{made['answered']}").text
    for words in (
        "ACT-0001", "overdue", "EV-0001", "AUD-2", "audits.csv, row 8", "IMP-0001",
        "A gap on the evening round", "Two gaps on the evening round", "Earlier versions",
    ):  # fmt: skip
        assert words in text, words


def test_a_concern_shows_its_details_in_words(world, made):
    text = world.client("bob").get(f"{BASE}/concern/{made['incident']}").text
    for words in ("Slipped on a wet floor", "RIDDOR", "Harm", "lounge", "actions/new?record="):
        assert words in text, words
    assert "safeguarding" not in text.split("<dl")[1].split("</dl>")[0].lower()


def form(house, **changed):
    return {
        "service_id": str(house),
        "theme": "Medicines",
        "completed_on": "2026-11-19",
        "score": "88.5",
        "max_score": "100",
        "rag": "amber",
        "evidence_source": "Audit form 31",
        "concerns-0-text": "Signature missing twice",
        "concerns-0-severity": "amber",
        "concerns-1-text": "",
        "concerns-1-severity": "",
        **changed,
    }


def test_an_audit_is_added_with_its_concerns(world, house):
    answer = world.client("vera").post(BASE + "/audits/new", data=form(house))
    assert answer.status_code == 303, answer.text
    page = world.client("alice").get(answer.location).text
    for words in ("88.5%", "Signature missing twice", "CB-CON-0001", "By hand", "by Vera"):
        assert words in page, words
    row = world.sql("SELECT score, max_score, cycle, domain, source_key FROM audit")[0]
    assert tuple(row) == (8850, 10000, "Nov 2026", "medicines", "CB-AUD-0001")
    tags = {row.tag for row in world.sql("SELECT tag FROM audit_event")}
    assert {"audit:added", "audit_concern:added"} <= tags


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"service_id": ""}, "Choose a service."),
        ({"theme": " "}, "Enter the theme"),
        ({"completed_on": "19/11/2026"}, "This is not a date"),
        ({"completed_on": "2026-11-21"}, "give a day up to today"),
        ({"score": "NaN"}, "Enter a number."),
        ({"score": "101"}, "Enter a score from 0 to 100."),
        ({"score": "many"}, "Not a valid float value"),
        ({"max_score": "0"}, "Enter a number above 0."),
        ({"rag": ""}, "Choose the colour"),
        ({"evidence_source": ""}, "Say where the score can be checked."),
        ({"concerns-0-severity": ""}, "Choose how serious it is."),
        ({"concerns-1-severity": "red"}, "Say what was found"),
        ({"concerns-0-text": "Mrs Jane Miller waited"}, "looks like a person"),
    ],
)
def test_a_wrong_audit_is_told_and_kept(world, house, changed, words):
    answer = world.client("vera").post(BASE + "/audits/new", data=form(house, **changed))
    assert answer.status_code == 422
    assert words in answer.text
    assert "Audit form 31" in answer.text or "evidence_source" in changed
    assert world.sql("SELECT 1 FROM audit") == []


def test_more_rows_are_given_without_script(world, house):
    answer = world.client("vera").post(BASE + "/audits/new", data=form(house, more="1"))
    assert answer.status_code == 200 and "concerns-4-text" in answer.text
    assert "Signature missing twice" in answer.text


def test_who_may_add_an_audit(world, house):
    for person, status in (("bob", 403), ("ben", 403), ("charlie", 404), ("alice", 200)):
        assert world.client(person).get(BASE + "/audits/new").status_code == status
    assert world.client("bob").post(BASE + "/audits/new", data=form(house)).status_code == 403
    facts = AuditFacts(house, "Falls", TODAY, 1, 2, "red", "Form 1")
    with world.acting("bob") as actor, pytest.raises(Forbidden):
        service.add_audit(actor=actor, facts=facts)
    with world.acting("charlie") as actor, pytest.raises(NotFound):
        service.add_audit(actor=actor, facts=facts)
    with world.acting("alice") as actor, pytest.raises(Invalid) as refusal:
        service.add_audit(actor=actor, facts=facts, findings=[Finding("Call 07700 900123", "red")])
    assert refusal.value.field == "concerns"


def close(client, concern_id, **options):
    return client.post(f"{BASE}/audit-concerns/{concern_id}/close", **options)


def test_a_concern_without_a_verified_action_closes_only_with_a_reason(world, made):
    client = world.client("alice")
    refused = close(client, made["bare"], data={"reason": "  "})
    assert refused.status_code == 422 and "Say why it may be closed" in refused.text
    done = close(client, made["bare"], data={"reason": "Probe was replaced, log complete"})
    assert done.status_code == 303
    text = client.get(done.location).text
    assert "Probe was replaced" in text and "Alice" in text and "Closed on" in text
    assert close(client, made["bare"], data={"reason": "Again"}).status_code == 409
    assert world.sql("SELECT tag FROM audit_event ORDER BY seq DESC LIMIT 1")[0].tag == (
        "audit_concern:closed"
    )


def test_a_verified_action_lets_it_close_without_a_reason(world, made):
    vera = world.member_id("vera")
    with world.acting("alice") as actor:
        action = db.session.get(service.Action, (actor.org_id, made["action"]))
        action.status, action.verified_by_id = "verified", vera
        db.session.commit()
    headers = {"HX-Request": "true"}
    fragment = close(world.client("bob"), made["answered"], headers=headers)
    assert fragment.status_code == 200
    assert fragment.text.strip().startswith('<section class="card" id="concern-closing"')
    assert "The concern is closed" in fragment.headers["HX-Trigger"]


def test_who_may_close_a_concern(world, made):
    data = {"reason": "Because"}
    concern = made["bare"]
    for person, status in (("rita", 403), ("ben", 403), ("charlie", 404), ("vera", 303)):
        assert close(world.client(person), concern, data=data).status_code == status
    assert world.client("vera").get(f"{BASE}/audit-concerns/{concern}/close").status_code == 405
    with world.acting("vera") as actor, pytest.raises(Conflict):
        service.close_audit_concern(actor=actor, concern_id=concern, reason="Again")
    with world.acting("charlie") as actor, pytest.raises(NotFound):
        service.close_audit_concern(actor=actor, concern_id=concern, reason="Mine")


@pytest.mark.parametrize(
    ("states", "answered"),
    [
        ([], False),
        (["cancelled"], False),
        (["verified"], True),
        (["verified", "cancelled"], True),
        (["verified", "open"], False),
        (["completed"], False),
    ],
)
def test_a_concern_is_answered_when_its_work_is_verified(states, answered):
    assert service.is_answered(states) is answered


def test_versions_differ_by_what_they_say():
    earlier = past.plain({"id": 1, "row_no": 3, "score": 8000, "details": {"type": "fall"}})
    later = past.plain({"id": 1, "row_no": 9, "score": 8450, "details": {"type": "slip"}})
    assert [(c.field, c.was, c.became) for c in past.changes(earlier, later, {})] == [
        ("Score", "80", "84.5"),
        ("Type", "fall", "slip"),
    ]


def test_statements_stay_flat(world, made):
    client = world.client("alice")
    lists = ("/data-log", "/audits", "/audit-concerns", "/concerns/incident", "/search?q=late")
    few = [statements(client, BASE + path) for path in lists]
    many_services(world, 300)
    assert [statements(client, BASE + path) for path in lists] == few
    assert max(few) <= 8
    for page in pages(made):
        assert statements(client, page) <= 14

"""The pages of decisions on sharing: who opens them, what they keep, what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careboard import clock
from careboard.db import db, new_id
from careboard.sharing import thresholds
from careboard.sharing.models import FACTORS
from careboard.sharing.thresholds import Facts
from tests.monitoring.making import fired
from tests.sharing.making import concern, decided, risk

PAGES = ("", "oversight", "clock", "thresholds")


def page(client, path: str, status: int = 200) -> str:
    answer = client.get(f"/o/alder/sharing/{path}")
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def answers(**more) -> dict:
    given = {f"factor_{code}": "no" for code in FACTORS} | {
        "factor_continuity": "yes",
        "note_continuity": "Eleven calls were not covered",
        "decision": "share",
        "rationale": "The council can help to cover them.",
        "what": "Uncovered evening calls and what is done.",
        "recipients": ["commissioner", "other"],
        "to_whom": "Integrated care board",
        "action_under_way": "Two agency carers from Monday.",
        "control_on": clock.today().isoformat(),
        "tell_by": (clock.today() + timedelta(days=3)).isoformat(),
    }
    return given | more


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("person", ["alice", "bob", "cora", "ben"])
def test_members_read(world, path, person):
    assert "<h1" in page(world.client(person), path)


@pytest.mark.parametrize("path", [*PAGES, "thresholds/new"])
def test_strangers_find_nothing(world, path):
    page(world.client("charlie"), path, 404)
    assert world.client("alice").delete(f"/o/alder/sharing/{path}").status_code == 405


def test_from_the_risk_to_the_log(world):
    about, alice = risk(world), world.client("alice")
    assert f"/sharing/decisions/new?risk={about}" in alice.get(f"/o/alder/risks/{about}").text
    assert "Decide whether to share" in page(alice, "")
    shown = page(alice, f"decisions/new?risk={about}")
    assert "first identified 20 Nov 2026" in shown and "rated high" in shown
    sent = alice.post(f"/o/alder/sharing/decisions/new?risk={about}", data=answers())
    assert sent.status_code == 303
    made = alice.get(sent.location).text
    for words in (
        *("Eleven calls were not covered", "The council can help", "Two agency carers"),
        *("Integrated care board", "To be told by", "Continuity", "Decided", "Staffing: "),
    ):
        assert words in made
    log = page(alice, "")
    assert "SHD-0001" in log and "Nothing waits for a decision" in log
    assert "SHD-0001" in page(alice, f"?about={about}&show=share&kind=risk&since=2026-01-01")
    assert "Nothing matches" in page(alice, f"?about={new_id()}")
    timeline = alice.get(f"/o/alder/services/{world.service_id('Alder House')}").text
    assert "Decided to share: SHD-0001" in timeline


def test_what_was_typed_is_kept(world):
    about, alice = risk(world), world.client("alice")
    sent = alice.post(
        f"/o/alder/sharing/decisions/new?risk={about}",
        data=answers(what="", factor_safety="", rationale="Weighed twice."),
    )
    assert sent.status_code == 422
    assert "Weighed twice." in sent.text and "Say whether it affects safety." in sent.text
    sent = alice.post(f"/o/alder/sharing/decisions/new?risk={about}", data=answers(what=""))
    assert sent.status_code == 422 and "Say what exactly they are told" in sent.text
    assert world.sql("SELECT 1 FROM sharing_decision") == []


def test_names_of_people_are_held(world):
    about = risk(world)
    sent = world.client("alice").post(
        f"/o/alder/sharing/decisions/new?risk={about}",
        data=answers(what="Mrs Eleanor Whitcombe waited an hour."),
    )
    assert sent.status_code == 422 and "may be personal data" in sent.text


@pytest.mark.parametrize("query", ["", "risk=none", "risk={risk}&concern={concern}", "pack={risk}"])
def test_one_subject_or_nothing(world, query):
    asked = query.format(risk=risk(world), concern=concern(world))
    page(world.client("alice"), f"decisions/new?{asked}", 404)


def test_who_decides(world):
    about = risk(world)
    for person, status in (("bob", 403), ("cora", 403), ("ben", 403), ("charlie", 404)):
        page(world.client(person), f"decisions/new?risk={about}", status)
        sent = world.client(person).post(
            f"/o/alder/sharing/decisions/new?risk={about}", data=answers()
        )
        assert sent.status_code == status
    made = decided(world, about)
    page(world.client("bob"), f"decisions/{made}")
    page(world.client("charlie"), f"decisions/{made}", 404)
    page(world.client("alice"), f"decisions/{new_id()}", 404)
    elsewhere = decided(world, risk(world, service="Alder Lodge"))
    page(world.client("bob"), f"decisions/{elsewhere}", 403)


def test_the_oversight_log_is_about_safeguarding_alone(world):
    decided(world, risk(world), rationale="Of the rota")
    decided(world, fired(world), kind="trigger", rationale="Of the lounge")
    shown = page(world.client("alice"), "oversight")
    assert "Safeguarding oversight log" in shown
    assert "Of the lounge" in shown and "Of the rota" not in shown


def test_a_threshold_is_asked_one_by_one(world):
    alice = world.client("alice")
    sent = alice.post(
        "/o/alder/sharing/thresholds/new",
        data={
            "words": "Visits not covered a day before",
            "commissioner": "Northshire",
            "number": "2",
            "way": "at_least",
            "unit": "%",
            "in_use_from": clock.today().isoformat(),
            "reason": "The contract says so.",
        },
    )
    assert sent.status_code == 303
    (key,) = world.sql("SELECT id FROM contract_threshold")
    about = risk(world)
    assert "CTH-0001 Visits not covered" in page(alice, f"decisions/new?risk={about}")
    url = f"/o/alder/sharing/decisions/new?risk={about}"
    sent = alice.post(url, data=answers())
    assert sent.status_code == 422 and "Say whether CTH-0001 is reached." in sent.text
    sent = alice.post(url, data=answers(**{f"threshold_{key.id.hex}": "yes"}))
    assert "CTH-0001" in alice.get(sent.location).text


def test_who_sets_thresholds(world):
    for person, status in (("alice", 200), ("adam", 200), ("bob", 403), ("cora", 403)):
        page(world.client(person), "thresholds/new", status)
        sent = world.client(person).post("/o/alder/sharing/thresholds/new", data={})
        assert sent.status_code == (422 if status == 200 else 403)
    page(world.client("alice"), f"thresholds/new?replaces={new_id()}", 404)


def test_a_changed_threshold_leaves_the_earlier_on_record(world):
    facts = Facts("Complaints in a month", "Agreed", clock.today() - timedelta(days=9))
    with world.acting("alice") as alice:
        first = thresholds.set_threshold(actor=alice, facts=facts)
        thresholds.set_threshold(
            actor=alice,
            facts=Facts("Complaints in a month", "Not any more", clock.today(), in_use=False),
            replaces_id=first,
        )
        db.session.commit()
        assert thresholds.in_force(actor=alice) == []
        assert [row.reference for row in thresholds.all_thresholds(actor=alice)] == [
            "CTH-0002",
            "CTH-0001",
        ]
    shown = page(world.client("alice"), "thresholds")
    assert "Ended" in shown and "Replaced" in shown


def test_the_clock_tells_what_took_too_long(world):
    old = concern(world, on=date(2026, 10, 1))
    decided(world, old, kind="concern")
    shown = page(world.client("alice"), "clock")
    assert "after 50 days" in shown
    assert "Nothing was decided in this period" in page(
        world.client("alice"), "clock?since=2026-01-01&until=2026-02-01"
    )

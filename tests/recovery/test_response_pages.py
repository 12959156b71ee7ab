"""Pages of responses and of the story: who sees and does what, and what was typed is kept."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from careboard.db import db
from careboard.recovery.entries import Amounts
from careboard.recovery.readings import record_reading
from tests.counting import statements
from tests.recovery.answering import DUE, FALLS, answer, fallen, look, standing
from tests.recovery.making import ago, opened
from tests.recovery.test_reviews import STEADY, TOLD, a_plan, review

BASE = "/o/alder/recovery"


def soup(page) -> BeautifulSoup:
    return BeautifulSoup(page.text, "html.parser")


def words(page) -> str:
    return soup(page).select_one("main").get_text(" ", strip=True)


def form(world, **changes) -> dict[str, str]:
    told = {
        "kind": "additional_audit",
        "reason": "Nights are short of staff",
        "owner_id": str(world.member_id("rita")),
        "due_on": DUE.isoformat(),
    }
    return told | changes


def test_a_decline_is_answered_by_the_form(world):
    response_id = fallen(world)
    bob, given = world.client("bob"), form(world)
    page = bob.get(f"{BASE}/responses/{response_id}")
    assert page.status_code == 200
    for part in (
        "Falls at night: falling compliance",
        "Unanswered",
        "version 1",
        "9, misses target",
        "is told from 27 Nov 2026",
    ):
        assert part in words(page), part
    found = bob.post(f"{BASE}/responses/{response_id}", data=given)
    assert found.status_code == 303, found.text
    told = words(bob.get(found.location))
    for part in ("Additional audit", "Nights are short of staff", "ACT-0001", "4 Dec 2026", "Rita"):
        assert part in told, part
    listed = words(bob.get(f"{BASE}/responses"))
    assert "RSP-0001" in listed and "Answered" in listed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "nonsense"}, "kind"),
        ({"kind": "none"}, "kind"),
        ({"reason": ""}, "reason"),
        ({"owner_id": ""}, "owner_id"),
        ({"owner_id": str(uuid4())}, "owner_id"),
        ({"due_on": "2026-02-30"}, "due_on"),
        ({"due_on": "2026-11-01"}, "due_on"),
        ({"title": "x" * 201}, "title"),
        ({"rating": "sky-high"}, "rating"),
    ],
)
def test_wrong_input_is_told_at_its_field_and_kept(world, changes, field):
    response_id = fallen(world)
    given = form(world, **changes)
    page = world.client("bob").post(f"{BASE}/responses/{response_id}", data=given)
    assert page.status_code == 422
    assert soup(page).select_one(f"#{field}-error"), words(page)
    if given["reason"]:
        assert soup(page).select_one("#reason").text.strip() == given["reason"]


def test_that_none_is_needed_is_offered_to_governance_leads(world):
    response_id = fallen(world)
    for person, offered in (("bob", False), ("alice", True)):
        page = soup(world.client(person).get(f"{BASE}/responses/{response_id}"))
        assert bool(page.select('[name="kind"][value="none"]')) is offered
    given = {"kind": "none", "reason": "One person, one night"}
    alice = world.client("alice")
    found = alice.post(f"{BASE}/responses/{response_id}", data=given)
    assert found.status_code == 303
    assert "None needed" in words(alice.get(found.location))


def test_who_sees_and_does_what(world):
    response_id = fallen(world)
    page, given = f"{BASE}/responses/{response_id}", form(world)
    for person in ("alice", "bob", "rita", "vera", "ben", "cora", "adam"):
        client = world.client(person)
        assert client.get(page).status_code == client.get(f"{BASE}/responses").status_code == 200
    for person in ("rita", "vera", "ben", "cora", "adam"):
        assert world.client(person).post(page, data=given).status_code == 403
    charlie = world.client("charlie")
    for address in (page, page.replace("/alder/", "/birch/"), f"{BASE}/responses"):
        assert charlie.get(address).status_code == 404
        if address != f"{BASE}/responses":
            assert charlie.post(address, data=given).status_code == 404
    assert world.client("bob").put(page).status_code == 405
    assert world.client("bob").post(f"{BASE}/responses").status_code == 405
    assert world.client("bob").get(f"{BASE}/responses/{uuid4()}").status_code == 404


def test_beyond_ones_services(world):
    lodge = opened(world, FALLS, person="alice", where="Alder Lodge")
    with world.acting("alice") as alice:
        for back, value in enumerate((9, 6, 4, 4)):
            record_reading(
                actor=alice, indicator_id=lodge, on=ago(7 * back), amounts=Amounts(value)
            )
        db.session.commit()
    look(world)
    response_id = standing(world)[0].id
    bob = world.client("bob")
    assert bob.get(f"{BASE}/responses/{response_id}").status_code == 403
    assert bob.post(f"{BASE}/responses/{response_id}", data=form(world)).status_code == 403
    assert "RSP-0001" not in words(bob.get(f"{BASE}/responses"))


def test_an_answered_one_cannot_be_answered_again(world):
    response_id = fallen(world)
    answer(world, response_id)
    page = world.client("alice").post(f"{BASE}/responses/{response_id}", data=form(world))
    assert page.status_code == 409


def test_the_board_shows_it_as_unanswered(world):
    response_id = fallen(world)
    alice = world.client("alice")
    board = soup(alice.get("/o/alder/"))
    house = world.service_id("Alder House")
    assert "decline unanswered" in board.select_one(f"#c-{house}-safety").text
    counter = next(
        c for c in board.select(".counter") if "Declines unanswered" in c.get_text(" ", strip=True)
    )
    assert counter.select_one(".counter-value").text == "1"
    figure = soup(alice.get(counter.select_one("a")["href"]))
    assert figure.select_one(f'a[href="{BASE}/responses/{response_id}"]')
    answer(world, response_id)
    assert "decline unanswered" not in alice.get("/o/alder/").text


def test_few_statements(world):
    response_id = fallen(world)
    alice = world.client("alice")
    for page, most in ((f"{BASE}/responses", 5), (f"{BASE}/responses/{response_id}", 9)):
        alice.get(page)
        with statements() as sent:
            alice.get(page)
        assert len(sent) <= most, "\n".join(sent)


def told(falls=None) -> dict[str, str]:
    fields = {"changed": "Falls fell", "why": "A mat", "followed": "Two more"}
    if falls:
        fields |= {f"{name}-{falls}": text for name, text in fields.items()}
    return fields | {"decision": "continue"}


def test_a_week_is_reviewed_by_the_form(world):
    plan_id, falls = a_plan(world, *STEADY, 24)
    bob = world.client("bob")
    page = bob.get(f"{BASE}/plans/{plan_id}/review")
    assert "Medicines governance action log" in page.text
    assert "moved by a special cause: above the upper limit" in words(page)
    begun = soup(page).select_one("#changed").text.strip()
    assert begun.startswith("Falls at night: Worsening: the latest week is above the upper limit")
    short = bob.post(f"{BASE}/plans/{plan_id}/review/week", data=told())
    assert short.status_code == 422
    assert soup(short).select_one(f'[id="why-{falls}-error"]')
    assert soup(short).select_one("#why").text.strip() == "A mat"
    found = bob.post(f"{BASE}/plans/{plan_id}/review/week", data=told(falls))
    assert found.status_code == 303, found.text
    again = words(bob.get(found.location))
    assert "This week has been reviewed" in again and "Falls fell" in again
    assert bob.post(f"{BASE}/plans/{plan_id}/review/week", data=told(falls)).status_code == 409
    assert "Falls fell" in words(bob.get(f"{BASE}/reviews?domain=safety&cadence=week"))
    assert "Falls fell" not in words(bob.get(f"{BASE}/reviews?cadence=month"))


def test_who_reviews(world):
    plan_id, _ = a_plan(world, *STEADY, started_on=date(2026, 10, 1))
    week, month = (f"{BASE}/plans/{plan_id}/review/{cadence}" for cadence in ("week", "month"))
    page = f"{BASE}/plans/{plan_id}/review"
    for person in ("alice", "bob", "rita", "vera", "ben", "cora", "adam"):
        for address in (page, f"{page}?cadence=month", f"{BASE}/reviews"):
            assert world.client(person).get(address).status_code == 200
    for person in ("rita", "vera", "ben", "cora", "adam"):
        assert world.client(person).post(week, data=told()).status_code == 403, person
    for person in ("bob", "rita", "vera", "cora", "adam"):
        assert world.client(person).post(month, data=told()).status_code == 403, person
    charlie = world.client("charlie")
    for address in (week, month):
        assert charlie.post(address, data=told()).status_code == 404
        assert charlie.post(address.replace("alder", "birch"), data=told()).status_code == 404
        assert world.client("bob").get(address).status_code == 405
    assert charlie.get(page).status_code == 404
    given = told() | {"assurance": "assured"}
    assert world.client("ben").post(month, data=told()).status_code == 422
    assert world.client("ben").post(month, data=given).status_code == 303


def test_the_story_needs_few_statements(world):
    plan_id, falls = a_plan(world, *STEADY, 24)
    review(world, plan_id, stories={falls: TOLD})
    alice = world.client("alice")
    with statements() as sent:
        alice.get(f"{BASE}/reviews")
    assert len(sent) <= 6, "\n".join(sent)


def test_a_plan_shows_its_declines_and_its_story(world):
    plan_id, falls = a_plan(world, *STEADY, 24, 24)
    review(world, plan_id, stories={falls: TOLD})
    look(world)
    page = soup(world.client("alice").get(f"{BASE}/plans/{plan_id}"))
    assert "RSP-0001" in page.select_one('[aria-labelledby="responses-title"]').text
    assert TOLD.followed in page.select_one("#recovery-story").text


def test_looking_needs_few_statements(world):
    fallen(world)
    with statements() as sent:
        look(world)
    assert len(sent) <= 12, "\n".join(sent)
    assert len(standing(world)) == 1

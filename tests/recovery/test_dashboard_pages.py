"""The provider's view of recovery and one service's page: who sees what, filters, statements."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from careboard.db import db
from careboard.recovery import dashboard_queries, plan_queries, story_queries, story_service
from careboard.recovery.dashboard_queries import Filters
from careboard.recovery.models import Indicator
from careboard.recovery.service import Shape
from careboard.recovery.story_service import Story, Verdict
from careboard.services.models import Service
from tests.counting import statements
from tests.recovery.answering import look
from tests.recovery.dashboards import (
    COMPLIANCE,
    FALLING,
    RISING,
    STEADY,
    change,
    evidence,
    indicator,
)
from tests.recovery.making import ON, ago
from tests.recovery.planning import COMPLIANCE as GOAL
from tests.recovery.planning import begin

BASE = "/o/alder/recovery"
WAITS = Shape("Median wait", "staffing", "minutes", "down")
FRAGMENT = {"HX-Request": "true"}


def soup(page) -> BeautifulSoup:
    return BeautifulSoup(page.text, "html.parser")


def services(page) -> list[str]:
    return [cell.a.text for cell in soup(page).select(".cb-table tbody th")]


def line(page, service: str) -> str:
    for row in soup(page).select(".cb-table tbody tr"):
        if row.th.a.text == service:
            return " ".join(row.get_text(" ").split())
    raise AssertionError(f"{service} is not on the page")


def figure(page, label: str) -> str:
    for counter in soup(page).select(".counter"):
        if counter.select_one(".counter-label").text == label:
            return counter.select_one(".counter-value").text
    raise AssertionError(label)


@pytest.fixture
def filled(world):
    """Alder House declines, Alder Lodge improves, Alder Homecare waits and has no evidence."""
    indicator(world, FALLING, target=95)
    indicator(world, RISING, target=95, place="Alder Lodge")
    indicator(world, STEADY, shape=WAITS, target=30, place="Alder Homecare")
    evidence(world, "medicines")
    evidence(world, "medicines", place="Alder Lodge")
    look(world)
    return world


def test_all_services_those_that_need_attention_first(filled):
    page = filled.client("alice").get(f"{BASE}/")
    assert page.status_code == 200
    assert services(page) == ["Alder House", "Alder Homecare", "Alder Lodge"]
    house = line(page, "Alder House")
    for part in ("Medicines compliance", "81% (81 of 100)", "target 95%", "worsening",
                 "0 of 1", "1 unanswered"):  # fmt: skip
        assert part in house, part
    assert "Unsupported" in line(page, "Alder Homecare")
    assert "1 of 1" in line(page, "Alder Lodge") and "Nothing" in line(page, "Alder Lodge")
    for name in ("Declines unanswered", "Worsening", "Static", "Unsupported"):
        assert figure(page, name) == "1", name


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({"q": "lodge"}, ["Alder Lodge"]),
        ({"kind": "homecare"}, ["Alder Homecare"]),
        ({"region": "North East"}, ["Alder Lodge"]),
        ({"manager": ""}, ["Alder House", "Alder Homecare", "Alder Lodge"]),
        ({"state": "worsening"}, ["Alder House"]),
        ({"state": "unsupported"}, ["Alder Homecare"]),
        ({"state": "improving"}, ["Alder Lodge"]),
        ({"state": "static"}, ["Alder Homecare"]),
        ({"state": "off_course"}, []),
        ({"state": "worsening", "domain": "staffing"}, []),
        ({"q": "%"}, []),
    ],
)
def test_filters_narrow(filled, asked, left):
    change(filled, "UPDATE service SET region = 'North East' WHERE name = 'Alder Lodge'")
    page = filled.client("alice").get(f"{BASE}/", query_string=asked)
    assert page.status_code == 200
    assert services(page) == left
    if not left:
        assert "No service is like that" in page.text


def test_a_domain_narrows_to_its_indicators(filled):
    page = filled.client("alice").get(f"{BASE}/?domain=staffing")
    assert services(page)[0] == "Alder Homecare"
    assert "No indicator of this domain" in line(page, "Alder House")
    assert figure(page, "Worsening") == "0"


def test_of_one_manager_and_a_manager_begins_with_their_own(filled):
    bob = filled.member_id("bob")
    assert services(filled.client("alice").get(f"{BASE}/?manager={bob}")) == ["Alder House"]
    assert services(filled.client("bob").get(f"{BASE}/")) == ["Alder House"]


def test_what_cannot_be_read_is_told_and_left_out(filled):
    page = filled.client("alice").get(f"{BASE}/?kind=castle&state=lost&page=99&manager={uuid4()}")
    assert page.status_code == 200
    assert "castle" in page.text and len(services(page)) == 3


def test_a_fragment_is_the_same_list(filled):
    alice = filled.client("alice")
    page, fragment = alice.get(f"{BASE}/"), alice.get(f"{BASE}/", headers=FRAGMENT)
    (root,) = soup(fragment).find_all(True, recursive=False)
    assert root["id"] == "recovery-dashboard"
    assert services(fragment) == services(page)
    assert len(fragment.data) < 15_000


def test_people_see_their_own_services(filled):
    assert services(filled.client("rita").get(f"{BASE}/")) == ["Alder House"]
    for person in ("vera", "ben", "cora", "adam"):
        assert len(services(filled.client(person).get(f"{BASE}/"))) == 3, person


def test_strangers_readers_and_wrong_methods(filled):
    lodge = filled.service_id("Alder Lodge")
    for address in (f"{BASE}/", f"{BASE}/services/{lodge}"):
        assert filled.client("charlie").get(address).status_code == 404
        assert filled.client("alice").post(address).status_code == 405
        assert filled.client().get(address).status_code == 302
    assert filled.client("bob").get(f"{BASE}/services/{lodge}").status_code == 403
    assert filled.client("alice").get(f"{BASE}/services/{uuid4()}").status_code == 404
    birch = filled.service_id("Birch House", "birch")
    assert filled.client("alice").get(f"{BASE}/services/{birch}").status_code == 404


def test_a_commissioner_has_no_such_page(filled):
    assert filled.client("carol").get("/o/northshire/recovery/").status_code == 404


def test_nothing_yet(world):
    page = world.client("alice").get(f"{BASE}/")
    assert "No indicator" in line(page, "Alder House")
    house = world.service_id("Alder House")
    assert "No indicator yet" in world.client("alice").get(f"{BASE}/services/{house}").text
    change(world, "UPDATE service SET active = false")
    assert "No services yet" in world.client("alice").get(f"{BASE}/").text


def test_the_number_of_statements_does_not_grow(world):
    alice = world.client("alice")
    indicator(world, STEADY)
    few = _sent(alice)
    with world.acting("alice") as actor:
        for number in range(40):
            service_id = _service(actor, number)
            for place in range(3):
                db.session.add(_indicator(actor, service_id, place))
        db.session.commit()
    many = _sent(alice)
    assert len(few) == len(many) <= 12
    assert len(_sent(alice, headers=FRAGMENT)) == len(many)


def _sent(client, **more) -> list[str]:
    with statements() as sent:
        assert client.get(f"{BASE}/", **more).status_code == 200
    return sent


def _service(actor, number: int):
    row = Service(
        org_id=actor.org_id, source_key=f"1-{number}", name=f"Service {number:02d}", kind="home"
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _indicator(actor, service_id, place: int) -> Indicator:
    return Indicator(
        org_id=actor.org_id,
        service_id=service_id,
        reference=f"I-{service_id}-{place}",
        measure=f"measure {place}",
        name=f"Measure {place}",
        domain="safety",
        unit="count",
        good="down",
        cadence=("day", "week", "month")[place],
        computed_by=None,
    )


def test_pages_of_25(world):
    with world.acting("alice") as actor:
        for number in range(30):
            _service(actor, number)
        db.session.commit()
    alice = world.client("alice")
    first, second = alice.get(f"{BASE}/"), alice.get(f"{BASE}/?page=2")
    assert len(services(first)) == 25 and len(services(second)) == 8
    assert not set(services(first)) & set(services(second))
    assert "33 services, page 2 of 2" in soup(second).get_text()


def test_one_service_on_one_page(filled):
    plan_id = _plan(filled)
    _told(filled, plan_id)
    house = filled.service_id("Alder House")
    page = filled.client("alice").get(f"{BASE}/services/{house}")
    assert page.status_code == 200
    found = soup(page)
    assert found.select_one(".control-chart.is-small canvas[data-control-chart]")
    for name, said in (
        ("worsening", "Worsening: the latest week is below the lower limit"),
        ("static", "Nothing stands still"),
        ("unsupported", "has evidence in date"),
        ("plans-title", "Medicines recovery"),
        ("responses", "Unanswered"),
        ("actions-title", "Put it right"),
        ("evidence-title", "Sample of medicines"),
        ("story-title", "A second senior"),
    ):
        section = found.select_one(f"section[aria-labelledby={name}]")
        assert said in " ".join(section.get_text(" ").split()), name


def _plan(world):
    return begin(world, lines=[GOAL], started_on=ago(41))


def _told(world, plan_id) -> None:
    story = Story("It fell", "Agency seniors", "A second senior")
    with world.acting("bob") as bob:
        moved = story_queries.draft(actor=bob, plan_id=plan_id, cadence="week", on=ON).moved
        story_service.record_review(
            actor=bob,
            plan_id=plan_id,
            cadence="week",
            story=story,
            verdict=Verdict("change"),
            stories={position.indicator: story for position in moved},
        )
        db.session.commit()


def test_both_views_say_the_same_of_a_plan(filled):
    plan_id = _plan(filled)
    with filled.acting("alice") as alice:
        frame = dashboard_queries.frame(actor=alice)
        provider = dashboard_queries.provider(actor=alice, frame=frame, filters=Filters(), on=ON)
        (ours,) = [plan for row in provider.lines for plan in row.plans]
        (theirs,) = plan_queries.standings(actor=alice, wanted=plan_queries.PlanFilter(), on=ON)
    assert (ours.id, ours.progress) == (plan_id, theirs.progress)
    assert ours.progress.state == "off_course"
    page = filled.client("alice").get(f"{BASE}/?state=off_course")
    assert services(page) == ["Alder House"] and "Off course" in page.text


def test_both_views_say_the_same_of_an_indicator(filled):
    house = filled.service_id("Alder House")
    indicator(filled, STEADY, shape=replace(COMPLIANCE, name="Second", measure="agency_hours"))
    page = filled.client("alice").get(f"{BASE}/services/{house}")
    charts = soup(page).select(".control-chart.is-small")
    assert [chart.a.text for chart in charts] == ["Medicines compliance", "Second"]
    told = " ".join(charts[0].get_text(" ").split())
    assert "worsening" in told and "Unsupported" not in told


@pytest.mark.parametrize("person", ["alice", "rita", "ben"])
def test_it_is_led_to(filled, person):
    client, house = filled.client(person), filled.service_id("Alder House")
    address = f"{BASE}/services/{house}"
    assert address in client.get(f"/o/alder/services/{house}").text
    assert address in client.get(f"/o/alder/cells/{house}/medicines").text
    menu = soup(client.get(f"{BASE}/")).select_one(".app-nav [aria-current=page]")
    assert (menu.text, menu["href"]) == ("Recovery", f"{BASE}/")


def test_everyone_of_a_service_reads_its_page_in_a_flat_number_of_statements(filled):
    house, alice = filled.service_id("Alder House"), filled.client("alice")
    with statements() as few:
        alice.get(f"{BASE}/services/{house}")
    with filled.acting("alice") as actor:
        for place in range(3):
            db.session.add(_indicator(actor, house, place))
        db.session.commit()
    with statements() as many:
        assert alice.get(f"{BASE}/services/{house}").status_code == 200
    assert len(few) == len(many) <= 20

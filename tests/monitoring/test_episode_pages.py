"""Who opens what of triggers, decisions and episodes; wrong input; where else they are shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from careboard import clock
from careboard.monitoring import agenda
from tests.counting import statements
from tests.monitoring.making import NO_RED, START, fired, started

pytestmark = pytest.mark.usefixtures("calendar")

BASE = "/o/alder/monitoring"


@pytest.fixture
def place(world) -> dict[str, object]:
    trigger = fired(world)
    return {
        "trigger": trigger,
        "episode": started(world, triggers=[trigger]),
        "service": world.service_id("Alder House"),
    }


READ = ("/", "/triggers", "/triggers/{trigger}", "/decisions", "/episodes/{episode}")
LEAD = ("/decide?service={service}", "/episodes/{episode}/review")


@pytest.mark.parametrize("path", READ)
def test_members_read_and_strangers_find_nothing(world, place, path):
    address = BASE + path.format(**place)
    for person, status in (("bob", 200), ("ben", 200), ("charlie", 404), (None, 302)):
        assert world.client(person).get(address).status_code == status
    assert world.client("alice").delete(address).status_code == 405


@pytest.mark.parametrize("path", LEAD)
def test_a_governance_lead_decides(world, place, path):
    address = BASE + path.format(**place)
    for person, status in (("alice", 200), ("bob", 403), ("vera", 403), ("charlie", 404)):
        assert world.client(person).get(address).status_code == status


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        ("vera", "/episodes/{episode}/visits/new", 422),
        ("bob", "/episodes/{episode}/visits/new", 403),
        ("alice", "/episodes/{episode}/criteria", 422),
        ("bob", "/episodes/{episode}/criteria", 403),
        ("cora", "/episodes/{episode}/statements", 422),
        ("bob", "/episodes/{episode}/statements", 403),
        ("bob", "/episodes/{episode}/actions", 422),
        ("vera", "/episodes/{episode}/review", 403),
        ("alice", "/episodes/{episode}/review", 422),
        ("alice", "/decide?service={service}", 422),
        ("ben", "/services/{service}/confidence", 422),
        ("charlie", "/episodes/{episode}/criteria", 404),
    ],
)
def test_what_is_not_said_is_asked_for(world, place, person, path, status):
    answer = world.client(person).post(BASE + path.format(**place), data={})
    assert answer.status_code == status


def test_what_is_not_there_is_not_found(world, place):
    for path in ("/triggers/{service}", "/episodes/{service}", "/decide?service={trigger}"):
        assert world.client("alice").get(BASE + path.format(**place)).status_code == 404


def test_other_services_are_not_shown(world):
    lodge = world.service_id("Alder Lodge")
    trigger = fired(world, service_id=lodge)
    assert world.client("bob").get(f"{BASE}/triggers/{trigger}").status_code == 403
    assert "Alder Lodge" not in world.client("bob").get(f"{BASE}/").text


def test_a_decision_is_made_from_the_form(world, place):
    trigger = fired(world, rule="multi_theme_decline", key="x")
    address = f"{BASE}/decide?service={place['service']}&trigger={trigger}"
    page = world.client("alice").get(address)
    assert 'value="audit"' in page.text and "Multi-theme decline" in page.text
    made = world.client("alice").post(
        address,
        data={
            "decision": "start",
            "reason": "Medicines and records fell together.",
            "triggers": [str(trigger)],
            "title": "Two themes fell",
            "kind": "audit",
            "requires": "Medicines audited every fortnight.",
            "governance_lead_id": str(world.member_id("alice")),
            "manager_id": str(world.member_id("bob")),
            "frequency_days": "7",
            "planned_review_on": (START + timedelta(days=56)).isoformat(),
            "criteria": ["no_red_overdue", "returns_validated"],
            "returns_validated_weeks": "4",
            "weekly_review_what": "Each Monday",
            "weekly_review_owner": str(world.member_id("alice")),
            "weekly_review_due": START.isoformat(),
        },
    )
    assert made.status_code == 303
    page = world.client("bob").get(made.location).text
    assert "The last 4 weekly returns on time" in page and "Each Monday" in page


def test_it_stands_on_the_board_the_service_and_the_agenda(world, place):
    fired(world, rule="multi_theme_decline", key="x")
    client = world.client("alice")
    board = client.get("/o/alder/").text
    assert "week 1 of 8, 2 of 2 criteria met" in board and "Triggers undecided" in board
    assert "Under enhanced monitoring" in client.get(f"/o/alder/services/{place['service']}").text
    with world.acting("alice") as alice:
        lines = agenda.lines(actor=alice, service_id=None, on=START, since=clock.now())
        assert [line.detail["what"] for line in lines] == ["trigger", "episode"]


def test_the_page_of_an_episode_asks_few_statements(world, place):
    client = world.client("alice")
    with statements() as asked:
        assert client.get(f"{BASE}/episodes/{place['episode']}").status_code == 200
    assert len(asked) <= 14


def test_an_action_becomes_a_priority_of_the_episode(world, place):
    page = world.client("bob").get(f"/o/alder/actions/new?episode={place['episode']}")
    assert page.status_code == 200 and "EM-0001" in page.text
    started(world, kind="audit", criteria=[NO_RED])


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("check", "/o/alder/recovery/services/{service}/checks"),
        ("care_review", "/o/alder/recovery/services/{service}"),
        ("reading", "/o/alder/recovery/services/{service}"),
        ("experience_summary", "/o/alder/experience/services/{service}"),
        ("confidence_note", "/o/alder/services/{service}"),
    ],
)
def test_a_row_without_a_page_of_its_own_leads_to_its_service(world, place, kind, page):
    trigger = fired(world, rule="multi_theme_decline", key="x", kind=kind)
    shown = world.client("bob").get(f"{BASE}/triggers/{trigger}")
    address = page.format(**place)
    assert f'<a href="{address}">' in shown.text
    assert world.client("bob").get(address).status_code == 200


def test_stepping_down_is_offered_only_when_nothing_stands_against_it(world, place):
    address = f"{BASE}/episodes/{place['episode']}/review"
    shown = world.client("alice").get(address).text
    assert 'value="continue"' in shown and 'value="step_down"' not in shown
    assert "Stepping down cannot be decided today" in shown
    given = {"decision": "step_down", "reason": "Enough."}
    refused = world.client("alice").post(address, data=given)
    assert refused.status_code == 422 and "Stepping down cannot be decided today" in refused.text

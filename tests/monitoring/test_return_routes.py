"""Addresses of returns, reports, intelligence and notes: who gets what, and for how many
statements."""

from __future__ import annotations

from datetime import timedelta

import pytest

from careboard.db import new_id
from tests.counting import statements
from tests.monitoring import weekly
from tests.monitoring.weekly import STARTED
from tests.reminders import duty_making as make

DAY = timedelta(days=1)
ROOT = "/o/alder/monitoring"
LISTS = ("returns", "reports", "intelligence", "contract-notes")
RETURN = {
    "statement": "A senior was on every evening shift",
    "narrative": "Two shifts were covered.",
    "new_title": "Rota",
    "new_kind": "care_records",
    "new_link": "https://rota.example/40",
    "new_period_to": "2026-10-07",
}
REPORT = {"assessment": "Rota and handover agree.", "decision": "on_track"}


@pytest.fixture
def episode(world, monkeypatch):
    weekly.on(monkeypatch, STARTED)
    episode_id = weekly.start(world)
    weekly.on(monkeypatch, STARTED + 7 * DAY)
    return episode_id


@pytest.mark.parametrize("path", LISTS)
def test_a_list(world, path):
    assert world.client("ben").get(f"{ROOT}/{path}").status_code == 200
    assert world.client("charlie").get(f"{ROOT}/{path}").status_code == 404
    assert world.client("ben").post(f"{ROOT}/{path}").status_code == 405


def test_handing_in(world, episode):
    address = f"{ROOT}/episodes/{episode}/weeks/1/return"
    for person, status in (("charlie", 404), ("vera", 403), ("ben", 403)):
        assert world.client(person).get(address).status_code == status
        assert world.client(person).post(address, data=RETURN).status_code == status
    bob = world.client("bob")
    refused = bob.post(address, data=RETURN | {"narrative": ""})
    assert refused.status_code == 422 and RETURN["statement"] in refused.text
    done = bob.post(address, data=RETURN)
    assert done.status_code == 303
    shown = world.client("rita").get(done.location)
    assert shown.status_code == 200 and "Not verified yet" in shown.text
    assert bob.get(address).location == done.location
    assert bob.post(address, data=RETURN).status_code == 409


def test_a_week_that_is_not_there(world, episode):
    bob = world.client("bob")
    for week in (0, 3, 99_999_999_999):
        assert bob.get(f"{ROOT}/episodes/{episode}/weeks/{week}/return").status_code == 404
    assert bob.get(f"{ROOT}/episodes/{new_id()}/weeks/1/return").status_code == 404


def test_a_manager_of_another_service(world, monkeypatch):
    weekly.on(monkeypatch, STARTED)
    lodge = make.episode(world, STARTED, service_id=world.service_id("Alder Lodge"))
    weekly.on(monkeypatch, STARTED + 7 * DAY)
    bob = world.client("bob")
    assert bob.get(f"{ROOT}/episodes/{lodge}/weeks/1/return").status_code == 403
    assert "Alder Lodge" not in bob.get(f"{ROOT}/returns").text
    assert "Alder Lodge" in world.client("alice").get(f"{ROOT}/returns").text


def test_reporting(world, episode):
    address = f"{ROOT}/episodes/{episode}/weeks/1/report"
    for person, status in (("charlie", 404), ("bob", 403), ("vera", 403)):
        assert world.client(person).get(address).status_code == status
        assert world.client(person).post(address, data=REPORT).status_code == status
    alice = world.client("alice")
    refused = alice.post(address, data=REPORT | {"decision": "more_needed"})
    assert refused.status_code == 422 and REPORT["assessment"] in refused.text
    done = alice.post(address, data=REPORT)
    assert done.status_code == 303
    assert world.client("ben").get(done.location).status_code == 200
    assert alice.get(address).location == done.location
    assert world.client("charlie").get(done.location.replace("alder", "birch")).status_code == 404


@pytest.mark.parametrize("path", ["intelligence/new", "contract-notes/new"])
def test_forms_of_the_contracts_lead(world, path):
    cora = world.client("cora")
    assert cora.get(f"{ROOT}/{path}").status_code == 200
    refused = cora.post(f"{ROOT}/{path}", data={"commissioner": "Northshire team"})
    assert refused.status_code == 422 and "Northshire team" in refused.text
    for person, status in (("charlie", 404), ("bob", 403)):
        assert world.client(person).get(f"{ROOT}/{path}").status_code == status
        assert world.client(person).post(f"{ROOT}/{path}").status_code == status


def test_pages_take_a_handful_of_statements(world, episode):
    return_id = weekly.hand_in(world, episode)
    report_id = weekly.report(world, episode)
    client = world.client("alice")
    for path in (*LISTS, f"returns/{return_id}", f"reports/{report_id}"):
        client.get(f"{ROOT}/{path}")
        with statements() as sent:
            assert client.get(f"{ROOT}/{path}").status_code == 200
        assert len(sent) <= 11, (path, sent)

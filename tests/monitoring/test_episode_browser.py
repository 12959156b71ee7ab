"""Triggers, decisions and episodes in a browser: on a phone and a desk, with and without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from careboard import clock
from careboard.db import db
from careboard.monitoring import episodes
from careboard.monitoring.entry import Wanted
from careboard.monitoring.episodes import Visit
from tests.browsing import WIDTHS, check, needs_browser
from tests.monitoring.making import (
    NO_RED,
    NO_REPEATS,
    RETURNS,
    START,
    concern,
    fired,
    reviewed,
    sitting,
    started,
)
from tests.monitoring.weekly import hand_in, priority_action

pytestmark = [*needs_browser, pytest.mark.usefixtures("calendar")]
BASE = "/o/alder/monitoring"


@pytest.fixture
def filled(world) -> dict[str, str]:
    """Pages with much on them: {name: address}."""
    house = world.service_id("Alder House")
    first = fired(world)
    concern(world, START - timedelta(days=20))
    concern(world, START - timedelta(days=9))
    long = "Families say of their own accord that evenings in the lounge are calmer than before"
    episode_id = started(
        world, triggers=[first], criteria=[NO_REPEATS, NO_RED, RETURNS, Wanted(words=long)]
    )
    priority_action(world, episode_id)
    vera = world.member_id("vera")
    clock.freeze(START + timedelta(days=7))
    hand_in(world, episode_id)
    reviewed(world, episode_id, "escalate", escalated_to="local_authority")
    clock.freeze(START + timedelta(days=10))
    visit = Visit(clock.today(), vera, "Two staff in the lounge.", "The rota")
    with world.acting("vera") as actor:
        episodes.record_visit(actor=actor, episode_id=episode_id, visit=visit)
        db.session.commit()
    concern(world, clock.today())
    second = fired(world, rule="multi_theme_decline", key="x")
    sitting(world)
    return {
        "index": f"{BASE}/",
        "triggers": f"{BASE}/triggers?show=all",
        "decided": f"{BASE}/triggers/{first}",
        "undecided": f"{BASE}/triggers/{second}",
        "decisions": f"{BASE}/decisions",
        "decide": f"{BASE}/decide?service={house}&trigger={second}",
        "choose": f"{BASE}/decide",
        "episode": f"{BASE}/episodes/{episode_id}",
        "review": f"{BASE}/episodes/{episode_id}/review",
        "visit": f"{BASE}/episodes/{episode_id}/visits/new",
        "confidence": f"{BASE}/services/{house}/confidence",
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_reads_well(site, filled, width):
    page = site.page("alice", width=width)
    wrong = []
    for address in filled.values():
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        wrong += check(page)
    assert wrong == []


def test_empty_pages_read_well(site):
    page = site.page("ben", width=390)
    for address in ("/", "/triggers", "/decisions"):
        page.goto(BASE + address)
        assert check(page) == []
    expect(page.get_by_text("Nothing was decided yet")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_from_a_trigger_to_the_decision(site, world, script):
    fired(world)
    page = site.page("alice", java_script_enabled=script)
    page.goto(f"{BASE}/")
    page.get_by_role("link", name="Decide on").click()
    page.get_by_label("Start enhanced monitoring").check()
    page.get_by_label("Reasons").fill("Four concerns in one place.")
    page.get_by_label("What is required of the service").fill("Two staff in the lounge.")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("heading", name="Repeated safeguarding concerns")).to_be_visible()
    expect(page.get_by_text("Stepping down is not offered")).to_be_visible()
    page.get_by_role("link", name="Hold a review").click()
    page.get_by_label("Continue").check()
    page.get_by_label("Reasons").fill("The first week is not over.")
    page.get_by_role("button", name="Record the review").click()
    expect(page.locator("#reviews")).to_contain_text("The first week is not over.")


def test_what_was_typed_is_kept(site, world):
    fired(world)
    page = site.page("alice")
    page.goto(f"{BASE}/")
    page.get_by_role("link", name="Decide on").click()
    page.get_by_label("Start enhanced monitoring").check()
    page.get_by_label("Reasons").fill("Four concerns in one place.")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("#error-summary")).to_contain_text("what is required")
    expect(page.get_by_label("Reasons")).to_have_value("Four concerns in one place.")
    assert check(page) == []


def test_not_starting_asks_for_reasons_alone(site, world):
    fired(world)
    page = site.page("alice", width=390)
    page.goto(f"{BASE}/")
    page.get_by_role("link", name="Decide on").click()
    page.get_by_label("Do not start it").check()
    expect(page.get_by_label("What is required of the service")).to_be_hidden()
    page.get_by_label("Reasons").fill("One cause, put right since.")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("Nothing awaits a decision")).to_be_visible()
    page.goto(f"{BASE}/decisions")
    expect(page.get_by_text("One cause, put right since.")).to_be_visible()

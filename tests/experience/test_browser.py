"""S0-2 in a real browser: by the people named, without script too, on paper and on a phone."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from careboard.db import db
from tests.browsing import WIDTHS, check, needs_browser
from tests.dashboards.rows import add_service
from tests.experience.sample import ago, complain, say, submit

pytestmark = needs_browser
BASE = "/o/alder/experience"


@pytest.fixture
def house(world):
    """Alder House with a theme that repeats and that a complaint confirms."""
    house = world.service_id("Alder House")
    with world.acting("alice") as alice:
        say(alice, house, ago(25), ago(26), ago(27), ago(28))
        say(alice, house, ago(29), theme="food", score=5)
        complain(alice, house, ago(40), ack_on="2026-10-12")
        submit(alice, house, date(2026, 9, 1), ("rushed care", 2, 1), invited=120)
        name = (
            "A name of a service that goes on for longer than anybody would like it to, Northshire"
        )
        add_service(alice, name)
        db.session.commit()
    return house


@pytest.mark.parametrize("javascript", [True, False])
def test_s0_2_from_summary_to_plan(site, world, house, javascript):
    rita = site.page("rita", java_script_enabled=javascript)
    rita.goto(f"{BASE}/")
    rita.get_by_role("link", name=re.compile("Missing.*Alder House, Oct 2026")).click()
    assert rita.input_value("[name='themes-0-theme']") == "rushed care"
    rita.fill("[name='themes-0-comment']", "Ask Mrs Marsh")
    rita.fill("[name='invited']", "30")
    rita.get_by_role("button", name="Submit the summary").click()
    assert "looks like a person" in rita.inner_text("#error-summary")
    assert rita.input_value("[name='invited']") == "30"
    assert not javascript or check(rita) == []
    rita.fill("[name='themes-0-comment']", "Evenings are rushed")
    rita.get_by_role("button", name="Submit the summary").click()
    assert "5 answers of 30 invited, 17%" in rita.inner_text("main")

    bob = site.page("bob", java_script_enabled=javascript)
    bob.goto(f"{BASE}/log")
    bob.get_by_role("link", name="Rushed care").click()
    bob.get_by_label("Yes, they match").check()
    bob.fill("[name='note-text']", "Both speak of the evenings")
    bob.get_by_role("button", name="Record the finding").click()
    assert "Both speak of the evenings" in bob.inner_text("main")

    alice = site.page("alice", java_script_enabled=javascript)
    alice.goto(bob.url)
    alice.get_by_text("Put it on the board").click()
    alice.select_option("[name='board-rating']", "high")
    alice.fill("[name='board-rationale']", "Four in October")
    alice.get_by_role("button", name="Put on the board").click()
    alice.goto(f"/o/alder/cells/{house}/experience")
    assert "Four in October" in alice.inner_text("main")

    bob.reload()
    bob.get_by_role("link", name="Open an action").click()
    bob.select_option("[name='owner_id']", label="Rita")
    bob.get_by_role("button", name="Open action").click()
    bob.wait_for_url("**/actions/*")
    assert "Negative feedback" in bob.inner_text("main")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible(site, world, house, width):
    alice = site.page("alice", width=width)
    theme = f"{BASE}/services/{house}/themes"
    for address in (
        f"{BASE}/", f"{BASE}/?show=missing&q=nothing", f"{BASE}/log", f"{BASE}/log?show=all",
        f"{BASE}/trends", f"{BASE}/services/{house}", f"{BASE}/services/{house}?month=2026-09",
        f"{BASE}/services/{house}?month=2026-11", f"{theme}?theme=rushed+care",
        f"{theme}?theme=food", f"{theme}/plan?theme=rushed+care",
        f"{theme}/plan?theme=food", f"/o/alder/cells/{house}/experience",
        f"/o/alder/services/{house}", "/o/alder/figures/experience_monthly",
        "/o/alder/figures/experience_unanswered?rows=all",
    ):  # fmt: skip
        answer = alice.goto(address)
        assert answer.status == 200, address
        assert check(alice) == [], address


def test_the_trends_print(site, world, house):
    ben = site.page("ben")
    ben.goto(f"{BASE}/trends")
    ben.emulate_media(media="print")
    expect(ben.locator(".app-side")).to_be_hidden()
    expect(ben.locator(".month-columns").first).to_be_visible()

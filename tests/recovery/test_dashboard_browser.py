"""Recovery dashboards in a browser: with and without script, on a phone, at a desk, on paper."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.browsing import WIDTHS, check, needs_browser
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
from tests.recovery.making import HOUSE, ago
from tests.recovery.planning import COMPLIANCE as GOAL
from tests.recovery.planning import begin

pytestmark = needs_browser
BASE = "/o/alder/recovery"
LONG = "Aveyronnaise-Montgomeryshire " * 6


@pytest.fixture
def filled(world) -> str:
    """The address of Alder House's page; it declines, Alder Lodge improves."""
    indicator(world, FALLING, target=95)
    indicator(world, RISING, target=95, place="Alder Lodge")
    long = replace(COMPLIANCE, name=LONG[:150].strip(), measure="agency_hours", domain="staffing")
    indicator(world, STEADY, shape=long, target=95)
    evidence(world, "medicines")
    evidence(world, "medicines", place="Alder Lodge")
    begin(world, lines=[GOAL], started_on=ago(41), title=LONG[:180])
    look(world)
    change(world, "UPDATE service SET name = :name WHERE name = 'Alder Homecare'", name=LONG[:120])
    return f"{BASE}/services/{world.service_id(HOUSE)}"


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_sound(site, filled, width):
    page = site.page("alice", width=width)
    for address in (f"{BASE}/", f"{BASE}/?state=improving", f"{BASE}/?q=nobody", filled):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert check(page) == []


def test_a_filter_changes_the_list_and_the_address(site, filled):
    page = site.page("alice")
    page.goto(f"{BASE}/")
    page.focus("#filter-state")
    page.select_option("#filter-state", "improving")
    page.wait_for_url("**state=improving**")
    rows = page.locator(".cb-table tbody tr")
    rows.first.wait_for()
    assert rows.count() == 1 and "Alder Lodge" in rows.first.inner_text()
    page.locator("#filter-state:focus").wait_for()
    page.go_back()
    rows.nth(2).wait_for()


def test_without_script_the_same_by_a_button(site, filled):
    page = site.page("alice", java_script_enabled=False)
    page.goto(f"{BASE}/")
    page.select_option("#filter-state", "worsening")
    page.click(".filter-bar button")
    rows = page.locator(".cb-table tbody tr")
    assert rows.count() == 1
    rows.first.locator("th a").click()
    assert page.locator("h1").inner_text() == HOUSE
    assert "below the lower limit" in page.locator("main").inner_text()


def test_the_page_of_a_service_prints(site, filled):
    page = site.page("alice")
    page.goto(filled)
    page.wait_for_load_state("networkidle")
    page.emulate_media(media="print")
    expect(page.locator(".control-chart canvas").first).to_be_visible()
    expect(page.locator(".app-side")).to_be_hidden()
    assert len(page.pdf()) > 10_000

"""The pages of services and records as people see them: wide, narrow, and without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browsing import WIDTHS, check, needs_browser
from tests.services.making import history, many_services

pytestmark = needs_browser
LONG = "St Bartholomew-in-the-Marshes Extra Care and Supported Living Partnership (East)"


@pytest.fixture
def made(world):
    house = world.service_id("Alder House")
    made = history(world, house) | {"house": house}
    many_services(world, 40)
    return made


def addresses(made):
    records, services = "/o/alder/records", "/o/alder/services"
    return [
        f"{services}/",
        f"{services}/?q=nothing+like+it",
        f"{services}/{made['house']}",
        f"{services}/{made['house']}/timeline?kind=concern",
        f"{records}/",
        f"{records}/search?q=evening",
        f"{records}/search",
        f"{records}/data-log?since=soon",
        f"{records}/audits",
        f"{records}/audits/new",
        f"{records}/audits/{made['audit']}",
        f"{records}/audit-concerns",
        f"{records}/audit-concerns/{made['answered']}",
        f"{records}/audit-concerns/{made['bare']}",
        f"{records}/concerns/feedback",
        f"{records}/concern/{made['incident']}",
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_and_fits(site, made, width):
    page = site.page("alice", width=width)
    wrong = []
    for address in addresses(made):
        assert page.goto(address).status == 200, address
        wrong += check(page)
    assert wrong == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_form_of_a_service_is_accessible_with_its_errors(site, world, width):
    page = site.page("adam", width=width)
    page.goto("/o/alder/services/new")
    assert check(page) == []
    page.fill('[name="name"]', LONG)
    page.fill('[name="cqc_location_id"]', "not an id!")
    page.click("text=Save")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert page.input_value('[name="name"]') == LONG
    assert check(page) == []


def test_the_timeline_is_filtered_in_place(site, made):
    page = site.page("alice")
    page.goto(f"/o/alder/services/{made['house']}")
    page.select_option("#filter-kind", "rating")
    expect(page.locator("#service-timeline ol.timeline li")).to_have_count(1)
    assert "rating set to high" in page.inner_text("#service-timeline")
    assert page.url.endswith(str(made["house"]))


def test_a_concern_is_closed_in_place(site, made):
    page = site.page("alice")
    page.goto(f"/o/alder/records/audit-concerns/{made['bare']}")
    page.click("text=Close this concern")
    page.wait_for_selector("#error-summary")
    page.fill('[name="reason"]', "Probe replaced")
    page.click("text=Close this concern")
    expect(page.locator("#closing-title")).to_have_text("Closed")
    assert "Probe replaced" in page.inner_text("#concern-closing")
    assert check(page) == []


def test_all_of_it_works_without_script(site, made):
    page = site.page("alice", java_script_enabled=False)
    page.goto(f"/o/alder/services/{made['house']}")
    page.select_option("#filter-kind", "rating")
    page.click("#service-timeline button[type=submit]")
    assert "rating set to high" in page.inner_text("#service-timeline")
    page.fill("#site-search", "fridge")
    page.click(".app-search button")
    page.click("text=AC-2 Medicines")
    page.fill('[name="reason"]', "Probe replaced")
    page.click("text=Close this concern")
    assert "The concern is closed." in page.inner_text("main")
    assert "Alice" in page.inner_text("#concern-closing")


def test_an_audit_is_entered_without_script(site, made):
    page = site.page("vera", java_script_enabled=False)
    page.goto("/o/alder/records/data-log")
    page.click("text=Add an audit")
    page.select_option('[name="service_id"]', label="Alder House")
    page.fill('[name="theme"]', "Medicines")
    page.fill('[name="completed_on"]', "2026-11-19")
    page.fill('[name="score"]', "92")
    page.check('[name="rag"][value="green"]')
    page.fill('[name="evidence_source"]', "Audit form 31")
    page.click("text=More rows")
    page.fill('[name="concerns-4-text"]', "One signature missing")
    page.select_option('[name="concerns-4-severity"]', "amber")
    page.click("text=Put it on the data log")
    assert "One signature missing" in page.inner_text("main")

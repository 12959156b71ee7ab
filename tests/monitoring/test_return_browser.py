"""Weekly returns and commissioner intelligence in a real browser, by the people who keep them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from careboard.db import db
from tests.browsing import WIDTHS, check, needs_browser
from tests.dashboards.rows import add_audits, add_records
from tests.monitoring import weekly

pytestmark = needs_browser
TODAY = date(2026, 11, 20)


@pytest.fixture
def episode(world, monkeypatch):
    """Started a week ago, with records of that week and a priority action."""
    weekly.on(monkeypatch, TODAY - timedelta(days=7))
    episode_id = weekly.start(world, title="Lateness " + "of evening visits " * 4)
    weekly.on(monkeypatch, TODAY)
    house = world.service_id("Alder House")
    with world.acting("alice") as alice:
        add_records(alice, house, "incident", 10, 3, theme="Falls")
        add_audits(alice, house, 80, 90, 97)
        db.session.commit()
    weekly.priority_action(world, episode_id, due_on=TODAY - timedelta(days=2))
    return episode_id


def test_a_return_from_the_manager_to_the_report(world, site, episode):
    manager = site.page("bob")
    manager.goto("/o/alder/monitoring/returns")
    manager.get_by_role("link", name="Week 1").click()
    manager.get_by_label("Lounge never without staff").fill("Two of three evenings")
    manager.get_by_label("What happened, and what was done").fill("The rota changed on Monday.")
    manager.get_by_role("button", name="Hand in").click()
    expect(manager.locator("#error-summary")).to_contain_text("Say what you claim of this week")
    expect(manager.get_by_label("Lounge never without staff")).to_have_value(
        "Two of three evenings"
    )
    assert check(manager) == []
    manager.get_by_label("What you claim of this week").fill("No evening without a senior")
    manager.get_by_label("Title").fill("Rota of the week")
    manager.get_by_label("Kind of evidence").select_option(label="Care records")
    manager.get_by_label("Link to the source record").fill("https://rota.example/46")
    manager.get_by_label("Up to which day it speaks").fill("2026-11-19")
    manager.get_by_role("button", name="Hand in").click()
    expect(manager.locator("main")).to_contain_text("Not verified yet")
    assert check(manager) == []
    _verify(site)
    lead = site.page("alice", width=390)
    lead.goto("/o/alder/monitoring/returns")
    lead.get_by_role("link", name="RET-").first.click()
    expect(lead.locator("main")).to_contain_text("of 2 rows match their source")
    lead.goto(f"/o/alder/monitoring/episodes/{episode}/weeks/1/report")
    lead.get_by_label("What you checked").fill("Rota and handover agree.")
    lead.get_by_label("More is needed").check()
    lead.get_by_role("button", name="Write the report").click()
    expect(lead.locator("#error-summary")).to_contain_text("Say who does what by when")
    lead.get_by_label("Who does what by when").fill("Bob: cover for Sundays by 27 Nov")
    lead.get_by_role("button", name="Write the report").click()
    expect(lead.locator("h1")).to_contain_text("Enhanced monitoring report, week 1")
    assert check(lead) == []


def _verify(site) -> None:
    verifier = site.page("vera")
    verifier.goto("/o/alder/monitoring/returns")
    verifier.get_by_role("link", name="RET-").first.click()
    verifier.get_by_role("link", name="Verify it").click()
    verifier.get_by_role("button", name="Start validation").click()
    verifier.get_by_label("Size of the sample").fill("2")
    verifier.get_by_role("button", name="Draw the sample").click()
    for row in ("Row 1 of 2", "Row 2 of 2"):
        expect(verifier.locator("#row-title")).to_contain_text(row)
        verifier.get_by_role("button", name="Matches", exact=True).click()
    expect(verifier.locator("#claim-sample")).to_contain_text("2 of 2 match")
    for group in ("relevant", "is_current", "sufficient"):
        verifier.locator(f"#{group}-0").check()
    verifier.get_by_label("Findings").fill("Rota read against the handover sheets.")
    verifier.get_by_label("It proves the claim", exact=True).check()
    verifier.get_by_role("button", name="Complete the validation").click()
    expect(verifier.locator("#claim-outcome")).to_contain_text("Assurance validation note")


def test_a_commissioners_concern_and_what_was_shared(world, site, episode):
    page = site.page("cora", java_script_enabled=False)
    page.goto("/o/alder/monitoring/intelligence")
    page.get_by_role("link", name="Record a concern").click()
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("#error-summary")).to_contain_text("Name the quality theme.")
    page.get_by_label("Service", exact=True).select_option(label="Alder House")
    page.get_by_label("Quality theme").fill("Late visits")
    page.get_by_label("What they are concerned about").fill("Evening visits come late.")
    page.get_by_label("Who raised it").fill("Northshire contracts team")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("row", name="Late visits")).to_contain_text("Northshire")
    page.goto(f"/o/alder/monitoring/contract-notes/new?episode={episode}")
    page.get_by_label("Shared with").fill("Northshire contracts team")
    page.get_by_label("Assurance themes that were shared").fill("Evening cover, verified")
    page.get_by_label("Progress").fill("No evening without a senior")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator("#error-summary")).to_contain_text("Say what risk remains")
    page.get_by_label("Remaining risk").fill("Sundays")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_role("row", name="CGN-0001")).to_contain_text("Sundays")


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_hold_at_both_widths(world, site, episode, width):
    page = site.page("alice", width=width)
    empty = ("returns", "reports", "intelligence", "contract-notes")
    wrong = [_wrong(page, path) for path in empty]
    return_id = weekly.hand_in(world, episode)
    report_id = weekly.report(world, episode)
    note = f"contract-notes/new?episode={episode}"
    more = (f"returns/{return_id}", f"reports/{report_id}", "intelligence/new", note, *empty)
    wrong += [_wrong(page, path) for path in more]
    manager = site.page("bob", width=width)
    wrong += [_wrong(manager, path) for path in (f"episodes/{episode}", "returns")]
    assert [one for found in wrong for one in found] == []


def _wrong(page, path: str) -> list[str]:
    assert page.goto(f"/o/alder/monitoring/{path}").status == 200, path
    return check(page)

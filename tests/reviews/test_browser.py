"""A weekly review in a real browser: with HTMX, without JavaScript, wide and narrow, and no axe
violation on the way (step S0-1.3)."""

from __future__ import annotations

from tests.browsing import WIDTHS, check, needs_browser
from tests.reviews.sample import fill, open_monthly, open_weekly, record, sign

pytestmark = needs_browser


def test_a_weekly_review_with_htmx(world, site):
    fill(world)
    page = site.page("bob")
    page.goto("/o/alder/reviews/")
    page.click("text=Start the weekly manager review")
    page.click('button:has-text("Start")')
    matter = page.locator("#section-overdue .matter").first
    matter.get_by_text("Record a decision").click()
    matter.locator("select").select_option("decision")
    matter.locator("textarea").fill("Rita reassigns it by Monday")
    here = page.url
    matter.get_by_role("button", name="Record", exact=True).click()
    matter.locator(".entry").wait_for()
    assert page.url == here
    assert "Rita reassigns it by Monday" in matter.inner_text()
    assert matter.locator("textarea").count() == 0
    sitting = page.locator("#sitting")
    sitting.locator("select").select_option("challenge")
    sitting.locator("textarea").fill("Is one week enough?")
    sitting.get_by_role("button", name="Record").click()
    sitting.locator(".entry-challenge").wait_for()
    assert "Someone else has to answer it" in sitting.inner_text()
    page.context.close()


def test_a_weekly_review_without_javascript(world, site):
    fill(world)
    page = site.page("bob", java_script_enabled=False)
    page.goto("/o/alder/reviews/")
    page.click("text=Start the weekly manager review")
    page.click('button:has-text("Start")')
    page.locator("#section-unlinked .matter").first.get_by_text("Record a decision").click()
    page.select_option("main select", "decision")
    page.fill("main textarea", "Vera audits it again")
    page.click('main button:has-text("Record")')
    assert "Vera audits it again" in page.locator("#section-unlinked").inner_text()
    page.fill("#attendance", "Bob")
    page.fill("#summary", "Two overdue; one challenged.")
    page.select_option("#assurance", "partial")
    page.click('#close button[type="submit"]')
    page.click("main >> text=Read and sign >> nth=0")
    page.check("#read")
    page.click('button:has-text("Sign the minutes")')
    assert "unchanged since signing" in page.locator("main").inner_text()
    assert len(page.locator("#seal").inner_text()) == 64
    page.context.close()


def test_every_page_is_accessible_wide_and_narrow(world, site):
    fill(world)
    weekly, monthly = open_weekly(world), open_monthly(world)
    entry = record(world, "ben", monthly, "challenge", "Enough? " + "Averylongword" * 20)
    sign(world, "bob", weekly)
    base, violations = "/o/alder/reviews", []
    for width in WIDTHS:
        page = site.page("alice", width=width)
        for path in ("/", "/sittings", "/sittings?forum=quarterly_board", "/new",
                     f"/{weekly}", f"/{monthly}", f"/{monthly}/signature",
                     f"/challenges/{entry}"):  # fmt: skip
            page.goto(base + path)
            violations += check(page)
        page.goto(f"{base}/{monthly}")
        page.locator(".matter a.btn").first.click()
        page.locator(".matter textarea").wait_for()
        violations += check(page)
        page.goto(page.locator(".matter a.btn").nth(1).get_attribute("href"))
        violations += check(page)
        page.goto(f"{base}/new")
        page.fill("#period_from", "2026-11-30")
        page.fill("#period_to", "2026-11-01")
        page.click('main button[type="submit"]')
        page.locator("#error-summary").wait_for()
        violations += check(page)
        page.context.close()
    assert not violations

"""The board, its cells, figures and ratings in a real browser, wide, on a phone, without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from careboard.db import db
from tests.browsing import needs_browser
from tests.dashboards.rows import (
    add_action,
    add_audits,
    add_concern,
    add_evidence,
    add_risk,
    add_service,
    days_ago,
)
from tests.risks.making import add_return, sitting
from tests.worlds import PASSWORD

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = needs_browser


@pytest.fixture
def address(world, site):
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        risk = add_risk(actor, house, rating="very_high", evidence=[add_evidence(actor, house)])
        add_action(actor, house, due_on=days_ago(30))
        add_audits(actor, house, 90, 88, 86, 74)
        add_concern(actor, house, severity="red")
        name = "Supported living and homecare of Saint Bartholomew-on-the-Marsh, North and South"
        add_risk(actor, add_service(actor, name, region="South East").id, "experience")
        db.session.commit()
    world.house, world.risk = house, risk
    return site.address


def signed_in(browser, address, width=1440, **options):
    page = browser.new_context(viewport={"width": width, "height": 900}, **options).new_page()
    page.goto(address + "/login")
    page.fill("[name=email]", "alice@alder.example")
    page.fill("[name=password]", PASSWORD)
    page.locator("main [type=submit]").first.click()
    page.wait_for_url("**/o/alder/")
    return page


def check(page):
    from axe_playwright_python.sync_playwright import Axe

    # Scrolled, the bar of a phone covers part of what stands under it.
    page.evaluate("window.scrollTo(0, 0)")
    results = Axe().run(page, options={"runOnly": RULES})
    assert results.violations_count == 0, results.generate_report()
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) <= 0
    # No words leave their card.
    assert (
        page.evaluate("""() => [...document.querySelectorAll('.card *, .counter *')].filter(e => {
        const card = e.closest('.card, .counter').getBoundingClientRect();
        const box = e.getBoundingClientRect();
        return !e.closest('.visually-hidden') && box.width > 1 && box.height > 1
          && getComputedStyle(e.closest('thead') ?? e).clipPath === 'none'
          && (box.right > card.right + 1 || box.left < card.left - 1);
      }).map(e => e.className + ' ' + e.textContent.slice(0, 40))""")
        == []
    )


@pytest.mark.parametrize("width", [390, 1440])
def test_no_axe_violations_and_nothing_leaves_its_card(world, browser, address, width):
    page = signed_in(browser, address, width)
    cell = f"/o/alder/cells/{world.house}/medicines"
    for path in (
        "/o/alder/", "/o/alder/?q=nothing", cell, cell + "/rows", "/o/alder/risks/",
        f"/o/alder/risks/{world.risk}", f"/o/alder/risks/{world.risk}/rate",
        "/o/alder/risks/new", "/o/alder/figures/audit_risks_linked",
        "/o/alder/figures/overdue_actions", "/o/alder/figures/evidence_missing?rows=all",
        "/o/alder/figures/domains_unrated",
    ):  # fmt: skip
        page.goto(address + path)
        check(page)


def test_the_board_begins_on_the_first_screen_below_even_rows_of_figures(world, browser, address):
    page = signed_in(browser, address)
    assert page.locator(".board thead").bounding_box()["y"] < 800
    tops = page.locator(".counter").evaluate_all("all => all.map((one) => one.offsetTop)")
    rows = [tops.count(top) for top in sorted(set(tops))]
    assert len(set(rows)) == 1, rows


def test_eight_domains_fit_side_by_side(world, browser, address):
    page = signed_in(browser, address)
    heads = page.locator(".board thead th")
    assert heads.count() == 9
    boxes = [heads.nth(number).bounding_box() for number in range(9)]
    assert len({round(box["y"]) for box in boxes}) == 1
    assert boxes[-1]["x"] + boxes[-1]["width"] <= 1440


@pytest.mark.parametrize("width", [390, 1440])
def test_a_cell_opens_under_its_row_and_closes(world, browser, address, width):
    page = signed_in(browser, address, width)
    button = page.locator(f"#c-{world.house}-medicines")
    button.focus()
    page.keyboard.press("Enter")
    detail = page.locator(f"#cell-{world.house}")
    detail.get_by_text("Two seniors left in June").wait_for()
    # The new part takes the focus once it has settled.
    page.wait_for_function("document.activeElement.textContent.startsWith('Medicines')")
    assert page.url.endswith("/o/alder/")
    assert button.get_attribute("aria-expanded") == "true"
    check(page)
    page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    assert detail.text_content() == ""
    assert page.evaluate("document.activeElement.id") == f"c-{world.house}-medicines"
    button.click()
    detail.get_by_text("Two seniors left in June").wait_for()
    detail.get_by_role("link", name="Close").click()
    assert button.get_attribute("aria-expanded") is None


def test_two_clicks_lead_from_a_number_to_a_row(world, browser, address):
    page = signed_in(browser, address)
    page.locator(".counter-link").first.click()
    page.wait_for_url("**/figures/audit_risks_linked")
    assert "no action" in page.locator("tbody").text_content()


def test_without_script_a_rating_is_read_and_decided(world, browser, address):
    with world.acting("alice") as actor:
        add_return(actor, world.risk)
        sitting(actor)
        db.session.commit()
    page = signed_in(browser, address, java_script_enabled=False)
    page.locator(f"#c-{world.house}-medicines").click()
    page.wait_for_url(f"**/cells/{world.house}/medicines")
    page.get_by_role("link", name="Decide on rating").click()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    page.get_by_label("Decided in").select_option(index=1)
    page.get_by_label("Service assurance return").select_option(index=1)
    page.get_by_label("High", exact=True).check()
    page.get_by_label("Reasons for this rating").fill("Re-audit at 91%")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("The rating is lowered.")).to_be_visible()
    page.goto(address + "/o/alder/")
    page.get_by_label("Order").select_option("name")
    page.get_by_role("button", name="Apply").click()
    assert "order=name" in page.url

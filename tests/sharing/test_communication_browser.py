"""Communications, advice, checks and the reconciliation in a browser: on a phone and a desk, with
and without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from careboard import clock
from careboard.sharing.communications import Links
from tests.acceptance.walking import on
from tests.browsing import WIDTHS, check, needs_browser
from tests.sharing import making, saying
from tests.sharing.test_control_check import BEGAN, delayed_visits
from tests.sharing.test_control_check import check as checked

pytestmark = needs_browser
LONG = "Evening visits of the northern round, " * 12
DAY = timedelta(days=1)


@pytest.fixture
def filled(world) -> list[str]:
    """Addresses of pages with much on them."""
    today, house = clock.today(), world.service_id("Alder House")
    with on(BEGAN):
        decision = making.decided(world, making.risk(world), control_on=BEGAN)
    delayed_visits(world, after=(5, 50))
    told = saying.told(
        world, on=today - 3 * DAY, said=LONG, partner="Northshire " * 12,
        about=Links(decision_id=decision), answer_due_on=today - DAY,
    )  # fmt: skip
    saying.answered(world, saying.told(world, direction="in", answer_due_on=today))
    saying.told(world, direction="in", on=today - 9 * DAY, answer_due_on=today - 4 * DAY)
    first = saying.advised(world, told, outcome="awaited", guidance=LONG)
    second = saying.advised(world, told, follows_id=first, outcome="section_42")
    pattern = saying.pattern(world, on=today - 6 * DAY)
    saying.checked(world, pattern, findings=LONG)
    checked(world, decision)
    return [
        "communications",
        "communications?text=nothing+of+it",
        f"communications/new?decision={decision}",
        f"communications/{told}",
        "advice",
        f"advice/{first}",
        f"advice/{second}",
        f"communications/{told}/advice?follows={second}",
        "pattern-reviews",
        f"pattern-reviews/new?trigger={pattern}",
        f"decisions/{decision}/check",
        "reconciliation",
        f"reconciliation?service={house}",
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_axe_violations_and_nothing_scrolls_sideways(site, filled, width):
    page, wrong = site.page("alice", width=width), []
    for address in filled:
        page.goto(f"/o/alder/sharing/{address}")
        wrong += check(page)
    for address, button in (
        ("communications/new", "Keep the communication"),
        ("pattern-reviews/new", "Keep the note"),
        (filled[10], "Record the check"),
    ):
        page.goto(f"/o/alder/sharing/{address}")
        page.get_by_role("button", name=button).click()
        expect(page.locator("#error-summary")).to_be_visible()
        wrong += check(page)
    assert wrong == []


def test_nothing_yet(site, world):
    page, wrong = site.page("bob"), []
    for address in ("communications", "advice", "pattern-reviews", "reconciliation",
                    f"reconciliation?service={world.service_id('Alder House')}"):  # fmt: skip
        page.goto(f"/o/alder/sharing/{address}")
        wrong += check(page)
    expect(page.locator("main")).to_contain_text("Nothing in this period")
    assert wrong == []


@pytest.mark.parametrize("script", [True, False])
def test_a_contracts_lead_tells_and_hears(site, world, script):
    decision = making.decided(world, making.risk(world))
    page = site.page("cora", java_script_enabled=script)
    page.goto(f"/o/alder/sharing/decisions/{decision}")
    page.get_by_role("link", name="Record what was said").click()
    page.get_by_label("Authority or team").fill(saying.COUNCIL)
    page.get_by_label("Role of the person").fill("contracts officer")
    page.locator("#said").fill("Evening calls are at risk; agency carers begin on Monday.")
    page.get_by_role("button", name="Keep the communication").click()
    expect(page.locator("main")).to_contain_text("contract monitoring file")
    page.locator("#answered").fill("They ask for a weekly figure.")
    page.get_by_role("button", name="Keep the answer").click()
    expect(page.locator("#answers")).to_contain_text("They ask for a weekly figure.")
    page.goto(f"/o/alder/sharing/decisions/{decision}")
    expect(page.locator("main")).to_contain_text("COM-0001")

"""The framework pages in a real browser: axe, phone and desktop, with and without JavaScript."""

from __future__ import annotations

import pytest

from tests.browsing import WIDTHS, check, needs_browser
from tests.framework.test_framework import add_risk, tag

pytestmark = needs_browser


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_fit_for_everyone(site, world, width):
    risk_id = add_risk(world)
    tag(world, "risk", risk_id)
    page = site.page("alice", width=width)
    for path in (
        "",
        "topics/saf-2023/medicines-optimisation",
        "topics/asc-draft-v9/safe-staffing",
        f"tags/risk/{risk_id}",
        "settings",
    ):
        page.goto(f"{site.address}/o/alder/framework/{path}")
        assert check(page) == [], path


def test_tagging_in_place_from_the_risk(site, world):
    risk_id = add_risk(world)
    page = site.page("alice")
    page.goto(f"{site.address}/o/alder/risks/{risk_id}")
    panel = page.locator("#framework-tags")
    panel.get_by_role("button", name="Tag", exact=True).click()
    panel.get_by_role("link", name="Safe: Medicines optimisation").wait_for()
    assert page.url.endswith(str(risk_id))
    panel.get_by_role("button", name="Take off").click()
    panel.get_by_text("Not tagged to any topic yet.").wait_for()


def test_without_javascript(site, world):
    risk_id = add_risk(world)
    page = site.page("alice", java_script_enabled=False)
    page.goto(f"{site.address}/o/alder/risks/{risk_id}")
    page.get_by_role("link", name="Topics of the regulator's framework").click()
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("link", name="Safe: Medicines optimisation").click()
    assert "Medicines optimisation" in page.title()

"""The pages of rules in a real browser: axe, phone and desktop, with and without JavaScript."""

from __future__ import annotations

import os

import pytest

from tests.browsing import WIDTHS, check, needs_browser
from tests.rules.making import TODAY, incident, look
from tests.rules.test_pages import set_least

pytestmark = needs_browser
REPEATED = "/o/alder/rules/safeguarding_repeated"


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_fit_for_everyone(site, world, width):
    for _ in range(3):
        incident(world, TODAY, kind="safeguarding", theme="neglect")
    set_least(world, 2)
    look(world, TODAY)
    page = site.page("adam", width=width)
    for path in ("/o/alder/rules/", REPEATED, "/o/alder/rules/unmet_need"):
        page.goto(site.address + path)
        assert check(page) == [], path
        if shots := os.environ.get("SHOTS"):
            name = f"{shots}/{path.strip('/').split('/')[-1]}-{width}.png"
            page.screenshot(path=name, full_page=True)


def test_a_threshold_set_without_javascript(site, world):
    page = site.home("adam", java_script_enabled=False)
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("link", name="Rules", exact=True).click()
    page.get_by_role("link", name="Repeated safeguarding concerns").click()
    page.get_by_label("Concerns that are a repetition").fill("1")
    page.get_by_label("Why they change").fill("Reviewed by the board")
    page.get_by_role("button", name="Set the thresholds").click()
    page.get_by_text("At least 2.").first.wait_for()
    assert page.get_by_label("Why they change").input_value() == "Reviewed by the board"
    page.get_by_label("Concerns that are a repetition").fill("4")
    page.get_by_role("button", name="Set the thresholds").click()
    page.get_by_text("The thresholds are set.").wait_for()
    assert page.get_by_text("Your own, since 20 Nov 2026.").is_visible()

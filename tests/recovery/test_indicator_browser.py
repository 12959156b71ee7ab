"""Indicators and the sheet of readings in a browser: by keyboard, with and without script."""

from __future__ import annotations

import re

import pytest

from careboard.recovery.service import Shape, shape_of
from tests.browsing import WIDTHS, check, needs_browser
from tests.recovery import planning
from tests.recovery.making import FALLS, HOUSE, SUNDAY, ago, bring_doses, opened

pytestmark = needs_browser
BASE = "/o/alder/recovery"
LONG = "Aveyronnaise-Montgomeryshire " * 6
DAILY = Shape(LONG, "safety", "count", "down", "day")
MONTHLY = Shape("Supervisions held", "staffing", "percent", "up", "month")


@pytest.fixture
def made(world) -> dict[str, str]:
    """Addresses of pages, full and empty."""
    falls, empty = opened(world, FALLS), opened(world, DAILY)
    opened(world, MONTHLY)
    planning.read(world, falls, 9, 8, 9, 10, 9, 8, 9, 10, 9, 9, 6, 5, 2, 2)
    bring_doses(world, *[(SUNDAY, "G")] * 11, (SUNDAY, ""))
    doses = opened(world, shape_of("medicines_compliance", computed=True))
    house = world.service_id(HOUSE)
    one = f"{BASE}/indicators/{falls}"
    return {
        "indicator": one,
        "reading": f"{one}/points/{SUNDAY}",
        "none": f"{one}/points/{ago(700)}",
        "change": f"{one}/edit",
        "empty": f"{BASE}/indicators/{empty}",
        "computed": f"{BASE}/indicators/{doses}",
        "rows": f"{BASE}/indicators/{doses}/points/{SUNDAY}",
        "codes": f"{BASE}/medicines-codes",
        "choose": f"{BASE}/indicators/new",
        "new": f"{BASE}/indicators/new?measure=medicines_compliance",
        "own": f"{BASE}/indicators/new?measure=own",
        "sheet": f"{BASE}/services/{house}/readings?on={ago(7)}",
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_sound_at_every_width(site, made, width):
    page = site.home("bob", width=width)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    for address in made.values():
        page.goto(address)
        for fold in page.locator("main details > summary").all():
            fold.click()
        faults += check(page)
    assert faults == []


def test_a_sheet_is_typed_by_keyboard_alone(site, made, world):
    page = site.page("rita")
    page.goto(made["sheet"].partition("?")[0] + "?on=2026-11-19")
    page.locator("form[data-sheet] input[type=text]").first.focus()
    for value in ("4", "0", "", "1", "", "", "", "2", "19", "20", ""):
        page.keyboard.type(value)
        page.keyboard.press("Enter")
    assert "Record the readings" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=readings recorded")
    stored = world.sql("SELECT count(*) AS n FROM reading WHERE period_end >= '2026-11-16'")
    assert stored[0].n >= 4


@pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])
def test_a_point_is_corrected_within_two_clicks_of_its_chart(site, made, script):
    page = site.page("rita", java_script_enabled=script)
    page.goto(made["indicator"])
    page.click(".chart-table > summary")
    page.click(".chart-table tbody a >> nth=0")
    assert "All that it has said" in page.inner_text("main")
    page.click("summary:has-text('Correct the reading')")
    page.fill("[name=value]", "3")
    page.click("button:has-text('Correct it')")
    page.wait_for_selector("text=why the reading is corrected")
    assert page.input_value("[name=value]") == "3"
    page.fill("[name=reason]", "One more was found")
    page.click("button:has-text('Correct it')")
    page.wait_for_selector("text=What it said before stays on record")
    assert re.search(r"One more was found", page.inner_text("main"))


@pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])
def test_s1_3_1_the_manager_opens_an_indicator_with_baseline_and_target(site, script):
    page = site.page("bob", java_script_enabled=script)
    page.goto(f"{BASE}/indicators/new")
    page.click("a:text-is('Median response time')")
    page.fill("[name=baseline_value]", "14")
    page.fill("[name=baseline_on]", str(SUNDAY))
    page.fill("[name=target]", "8")
    page.select_option("[name=review_owner_id]", label="Bob")
    page.click("button:has-text('Open the indicator')")
    page.wait_for_url("**/indicators/*-*")
    text = page.inner_text("main")
    for words in ("14 minutes", "8 minutes", "Bob", "less is better"):
        assert words in text, words

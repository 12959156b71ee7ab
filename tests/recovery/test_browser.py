"""Recovery plans and checks in a browser: with and without script, on a phone and a desk."""

from __future__ import annotations

import pytest

from careboard.recovery.check_kinds import KINDS
from tests.browsing import WIDTHS, check, needs_browser
from tests.recovery import planning
from tests.recovery.making import HOUSE, Shape, ago, opened

pytestmark = needs_browser
BASE = "/o/alder/recovery"
LONG = "Aveyronnaise-Montgomeryshire " * 6


@pytest.fixture
def filled(world) -> dict[str, str]:
    """Pages with much on them: {name: address}."""
    falls = opened(world, Shape("Falls at night", "safety", "count", "down"))
    planning.read(world, falls, 9, 8, 9, 10, 9, 8, 9, 10, 9, 9, 6, 5, 2, 2)
    goal = planning.IndicatorSpec(name="Falls at night", domain="safety", unit="count", good="down")
    lines = [planning.Line(goal, 9, 2, True), planning.COMPLIANCE]
    plan_id = planning.begin(
        world, lines=lines, started_on=ago(27), title=LONG[:190], baseline_issue=LONG * 8
    )
    planning.begin(world, template="staffing")
    for _ in range(3):
        planning.one_of_each(world, plan_id=plan_id)
    planning.check(
        world, "medicines_check",
        found=[planning.Found("discrepancy", LONG[:180].strip(), "night", True)],
    )  # fmt: skip
    house = world.service_id(HOUSE)
    checks = f"{BASE}/services/{house}/checks"
    return {
        "plans": f"{BASE}/plans",
        "plan": f"{BASE}/plans/{plan_id}",
        "change": f"{BASE}/plans/{plan_id}/edit",
        "new": f"{BASE}/plans/new?template=care_reviews",
        "templates": f"{BASE}/templates",
        "template": f"{BASE}/templates/medicines/edit",
        "checks": checks,
        "log": f"{BASE}/checks?record=discrepancy-log",
        **{kind: f"{checks}/{kind}" for kind in KINDS},
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_sound_at_every_width(site, filled, width):
    page = site.home("bob", width=width)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    for address in filled.values():
        page.goto(address)
        faults += check(page)
    assert faults == []


@pytest.mark.parametrize("width", WIDTHS)
def test_empty_pages_are_sound(world, site, width):
    page = site.page("alice", width=width)
    house = world.service_id(HOUSE)
    for address in ("plans", "templates", "checks", f"services/{house}/checks", "plans/new"):
        page.goto(f"{BASE}/{address}")
        assert check(page) == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])
def test_s1_1_1_the_manager_begins_the_medicines_plan_in_one_click(site, script):
    page = site.page("bob", java_script_enabled=script)
    page.goto(f"{BASE}/templates")
    page.click("text=Begin a plan: Medicines recovery")
    page.click("button:has-text('Begin the plan')")
    page.wait_for_url("**/recovery/plans/*-*")
    text = page.inner_text("main")
    for words in ("Medicines recovery dashboard", "Medicines compliance", "98%", "Week 1 of 10",
                  "End-of-shift medicines check", "Medication records"):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])
def test_s1_1_3_a_senior_records_a_shift_with_a_discrepancy_on_a_phone(world, site, script):
    planning.begin(world)
    page = site.page("rita", width=390, java_script_enabled=script)
    house = world.service_id(HOUSE)
    page.goto(f"{BASE}/services/{house}/checks/medicines_shift")
    for target in page.locator(".tap, .check-form summary, .check-form .btn").all():
        assert target.bounding_box() is None or target.bounding_box()["height"] >= 44
    page.click("label:has-text('Late')")
    page.click("summary:has-text('Add a discrepancy')")
    page.select_option("#found-0-what", "No entry on the record")
    page.select_option("#found-0-round", "teatime")
    page.click("button:has-text('Record')")
    page.wait_for_url("**/checks")
    text = page.inner_text("main")
    assert "Medicines check recorded" in text and "teatime round" in text
    if script:
        assert check(page) == []


def test_a_check_with_nothing_wrong_takes_one_tap(world, site):
    page = site.page("rita", width=390)
    page.goto(f"{BASE}/services/{world.service_id(HOUSE)}/checks/medicines_shift")
    page.click("button:has-text('Record')")
    page.wait_for_url("**/checks")
    assert "No discrepancy" in page.inner_text("main")


def test_s1_1_4_and_s1_2_4_an_observation_with_what_differed(world, site):
    page = site.page("rita", width=390)
    page.goto(f"{BASE}/services/{world.service_id(HOUSE)}/checks/practice_observation")
    page.fill("#what", "Teatime round")
    page.click("label:has-text('Not as agreed')")
    page.click("button:has-text('Record')")
    page.wait_for_selector("#error-summary")
    assert "Say what differed" in page.inner_text("#error-summary")
    assert check(page) == []
    assert page.input_value("#what") == "Teatime round"
    page.fill("#found-0-what", "The record was signed before the round")
    page.click("button:has-text('Record')")
    page.wait_for_url("**/checks")
    page.goto(f"{BASE}/checks?record=observation-log")
    assert "signed before the round" in page.inner_text("main")


def test_s1_3_3_deployment_of_a_shift_with_unmet_need(world, site):
    planning.begin(world, template="staffing")
    page = site.page("rita", width=390)
    page.goto(f"{BASE}/services/{world.service_id(HOUSE)}/checks/deployment")
    for name, value in (("planned", "40"), ("actual", "31"), ("required", "38"), ("delays", "2"),
                        ("unmet_need", "Supper late for two")):  # fmt: skip
        page.fill(f"#{name}", value)
    page.click("button:has-text('Record')")
    page.wait_for_url("**/checks")
    page.goto(f"{BASE}/checks?record=daily-management-log")
    text = page.inner_text("main")
    assert "40 hours planned, 31 worked, 38 needed; 2 delays" in text and "Unmet need" in text


def test_s1_2_2_sampled_actions_that_nobody_owns(world, site):
    planning.begin(world, template="care_reviews")
    page = site.page("bob", width=390)
    page.goto(f"{BASE}/services/{world.service_id(HOUSE)}/checks/review_actions")
    page.fill("#actions-0-reference", "AR-14")
    page.fill("#actions-1-reference", "AR-15")
    page.click("label[for='actions-1-owned']")
    page.click("button:has-text('Record')")
    page.wait_for_url("**/checks")
    assert "AR-15: not owned" in page.inner_text("main")
    page.goto(f"{BASE}/plans")
    page.click("th a")
    assert "1 of 2 sampled actions lack something" in page.inner_text("main")


def test_a_plan_prints(world, site, filled):
    page = site.page("bob")
    page.goto(filled["plan"])
    page.emulate_media(media="print")
    assert page.locator(".app-side").is_hidden()
    assert "in two periods running" in page.inner_text("main")

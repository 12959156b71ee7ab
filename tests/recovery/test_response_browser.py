"""Declines and the story in a browser: with and without script, on a phone and a desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.browsing import WIDTHS, check, needs_browser
from tests.recovery.answering import FALLS, an_indicator, answer, fallen, look, standing
from tests.recovery.planning import begin, discrepancies, read
from tests.recovery.test_reviews import STEADY, TOLD, a_plan, review

pytestmark = needs_browser
BASE = "/o/alder/recovery"


@pytest.fixture
def filled(world) -> dict[str, str]:
    """Pages with much on them: {name: address}."""
    shape = replace(FALLS, name="Falls by day")
    read(world, an_indicator(world, shape, target=5), 4, 4, 4, 9)
    look(world)
    first = standing(world)[0].id
    answer(world, first, kind="additional_audit", owner="rita")
    plan_id, falls = a_plan(world, *STEADY, 24, started_on=date(2026, 9, 7))
    review(world, plan_id, stories={falls: TOLD})
    review(world, plan_id, "ben", cadence="month", stories={falls: TOLD})
    begin(world)
    discrepancies(world, "morning", "morning")
    waiting, _ = a_plan_with_long_words(world)
    look(world)
    last = standing(world)[-1].id
    return {
        "list": f"{BASE}/responses?show=all",
        "answered": f"{BASE}/responses/{first}",
        "unanswered": f"{BASE}/responses/{last}",
        "reviewed": f"{BASE}/plans/{plan_id}/review",
        "month": f"{BASE}/plans/{plan_id}/review?cadence=month",
        "waiting": f"{BASE}/plans/{waiting}/review",
        "story": f"{BASE}/reviews",
        "board": "/o/alder/",
        "figure": "/o/alder/figures/responses_unanswered",
    }


def a_plan_with_long_words(world):
    long = "Aveyronnaise-Montgomeryshire " * 6
    plan_id = begin(world, title=long[:190], template="care_reviews", started_on=date(2026, 9, 7))
    (row,) = world.sql(
        "SELECT i.id FROM plan_indicator p JOIN indicator i ON i.id = p.indicator_id "
        "WHERE p.plan_id = :plan AND i.name = 'High-risk care plans not yet updated'",
        plan=plan_id,
    )
    read(world, row.id, *STEADY, 24)
    return plan_id, row.id


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_sound_at_every_width(site, filled, width):
    page = site.home("alice", width=width)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    for address in filled.values():
        page.goto(address)
        faults += check(page)
    assert faults == []


@pytest.mark.parametrize("width", WIDTHS)
def test_empty_pages_are_sound(world, site, width):
    page = site.page("alice", width=width)
    for address in ("responses", "reviews"):
        page.goto(f"{BASE}/{address}")
        assert check(page) == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_decline_is_found_on_the_board_and_answered(world, site, script, width):
    fallen(world)
    page = site.page("bob", width=width, java_script_enabled=script)
    page.goto("/o/alder/?manager=")
    page.click(".counter:has-text('Declines unanswered') a")
    page.click("text=RSP-0001")
    expect(page.locator("#owner_id")).to_be_hidden()
    page.click("label:has-text('Additional audit')")
    expect(page.locator("#owner_id")).to_be_visible()
    expect(page.locator("#rating")).to_be_hidden()
    page.fill("#reason", "Nights are short of staff")
    page.click("button:has-text('Record the response')")
    page.wait_for_selector("#error-summary")
    assert "Choose who carries it out" in page.inner_text("#error-summary")
    assert page.input_value("#reason") == "Nights are short of staff"
    if script:
        assert check(page) == []
    page.select_option("#owner_id", label="Rita")
    page.fill("#due_on", "2026-12-04")
    page.click("button:has-text('Record the response')")
    page.wait_for_selector("text=The response is recorded.")
    assert "ACT-0001" in page.inner_text("main")
    page.goto("/o/alder/?manager=")
    assert "decline unanswered" not in page.inner_text("main")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])
def test_s1_1_2_the_manager_tells_the_story_of_the_week(world, site, script):
    plan_id, falls = a_plan(world, *STEADY, 24)
    page = site.page("bob", width=390, java_script_enabled=script)
    page.goto(f"{BASE}/plans/{plan_id}/review")
    assert "Medicines governance action log" in page.inner_text("h1")
    page.fill("#why", "A new person walks at night")
    page.fill("#followed", "The rota was changed")
    page.click("label:has-text('Keep it under enhanced review')")
    page.click("button:has-text('Record the review')")
    page.wait_for_selector("#error-summary")
    page.fill(f'[id="why-{falls}"]', "A new person walks at night")
    page.fill(f'[id="followed-{falls}"]', "A sensor mat was bought")
    page.click("button:has-text('Record the review')")
    page.wait_for_selector("text=The review is recorded")
    text = page.inner_text("#recovery-story")
    for words in ("The rota was changed", "A sensor mat was bought", "enhanced review"):
        assert words in text, words


def test_s1_1_5_the_nominated_individual_records_assurance(world, site):
    plan_id, _ = a_plan(world, *STEADY, started_on=date(2026, 10, 1))
    page = site.page("ben")
    page.goto(f"{BASE}/plans/{plan_id}/review?cadence=month")
    assert "Provider oversight minutes" in page.inner_text("h1")
    page.fill("#why", "Steady")
    page.fill("#followed", "Nothing more is needed")
    page.click("label:has-text('Go on as planned')")
    page.click("label:has-text('Assured')")
    page.click("button:has-text('Record the review')")
    page.wait_for_selector("text=The review is recorded")
    assert "Assured" in page.inner_text("#recovery-story")


def test_a_long_list_is_sound_on_a_phone(world, site):
    for number in range(6):
        shape = replace(FALLS, name=f"Falls at night on unit {number}")
        read(world, an_indicator(world, shape, target=5), 4, 4, 4, 9)
    look(world)
    page = site.page("alice", width=390)
    page.goto(f"{BASE}/responses")
    assert check(page) == []
    assert page.locator("tbody tr").count() == 6

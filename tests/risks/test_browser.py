"""A rating's whole story in a real browser: wide, on a phone, without script, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from careboard.db import db
from careboard.risks import disputes
from careboard.risks.basis import Basis
from tests.browsing import check, needs_browser
from tests.dashboards.rows import add_evidence, add_records, add_risk, days_ago
from tests.risks.making import add_audit, add_return, decide, lower, sitting

pytestmark = needs_browser
LONG = "Supervision of the night staff at Saint-Bartholomew-on-the-Marsh fell behind " * 4


@pytest.fixture
def story(world, site):
    """Medicines lowered and watched, safety disputed, staffing with a return to decide on."""
    house = world.service_id("Alder House")
    with world.acting("alice") as actor:
        add_audit(actor, house, "medicines", "amber", days_ago(20), 84)
        add_records(actor, house, "incident", 10, 2)
        world.risk = add_risk(actor, house, evidence=[add_evidence(actor, house)])
        world.watch = lower(actor, world.risk).id
        world.disputed = add_risk(actor, house, "safety", rationale=LONG, original_cause=LONG)
        decide(actor, world.disputed, "very_high", rationale=LONG)
        world.waiting = add_risk(actor, house, "staffing")
        add_return(actor, world.waiting)
        world.sitting = sitting(actor)
        db.session.commit()
    with world.acting("bob") as bob:
        world.dispute = disputes.file(
            actor=bob, risk_id=world.disputed, reason=LONG, basis=Basis(none_yet=True)
        )
        db.session.commit()
    world.site = site
    return world


@pytest.mark.parametrize("width", [390, 1440])
def test_no_axe_violations_on_any_page(story, width):
    page = story.site.page("alice", width=width)
    for path in (
        f"{story.risk}", f"{story.risk}/history", f"{story.waiting}/rate?review={story.sitting}",
        f"disputes/{story.dispute}", f"watches/{story.watch}", "changes", "",
        f"{story.disputed}", f"{story.disputed}/history", "changes?since=2020-01-01",
    ):  # fmt: skip
        page.goto(f"/o/alder/risks/{path}")
        assert check(page) == []
    service = story.site.page("bob", width=width)
    service.goto(f"/o/alder/risks/{story.risk}/dispute")
    assert check(service) == []
    service.get_by_role("button", name="File the dispute").click()
    expect(service.get_by_text("There is a problem")).to_be_visible()
    assert check(service) == []


@pytest.mark.parametrize("width", [390, 1440])
def test_the_other_actions_open_by_key_without_script(story, width):
    page = story.site.page("alice", width=width, java_script_enabled=False)
    page.goto(f"/o/alder/risks/{story.risk}")
    more = page.locator(".page-actions summary")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Submit return")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("return")
    opened = story.site.page("alice", width=width)
    opened.goto(f"/o/alder/risks/{story.risk}")
    opened.locator(".page-actions summary").click()
    assert check(opened) == []


def test_from_return_to_watch_without_script(story):
    """S0-3.3, S0-3.4: decided in a sitting, noted on by the service, decided to have held."""
    page = story.site.page("alice", java_script_enabled=False)
    page.goto(f"/o/alder/risks/{story.waiting}/rate?review={story.sitting}")
    page.get_by_label("Moderate", exact=True).check()
    page.get_by_label("Reasons for this rating").fill("Supervision is up to date")
    page.get_by_label("Service assurance return").select_option(index=1)
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("The rating is lowered.")).to_be_visible()
    page.goto(f"/o/alder/risks/{story.waiting}")
    page.get_by_role("link", name="Watch", exact=True).click()
    expect(page.get_by_role("heading", name="Risk profile tracker")).to_be_visible()
    watch = page.url
    service = story.site.page("bob", java_script_enabled=False)
    service.goto(watch)
    service.get_by_label("What was seen").fill("All nine supervisions held")
    service.get_by_role("button", name="Add the note").click()
    expect(service.get_by_text("All nine supervisions held")).to_be_visible()
    page.goto(watch)
    page.get_by_label("Sustained", exact=True).check()
    page.get_by_label("Reasons").fill("Nine of nine, two months on")
    page.get_by_label("Decided in").select_option(index=1)
    page.get_by_role("button", name="Record the outcome").click()
    page.goto(watch)
    expect(page.get_by_text("Nine of nine, two months on")).to_be_visible()


def test_a_dispute_is_moderated_by_the_verifier(story):
    page = story.site.page("vera", width=390)
    page.goto(f"/o/alder/risks/{story.disputed}")
    expect(page.get_by_text("disputed").first).to_be_visible()
    page.get_by_role("link", name="Dispute DSP-0001", exact=True).click()
    page.get_by_label("The rating is changed").check()
    page.get_by_label("Changed to").select_option("high")
    page.get_by_label("Reasons").fill("One of the two falls was counted twice")
    page.get_by_role("button", name="Record the moderation").click()
    expect(page.get_by_text("rating changed", exact=True).first).to_be_visible()
    page.goto(f"/o/alder/risks/{story.disputed}/history")
    assert "Moderation of DSP-0001" in page.locator("main").inner_text()


def test_the_line_prints(story):
    page = story.site.page("alice")
    page.goto(f"/o/alder/risks/{story.risk}/history")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.locator(".history-chart")).to_be_visible()
    expect(page.get_by_role("columnheader", name="On what evidence")).to_be_visible()

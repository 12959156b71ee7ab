"""Decisions on sharing in a browser: on a phone and a desk, with and without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from careboard import clock
from careboard.db import db
from careboard.risks import raising
from careboard.sharing import thresholds
from careboard.sharing.decisions import Answer
from careboard.sharing.models import FACTORS
from careboard.sharing.thresholds import Facts
from tests.browsing import WIDTHS, check, needs_browser
from tests.monitoring.making import fired
from tests.sharing.making import concern, decided, risk

pytestmark = needs_browser
LONG = "Visits that nobody is on the rota for a day before they start, whatever the reason for it"


@pytest.fixture
def filled(world) -> dict[str, str]:
    """Pages with much on them: {name: address}."""
    with world.acting("alice") as alice:
        thresholds.set_threshold(
            actor=alice,
            facts=Facts(LONG, "The contract says so.", clock.today(), "Northshire"),
        )
        db.session.commit()
    about, trigger, where = risk(world), fired(world), world.service_id("Alder House")
    kept = concern(world, on=clock.today() - timedelta(days=40))
    with world.acting("alice") as alice:
        (own,) = thresholds.in_force(actor=alice)
    made = decided(world, kept, "do_not_share", kind="concern", own={own.id: Answer("uncertain")})
    with world.acting("bob") as bob:
        raised = raising.raise_risk(
            actor=bob,
            service_id=where,
            domain="staffing",
            original_cause=LONG,
            keys=[one.key for one in raising.grounds(actor=bob, service_id=where)],
        )
        db.session.commit()
    return {
        "log": "sharing/",
        "decide": f"sharing/decisions/new?risk={about}",
        "decision": f"sharing/decisions/{made}",
        "clock": "sharing/clock",
        "oversight": "sharing/oversight",
        "thresholds": "sharing/thresholds",
        "threshold": "sharing/thresholds/new",
        "raise": f"risks/raise?service={where}",
        "raised": f"risks/raised/{raised}",
        "raised_list": "risks/raised?domain=staffing",
        "trigger": f"monitoring/triggers/{trigger}",
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_no_axe_violations_and_nothing_scrolls_sideways(site, filled, width):
    page, wrong = site.page("alice", width=width), []
    for address in filled.values():
        page.goto(f"/o/alder/{address}")
        wrong += check(page)
    page.goto(f"/o/alder/{filled['decide']}")
    page.click("text=Record the decision")
    expect(page.locator("#error-summary")).to_be_visible()
    assert wrong + check(page) == []


@pytest.mark.parametrize("script", [True, False])
def test_a_lead_decides_and_finds_it_in_the_log(site, world, script):
    risk(world)
    page = site.page("alice", java_script_enabled=script)
    page.goto("/o/alder/sharing/")
    page.click("text=Decide whether to share")
    for code in FACTORS:
        page.check(f"#factor_{code}-{0 if code == 'continuity' else 1}")
    page.check("text=Share it")
    page.fill("[name=rationale]", "The council can help to cover the evening calls.")
    page.fill("[name=what]", "Uncovered evening calls, and what is done about them.")
    page.check("text=Commissioner")
    page.fill("[name=action_under_way]", "Two agency carers from Monday.")
    page.click("text=Record the decision")
    expect(page.locator("h1")).to_contain_text("Decision on")
    page.goto("/o/alder/sharing/")
    expect(page.locator("main")).to_contain_text("Nothing waits for a decision")
    expect(page.locator("main")).to_contain_text("SHD-0001")
    assert site.refused == []

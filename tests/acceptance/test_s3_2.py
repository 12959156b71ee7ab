"""A low-level safeguarding pattern, walked in a browser by the roles that the field names.

Source: steps S3-2.1 to S3-2.5 of the fourth article.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from careboard.db import db
from careboard.records.models import Concern
from careboard.sharing.communications import Links
from tests.acceptance.monitored import HOUSE, TODAY, ask_rules
from tests.acceptance.walking import PHONE, by_record_name, open_sitting, record, rows, sign
from tests.browsing import check, needs_browser
from tests.dashboards.rows import add
from tests.sharing import making, saying

pytestmark = needs_browser
AUTHORITY = "Northshire safeguarding team"
LOUNGE = "Raised voices in the upstairs lounge"
CHECKED = "Daily notes of the five evenings before each concern"
FOUND = "Two of three evenings had one member of staff fewer than planned"
ASKED = "Three low-level concerns in one lounge; what is done; whether a referral is asked for"
GUIDANCE = "Keep observing the evenings and refer the next one"


@pytest.fixture
def pattern(world, monkeypatch):
    """Three low-level concerns of one place since September, and the worker's look at them."""
    house = world.service_id(HOUSE)
    with world.acting("alice") as alice:
        for number, days in enumerate((60, 30, 5), start=1):
            add(
                alice, Concern, kind="safeguarding", service_id=house, domain="safeguarding",
                occurred_on=TODAY - timedelta(days=days), theme=f"Theme {number}", level="low",
                place="upstairs lounge", source_key=f"SG-{number}", status="open", text=LOUNGE,
            )  # fmt: skip
        db.session.commit()
    ask_rules(world, monkeypatch)
    ((trigger,),) = rows(world, "SELECT id FROM trigger WHERE rule_code = 'low_level_shared'")
    return trigger


def _to_pattern(page) -> None:
    """From the safeguarding intelligence tracker to the pattern."""
    by_record_name(page, "safeguarding intelligence tracker")
    page.locator("main table").get_by_role("rowheader").get_by_role("link").first.click()


def _safeguarding(page, name: str) -> None:
    """By the menu to one of the safeguarding records of sharing."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sharing").click()
    page.get_by_role("link", name="Safeguarding", exact=True).click()
    page.get_by_role("navigation", name="Safeguarding records").get_by_role(
        "link", name=name
    ).click()
    expect(page.locator("h1")).to_contain_text(name)


def test_s3_2_1_safeguarding_lead_reviews_low_level_concerns_and_sees_the_pattern(
    world, site, pattern
):
    page = site.home("alice")
    by_record_name(page, "low-level concern records")
    for reference in ("SG-1", "SG-2", "SG-3"):
        expect(page.get_by_role("row").filter(has_text=reference)).to_have_count(1)
    assert check(page) == []
    _to_pattern(page)
    main = page.locator("main")
    expect(main).to_contain_text("3 low-level concerns in 92 days at Alder House")
    expect(main).to_contain_text("in the upstairs lounge")
    expect(page.get_by_role("link", name="Decide whether to share")).to_have_count(1)
    assert check(page) == []
    kept = rows(world, "SELECT service_id, jsonb_array_length(rows), closed_on FROM trigger "
                       "WHERE rule_code = 'low_level_shared'")  # fmt: skip
    assert kept == [(world.service_id(HOUSE), 3, None)]


def test_s3_2_2_registered_manager_checks_records_and_notes(world, site, pattern):
    page = site.home("bob", width=PHONE)
    _to_pattern(page)
    page.get_by_role("link", name="Write a review note").click()
    expect(page.locator("main")).to_contain_text("3 low-level concerns in 92 days")
    expect(page.locator("#service_id option:checked")).to_have_text(HOUSE)
    page.get_by_label("Care records that were checked").fill(CHECKED)
    page.get_by_label("Staff notes that were checked").fill("Handover book of the same evenings")
    page.get_by_label("Yes, it is escalating").check()
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator("#error-summary")).to_contain_text("Say what you found")
    assert check(page) == []
    page.get_by_label("Findings").fill(FOUND)
    page.get_by_role("button", name="Keep the note").click()
    row = page.get_by_role("row").filter(has_text="SRN-0001")
    for words in ("20 Nov 2026, Bob", HOUSE, CHECKED, FOUND, "Yes, it is escalating"):
        expect(row).to_contain_text(words)
    assert check(page) == []
    # The manager checks, and does not decide.
    expect(page.get_by_role("link", name="Decide whether to ask for advice")).to_have_count(0)
    lead = site.home("alice")
    _safeguarding(lead, "Safeguarding review notes")
    lead.get_by_role("link", name="Decide whether to ask for advice").click()
    expect(lead.locator("h1")).to_have_text("Decide whether to share")
    kept = "SELECT p.trigger_id, p.escalating, m.name FROM pattern_review p "
    kept += "JOIN membership m ON m.id = p.by_id"
    assert rows(world, kept) == [(pattern, "yes", "Bob")]


def test_s3_2_3_safeguarding_lead_decides_to_ask_for_advice(world, site, pattern):
    saying.checked(world, pattern, escalating="yes", findings=FOUND)
    page = site.home("alice")
    _to_pattern(page)
    page.get_by_role("link", name="Decide whether to share").click()
    for factor in ("continuity", "contract_delivery", "public_confidence"):
        page.locator(f"[name=factor_{factor}][value=no]").check()
    for factor in ("safety", "safeguarding", "multi_agency"):
        page.locator(f"[name=factor_{factor}][value=uncertain]").check()
    page.locator("[name=decision][value=do_not_share]").check()
    page.get_by_label("Rationale").fill("Each was small; together they may not be")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("#error-summary")).to_contain_text("seek advice today")
    assert check(page) == []
    page.locator("[name=decision][value=seek_advice]").check()
    page.locator("#what").fill(ASKED)
    page.get_by_label("Safeguarding partner").check()
    page.locator("#action_under_way").fill("A second member of staff in the lounge each evening")
    page.locator("#tell_by").fill("2026-11-23")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("h1")).to_contain_text("seek advice")
    _safeguarding(page, "Safeguarding oversight log")
    row = page.get_by_role("row").filter(has_text="SHD-0001")
    for words in ("Seek advice", "together they may not be", "Alice"):
        expect(row).to_contain_text(words)
    assert check(page) == []
    kept = "SELECT d.decision, d.trigger_id, d.recipients, count(c.*) FROM sharing_decision d "
    kept += "JOIN sharing_consideration c ON c.decision_id = d.id GROUP BY 1, 2, 3"
    assert rows(world, kept) == [("seek_advice", pattern, ["safeguarding_partner"], 6)]


def _decided(world, pattern):
    return making.decided(
        world,
        pattern,
        "seek_advice",
        kind="trigger",
        affected=("safeguarding",),
        recipients=["safeguarding_partner"],
    )


def test_s3_2_4_safeguarding_lead_asks_the_authority_and_records_its_guidance(world, site, pattern):
    decision = _decided(world, pattern)
    page = site.page("alice", width=PHONE)
    page.goto(f"/o/alder/sharing/decisions/{decision}")
    page.get_by_role("link", name="Record what was said").click()
    expect(page.locator("#decision_id option:checked")).to_contain_text("SHD-0001")
    page.get_by_label("Kind of partner").select_option("safeguarding_partner")
    page.get_by_label("Authority or team").fill(AUTHORITY)
    page.get_by_label("Role of the person").fill("duty social worker")
    page.get_by_role("button", name="Keep the communication").click()
    expect(page.locator("#error-summary")).to_contain_text("Say what was said")
    assert check(page) == []
    page.locator("#said").fill(ASKED)
    page.get_by_role("button", name="Keep the communication").click()
    expect(page.locator("h1")).to_have_text(f"Told {AUTHORITY}")
    assert check(page) == []
    page.get_by_role("link", name="Record advice received").click()
    expect(page.get_by_label("Authority", exact=True)).to_have_value(AUTHORITY)
    page.locator("[name=kind][value=advice]").check()
    page.get_by_label("Its reference").fill("NS-2026-77")
    page.get_by_label("Guidance received").fill(GUIDANCE)
    page.get_by_label("Outcome").select_option("advice_only")
    page.get_by_label("What follows from it").fill("Observations each evening for four weeks")
    assert check(page) == []
    page.get_by_role("button", name="Keep the advice").click()
    expect(page.locator("main")).to_contain_text(GUIDANCE)
    assert check(page) == []
    page.get_by_role("link", name="Open an action").click()
    expect(page.get_by_role("region", name="New action")).to_contain_text(f"For {HOUSE}")
    desk = site.home("ben")
    _safeguarding(desk, "Safeguarding action record")
    row = desk.get_by_role("row").filter(has_text="ADV-0001")
    for words in (AUTHORITY, "NS-2026-77", GUIDANCE, "Advice only", "SHD-0001"):
        expect(row).to_contain_text(words)
    assert check(desk) == []
    kept = "SELECT a.decision_id, a.outcome, c.partner_kind, c.direction FROM partner_advice a "
    kept += "JOIN communication c ON c.id = a.communication_id"
    assert rows(world, kept) == [(decision, "advice_only", "safeguarding_partner", "out")]


def test_s3_2_5_safeguarding_board_reviews_pattern_and_response(world, site, pattern):
    decision = _decided(world, pattern)
    told = saying.told(
        world, "alice", partner_kind="safeguarding_partner", partner=AUTHORITY,
        about=Links(decision_id=decision),
    )  # fmt: skip
    saying.advised(world, told, guidance=GUIDANCE)
    page = site.home("alice")
    sitting = open_sitting(page, "quarterly_safeguarding")
    decided = page.locator(".matter").filter(has_text="SHD-0001")
    expect(decided).to_contain_text("Decided on sharing")
    advised = page.locator(".matter").filter(has_text="ADV-0001")
    expect(advised).to_contain_text("Advice received")
    expect(advised).to_contain_text(GUIDANCE)
    assert check(page) == []
    record(advised, "decision", "The evening observations changed practice: none since")
    sign(page, sitting, summary="Pattern and response were looked at.")
    by_record_name(page, "safeguarding governance minutes")
    row = page.get_by_role("row").filter(has_text="REV-0001")
    expect(row).to_contain_text("Signed")
    assert check(page) == []
    page.goto(sitting)
    expect(page.locator("main")).to_contain_text("none since")
    expect(page.locator("main")).to_contain_text("unchanged since signing")
    kept = "SELECT r.forum, r.status, e.kind, e.text FROM review r "
    kept += "JOIN review_entry e ON e.review_id = r.id"
    assert rows(world, kept) == [
        ("quarterly_safeguarding", "signed", "decision",
         "The evening observations changed practice: none since")
    ]  # fmt: skip

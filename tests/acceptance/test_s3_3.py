"""Recovery updates after a commissioner's concern, walked by the roles that the field names, with
the commissioner's own side in a second browser.

Source: steps S3-3.1 to S3-3.5 of the fourth article.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.acceptance.monitored import late_visits
from tests.acceptance.walking import PHONE, by_record_name, on, open_sitting, record, rows, sign
from tests.browsing import check, needs_browser
from tests.updates import making
from tests.updates.making import HOUSE, REQUIRED, SHOWS, THEME, TODAY

pytestmark = needs_browser
FORTNIGHT = timedelta(days=14)
PROGRESS = "Evening rounds have travel time since Monday of last week."


@pytest.fixture
def tracked_id(world):
    """Tracked and drafted: the first update fell due today."""
    made = making.started(world)
    making.come(world)
    return made


def test_s3_3_1_contract_lead_records_the_concern_and_the_required_assurance(world, site):
    making.concern(world)
    page = site.home("cora", width=PHONE)
    by_record_name(page, "external assurance tracker")
    expect(page.locator("h1")).to_have_text("External assurance tracker")
    expect(page.locator("main")).to_contain_text("No concern is tracked")
    assert check(page) == []
    page.get_by_role("link", name="Track a concern").first.click()
    page.get_by_role("link", name="CB-CQ-0001").click()
    expect(page.get_by_label("Quality theme")).to_have_value(THEME)
    expect(page.get_by_label("Due")).to_have_value("2026-12-31")
    page.get_by_role("button", name="Put it on the tracker").click()
    expect(page.locator("#error-summary")).to_contain_text("Say what would assure")
    assert check(page) == []
    page.get_by_label("Required assurance").fill(REQUIRED)
    page.get_by_role("button", name="Put it on the tracker").click()
    expect(page.locator("main")).to_contain_text(REQUIRED)
    page.get_by_role("link", name="Start fortnightly updates").click()
    page.get_by_label("First update due on").fill("2026-11-23")
    assert check(page) == []
    page.get_by_role("button", name="Start the updates").click()
    expect(page.locator("#updates")).to_contain_text("drafted on 23 Nov 2026 at 09:00")
    by_record_name(page, "external assurance tracker")
    row = page.locator("#tracker").get_by_role("row").filter(has_text="EAT-0001")
    for words in (THEME, HOUSE, REQUIRED, "31 Dec 2026", "none published yet"):
        expect(row).to_contain_text(words)
    assert check(page) == []
    assert rows(
        world,
        "SELECT t.theme, t.required_assurance, l.name, m.name, u.anchor_on, u.every_days "
        "FROM tracked_concern t JOIN update_schedule u ON u.tracked_id = t.id "
        "JOIN membership l ON l.id = t.lead_id JOIN membership m ON m.id = t.manager_id",
    ) == [(THEME, REQUIRED, "Cora", "Bob", TODAY + timedelta(days=3), 14)]


def test_s3_3_2_registered_manager_gathers_the_evidence_set(world, site, tracked_id):
    page = site.home("bob")
    by_record_name(page, "service assurance file")
    expect(page.locator("h1")).to_have_text("Service assurance file")
    page.get_by_role("link", name="Updates that wait for a step").click()
    row = page.locator("#asked").get_by_role("row").filter(has_text="RUP-0001")
    for words in (HOUSE, "Evidence set awaited", "Bob", "by 23 Nov 2026"):
        expect(row).to_contain_text(words)
    row.get_by_role("link", name="RUP-0001").click()
    page.get_by_role("link", name="Gather the evidence set").click()
    expect(page.locator("main")).to_contain_text(REQUIRED)
    page.get_by_label("What the evidence shows").fill(SHOWS)
    page.get_by_role("button", name="Hand in for validation").click()
    # A claim without its source records is not taken.
    expect(page.locator("#error-summary")).to_contain_text("evidence")
    expect(page.get_by_label("What the evidence shows")).to_have_value(SHOWS)
    assert check(page) == []
    page.locator("#new_title").fill("Feedback of families on evening visits")
    page.locator("#new_kind").select_option("feedback")
    page.locator("#new_link").fill("https://visits.example/46")
    page.locator("#new_period_to").fill("2026-11-19")
    page.get_by_role("button", name="Hand in for validation").click()
    expect(page.locator("#evidence-set")).to_contain_text(SHOWS)
    expect(page.locator("#evidence-set")).to_contain_text("Not validated yet")
    # Nothing of it is claimed yet.
    waiting = page.get_by_role("region", name="Not yet validated").first
    expect(waiting).to_contain_text("CLM-0001")
    assert check(page) == []
    by_record_name(page, "service assurance file")
    row = page.get_by_role("row").filter(has_text="RUP-0001")
    for words in (HOUSE, THEME, "CLM-0001", "Bob", "20 Nov 2026", "Not validated yet"):
        expect(row).to_contain_text(words)
    assert check(page) == []
    assert rows(
        world,
        "SELECT c.kind, c.statement, e.kind, c.period_from FROM recovery_update r "
        "JOIN claim c ON c.id = r.claim_id JOIN evidence_link l ON l.claim_id = c.id "
        "JOIN evidence e ON e.id = l.evidence_id",
    ) == [("recovery_update", SHOWS, "feedback", TODAY - FORTNIGHT)]


def _compare(page) -> None:
    """Every row of a sample, held against its source."""
    page.get_by_label("Size of the sample").fill("2")
    page.get_by_role("button", name="Draw the sample").click()
    for row in (1, 2):
        expect(page.locator("#row-title")).to_contain_text(f"Row {row} of 2")
        page.get_by_role("button", name="Matches", exact=True).click()
    expect(page.locator("#claim-sample")).to_contain_text("2 of 2 match their source")


def test_s3_3_3_provider_quality_lead_validates_that_it_proves_improvement(world, site, tracked_id):
    late_visits(world, TODAY - timedelta(days=9), TODAY - timedelta(days=4))
    update_id = making.newest(world, tracked_id)
    making.gathered(world, update_id)
    page = site.home("vera")
    by_record_name(page, "assurance review note")
    expect(page.locator("main")).to_contain_text("No validation yet")
    page.goto(f"/o/alder/updates/{update_id}")
    page.get_by_role("link", name="Validate the evidence").click()
    page.get_by_role("button", name="Start validation").click()
    _compare(page)
    for group in ("relevant", "is_current", "sufficient"):
        page.locator(f"#{group}-0").check()
    page.get_by_label("Findings").fill("The log and the rota agree.")
    page.get_by_label("It proves the claim", exact=True).check()
    page.get_by_role("button", name="Complete the validation").click()
    expect(page.locator("#claim-outcome")).to_contain_text("The log and the rota agree.")
    page.get_by_role("link", name="Evidence set of a recovery update").click()
    # The draft is older than what was found: its figures come first.
    page.get_by_role("button", name="It says no more than was validated").click()
    expect(page.locator("main")).to_contain_text("The figures are fresh now")
    expect(page.locator("#pack-content")).to_contain_text("Proven")
    assert check(page) == []
    page.get_by_role("button", name="It says no more than was validated").click()
    expect(page.locator("#steps")).to_contain_text("Waits for a governance lead")
    assert check(page) == []
    by_record_name(page, "assurance review note")
    row = page.get_by_role("row").filter(has_text="RUP-0001")
    for words in (HOUSE, "Proves it", "CLM-0001", "Vera", "20 Nov 2026"):
        expect(row).to_contain_text(words)
    assert check(page) == []
    assert rows(
        world,
        "SELECT r.status, c.outcome, m.name FROM recovery_update r "
        "JOIN claim c ON c.id = r.claim_id JOIN membership m ON m.id = r.validated_by_id",
    ) == [("validated", "proves", "Vera")]
    # Who gathered it does not say so.
    own = site.page("bob")
    own.goto(f"/o/alder/updates/{update_id}")
    expect(own.get_by_role("button", name="It says no more")).to_have_count(0)


def test_s3_3_4_contract_lead_sends_a_factual_update(world, site, tracked_id):
    update_id = making.newest(world, tracked_id)
    making.proved(world, update_id)
    making.link(world)
    page = site.page("cora")
    page.goto(f"/o/alder/updates/{update_id}")
    page.get_by_role("link", name=re.compile("Add words.*Progress")).click()
    page.locator("#words").fill(PROGRESS)
    assert check(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#pack-content")).to_contain_text(PROGRESS)
    expect(page.locator("#pack-content")).to_contain_text("What remains at risk")
    expect(page.get_by_role("link", name="Publish to the commissioner")).to_have_count(0)
    assert check(page) == []
    making.said_no_more(world, update_id)
    lead = site.page("alice")
    lead.goto(f"/o/alder/updates/{update_id}")
    lead.get_by_role("button", name="Approve it").click()
    expect(lead.locator("#steps")).to_contain_text("Alice, 20 Nov 2026")
    page.reload()
    page.get_by_role("link", name="Publish to the commissioner").click()
    page.get_by_label("Northshire Council").check()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("main")).to_contain_text("The pack is published")
    assert check(page) == []
    by_record_name(page, "contract monitoring file")
    expect(page.locator("main")).to_contain_text("RUP-0001")
    # The commissioner reads it, with the words and not a name of staff or residents.
    reader = site.home("carol")
    reader.get_by_role("link", name=re.compile("Recovery update 1")).first.click()
    expect(reader.locator("main")).to_contain_text(PROGRESS)
    text = reader.locator("main").inner_text()
    assert not [name for name in ("Bob", "Vera", "Rita") if name in text]
    assert check(reader) == []
    page.goto(f"/o/alder/updates/{update_id}")
    expect(page.locator("#steps")).to_contain_text("In time")
    assert rows(
        world,
        "SELECT r.status, m.name, r.published_on, p.kind FROM recovery_update r "
        "JOIN membership m ON m.id = r.published_by_id JOIN pack p ON p.id = r.pack_id",
    ) == [("published", "Cora", TODAY, "update")]


def test_s3_3_5_governance_group_answers_the_commissioners_feedback(world, site):
    with on(TODAY - FORTNIGHT):
        tracked_id = making.started(world, on=TODAY - FORTNIGHT)
        making.come(world, TODAY - FORTNIGHT)
        making.whole(world, making.newest(world, tracked_id))
    making.come(world)
    update_id = making.newest(world, tracked_id)
    making.whole(world, update_id)
    page = site.page("cora")
    page.goto(f"/o/alder/updates/{update_id}/feedback")
    page.get_by_label("What the commissioner said").fill("The council sees calmer evenings.")
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("#error-summary")).to_contain_text("Choose one")
    page.get_by_label("Content", exact=True).check()
    assert check(page) == []
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("#feedback")).to_contain_text("has not answered it yet")
    lead = site.home("alice")
    sitting = open_sitting(lead, "fortnightly_recovery")
    lead.get_by_role("link", name=re.compile("Answer it.*RUP-0002")).click()
    lead.get_by_label("What the group decided").fill("Two good fortnights; we go on to watch.")
    lead.get_by_label("Next steps").fill("The manager keeps travel time in the rota.")
    assert check(lead) == []
    lead.get_by_role("button", name="Record the answer").click()
    expect(lead.locator("#feedback")).to_contain_text("Two good fortnights")
    # By rule it has improved; without a decision of the group the updates go on.
    lead.goto(f"/o/alder/updates/tracked/{tracked_id}")
    expect(lead.locator("#improvement")).to_contain_text("Yes, by rule")
    lead.get_by_role("link", name="End the updates").click()
    lead.get_by_label("Why the updates end").fill("Required assurance is met")
    lead.get_by_role("button", name="End the updates").click()
    expect(lead.locator("#error-summary")).to_contain_text("Choose the decision")
    assert check(lead) == []
    lead.goto(sitting)
    matter = lead.locator(".matter").filter(has_text="RUP-0002").first
    record(matter, "decision", "The updates on late visits end.")
    sign(lead, sitting, summary="Late visits are over.", assurance="given")
    # The answer stands in the signed minutes.
    expect(lead.locator("main")).to_contain_text("The manager keeps travel time in the rota.")
    lead.goto(f"/o/alder/updates/tracked/{tracked_id}/end")
    lead.get_by_label("Decision of the governance group").select_option(index=1)
    lead.get_by_label("Why the updates end").fill("Required assurance is met")
    lead.get_by_role("button", name="End the updates").click()
    for words in ("Required assurance is met", "REV-0001", "ended 20 Nov 2026, Alice"):
        expect(lead.locator("main")).to_contain_text(words)
    assert check(lead) == []
    assert rows(
        world,
        "SELECT t.status, u.status, a.decision, v.forum FROM tracked_concern t "
        "JOIN update_schedule u ON u.tracked_id = t.id "
        "JOIN recovery_update r ON r.schedule_id = u.id "
        "JOIN update_feedback f ON f.update_id = r.id "
        "JOIN feedback_answer a ON a.feedback_id = f.id JOIN review v ON v.id = a.sitting_id",
    ) == [("met", "ended", "Two good fortnights; we go on to watch.", "fortnightly_recovery")]

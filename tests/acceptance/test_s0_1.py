"""Audit risks with an action status, walked in a browser by the roles that the field names.

Source: steps S0-1.1 to S0-1.5 of the first article.
"""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from careboard.db import db
from careboard.records.models import AuditConcern
from tests.acceptance.walking import by_record_name, on, rows
from tests.actions.samples import add_action, add_finding
from tests.browsing import check, needs_browser

pytestmark = needs_browser


def test_s0_1_1_quality_administrator_enters_an_audit_in_the_dashboard_data_log(world, site):
    page = site.home("vera")
    by_record_name(page, "dashboard data log")
    page.get_by_role("link", name="Add an audit").first.click()
    page.get_by_label("Service", exact=True).select_option(label="Alder House")
    page.get_by_label("Theme").fill("Medicines")
    page.get_by_label("Completed on").fill("2026-11-18")
    page.get_by_label("Score").fill("84")
    page.get_by_role("radio", name="Amber").check()
    page.get_by_label("Evidence source").fill("Audit form 31, quality folder")
    page.get_by_label("What was found").first.fill("Gaps in the administration record on nights")
    page.get_by_label("Severity").first.select_option("amber")
    assert check(page) == []
    page.get_by_role("button", name="Put it on the data log").click()
    expect(page.locator("main")).to_contain_text("84")
    expect(page.locator("main")).to_contain_text("Audit form 31, quality folder")
    by_record_name(page, "dashboard data log")
    row = page.get_by_role("row").filter(has_text="Medicines")
    expect(row).to_contain_text("Alder House")
    expect(row).to_contain_text("Audit form 31, quality folder")
    assert rows(world, "SELECT severity, status FROM audit_concern") == [("amber", "open")]
    page.get_by_role("link", name="Risk board").click()
    expect(page.locator("main")).to_contain_text("0 of 1")


def test_s0_1_2_quality_lead_links_a_concern_to_an_owner_and_a_date(world, site):
    add_finding(world)
    page = site.page("alice")
    page.goto("/o/alder/records/audit-concerns")
    page.get_by_role("link", name="Give it an owner and a date").first.click()
    page.get_by_label("Owner", exact=True).select_option(label="Rita")
    page.get_by_label("Due date").fill("2026-12-11")
    page.get_by_label("Measurable outcome").fill("No gap in four weekly samples")
    page.get_by_label("Baseline", exact=True).fill("6 gaps last week")
    page.get_by_label("Evidence needed").fill("Weekly sample sheets")
    assert check(page) == []
    page.get_by_role("button", name="Open action").click()
    expect(page.locator("#action")).to_contain_text("ACT-0001")
    assert check(page) == []
    by_record_name(page, "governance action tracker")
    row = page.get_by_role("row").filter(has_text="ACT-0001")
    expect(row).to_contain_text("Rita")
    expect(row).to_contain_text("11 Dec 2026")
    page.get_by_role("link", name="Risk board").click()
    expect(page.locator("main")).to_contain_text("1 of 1")
    letters = rows(world, "SELECT to_email, kind FROM outbox")
    assert [email for email, kind in letters] == ["rita@alder.example"]


def test_s0_1_3_registered_manager_reviews_audit_actions_weekly(world, site):
    with on(date(2026, 10, 20)):
        add_action(world, title="Overdue check of MAR charts", due_on=date(2026, 11, 10))
    page = site.home("bob")
    by_record_name(page, "service oversight note")
    page.goto("/o/alder/reviews/")
    page.get_by_role("link", name="Start the weekly manager review").first.click()
    page.get_by_role("button", name="Start").click()
    matter = page.locator("#section-overdue .matter").first
    expect(matter).to_contain_text("Overdue check of MAR charts")
    matter.get_by_text("Record a decision").click()
    matter.locator("select").select_option("decision")
    matter.locator("textarea").fill("Agency senior on nights until Rita's team is trained.")
    matter.get_by_role("button", name="Record", exact=True).click()
    expect(matter.locator(".entry")).to_contain_text("Agency senior on nights")
    assert check(page) == []
    entries = rows(
        world,
        "SELECT e.kind, r.forum, m.name FROM review_entry e JOIN review r ON r.id = e.review_id "
        "JOIN membership m ON m.id = e.by_id",
    )
    assert entries == [("decision", "weekly_manager", "Bob")]


def test_s0_1_4_action_owner_completes_with_evidence_and_someone_else_verifies(
    world, site, tmp_path
):
    action_id = add_action(world)
    sheet = tmp_path / "weekly sample.csv"
    sheet.write_text("day,gaps\nMonday,0\n")
    page = site.home("rita")
    by_record_name(page, "action tracker")
    page.get_by_role("link", name="Check MAR charts at handover").first.click()
    page.get_by_role("link", name="Complete").click()
    page.get_by_label("What was done, and what changed").fill("No gap since 9 Nov; was 7.")
    page.get_by_label("Kind of evidence").select_option("care_records")
    page.get_by_label("Evidence file").set_input_files(str(sheet))
    assert check(page) == []
    page.locator("#action-step button[type=submit]").click()
    expect(page.locator("#action")).to_contain_text("awaiting verification")
    expect(page.get_by_role("link", name="Verify")).to_have_count(0)
    other = site.page("vera")
    other.goto(f"/o/alder/actions/{action_id}")
    other.get_by_role("link", name="Verify").click()
    other.get_by_label("What was checked").fill("Five of five entries match the sheet.")
    other.locator("#action-step button[type=submit]").click()
    expect(other.locator("#action")).to_contain_text("Verified")
    assert check(other) == []
    assert rows(world, "SELECT status, completion_detail FROM action") == [
        ("verified", "No gap since 9 Nov; was 7.")
    ]
    ((digest, size),) = rows(world, "SELECT sha256, size FROM stored_file")
    assert len(digest) == 64 and size == sheet.stat().st_size


def test_s0_1_5_governance_lead_challenges_and_signs_the_minutes(world, site):
    with on(date(2026, 10, 20)):
        add_action(world, title="Overdue check of MAR charts", due_on=date(2026, 11, 2))
    page = site.home("alice")
    by_record_name(page, "provider governance minutes")
    page.goto("/o/alder/reviews/")
    page.get_by_role("link", name="Start the monthly governance review").first.click()
    page.get_by_role("button", name="Start").click()
    matter = page.locator("#section-overdue .matter").first
    matter.get_by_text("Record a decision").click()
    matter.locator("select").select_option("challenge")
    matter.locator("textarea").fill("Why has this waited eighteen days?")
    matter.get_by_role("button", name="Record", exact=True).click()
    expect(matter.locator(".entry-challenge")).to_be_visible()
    page.locator("#attendance").fill("Alice, Ben")
    page.locator("#summary").fill("Overdue medicines action challenged.")
    page.locator("#assurance").select_option("partial")
    page.locator("#close").get_by_role("button").first.click()
    page.get_by_role("link", name="Read and sign").first.click()
    assert check(page) == []
    page.locator("#read").check()
    page.get_by_role("button", name="Sign the minutes").click()
    expect(page.locator("main")).to_contain_text("unchanged since signing")
    assert check(page) == []
    ((status, digest),) = rows(world, "SELECT status, sha256 FROM review")
    assert status == "signed" and len(digest) == 64
    with pytest.raises(Exception, match="signed minutes cannot be changed"):
        world.sql("UPDATE review SET summary = 'otherwise'")
    page.goto("/o/alder/reviews/")
    expect(page.locator("main")).to_contain_text("Why has this waited eighteen days?")


def test_a_concern_without_an_action_is_shown_as_unlinked(world, site):
    concern_id = add_finding(world)
    page = site.page("alice")
    page.goto("/o/alder/figures/audit_risks_linked")
    expect(page.locator("main")).to_contain_text("AC-0044")
    with world.acting("alice") as alice:
        assert db.session.get(AuditConcern, (alice.org_id, concern_id)).status == "open"

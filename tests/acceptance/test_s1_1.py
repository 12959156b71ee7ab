"""Recovery of medicines, walked in a browser by the roles that the field names.

Source: steps S1-1.1 to S1-1.5 of the second article.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.acceptance.walking import PHONE, begin_plan, by_record_name, rows
from tests.browsing import check, needs_browser
from tests.recovery import planning
from tests.recovery.answering import look
from tests.recovery.making import ago, bring_doses

pytestmark = needs_browser
USUAL = (46, 47, 45, 46, 47, 45, 46, 46, 47, 45, 46, 47, 46)


def _doses(world, *valid: int, of: int = 50) -> None:
    """Doses of the last weeks, the last one for the last full week; `valid` of `of` each."""
    days = [ago(7 * back) for back in range(len(valid))][::-1]
    bring_doses(
        world,
        *(
            (day, "G" if number < good else "")
            for day, good in zip(days, valid, strict=True)
            for number in range(of)
        ),
    )


def test_s1_1_1_medicines_lead_picks_indicators_with_baselines(world, site):
    _doses(world, 46, 46, 46, 46)
    page = site.home("bob")
    by_record_name(page, "medicines recovery dashboard")
    expect(page.locator("h1")).to_have_text("Medicines recovery dashboard")
    assert check(page) == []
    begin_plan(page, "Medicines recovery")
    baseline = page.get_by_label("Medicines compliance: baseline")
    expect(baseline).to_have_value("92")
    page.get_by_label("Time to review discrepancies: baseline").fill("96")
    page.get_by_label("Competency checks in date: baseline").fill("71")
    page.get_by_label("Medicines out of stock: in the plan").uncheck()
    assert check(page) == []
    page.get_by_role("button", name="Begin the plan").first.click()
    expect(page.locator("main")).to_contain_text("The plan has begun")
    compliance = page.get_by_role("row").filter(has_text="Medicines compliance")
    for words in ("92%", "98%", "measurable improvement"):
        expect(compliance.first).to_contain_text(words)
    for words in ("Week 1 of 10", "End-of-shift medicines check", "Discrepancy logs"):
        expect(page.locator("main")).to_contain_text(words)
    assert check(page) == []
    by_record_name(page, "medicines recovery dashboard")
    expect(page.get_by_role("row").filter(has_text="PLN-0001")).to_contain_text("Bob")
    # Every indicator: baseline, current position, target, review owner.
    page.get_by_role("link", name="Medicines recovery", exact=True).click()
    page.get_by_role("link", name="Medicines compliance").first.click()
    stands = page.get_by_role("region", name="Baseline, current position and target")
    for words in ("Baseline", "92%", "Current position", "46 of 50", "Target", "98%"):
        expect(stands).to_contain_text(words)
    for words in ("Review owner", "Bob", "Unsupported"):
        expect(page.locator("main")).to_contain_text(words)
    assert check(page) == []
    held = rows(
        world,
        "SELECT i.name, p.baseline_value, p.target, p.is_goal FROM plan_indicator p "
        "JOIN indicator i ON i.id = p.indicator_id ORDER BY i.name",
    )
    assert [(name, float(was), float(target), goal) for name, was, target, goal in held] == [
        ("Competency checks in date", 71, 100, False),
        ("Medicines compliance", 92, 98, True),
        ("Time to review discrepancies", 96, 72, False),
    ]


def test_s1_1_2_registered_manager_reviews_the_week_and_decides(world, site):
    _doses(world, *USUAL, 36)
    plan_id = planning.begin(world, lines=[planning.COMPLIANCE], started_on=ago(27))
    look(world)
    page = site.home("bob")
    by_record_name(page, "medicines recovery dashboard")
    page.get_by_role("link", name="Medicines recovery", exact=True).click()
    expect(page.locator("main")).to_contain_text("Worsening")
    page.get_by_role("link", name="Review the week").click()
    expect(page.locator("h1")).to_have_text("Medicines governance action log")
    expect(page.locator("main")).to_contain_text("moved by a special cause")
    page.locator("#why").fill("Two agency nights without the handover sheet")
    page.locator("#followed").fill("A senior checks at handover; staff observed each week")
    page.get_by_label("Keep it under enhanced review").check()
    page.get_by_role("button", name="Record the review").click()
    # What moved by a special cause cannot be reviewed without its own story.
    expect(page.locator("#error-summary")).to_contain_text("Say why it changed")
    assert rows(world, "SELECT 1 FROM plan_review") == []
    assert check(page) == []
    page.locator("textarea[id^='why-']").fill("Two agency nights without the handover sheet")
    page.locator("textarea[id^='followed-']").fill("The checking routine changed on 16 Nov")
    page.get_by_role("button", name="Record the review").click()
    story = page.locator("#recovery-story")
    expect(story).to_contain_text("Keep it under enhanced review")
    expect(story).to_contain_text("The checking routine changed on 16 Nov")
    assert check(page) == []
    # The decline waits for a response; the manager revises the controls.
    page.goto(f"/o/alder/recovery/plans/{plan_id}")
    page.get_by_role("row").filter(has_text="RSP-0001").get_by_role("link").click()
    page.get_by_label("Revised operational controls").check()
    page.locator("#reason").fill("Gaps are on nights; a second check at handover closes them")
    page.get_by_label("Owner", exact=True).select_option(label="Rita")
    page.get_by_label("By when").fill("2026-11-30")
    assert check(page) == []
    page.get_by_role("button", name="Record the response").click()
    expect(page.locator("main")).to_contain_text("The response is recorded")
    by_record_name(page, "medicines governance action log")
    row = page.get_by_role("row").filter(has_text="ACT-0001")
    expect(row).to_contain_text("Revised operational controls")
    expect(row).to_contain_text("Rita")
    assert check(page) == []
    assert rows(
        world,
        "SELECT r.decision, r.cadence, m.name, "
        "(SELECT count(*) FROM plan_review_story s WHERE s.plan_review_id = r.id) "
        "FROM plan_review r JOIN membership m ON m.id = r.by_id",
    ) == [("enhanced_review", "week", "Bob", 1)]
    assert rows(world, "SELECT status, kind FROM response") == [("answered", "revised_controls")]
    assert rows(world, "SELECT plan_id FROM action") == [(plan_id,)]


def test_s1_1_3_senior_carer_checks_at_the_end_of_the_shift_on_a_phone(world, site):
    planning.begin(world)
    planning.discrepancies(world, "teatime", on=date(2026, 11, 18))
    page = site.home("rita", width=PHONE)
    by_record_name(page, "dashboard evidence sheet")
    assert check(page) == []
    page.get_by_role("link", name="End-of-shift medicines check").click()
    page.get_by_text("Late", exact=True).click()
    page.get_by_text("Add a discrepancy").click()
    page.locator("#found-0-what").select_option("No entry on the record")
    page.locator("#found-0-round").select_option("teatime")
    assert check(page) == []
    page.get_by_role("button", name="Record").click()
    expect(page.locator("main")).to_contain_text("Medicines check recorded")
    assert check(page) == []
    by_record_name(page, "dashboard evidence sheet")
    expect(page.locator(".check-list")).to_contain_text("late shift")
    by_record_name(page, "discrepancy log")
    found = page.locator(".finding").first
    expect(found).to_contain_text("No entry on the record (teatime round)")
    found.get_by_text("Review", exact=True).click()
    found.get_by_label("What came of it, without names").fill("Given; signed late by the senior")
    found.get_by_role("button", name="Record the review").click()
    expect(page.locator(".finding").first).to_contain_text("by Rita: Given; signed late")
    assert check(page) == []
    assert rows(
        world,
        "SELECT c.kind, c.shift, c.verdict, f.what, f.round, f.reviewed_at IS NOT NULL "
        "FROM practice_check c JOIN check_finding f ON f.check_id = c.id "
        "WHERE c.on_date = '2026-11-20' AND c.plan_id IS NOT NULL",
    ) == [("medicines_shift", "late", "discrepancies", "No entry on the record", "teatime", True)]
    # Two of the same round in 14 days: the plan says that they repeat.
    by_record_name(page, "medicines recovery dashboard")
    page.get_by_role("link", name="Medicines recovery", exact=True).click()
    trigger = page.get_by_role("row").filter(has_text="Repeated discrepancies")
    expect(trigger).to_contain_text("Fires")
    assert check(page) == []


def test_s1_1_4_medicines_lead_observes_a_round_and_checks_competency(world, site):
    planning.begin(world)
    page = site.home("rita", width=PHONE)
    by_record_name(page, "workforce assurance file")
    page.get_by_role("link", name="Practice observation").click()
    page.locator("#what").fill("Teatime medicines round")
    page.get_by_text("Not as agreed", exact=True).click()
    page.get_by_text("Add a difference").click()
    page.locator("#found-0-what").fill("Signed before it was given")
    assert check(page) == []
    page.get_by_role("button", name="Record").click()
    expect(page.locator("main")).to_contain_text("Observation recorded")
    by_record_name(page, "workforce assurance file")
    page.get_by_role("link", name="Competency check").click()
    page.locator("#staff").fill("S14")
    page.get_by_text("Competent", exact=True).click()
    assert check(page) == []
    page.get_by_role("button", name="Record").click()
    expect(page.locator("main")).to_contain_text("Competency recorded")
    by_record_name(page, "workforce assurance file")
    file = page.locator(".check-list")
    expect(file).to_contain_text("Signed before it was given")
    expect(file).to_contain_text("holds until 20 Nov 2027")
    assert check(page) == []
    held = rows(world, "SELECT kind, verdict, staff_ref FROM practice_check ORDER BY kind")
    assert [row[:2] for row in held] == [
        ("competency", "as_agreed"),
        ("practice_observation", "not_as_agreed"),
    ]
    assert len(held[0][2]) > 6 and "S14" not in held[0][2]


def test_s1_1_5_nominated_individual_asks_for_further_action(world, site):
    _doses(world, *USUAL)
    planning.begin(world, lines=[planning.COMPLIANCE], started_on=date(2026, 10, 1))
    for week in range(3):
        planning.check(
            world, "competency", what="Giving medicines", verdict="as_agreed", staff=f"S{week}",
            on=ago(7 * week), valid_until=ago(7 * week) + timedelta(days=365),
        )  # fmt: skip
    page = site.home("alice")
    by_record_name(page, "provider oversight minutes")
    expect(page.locator("h1")).to_have_text("Provider oversight minutes")
    expect(page.locator("main")).to_contain_text("No review has told it yet")
    by_record_name(page, "medicines recovery dashboard")
    page.get_by_role("link", name="Medicines recovery", exact=True).click()
    page.get_by_role("link", name="Review the month").click()
    expect(page.locator("h1")).to_have_text("Provider oversight minutes")
    expect(page.locator("main")).to_contain_text("1 Oct 2026 to 31 Oct 2026")
    page.locator("#why").fill("Audits and competency agree: nights are the weak point")
    page.locator("#followed").fill("A pharmacist audits nights in December")
    page.get_by_label("Go on as planned").check()
    page.get_by_role("button", name="Record the review").click()
    expect(page.locator("#error-summary")).to_contain_text("assurance")
    page.get_by_label("Further action is needed").check()
    assert check(page) == []
    page.get_by_role("button", name="Record the review").click()
    expect(page.locator("#recovery-story")).to_contain_text("Further action is needed")
    by_record_name(page, "provider oversight minutes")
    minutes = page.locator("#recovery-story")
    for words in ("Alice", "A pharmacist audits nights in December", "Where the indicators stood"):
        expect(minutes).to_contain_text(words)
    assert check(page) == []
    assert rows(world, "SELECT cadence, assurance, same_person_reason FROM plan_review") == [
        ("month", "further_action", "")
    ]
    with pytest.raises(Exception, match="permission denied|cannot be changed"):
        world.sql("UPDATE plan_review SET assurance = 'assured'")
    # Who leads the plan does not assure its month.
    own = site.page("bob")
    own.goto(page.get_by_role("link", name="PLN-0001").first.get_attribute("href"))
    own.get_by_role("link", name="Review the month").click()
    expect(own.locator("main form[method=post]")).to_have_count(0)

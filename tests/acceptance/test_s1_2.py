"""Recovery of care reviews, walked in a browser by the roles that the field names.

Source: steps S1-2.1 to S1-2.5 of the second article.
"""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from tests.acceptance.walking import PHONE, begin_plan, by_record_name, rows
from tests.actions.samples import add_action
from tests.browsing import check, needs_browser
from tests.recovery import planning
from tests.recovery.answering import look
from tests.recovery.making import HOUSE, ago, bring_reviews

pytestmark = needs_browser
SHEET = "Readings of the week"
PLAN = "Care review recovery"


def _reviews(world, *on_time: int, of: int = 20) -> None:
    """Care reviews due in the last weeks, the last one for the last full week; those not done in
    time were done two days late."""
    bring_reviews(
        world,
        *(
            (ago(7 * back + 3), ago(7 * back + (3 if number < good else 1)))
            for back, good in enumerate(reversed(on_time))
            for number in range(of)
        ),
    )


def test_s1_2_1_care_coordinator_sets_the_starting_position(world, site):
    _reviews(world, 15, 15, 15, 15)
    page = site.home("bob")
    by_record_name(page, "care planning tracker")
    expect(page.locator("h1")).to_have_text("Care planning tracker")
    begin_plan(page, PLAN)
    expect(page.get_by_label("Care reviews on time: baseline")).to_have_value("75")
    page.get_by_label("Actions from care reviews closed on time: baseline").fill("60")
    page.get_by_label("High-risk care plans not yet updated: baseline").fill("7")
    assert check(page) == []
    page.get_by_role("button", name="Begin the plan").first.click()
    expect(page.locator("main")).to_contain_text("Week 1 of 8")
    for name, was, goal in (
        ("Care reviews on time", "75%", "95%"),
        ("Actions from care reviews closed on time", "60%", "95%"),
        ("High-risk care plans not yet updated", "7", "0"),
    ):
        row = page.locator("tr[id^='line-']").filter(has_text=name).first
        expect(row).to_contain_text(was)
        expect(row).to_contain_text(goal)
    assert check(page) == []
    # What no system exports is entered by hand: the high-risk updates of the week.
    hand = site.home("rita")
    hand.get_by_role("navigation", name="Main").get_by_role("link", name="Recovery").click()
    hand.locator("main").get_by_role("link", name=HOUSE, exact=True).click()
    hand.get_by_role("link", name=SHEET).click()
    hand.get_by_label("High-risk care plans not yet updated").fill("6")
    assert check(hand) == []
    hand.get_by_role("button", name="Record the readings").click()
    expect(hand.locator(".sheet")).to_contain_text("6")
    expect(hand.get_by_text("1 of 2 recorded")).to_be_visible()
    held = rows(
        world,
        "SELECT i.name, r.value FROM reading r JOIN indicator i ON i.id = r.indicator_id",
    )
    assert [(name, float(value)) for name, value in held] == [
        ("High-risk care plans not yet updated", 6)
    ]
    begun = rows(world, "SELECT title, horizon_weeks, domain FROM recovery_plan")
    assert begun == [(PLAN, 8, "records")]


def test_s1_2_2_deputy_manager_samples_whether_actions_are_specific_and_owned(world, site):
    planning.begin(world, template="care_reviews", title=PLAN)
    page = site.home("bob", width=PHONE)
    by_record_name(page, "care planning evidence file")
    page.get_by_role("link", name="Sampled actions of care reviews").click()
    page.locator("#actions-0-reference").fill("AR-14")
    page.locator("#actions-1-reference").fill("AR-15")
    page.locator("label[for='actions-1-owned']").click()
    page.locator("label[for='actions-1-specific']").click()
    assert check(page) == []
    page.get_by_role("button", name="Record").click()
    expect(page.locator("main")).to_contain_text("Review actions recorded")
    by_record_name(page, "care planning evidence file")
    expect(page.locator(".check-list")).to_contain_text("AR-15: not specific, not owned")
    assert check(page) == []
    by_record_name(page, "care review trackers")
    page.get_by_role("link", name=PLAN, exact=True).click()
    expect(page.locator("main")).to_contain_text("1 of 2 sampled actions lack something")
    assert check(page) == []
    ((kind, verdict, result),) = rows(world, "SELECT kind, verdict, result FROM practice_check")
    assert (kind, verdict, result["sampled"]) == ("review_actions", "not_as_agreed", 2)


def test_s1_2_3_key_worker_completes_a_review_action_and_points_to_the_care_plan(world, site):
    plan_id = planning.begin(world, template="care_reviews", title=PLAN)
    add_action(
        world, title="Agree evening routine at review AR-14", domain="records", plan_id=plan_id
    )
    page = site.home("rita", width=PHONE)
    by_record_name(page, "care review notes")
    page.get_by_role("link", name="Agree evening routine at review AR-14").first.click()
    page.get_by_role("link", name="Complete").click()
    page.get_by_label("What was done, and what changed").fill(
        "Agreed with the person and their representative; the care plan says so since today."
    )
    page.get_by_label("Kind of evidence").select_option("care_records")
    page.get_by_label("link to the source record").fill("https://care.example/plans/14")
    assert check(page) == []
    page.locator("#action-step button[type=submit]").click()
    expect(page.locator("#action")).to_contain_text("awaiting verification")
    assert check(page) == []
    by_record_name(page, "care plan")
    expect(page.locator("main")).to_contain_text("Agree evening routine at review AR-14")
    other = site.home("vera")
    by_record_name(other, "care review notes")
    other.goto(f"/o/alder/recovery/plans/{plan_id}")
    other.get_by_role("link", name="Agree evening routine at review AR-14").click()
    other.get_by_role("link", name="Verify").click()
    other.get_by_label("What was checked").fill("The care plan was read; it is as agreed.")
    other.locator("#action-step button[type=submit]").click()
    expect(other.locator("#action")).to_contain_text("Verified")
    assert rows(world, "SELECT status, domain, plan_id FROM action") == [
        ("verified", "records", plan_id)
    ]
    assert rows(
        world,
        "SELECT e.kind, v.source_link FROM evidence e "
        "JOIN evidence_revision v ON v.evidence_id = e.id",
    ) == [("care_records", "https://care.example/plans/14")]


def test_s1_2_4_senior_carer_observes_whether_guidance_is_followed(world, site):
    planning.begin(world, template="care_reviews", title=PLAN)
    planning.check(
        world, "observation", what="Morning support", verdict="not_as_agreed", staff="S15",
        found=[planning.Found("practice", "The old routine was used")],
    )  # fmt: skip
    page = site.home("rita", width=PHONE)
    by_record_name(page, "observation log")
    page.get_by_role("link", name="Practice observation").click()
    page.locator("#what").fill("Evening routine, review AR-14")
    page.get_by_text("Not as agreed", exact=True).click()
    page.get_by_role("button", name="Record").click()
    # What differed has to be said; what was typed stays.
    expect(page.locator("#error-summary")).to_contain_text("Say what differed")
    expect(page.locator("#what")).to_have_value("Evening routine, review AR-14")
    page.locator("#found-0-what").fill("Nobody had read the new guidance")
    assert check(page) == []
    page.get_by_role("button", name="Record").click()
    expect(page.locator("main")).to_contain_text("Observation recorded")
    by_record_name(page, "observation log")
    expect(page.locator(".check-list")).to_contain_text("Nobody had read the new guidance")
    assert check(page) == []
    by_record_name(page, "care planning tracker")
    page.get_by_role("link", name=PLAN, exact=True).click()
    trigger = page.get_by_role("row").filter(has_text="Practice")
    expect(trigger.filter(has_text="Fires")).to_contain_text("2 of")
    assert rows(world, "SELECT count(*) FROM practice_check WHERE verdict = 'not_as_agreed'") == [
        (2,)
    ]


def test_s1_2_5_provider_quality_lead_asks_whether_recovery_is_sustained(world, site):
    _reviews(world, 19, 19, 19, 18, 17, 15)
    lines = [
        planning.Line(
            planning.IndicatorSpec(measure="reviews_on_time", target=95, goal=True), 75, 95, True
        )
    ]
    planning.begin(
        world,
        template="care_reviews",
        title=PLAN,
        lines=lines,
        started_on=date(2026, 10, 1),
        horizon_weeks=8,
    )
    look(world)
    page = site.home("alice")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Recovery").click()
    page.locator("main").get_by_role("link", name=HOUSE, exact=True).click()
    worsening = page.locator("section").filter(has=page.locator("#worsening"))
    expect(worsening).to_contain_text("Care reviews on time")
    assert check(page) == []
    by_record_name(page, "care planning tracker")
    page.get_by_role("link", name=PLAN, exact=True).click()
    page.get_by_role("link", name="Review the month").click()
    expect(page.locator("h1")).to_have_text("Governance minutes")
    page.locator("#why").fill("Reviews slipped when the coordinator left")
    page.locator("#followed").fill("Recovery is not sustained; a second coordinator from December")
    page.get_by_label("Change the plan or its controls").check()
    page.get_by_label("Further action is needed").check()
    assert check(page) == []
    page.get_by_role("button", name="Record the review").click()
    expect(page.locator("#recovery-story")).to_contain_text("Recovery is not sustained")
    # The monthly sitting has the decline before it until somebody answers.
    by_record_name(page, "governance minutes")
    page.goto("/o/alder/reviews/")
    page.get_by_role("link", name="Start the monthly governance review").first.click()
    page.get_by_role("button", name="Start").click()
    matter = page.locator("#section-changed .matter").filter(has_text="RSP-0001")
    expect(matter).to_contain_text("Care reviews on time: falling compliance")
    matter.get_by_text("Record a decision").click()
    matter.locator("select").select_option("challenge")
    matter.locator("textarea").fill("What keeps reviews on time when one person leaves?")
    matter.get_by_role("button", name="Record", exact=True).click()
    expect(matter.locator(".entry-challenge")).to_be_visible()
    assert check(page) == []
    by_record_name(page, "governance minutes")
    expect(page.locator("main")).to_contain_text("Monthly governance")
    assert rows(world, "SELECT cadence, decision, assurance FROM plan_review") == [
        ("month", "change", "further_action")
    ]
    assert rows(world, "SELECT rule, status FROM response") == [("falling_compliance", "open")]
    assert rows(world, "SELECT kind FROM review_entry") == [("challenge",)]

"""Recovery from staffing pressure, walked in a browser by the roles that the field names.

Source: steps S1-3.1 to S1-3.5 of the second article.
"""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from careboard.recovery.check_kinds import Deployment
from tests.acceptance.walking import PHONE, begin_plan, by_record_name, rows
from tests.browsing import check, needs_browser
from tests.imports_db.making import bring
from tests.recovery import planning
from tests.recovery.answering import look
from tests.recovery.making import CONCERNS, HOUSE, ON, ago, text

pytestmark = needs_browser
SHORT_SHIFT = Deployment(planned=40, actual=30, required=38)
DELAYS = "Delayed responses in evenings and at weekends"
PLAN = "Staffing pressure and response times"


def _answers(world, good: int, of: int = 20) -> None:
    """Answers on timely support over the last four weeks, `good` of them positive."""
    lines = (
        f"F-{number},{HOUSE},{ago(number):%d/%m/%Y},Person,Support comes when needed,"
        f"{5 if number < good else 2},5"
        for number in range(of)
    )
    bring(world, "feedback", text(CONCERNS["feedback"], lines))


def test_s1_3_1_registered_manager_opens_the_staffing_recovery_file(world, site):
    _answers(world, 13)
    page = site.home("bob")
    by_record_name(page, "staffing recovery file")
    expect(page.locator("h1")).to_have_text("Staffing recovery file")
    begin_plan(page, "Staffing and response times")
    expect(page.get_by_label("Positive feedback on timely support: baseline")).to_have_value("65")
    for name, value in (
        (DELAYS, "22"),
        ("Staffing exceptions", "9"),
        ("People whose dependency has risen", "4"),
        ("Incidents in evenings and at weekends", "6"),
    ):
        page.get_by_label(f"{name}: baseline").fill(value)
    assert check(page) == []
    page.get_by_role("button", name="Begin the plan").first.click()
    expect(page.locator("main")).to_contain_text("Week 1 of 10")
    goal = page.locator("tr[id^='line-']").filter(has_text="Positive feedback on timely support")
    for words in ("65%", "85%", "measurable improvement"):
        expect(goal.first).to_contain_text(words)
    assert check(page) == []
    by_record_name(page, "staffing recovery file")
    expect(page.locator("main")).to_contain_text(PLAN)
    held = rows(
        world,
        "SELECT i.name, p.baseline_value FROM plan_indicator p "
        "JOIN indicator i ON i.id = p.indicator_id WHERE p.baseline_value IS NOT NULL",
    )
    assert {name: float(value) for name, value in held} == {
        "Positive feedback on timely support": 65,
        DELAYS: 22,
        "Staffing exceptions": 9,
        "People whose dependency has risen": 4,
        "Incidents in evenings and at weekends": 6,
    }


def test_s1_3_2_rota_coordinator_notes_where_rota_and_need_differ(world, site):
    planning.begin(
        world, template="staffing", title=PLAN, started_on=ago(13), lead_id=world.member_id("rita")
    )
    planning.check(world, "deployment", hours=SHORT_SHIFT, on=ago(1), shift="late")
    page = site.home("rita")
    by_record_name(page, "dependency reviews")
    expect(page.locator(".check-list")).to_contain_text("38 needed")
    by_record_name(page, "rota planning notes")
    expect(page.locator("h1")).to_have_text("Rota planning notes")
    by_record_name(page, "staffing recovery file")
    page.get_by_role("link", name=PLAN, exact=True).click()
    page.get_by_role("link", name="Add evidence").click()
    page.get_by_label("Title").fill("Rota of 16 to 22 November, revised")
    page.get_by_label("Kind of evidence").select_option("staff_practice")
    page.get_by_label("link to the source record").fill("https://rota.example/week/47")
    assert check(page) == []
    page.get_by_role("button", name="Submit evidence").click()
    by_record_name(page, "rotas")
    expect(page.locator("main")).to_contain_text("Rota of 16 to 22 November, revised")
    by_record_name(page, "staffing recovery file")
    page.get_by_role("link", name=PLAN, exact=True).click()
    page.get_by_role("link", name="Review the week").click()
    page.locator("#changed").fill("Late shifts on Saturday ran eight hours below need")
    page.locator("#why").fill("The rota follows last year's dependency")
    page.locator("#followed").fill("One more from 16:00 to 22:00 at weekends")
    page.get_by_label("Change the plan or its controls").check()
    assert check(page) == []
    page.get_by_role("button", name="Record the review").click()
    expect(page.locator("main")).to_contain_text("The review is recorded")
    by_record_name(page, "rota planning notes")
    notes = page.locator("#recovery-story")
    for words in ("Rita", "last year's dependency", "One more from 16:00 to 22:00 at weekends"):
        expect(notes).to_contain_text(words)
    assert check(page) == []
    assert rows(world, "SELECT cadence, decision FROM plan_review") == [("week", "change")]
    assert rows(
        world,
        "SELECT e.kind, v.source_link FROM evidence e "
        "JOIN evidence_revision v ON v.evidence_id = e.id",
    ) == [("staff_practice", "https://rota.example/week/47")]


def test_s1_3_3_shift_leader_records_who_was_really_there(world, site):
    planning.begin(world, template="staffing", title=PLAN)
    for back in (0, -3):
        planning.check(world, "deployment", hours=SHORT_SHIFT, on=ago(back), shift="late")
    page = site.home("rita", width=PHONE)
    by_record_name(page, "daily management log")
    page.get_by_role("link", name="Deployment on a sampled shift").click()
    page.get_by_text("Late", exact=True).click()
    for name, value in (
        ("planned", "40"),
        ("actual", "31"),
        ("required", "38"),
        ("delays", "2"),
        ("delayed", "Two calls past ten minutes at teatime"),
        ("unmet_need", "Supper late for two"),
    ):
        page.locator(f"#{name}").fill(value)
    assert check(page) == []
    page.get_by_role("button", name="Record").click()
    expect(page.locator("main")).to_contain_text("Deployment recorded")
    by_record_name(page, "daily management log")
    log = page.locator(".check-list")
    for words in ("40 hours planned, 31 worked, 38 needed; 2 delays", "Supper late for two"):
        expect(log).to_contain_text(words)
    assert check(page) == []
    by_record_name(page, "staffing recovery file")
    page.get_by_role("link", name=PLAN, exact=True).click()
    trigger = page.get_by_role("row").filter(has_text="Deployment does not match")
    expect(trigger).to_contain_text("Fires")
    assert check(page) == []
    ((verdict, result),) = rows(
        world, f"SELECT verdict, result FROM practice_check WHERE on_date = '{ON}'"
    )
    assert (verdict, result["actual"], result["required"]) == ("not_as_agreed", 31, 38)


def test_s1_3_4_deputy_manager_gathers_what_people_and_staff_say(world, site):
    planning.begin(world, template="staffing", title=PLAN)
    page = site.home("bob")
    by_record_name(page, "quality monitoring file")
    page.get_by_role("link", name="Oct 2026").first.click()
    page.get_by_label("People heard, or answers given").fill("14")
    for line, (theme, good, bad, said) in enumerate(
        (
            ("response times", "4", "6", "Bells wait longest after supper"),
            ("rushed support", "3", "5", "Staff say evenings are a race"),
            ("continuity", "7", "2", "Mostly the same faces"),
        ),
        1,
    ):
        page.get_by_label(f"Theme, line {line}", exact=True).fill(theme)
        page.get_by_label(f"Positive, line {line}", exact=True).fill(good)
        page.get_by_label(f"Negative, line {line}", exact=True).fill(bad)
        page.get_by_label(f"What was said, without names, line {line}", exact=True).fill(said)
    assert check(page) == []
    page.get_by_role("button", name="Submit the summary").click()
    expect(page.locator("main")).to_contain_text("Staff say evenings are a race")
    assert check(page) == []
    by_record_name(page, "quality monitoring file")
    expect(page.get_by_role("row").filter(has_text=HOUSE)).to_contain_text("13 negative")
    # The answers that were imported are the other half of the file.
    _answers(world, 13)
    by_record_name(page, "feedback")
    expect(page.locator("main")).to_contain_text("5 of 5")
    assert check(page) == []
    assert rows(world, "SELECT theme, positive, negative FROM experience_theme ORDER BY theme") == [
        ("continuity", 7, 2),
        ("response times", 4, 6),
        ("rushed support", 3, 5),
    ]


def test_s1_3_5_provider_lead_escalates(world, site):
    goal = planning.IndicatorSpec(
        name=DELAYS, domain="staffing", unit="percent", good="down", target=10, goal=True
    )
    planning.begin(
        world, template="staffing", title=PLAN, lines=[planning.Line(goal, 22, 10, True)],
        started_on=date(2026, 9, 28),
    )  # fmt: skip
    ((delays,),) = rows(world, f"SELECT id FROM indicator WHERE name = '{DELAYS}'")
    planning.read(world, delays, 9, 9, 9, 9, 14, 16, 18)
    look(world)
    page = site.home("alice")
    by_record_name(page, "provider governance report")
    expect(page.locator("h1")).to_have_text("Provider governance report")
    by_record_name(page, "staffing recovery file")
    page.get_by_role("link", name=PLAN, exact=True).click()
    page.get_by_role("link", name="Review the month").click()
    expect(page.locator("h1")).to_have_text("Provider governance report")
    page.locator("#why").fill("The evening rota lags behind dependency")
    page.locator("#followed").fill("Escalated to the risk register; weekly calls with the provider")
    page.get_by_label("Keep it under enhanced review").check()
    page.get_by_label("Escalated", exact=True).check()
    assert check(page) == []
    page.get_by_role("button", name="Record the review").click()
    expect(page.locator("#recovery-story")).to_contain_text("Escalated to the risk register")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Recovery").click()
    assert check(page) == []
    page.get_by_role("link", name=f"unanswered at {HOUSE}").click()
    delay = page.get_by_role("row").filter(has_text="repeated response delays")
    expect(delay).to_contain_text("3 of the last 4 weeks")
    delay.get_by_role("link", name=DELAYS).click()
    page.get_by_label("Risk register escalation").check()
    page.locator("#reason").fill("Delays have risen for three weeks, and people wait for supper")
    page.get_by_label("Owner", exact=True).select_option(label="Bob")
    page.get_by_label("By when").fill("2026-12-11")
    page.get_by_label("Rating on the risk register").select_option("high")
    assert check(page) == []
    page.get_by_role("button", name="Record the response").click()
    expect(page.locator("main")).to_contain_text("The response is recorded")
    by_record_name(page, "risk register")
    expect(page.get_by_role("row").filter(has_text=HOUSE).first).to_contain_text("High")
    by_record_name(page, "provider governance report")
    expect(page.locator("#recovery-story")).to_contain_text("weekly calls with the provider")
    assert check(page) == []
    assert rows(world, "SELECT assurance FROM plan_review") == [("escalated",)]
    assert rows(
        world,
        "SELECT p.status, p.kind, r.domain, r.rating FROM response p JOIN risk r "
        "ON r.id = p.risk_id",
    ) == [("answered", "risk_register", "staffing", "high")]

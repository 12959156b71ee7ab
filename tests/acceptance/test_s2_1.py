"""Repeated safeguarding concerns, walked in a browser by the roles that the field names.

Source: steps S2-1.1 to S2-1.5 of the third article.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from careboard.db import db
from careboard.monitoring import episodes
from careboard.monitoring.entry import Change, Wanted
from careboard.monitoring.episodes import Visit
from tests.acceptance.monitored import TODAY, WEEK_AGO, ask_rules, fired, to_episode
from tests.acceptance.walking import by_record_name, on, open_sitting, record, rows, sign
from tests.actions.samples import add_action
from tests.browsing import check, needs_browser
from tests.imports_db.making import bring
from tests.imports_db.test_browser import figure, hand_in, load_it
from tests.monitoring import weekly
from tests.monitoring.making import NO_RED, NO_REPEATS, concern, reviewed, started

pytestmark = needs_browser
HEADER = (
    "Concern ref|Location ID|Raised on|Level|Category|Place|Source role|Person|"
    "Local authority|Status|Closed|Notes\n"
)
TITLE = "Repeated safeguarding concerns"
SENTENCE = "4 concerns in 61 days at Alder House, all in the upstairs lounge"
REASON = "Four concerns in one place in two months; local controls have not held"
REDUCED = Wanted("reduced_repeats", {})
DAY = timedelta(days=1)


def safeguarding(*days: date, first: int = 1) -> str:
    """A file of concerns at Alder House in the upstairs lounge, one for each day."""
    return HEADER + "".join(
        f"SG-{number:04d}|1-1000000100|{day:%d/%m/%Y}|S42 referral|neglect|upstairs lounge|"
        f"care worker|ALD-P{number}|Northshire|open||Found alone in the lounge\n"
        for number, day in enumerate(days, first)
    )


@pytest.fixture
def repeated(world, monkeypatch) -> None:
    """Four concerns in one place came in, and the rules were asked."""
    bring(world, "safeguarding", safeguarding(*(TODAY - days * DAY for days in (40, 25, 12, 3))))
    ask_rules(world, monkeypatch)


def _import(page, text: str, expected: int, *, known: bool = False) -> None:
    """Bring a file in; the mapping of one that looks like an earlier one is `known`."""
    file = {"name": "safeguarding.csv", "mimeType": "text/csv", "buffer": text.encode()}
    hand_in(page, "alder", "safeguarding", "Safeguarding register", file)
    if not known:
        page.get_by_role("button", name="Save the mapping and preview").click()
    expect(page.locator(".page-actions").get_by_role("button", name="Load")).to_be_visible()
    load_it(page)
    expect(page.locator(".counter", has_text="New").first).to_be_visible()
    assert figure(page, "New") == expected


def test_s2_1_1_safeguarding_lead_sees_repeated_themes_suggest_monitoring(world, site, monkeypatch):
    page = site.home("vera")
    _import(page, safeguarding(TODAY - 40 * DAY, TODAY - 25 * DAY), 2)
    ask_rules(world, monkeypatch)
    by_record_name(page, "provider safeguarding risk log")
    # Two in two months are no repetition yet.
    expect(page.locator("main")).to_contain_text("Nothing here")
    assert check(page) == []
    _import(page, safeguarding(TODAY - 12 * DAY, TODAY - 3 * DAY, first=3), 2, known=True)
    for _ in range(2):
        ask_rules(world, monkeypatch)
    by_record_name(page, "provider safeguarding risk log")
    row = page.get_by_role("row").filter(has_text=SENTENCE)
    for words in (TITLE, "Alder House", "today", "Decide by 27 Nov 2026"):
        expect(row).to_contain_text(words)
    assert check(page) == []
    row.get_by_role("link", name=TITLE).click()
    expect(page.locator("h1")).to_have_text(TITLE)
    for words in (SENTENCE, f"{TITLE}, version 1"):
        expect(page.locator("main")).to_contain_text(words)
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_role("link", name="Decide on monitoring", exact=True)).to_have_count(0)
    assert check(page) == []
    page.get_by_role("link", name="SG-0004").click()
    expect(page.locator("main")).to_contain_text("Upstairs lounge", ignore_case=True)
    # It fired once, and asks; nothing has started.
    assert fired(world, "safeguarding_repeated") == [(f"{SENTENCE}.", True, date(2026, 11, 27))]
    assert rows(world, "SELECT 1 FROM monitoring_episode") == []


def test_s2_1_2_governance_lead_confirms_the_criteria_and_decides(world, site, repeated):
    page = site.home("alice")
    by_record_name(page, "risk profile dashboard")
    expect(page.locator("#suggested")).to_contain_text(SENTENCE)
    assert check(page) == []
    page.locator("#suggested").get_by_role("link", name=TITLE).first.click()
    page.get_by_role("link", name="Decide on monitoring", exact=True).click()
    expect(page.locator("h1")).to_have_text("Decide on enhanced monitoring")
    page.get_by_label("Start enhanced monitoring").check()
    page.get_by_label("Reasons").fill(REASON)
    for code in ("no_repeat_themes", "no_red_overdue", "returns_validated"):
        page.locator(f"[name=criteria][value={code}]").uncheck()
    page.get_by_label("What is required of the service").fill("Two staff in the lounge.")
    page.get_by_role("button", name="Record the decision").click()
    # Without a criterion nobody could tell when it may end.
    expect(page.locator("#error-summary")).to_contain_text("at least one criterion")
    assert rows(world, "SELECT 1 FROM monitoring_decision") == []
    assert check(page) == []
    for code in ("no_repeat_themes", "no_red_overdue"):
        page.locator(f"[name=criteria][value={code}]").check()
    page.get_by_label("Days between reviews").fill("5")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("#entry")).to_contain_text("every 5 days")
    expect(page.locator("#entry")).to_contain_text(REASON)
    expect(page.locator("#criteria")).to_contain_text("1 of 2 met")
    assert check(page) == []
    by_record_name(page, "risk profile dashboard")
    expect(page.locator("#suggested")).to_have_count(0)
    expect(page.locator("#monitored")).to_contain_text(
        f"{TITLE} · week 1 of 8, 1 of 2 criteria met, reviewed every 5 days"
    )
    assert check(page) == []
    by_record_name(page, "EM decision")
    decided = page.get_by_role("row").filter(has_text="Alder House")
    for words in ("Started", REASON, SENTENCE, "Alice"):
        expect(decided).to_contain_text(words)
    assert check(page) == []
    assert rows(
        world,
        "SELECT d.decision, m.name, e.kind, e.frequency_days, e.planned_review_on - e.started_on, "
        "(SELECT count(*) FROM decision_trigger t WHERE t.decision_id = d.id AND t.rows <> '[]') "
        "FROM monitoring_decision d JOIN membership m ON m.id = d.decided_by_id "
        "JOIN monitoring_episode e ON e.id = d.episode_id",
    )[0][:5] == ("start", "Alice", "safeguarding", 5, 56)
    with pytest.raises(Exception, match="permission denied|cannot be changed"):
        world.sql("UPDATE monitoring_decision SET reason = 'otherwise'")


def test_s2_1_3_registered_manager_names_owners_for_priority_controls(world, site, repeated):
    add_action(world, title="Call bell in the lounge within reach", domain="safeguarding")
    changes = [Change("temporary_support", "A senior on evenings", world.member_id("bob"), TODAY)]
    episode_id = started(world, changes=changes)
    page = site.home("bob")
    by_record_name(page, "safeguarding action plan")
    expect(page.locator("main")).to_contain_text("Call bell in the lounge")
    assert check(page) == []
    to_episode(page, TITLE)
    expect(page.locator("#actions")).to_contain_text("None yet")
    page.locator("#actions").get_by_role("link", name="Add").click()
    page.get_by_label("What is to be done").fill("Two staff in the upstairs lounge, 16 to 20")
    page.locator("#domain").select_option("safeguarding")
    page.get_by_label("Owner", exact=True).select_option(label="Rita")
    page.get_by_label("Due date").fill("2026-11-27")
    page.get_by_label("Measurable outcome").fill("No concern in the lounge for eight weeks")
    page.get_by_label("Baseline", exact=True).fill("4 concerns in two months")
    page.get_by_label("Evidence needed").fill("Deployment sheets")
    assert check(page) == []
    page.get_by_role("button", name="Open action").click()
    expect(page.locator("#action")).to_contain_text("Two staff in the upstairs lounge")
    to_episode(page, TITLE)
    page.get_by_text("Take up an open action").click()
    page.locator("#action_id").select_option(index=1)
    page.get_by_role("button", name="Make it a priority action").click()
    expect(page.locator("#actions")).to_contain_text("Call bell in the lounge")
    expect(page.locator("#actions")).to_contain_text("Two staff in the upstairs lounge")
    page.get_by_role("button", name=re.compile("^In place.*Temporary support")).click()
    expect(page.locator("#changes")).to_contain_text("In place since 20 Nov 2026")
    assert check(page) == []
    by_record_name(page, "service improvement tracker")
    row = page.get_by_role("row").filter(has_text="Two staff in the upstairs lounge")
    expect(row).to_contain_text("Rita")
    expect(row).to_contain_text("27 Nov 2026")
    assert check(page) == []
    by_record_name(page, "safeguarding action plan")
    expect(page.get_by_role("row").filter(has_text="Rita")).to_have_count(2)
    assert rows(
        world,
        "SELECT a.episode_id, a.priority, a.domain, m.name, a.due_on FROM action a "
        "JOIN membership m ON m.id = a.owner_id WHERE a.title LIKE 'Two staff%'",
    ) == [(episode_id, True, "safeguarding", "Rita", date(2026, 11, 27))]
    assert rows(world, "SELECT count(*) FROM action WHERE priority") == [(2,)]


def _a_week(world) -> UUID:
    """An episode of a week ago, with an overdue priority action and the manager's return."""
    with on(WEEK_AGO):
        episode_id = started(world)
    weekly.priority_action(world, episode_id, due_on=TODAY - 2 * DAY)
    concern(world, TODAY - 4 * DAY)
    weekly.hand_in(world, episode_id)
    return episode_id


def test_s2_1_4_quality_lead_reviews_actions_and_evidence_weekly(world, site):
    _a_week(world)
    page = site.home("alice")
    by_record_name(page, "enhanced monitoring report")
    expect(page.locator("main")).to_contain_text("No report yet")
    assert check(page) == []
    to_episode(page, TITLE)
    page.get_by_role("link", name="Write the report on week 1").click()
    expect(page.locator("h1")).to_have_text("Enhanced monitoring report, week 1")
    for words in (
        "A senior was on every evening shift",
        "Lounge never without staff after 18:00",
        "Not verified",
        "Safeguarding",
        "Rita",
    ):
        expect(page.locator("main")).to_contain_text(words)
    page.get_by_label("What you checked").fill("The rota bears it out; one action is late.")
    page.get_by_label("More is needed").check()
    page.get_by_role("button", name="Write the report").click()
    expect(page.locator("#error-summary")).to_contain_text("Say who does what by when")
    assert check(page) == []
    page.get_by_label("Who does what by when").fill("Rita: deployment sheets by 24 Nov")
    page.get_by_role("button", name="Write the report").click()
    for words in ("The rota bears it out", "More is needed", "RET-0001"):
        expect(page.locator("main")).to_contain_text(words)
    assert check(page) == []
    by_record_name(page, "enhanced monitoring report")
    row = page.get_by_role("row").filter(has_text="EMR-0001")
    for words in ("week 1", "Alder House", "More is needed", "Alice", "20 Nov 2026"):
        expect(row).to_contain_text(words)
    assert rows(
        world,
        "SELECT p.week, p.decision, w.name, b.name, jsonb_array_length(p.actions) "
        "FROM monitoring_report p JOIN membership w ON w.id = p.written_by_id "
        "JOIN membership b ON b.id = p.returned_by_id",
    ) == [(1, "more_needed", "Alice", "Bob", 1)]
    with pytest.raises(Exception, match="permission denied|cannot be changed"):
        world.sql("UPDATE monitoring_report SET assessment = 'otherwise'")
    # Who answers for the service reports on nobody.
    own = site.home("bob")
    to_episode(own, TITLE)
    expect(own.get_by_role("link", name="Write the report")).to_have_count(0)


def _nine_weeks(world, *, visited: bool) -> UUID:
    """An episode of 63 days ago; its eight-week review found every criterion met."""
    start = TODAY - 63 * DAY
    with on(start):
        for days in (40, 25, 18, 9):
            concern(world, start - days * DAY)
        episode_id = started(world, criteria=[NO_REPEATS, REDUCED, NO_RED])
    with on(WEEK_AGO):
        reviewed(world, episode_id, planned_review_on=TODAY)
    if visited:
        visit = Visit(WEEK_AGO, world.member_id("vera"), "Two staff in the lounge.", "The rota")
        with world.acting("vera") as actor:
            episodes.record_visit(actor=actor, episode_id=episode_id, visit=visit)
            db.session.commit()
    return episode_id


def test_s2_1_5_safeguarding_governance_group_steps_down(world, site):
    _nine_weeks(world, visited=True)
    page = site.home("alice")
    by_record_name(page, "minutes")
    address = open_sitting(page, "quarterly_safeguarding")
    line = page.locator(".matter").filter(has_text=f"EM-0001 {TITLE}").first
    expect(line).to_contain_text("3 of 3 criteria met, review due 20 Nov 2026")
    record(line, "challenge", "Who saw the lounge at weekends?")
    assert check(page) == []
    page.goto(address)
    line.get_by_role("link", name="Hold its review").click()
    expect(page.locator("main")).to_contain_text(
        "3 repeats in the 28 days before entry, 0 in days 29 to 56 after it."
    )
    expect(page.locator("main")).to_contain_text("Stepping down may be decided")
    assert check(page) == []
    page.get_by_label("Step down").check()
    page.get_by_label("Reasons").fill("No theme came back in eight weeks; seen in person")
    page.get_by_role("button", name="Record the review").click()
    expect(page.locator("#error-summary")).to_contain_text("what would bring it back")
    page.get_by_label("What would bring it back").fill("One more concern in the lounge")
    assert page.get_by_label("Follow-up review").input_value() == "2026-12-18"
    assert check(page) == []
    page.get_by_role("button", name="Record the review").click()
    expect(page.locator("#entry")).to_contain_text("One more concern in the lounge")
    expect(page.locator("#reviews")).to_contain_text("Step down")
    assert check(page) == []
    page.goto(address)
    decided = page.locator("#decisions")
    for words in ("EM-0001", "Stepped down", "No theme came back in eight weeks", "Alice"):
        expect(decided).to_contain_text(words)
    sign(page, address, summary="Stepped down on evidence.", assurance="given")
    expect(page.locator("#decisions")).to_contain_text("No theme came back in eight weeks")
    assert check(page) == []
    by_record_name(page, "minutes")
    expect(page.get_by_role("row").filter(has_text="safeguarding").first).to_contain_text("Signed")
    assert rows(
        world,
        "SELECT v.number, v.decision, v.all_met, r.forum, r.status, e.status, e.follow_up_on "
        "FROM episode_review v JOIN review r ON r.id = v.sitting_id "
        "JOIN monitoring_episode e ON e.id = v.episode_id",
    ) == [
        (2, "step_down", True, "quarterly_safeguarding", "signed", "stepped_down",
         date(2026, 12, 18)),
    ]  # fmt: skip


def test_s2_1_5_safeguarding_governance_group_continues(world, site):
    """Nobody independent has seen it: it goes on, and the minutes say so."""
    _nine_weeks(world, visited=False)
    page = site.home("alice")
    by_record_name(page, "minutes")
    address = open_sitting(page, "quarterly_safeguarding")
    page.get_by_role("link", name="Hold its review").click()
    main = page.locator("main")
    expect(main).to_contain_text("Stepping down cannot be decided today")
    expect(main).to_contain_text("No independent visit has verified the improvement.")
    expect(page.get_by_label("Step down")).to_have_count(0)
    page.get_by_label("Reasons").fill("Eight weeks without a repeat; nobody else has seen it")
    page.get_by_label("Continue").check()
    assert check(page) == []
    page.get_by_label("Next planned review").fill("2026-12-18")
    page.get_by_role("button", name="Record the review").click()
    expect(page.locator("#entry")).to_contain_text("18 Dec 2026")
    page.goto(address)
    expect(page.locator("#decisions")).to_contain_text("Monitoring continues")
    assert check(page) == []
    held = "SELECT decision, all_met, sitting_id IS NOT NULL FROM episode_review ORDER BY number"
    assert rows(world, held) == [("continue", True, False), ("continue", True, True)]
    assert rows(world, "SELECT status FROM monitoring_episode") == [("open",)]

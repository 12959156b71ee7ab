"""Declining audit assurance, walked in a browser by the roles that the field names.

Source: steps S2-2.1 to S2-2.5 of the third article.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from playwright.sync_api import expect

from careboard.accounts import service as accounts
from careboard.db import db
from tests.acceptance.monitored import (
    HOUSE,
    TODAY,
    WEEK_AGO,
    ask_rules,
    audit_cycle,
    fired,
    monitoring,
    to_episode,
)
from tests.acceptance.walking import by_record_name, on, open_sitting, record, rows, sign
from tests.browsing import check, needs_browser
from tests.monitoring.making import Wanted, started
from tests.monitoring.weekly import priority_action
from tests.reviews.test_forums import appoint

pytestmark = needs_browser
FALLS = ("Care records 92% to 84%", "Medicines 94% to 81%", "Staff supervision 95% to 88%")
DECLINE = "3 themes fell at Alder House in November 2026"
REASON = "Three themes fell in one cycle; the manager's own checks did not see it"
REQUIRES = "Both seniors supervised, and ten records corrected each week"
TITLE = "Multi-theme decline"
WEAKEST = ["Medicines", "Care records", "Staff supervision"]


@pytest.fixture
def declined(world, monkeypatch) -> None:
    """Two cycles of audits in which three themes fell, and the rules asked."""
    _decline(world, monkeypatch)


def _decline(world, monkeypatch) -> None:
    audit_cycle(world, "August 2026", 92, 94, 95)
    audit_cycle(world, "November 2026", 84, 81, 88)
    ask_rules(world, monkeypatch)


@pytest.fixture
def episode(world, monkeypatch) -> UUID:
    """Started a week ago, on what the rules said of those audits then."""
    wanted = Wanted("themes_restored", {"themes": WEAKEST, "target": 90})
    entry = {"title": TITLE, "kind": "audit", "requires": REQUIRES, "criteria": [wanted]}
    with on(WEEK_AGO):
        _decline(world, monkeypatch)
        fires = rows(world, "SELECT id FROM trigger WHERE rule_code = 'multi_theme_decline'")
        return started(world, triggers=fires[0], **entry)


def test_s2_2_1_quality_analyst_sees_several_themes_decline(world, site, monkeypatch):
    audit_cycle(world, "August 2026", 92, 94, 95)
    page = site.home("vera")
    by_record_name(page, "risk profile")
    expect(page.locator("h1")).to_have_text("Risk profile")
    expect(page.locator("#suggested")).to_have_count(0)
    assert check(page) == []
    audit_cycle(world, "November 2026", 84, 81, 88)
    for _ in range(2):
        ask_rules(world, monkeypatch)
    by_record_name(page, "risk profile")
    suggested = page.locator("#suggested")
    for words in (DECLINE, *FALLS, "fired 20 Nov 2026, decide by 27 Nov 2026"):
        expect(suggested).to_contain_text(words)
    assert check(page) == []
    suggested.get_by_role("link", name=TITLE).click()
    expect(page.locator("h1")).to_have_text(TITLE)
    # Each theme against its previous score: both audits are there to be read.
    expect(page.get_by_role("link", name="Audit August 2026 Medicines")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(6)
    expect(page.get_by_role("link", name="Decide on monitoring", exact=True)).to_have_count(0)
    assert check(page) == []
    page.get_by_role("link", name="Audit November 2026 Medicines").click()
    expect(page.locator("main")).to_contain_text("81%")
    (told,) = fired(world, "multi_theme_decline")
    assert told[1:] == (True, date(2026, 11, 27)) and told[0].startswith(DECLINE)


def test_s2_2_2_provider_quality_lead_decides_with_a_rationale(world, site, declined):
    page = site.home("alice")
    by_record_name(page, "governance oversight note")
    expect(page.locator("h1")).to_have_text("Governance oversight notes")
    expect(page.locator("main")).to_contain_text("Nothing was decided yet")
    assert check(page) == []
    monitoring(page)
    row = page.get_by_role("row").filter(has_text=TITLE)
    expect(row).to_contain_text(DECLINE)
    row.get_by_role("link", name="Decide on").click()
    expect(page.get_by_label(DECLINE)).to_be_checked()
    for theme in WEAKEST:
        expect(page.get_by_label(theme, exact=True).first).to_be_checked()
    page.get_by_label("Start enhanced monitoring").check()
    page.get_by_label("What is required of the service").fill(REQUIRES)
    page.get_by_role("button", name="Record the decision").click()
    # A decision without its rationale is none.
    expect(page.locator("#error-summary")).to_contain_text("Say why")
    assert rows(world, "SELECT 1 FROM monitoring_decision") == []
    assert check(page) == []
    page.get_by_label("Reasons").fill(REASON)
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("h1")).to_have_text(TITLE)
    for words in ("Stepping down is not offered", REASON, REQUIRES, "Alice, 20 Nov 2026", "Bob"):
        expect(page.locator("main")).to_contain_text(words)
    expect(page.locator("#criteria")).to_contain_text("not audited since entry")
    assert check(page) == []
    by_record_name(page, "governance oversight note")
    note = page.get_by_role("row").filter(has_text=HOUSE)
    for words in ("Started", "EM-0001", REASON, DECLINE, "20 Nov 2026", "Alice"):
        expect(note).to_contain_text(words)
    assert check(page) == []
    assert rows(
        world,
        "SELECT d.decision, m.name, e.kind, e.frequency_days, t.rule_code "
        "FROM monitoring_decision d JOIN membership m ON m.id = d.decided_by_id "
        "JOIN monitoring_episode e ON e.id = d.episode_id "
        "JOIN decision_trigger x ON x.decision_id = d.id JOIN trigger t ON t.id = x.trigger_id",
    ) == [("start", "Alice", "audit", 7, "multi_theme_decline")]
    codes = rows(world, "SELECT code FROM episode_criterion ORDER BY code")
    assert codes == [("no_red_overdue",), ("returns_validated",), ("themes_restored",)]
    by_record_name(page, "risk profile")
    expect(page.locator("#suggested")).to_have_count(0)
    expect(page.locator("#monitored")).to_contain_text(TITLE)
    assert check(page) == []


def _open_action(page, *, title: str, domain: str, owner: str, due: str) -> None:
    """From the episode's page: one of its priority actions, with all that opening asks."""
    page.locator("#actions").get_by_role("link", name="Add", exact=True).click()
    expect(page.locator("#new-action")).to_contain_text("EM-0001")
    page.get_by_label("What is to be done").fill(title)
    page.get_by_label("Domain of risk").select_option(domain)
    page.get_by_label("Owner", exact=True).select_option(label=owner)
    page.get_by_label("Due date").fill(due)
    page.get_by_label("Measurable outcome").fill("90% at the next audit")
    page.get_by_label("Baseline", exact=True).fill("November's audit")
    page.get_by_label("Evidence needed").fill("Corrected records and supervision notes")
    assert check(page) == []
    page.get_by_role("button", name="Open action").click()
    expect(page.locator("main")).to_contain_text("Action opened. Its owner has been told.")


def test_s2_2_3_service_manager_plans_recovery_of_the_weakest_themes(world, site, episode):
    page = site.home("bob")
    by_record_name(page, "priority recovery plan")
    expect(page.locator("h1")).to_have_text("Actions")
    assert check(page) == []
    plan = (
        ("Second signature on every round", "medicines", "Rita", "2026-12-04", "4 Dec 2026"),
        ("Correct ten records a week", "records", "Bob", "2026-12-11", "11 Dec 2026"),
    )
    for title, domain, owner, due, _ in plan:
        to_episode(page, TITLE)
        _open_action(page, title=title, domain=domain, owner=owner, due=due)
    for name in ("quality improvement tracker", "priority recovery plan"):
        by_record_name(page, name)
        for title, domain, owner, _, due in plan:
            row = page.get_by_role("row").filter(has_text=title)
            for words in (domain.capitalize(), owner, due, HOUSE):
                expect(row).to_contain_text(words)
    assert check(page) == []
    to_episode(page, TITLE)
    actions = page.locator("#actions")
    for title, _, owner, _, due in plan:
        expect(actions.get_by_role("listitem").filter(has_text=title)).to_contain_text(
            f"{owner}, {due}"
        )
    assert check(page) == []
    held = rows(world, "SELECT episode_id, priority, status FROM action")
    assert held == [(episode, True, "open")] * 2


@pytest.fixture
def deputy(world) -> str:
    """Dina, deputy manager of Alder House; returns her address."""
    email = "dina@alder.example"
    house = world.service_id(HOUSE)
    with world.acting("adam") as adam:
        account_id = accounts.ensure_account(
            email=email, name="Dina", password="correct horse battery staple", demo=True
        )
        accounts.add_member(
            actor=adam, account_id=account_id, name="Dina", email=email,
            roles=["registered_manager"], job_title="Deputy manager", service_ids=[house],
        )  # fmt: skip
        db.session.commit()
    return email


def _attach(page) -> None:
    """Evidence of a recovery action, from the action's own page."""
    page.locator("#actions").get_by_role("link", name="Supervise both seniors").click()
    page.get_by_role("link", name="Add evidence").click()
    page.get_by_label("Title").fill("Supervision notes of both seniors")
    page.get_by_label("Kind of evidence").select_option("staff_practice")
    page.get_by_label("Or a link to the source record").fill("https://hr.example/supervision/46")
    page.get_by_label("Covers to").fill("2026-11-18")
    assert check(page) == []
    page.get_by_role("button", name="Submit evidence").click()
    expect(page.locator("main")).to_contain_text("Supervision notes of both seniors")


def _hand_in(page) -> None:
    """The return of the first week, on what the records say of it."""
    page.get_by_role("link", name="Week 1").click()
    expect(page.locator("h1")).to_have_text("Enhanced monitoring return, week 1")
    expect(page.locator("main")).to_contain_text("13 Nov 2026 to 19 Nov 2026 · due 20 Nov 2026")
    expect(page.get_by_role("row").filter(has_text="Audits")).to_contain_text("None was completed")
    page.get_by_label("Supervise both seniors").fill("Both were supervised on 17 November")
    page.get_by_label("What happened, and what was done").fill("Ten care records were corrected.")
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#error-summary")).to_contain_text("Say what you claim of this week")
    assert check(page) == []
    page.get_by_label("What you claim of this week").fill("The ten weakest records are corrected")
    page.get_by_label("Supervision notes of both seniors").check()
    new = page.locator("details").filter(has_text="Add a new item of evidence")
    if new.get_attribute("open") is None:
        new.locator("summary").click()
    page.locator("#new_title").fill("Corrected care records")
    page.locator("#new_kind").select_option("care_records")
    page.locator("#new_link").fill("https://care.example/corrections/46")
    page.locator("#new_period_to").fill("2026-11-19")
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("main")).to_contain_text("Handed in. Someone else verifies it by a sample.")


def test_s2_2_4_deputy_manager_returns_evidence_of_recovery(world, site, episode, deputy):
    priority_action(world, episode, title="Supervise both seniors", due_on=date(2026, 12, 4))
    page = site.sign_in(deputy)
    to_episode(page, TITLE)
    _attach(page)
    by_record_name(page, "enhanced monitoring return")
    expect(page.locator("h1")).to_have_text("Enhanced monitoring returns")
    expect(page.get_by_role("row").filter(has_text="Week 1")).to_contain_text("20 Nov 2026")
    assert check(page) == []
    _hand_in(page)
    for words in (
        "handed in by Dina, 20 Nov 2026",
        "In time",
        "Not verified yet",
        "The ten weakest records are corrected",
        "Supervision notes of both seniors",
        "Corrected care records",
        "Both were supervised on 17 November",
    ):
        expect(page.locator("main")).to_contain_text(words)
    assert check(page) == []
    by_record_name(page, "enhanced monitoring return")
    row = page.get_by_role("row").filter(has_text="RET-0001").last
    for words in (HOUSE, "Dina", "20 Nov 2026", "Not verified yet"):
        expect(row).to_contain_text(words)
    assert rows(
        world,
        "SELECT r.week, r.submitted_on, c.kind, m.name, (SELECT string_agg(e.kind, ' ' "
        "ORDER BY e.kind) FROM evidence_link l JOIN evidence e ON e.id = l.evidence_id "
        "WHERE l.claim_id = c.id) FROM monitoring_return r JOIN claim c ON c.id = r.claim_id "
        "JOIN membership m ON m.id = r.submitted_by_id",
    ) == [(1, TODAY, "monitoring_return", "Dina", "care_records staff_practice")]


def test_s2_2_5_provider_board_reviews_recovery_and_challenges(world, site, episode):
    audit_cycle(world, "First cycle since", 93, 91, 86, on=date(2026, 11, 19))
    appoint(world, "ben", "chair", "quarterly_board")
    page = site.home("ben")
    by_record_name(page, "board minutes")
    assert check(page) == []
    sitting = open_sitting(page, "quarterly_board")
    matter = page.locator(".matter").filter(has_text=TITLE)
    expect(matter).to_contain_text("week 2 of 8, 0 of 1 criteria met, review due 20 Nov 2026")
    assert check(page) == []
    matter.get_by_role("link", name="Open the episode").click()
    criteria = page.locator("#criteria")
    for words in (
        "Within two audit cycles, Medicines, Care records, Staff supervision at the score before",
        "Medicines: 91% (green) on 19 Nov 2026, to be 90% or more.",
        "Staff supervision: 86% (amber) on 19 Nov 2026, to be 90% or more.",
        "Not met",
    ):
        expect(criteria).to_contain_text(words)
    assert check(page) == []
    page.goto(sitting)
    record(matter, "challenge", "Why is supervision the last to recover?")
    assert check(page) == []
    sign(page, sitting, summary="Recovery of the audits looked at.", assurance="partial")
    expect(page.locator("main")).to_contain_text("Why is supervision the last to recover?")
    assert check(page) == []
    by_record_name(page, "board minutes")
    expect(page.get_by_role("row").filter(has_text="Quarterly board")).to_contain_text("Signed")
    assert rows(
        world,
        "SELECT e.kind, m.name, i.title, r.forum, r.status FROM review_entry e "
        "JOIN review_item i ON i.id = e.item_id JOIN review r ON r.id = e.review_id "
        "JOIN membership m ON m.id = e.by_id",
    ) == [("challenge", "Ben", f"EM-0001 {TITLE}", "quarterly_board", "signed")]

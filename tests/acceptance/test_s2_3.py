"""A commissioner's confidence, walked in a browser by the roles that the field names.

Source: steps S2-3.1 to S2-3.5 of the third article.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from careboard import clock
from careboard.db import db
from careboard.monitoring import episodes, intelligence_service
from careboard.monitoring.episodes import Visit
from tests.acceptance.monitored import (
    HOUSE,
    TODAY,
    WEEK_AGO,
    ask_rules,
    fired,
    late_visits,
    monitoring,
    to_episode,
)
from tests.acceptance.walking import PHONE, by_record_name, on, rows
from tests.assurance.making import add_rows, make_claim, validate
from tests.browsing import check, needs_browser
from tests.monitoring.making import NO_RED, RETURNS, STATEMENT, reviewed, sitting, started
from tests.monitoring.weekly import claim_of, hand_in, sheets

pytestmark = needs_browser
TITLE = "Late evening visits"
COUNCIL = "Northshire contracts team"
CONCERN = "Families ring us about evening visits that come late."
CLAIM = "All but two evening visits of the week began within fifteen minutes"
CLAIMED_THEMES = "Evening visits: rota and visit log agree, verified by sampling"
WITHOUT = "The commissioner has not stated that its confidence is restored."
RESTORED = "We are confident again in how evening visits are run."


@pytest.fixture
def episode(world) -> UUID:
    """Started a week ago about the commissioner's confidence; two late visits since."""
    late_visits(world, WEEK_AGO + timedelta(days=1), WEEK_AGO + timedelta(days=4))
    with on(WEEK_AGO):
        return _begun(world, [NO_RED, RETURNS, STATEMENT])


def _begun(world, criteria) -> UUID:
    return started(world, title=TITLE, kind="commissioner", criteria=criteria)


def _concern(world) -> None:
    """As the contract lead recorded it."""
    house = world.service_id(HOUSE)
    with world.acting("cora") as cora:
        intelligence_service.record_concern(
            actor=cora, service_id=house, theme="Late visits", text=CONCERN,
            on=date(2026, 11, 18), commissioner=COUNCIL,
        )  # fmt: skip
        db.session.commit()


def test_s2_3_1_contract_lead_records_a_commissioners_concern(world, site, monkeypatch):
    page = site.home("cora", width=PHONE)
    by_record_name(page, "commissioner intelligence log")
    expect(page.locator("h1")).to_have_text("Commissioner intelligence log")
    expect(page.locator("main")).to_contain_text("No entry yet")
    assert check(page) == []
    page.get_by_role("link", name="Record a concern").click()
    page.get_by_label("Service", exact=True).select_option(label=HOUSE)
    page.get_by_label("What they are concerned about").fill(CONCERN)
    page.get_by_label("Who raised it").fill(COUNCIL)
    page.get_by_label("Raised on").fill("2026-11-18")
    page.get_by_label("Answer expected by").fill("2026-11-27")
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("#error-summary")).to_contain_text("Name the quality theme")
    expect(page.get_by_label("What they are concerned about")).to_have_value(CONCERN)
    assert check(page) == []
    page.get_by_label("Quality theme").fill("Late visits")
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("main")).to_contain_text("The concern is on the log")
    by_record_name(page, "commissioner intelligence log")
    row = page.get_by_role("row").filter(has_text="Late visits")
    for words in ("CB-CQ-0001", "18 Nov 2026", HOUSE, CONCERN, COUNCIL, "Open"):
        expect(row).to_contain_text(words)
    assert check(page) == []
    assert rows(
        world,
        "SELECT c.kind, theme, status, occurred_on, details ->> 'due_on', s.name FROM concern c "
        "JOIN service s ON s.id = c.service_id",
    ) == [("commissioner_query", "Late visits", "open", date(2026, 11, 18), "2026-11-27", HOUSE)]
    # One concern, however loud, is noted and starts nothing.
    ask_rules(world, monkeypatch)
    assert fired(world, "commissioner_concern") == [
        ("1 commissioner concern at Alder House about Late visits, 1 unanswered.", False, None)
    ]
    lead = site.home("alice")
    monitoring(lead)
    expect(lead.locator("main")).to_contain_text("Nothing awaits a decision")
    lead.get_by_role("link", name="All triggers").click()
    expect(lead.get_by_role("row").filter(has_text="Late visits")).to_contain_text("To be noted")
    assert check(lead) == []


def test_s2_3_2_operations_lead_holds_the_concern_against_evidence(world, site, monkeypatch):
    add_rows(world)
    validate(world, make_claim(world), "mismatch", critical=1)
    _concern(world)
    ask_rules(world, monkeypatch)
    page = site.home("alice")
    by_record_name(page, "provider risk profile")
    found = "1 commissioner concern at Alder House about Late visits, 1 unanswered, and 1 claim in "
    found += "92 days unsupported."
    suggested = page.locator("#suggested")
    expect(suggested).to_contain_text(found)
    expect(suggested).to_contain_text("decide by 27 Nov 2026")
    assert check(page) == []
    suggested.get_by_role("link", name="Commissioner concern with unsupported assurance").click()
    # What it says is held against what was found: the concern and the claim open from here.
    records = page.get_by_role("table", name="The records that made it fire")
    expect(records.get_by_role("row").filter(has_text="CB-CQ-0001")).to_contain_text("18 Nov 2026")
    expect(records.get_by_role("link", name="Claim CLM-0001")).to_be_visible()
    assert check(page) == []
    page.get_by_role("link", name="Decide on monitoring", exact=True).click()
    expect(page.get_by_label("Kind", exact=True)).to_have_value("commissioner")
    expect(page.get_by_label("The commissioner's statement")).to_be_checked()
    page.get_by_label("Start enhanced monitoring").check()
    page.get_by_label("Reasons").fill("The concern is borne out: the last claim did not hold")
    page.get_by_label("What it is about").fill(TITLE)
    page.get_by_label("What is required of the service").fill("Weekly proof of evening visits")
    assert check(page) == []
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("h1")).to_have_text(TITLE)
    statements = page.locator("#statements")
    expect(statements).to_contain_text("None is recorded. This episode ends only with one.")
    assert check(page) == []
    by_record_name(page, "provider risk profile")
    expect(page.locator("#suggested")).to_have_count(0)
    expect(page.locator("#monitored")).to_contain_text(f"{HOUSE}: {TITLE}")
    assert check(page) == []
    by_record_name(page, "governance oversight note")
    note = page.get_by_role("row").filter(has_text=HOUSE)
    for words in ("Started", "The concern is borne out", found, "Alice"):
        expect(note).to_contain_text(words)
    assert rows(
        world,
        "SELECT d.decision, m.name, e.kind, t.rule_code FROM monitoring_decision d "
        "JOIN membership m ON m.id = d.decided_by_id "
        "JOIN monitoring_episode e ON e.id = d.episode_id "
        "JOIN decision_trigger x ON x.decision_id = d.id JOIN trigger t ON t.id = x.trigger_id",
    ) == [("start", "Alice", "commissioner", "commissioner_unsupported")]


def test_s2_3_3_registered_manager_returns_weekly_assurance(world, site, episode):
    page = site.home("bob")
    by_record_name(page, "monitoring file")
    expect(page.locator("h1")).to_have_text("Enhanced monitoring returns")
    row = page.get_by_role("row").filter(has_text="Week 1")
    for words in ("13 Nov 2026 to 19 Nov 2026", HOUSE, TITLE, "Due", "20 Nov 2026"):
        expect(row).to_contain_text(words)
    assert check(page) == []
    page.get_by_role("link", name="Week 1").click()
    figure = page.get_by_role("row").filter(has_text="Incidents")
    expect(figure).to_contain_text("2 in the week, none in the week before. Themes: Late visits 2.")
    # Each figure opens to its source records.
    expect(figure.get_by_role("link", name="INC-2")).to_be_visible()
    page.get_by_label("What happened, and what was done").fill("Two calls were late on Saturday.")
    page.get_by_label("What you claim of this week").fill(CLAIM)
    page.get_by_role("button", name="Hand in").click()
    # A claim without its source records is not taken.
    expect(page.locator("#error-summary")).to_contain_text("evidence")
    assert check(page) == []
    page.locator("#new_title").fill("Visit log of the week")
    page.locator("#new_kind").select_option("care_records")
    page.locator("#new_link").fill("https://visits.example/46")
    page.locator("#new_period_to").fill("2026-11-19")
    page.get_by_label("Help that is needed").fill("A second driver on Saturdays, by 28 November")
    page.get_by_role("button", name="Hand in").click()
    for words in (
        "handed in by Bob, 20 Nov 2026",
        "In time",
        CLAIM,
        "Visit log of the week",
        "A second driver on Saturdays",
        "Nobody has verified it yet",
    ):
        expect(page.locator("main")).to_contain_text(words)
    assert check(page) == []
    by_record_name(page, "monitoring file")
    row = page.get_by_role("row").filter(has_text="RET-0001").last
    for words in (HOUSE, "Bob", "20 Nov 2026", "Not verified yet"):
        expect(row).to_contain_text(words)
    assert rows(
        world,
        "SELECT r.episode_id, r.week, r.due_on, c.statement, v.source_link "
        "FROM monitoring_return r JOIN claim c ON c.id = r.claim_id "
        "JOIN evidence_link l ON l.claim_id = c.id "
        "JOIN evidence_revision v ON v.evidence_id = l.evidence_id",
    ) == [(episode, 1, TODAY, CLAIM, "https://visits.example/46")]


def _compare(page, *, wrong: int) -> None:
    """A sample of three rows, each held against its source; one of them does not match."""
    page.get_by_label("Size of the sample").fill("3")
    page.get_by_role("button", name="Draw the sample").click()
    for row in (1, 2, 3):
        expect(page.locator("#row-title")).to_contain_text(f"Row {row} of 3")
        if row == wrong:
            page.get_by_label("What the source says instead").fill("The visit began at 20:10")
            page.get_by_label("Critical").check()
            page.get_by_role("button", name="Does not match").click()
        else:
            page.get_by_role("button", name="Matches", exact=True).click()
    sample = page.locator("#claim-sample")
    expect(sample).to_contain_text("2 of 3 match their source")
    expect(sample).to_contain_text("Unsupported assurance.")


def test_s2_3_4_provider_quality_lead_verifies_by_sampling(world, site, episode, monkeypatch):
    hand_in(world, episode, statement=CLAIM, new=sheets(TODAY, title="Visit log of the week"))
    page = site.home("vera")
    by_record_name(page, "assurance validation note")
    expect(page.locator("h1")).to_have_text("Assurance validation notes")
    row = page.get_by_role("row").filter(has_text="CLM-0001")
    for words in (CLAIM, HOUSE, "13 Nov 2026 to 19 Nov 2026", "Bob"):
        expect(row).to_contain_text(words)
    assert check(page) == []
    page.locator("main").get_by_role("link", name="CLM-0001").click()
    page.get_by_role("button", name="Start validation").click()
    _compare(page, wrong=2)
    for group in ("relevant", "is_current", "sufficient"):
        page.locator(f"#{group}-0").check()
    page.get_by_label("Findings").fill("One visit of three began forty minutes late.")
    page.get_by_label("It proves the claim in part").check()
    assert check(page) == []
    page.get_by_role("button", name="Complete the validation").click()
    note = page.locator("#claim-outcome")
    for words in ("Assurance validation note", "unsupported assurance", "Vera, 20 Nov 2026"):
        expect(note).to_contain_text(words)
    assert check(page) == []
    by_record_name(page, "assurance validation note")
    row = page.get_by_role("row").filter(has_text="CLM-0001")
    expect(row).to_contain_text("Unsupported")
    expect(row).to_contain_text("Vera")
    to_episode(page, TITLE)
    expect(page.locator("#episode-weeks")).to_contain_text("Unsupported assurance")
    expect(page.locator("#criteria")).to_contain_text("Week 1 is unsupported.")
    assert check(page) == []
    held = "SELECT v.sampled, v.matched, v.critical, v.unsupported, m.name FROM validation v "
    held += "JOIN membership m ON m.id = v.validated_by_id"
    assert rows(world, held) == [(3, 2, 1, True, "Vera")]
    ask_rules(world, monkeypatch)
    assert [suggests for _, suggests, _ in fired(world, "unsupported_assurance")] == [False]
    # Who handed it in does not verify it.
    own = site.home("bob")
    by_record_name(own, "assurance validation note")
    own.locator("main").get_by_role("link", name="CLM-0001").click()
    expect(own.get_by_role("button", name="Start validation")).to_have_count(0)


def test_s2_3_5_contract_lead_shares_progress_and_remaining_risk(world, site, episode):
    late_return = hand_in(world, episode, statement=CLAIM)
    validate(world, claim_of(world, late_return))
    page = site.home("cora")
    by_record_name(page, "contract governance notes")
    expect(page.locator("main")).to_contain_text("No note yet")
    assert check(page) == []
    to_episode(page, TITLE)
    page.get_by_role("link", name="Contract notes", exact=True).click()
    page.get_by_role("link", name="Add a note").click()
    # Only what somebody else verified is offered to be shared.
    verified = page.get_by_role("region", name="Verified so far")
    expect(verified).to_contain_text(f"Week 1: {CLAIM}")
    page.get_by_label("Shared with").fill(COUNCIL)
    page.get_by_label("Assurance themes that were shared").fill(CLAIMED_THEMES)
    page.get_by_label("Progress").fill("Two late visits in the week; both families were told")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator("#error-summary")).to_contain_text("Say what risk remains")
    assert check(page) == []
    page.get_by_label("Remaining risk").fill("Saturdays until the second driver starts")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator("main")).to_contain_text("The note is kept.")
    by_record_name(page, "contract governance notes")
    row = page.get_by_role("row").filter(has_text="CGN-0001")
    for words in (
        "20 Nov 2026, Cora",
        COUNCIL,
        HOUSE,
        "EM-0001",
        CLAIMED_THEMES,
        "both families were told",
        "Saturdays until the second driver starts",
    ):
        expect(row).to_contain_text(words)
    assert check(page) == []
    to_episode(page, TITLE)
    expect(page.locator("#story")).to_contain_text(CLAIMED_THEMES)
    kept = "SELECT n.episode_id, n.on_date, n.remaining_risk, m.name FROM contract_note n "
    kept += "JOIN membership m ON m.id = n.by_id"
    assert rows(world, kept) == [
        (episode, TODAY, "Saturdays until the second driver starts", "Cora")
    ]
    with pytest.raises(Exception, match="permission denied|cannot be changed"):
        world.sql("UPDATE contract_note SET remaining_risk = 'None'")


@pytest.fixture
def ready(world) -> UUID:
    """All holds at two reviews running and a visit verified it; the commissioner said nothing."""
    held = clock.frozen_day()
    clock.freeze(TODAY - timedelta(days=14))
    try:
        episode_id = _begun(world, [NO_RED])
        clock.freeze(WEEK_AGO)
        visit = Visit(clock.today(), world.member_id("vera"), "Visits begin in time.", "The rota")
        with world.acting("vera") as vera:
            episodes.record_visit(actor=vera, episode_id=episode_id, visit=visit)
            db.session.commit()
        reviewed(world, episode_id)
    finally:
        clock.freeze(held)
    sitting(world)
    return episode_id


def _state(page, *, restored: str, words: str) -> None:
    """Record what the commissioner stated, on the episode's page."""
    page.reload()
    page.get_by_text("Record a statement", exact=True).click()
    page.get_by_label(restored, exact=True).check()
    page.get_by_label("In its words").fill(words)
    page.get_by_label("Stated on").fill("2026-11-20")
    assert check(page) == []
    page.get_by_role("button", name="Record the statement").click()
    expect(page.locator("#statements")).to_contain_text(words)


def _not_offered(page, episode_id: UUID) -> None:
    """The form of the review says why, does not offer to step down, and refuses it all the same."""
    page.goto(f"/o/alder/monitoring/episodes/{episode_id}/review")
    expect(page.get_by_label("Continue", exact=True)).to_have_count(1)
    expect(page.get_by_label("Step down", exact=True)).to_have_count(0)
    expect(page.locator("main")).to_contain_text(WITHOUT)
    assert check(page) == []
    token = page.locator("main [name=csrf_token]").first.input_value()
    asked = {"csrf_token": token, "decision": "step_down", "reason": "Enough of it"}
    refused = page.request.post(page.url, form=asked, headers={"Referer": page.url})
    assert refused.status == 422


def _step_down(page, episode_id: UUID) -> None:
    """All that stepping down asks."""
    page.goto(f"/o/alder/monitoring/episodes/{episode_id}/review")
    page.get_by_label("Step down", exact=True).check()
    page.get_by_label("Reasons").fill("Two reviews running, verified on site")
    page.get_by_label("Sitting of the governance group").select_option(index=1)
    page.get_by_label("What would bring it back").fill("Three late visits in a week")
    page.get_by_label("Follow-up review, within 28 days").fill("2026-12-18")
    page.get_by_role("button", name="Record the review").click()


def test_s2_3_5_the_case_ends_only_with_the_commissioners_statement(world, site, ready):
    lead, contract = site.home("alice"), site.home("cora")
    _not_offered(lead, ready)
    to_episode(contract, TITLE)
    expect(contract.locator("#criteria")).to_contain_text(WITHOUT)
    _state(contract, restored="Its confidence is not restored yet", words="Not before December.")
    expect(contract.locator("#statements")).to_contain_text("Not restored yet")
    _not_offered(lead, ready)
    assert rows(world, "SELECT status FROM monitoring_episode") == [("open",)]
    # Nor does the database let it end by another way.
    with pytest.raises(Exception, match="ends by the decision of a review"):
        world.sql(
            "UPDATE monitoring_episode SET status = 'stepped_down', ended_on = '2026-11-20', "
            "re_escalation = 'Three late visits', follow_up_on = '2026-12-18'"
        )
    _state(contract, restored="Its confidence is restored", words=RESTORED)
    expect(contract.locator("#statements")).to_contain_text("Confidence restored")
    expect(contract.locator("#criteria")).to_contain_text("Stepping down may be decided")
    assert check(contract) == []
    _step_down(lead, ready)
    expect(lead.locator("#entry")).to_contain_text("Stepped down")
    for words in ("Three late visits in a week", "18 Dec 2026"):
        expect(lead.locator("#entry")).to_contain_text(words)
    expect(lead.locator("#story")).to_contain_text(RESTORED)
    assert check(lead) == []
    held = "SELECT e.status, e.ended_on, e.follow_up_on, s.restored, m.name, s.text "
    held += "FROM monitoring_episode e JOIN commissioner_statement s ON s.episode_id = e.id "
    held += "JOIN membership m ON m.id = s.recorded_by_id ORDER BY s.restored DESC LIMIT 1"
    ended = ("stepped_down", TODAY, date(2026, 12, 18), True, "Cora", RESTORED)
    assert rows(world, held) == [ended]

"""People's experience beside audits, walked in a browser by the roles that the field names.

Source: steps S0-2.1 to S0-2.5 of the first article.
"""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from careboard.db import db
from tests.acceptance.walking import by_record_name, on, open_sitting, record, rows, sign
from tests.browsing import check, needs_browser
from tests.experience.sample import complain, say, submit
from tests.imports_db.making import FEEDBACK
from tests.imports_db.test_browser import figure, hand_in, load_it
from tests.reviews.test_forums import appoint

pytestmark = needs_browser
OCTOBER = date(2026, 10, 1)
AFTER = date(2027, 3, 5)
FOUND = "Both speak of the half hour before bed"
RATED = "Four people in October, and a formal complaint says the same"


def _answers(counts: dict[tuple[int, int], int]) -> dict:
    """A file of answers at Alder House: per month so many about rushed care that are negative, and
    one good one about food."""
    lines = []
    for (year, month), negative in counts.items():
        for number in range(negative):
            lines.append((year, month, 21 + number, 1, "rushed care", "Always in a hurry"))
        lines.append((year, month, 20, 5, "food", "Good dinners"))
    text = FEEDBACK + "".join(
        f"FB-{year}{month:02d}{day:02d},Alder House,{day:02d}/{month:02d}/{year},Person,"
        f"Treated with respect,{score},5,{theme},{words}\n"
        for year, month, day, score, theme, words in lines
    )
    return {"name": "answers.csv", "mimeType": "text/csv", "buffer": text.encode()}


def _import(page, counts: dict[tuple[int, int], int], *, again: bool = False) -> None:
    """Bring a file of answers in; the mapping of the first one is known from then on."""
    hand_in(page, "alder", "feedback", "Survey", _answers(counts))
    if not again:
        page.get_by_role("button", name="Save the mapping and preview").click()
    load_it(page)
    assert figure(page, "New") == sum(counts.values()) + len(counts)


@pytest.fixture
def house(world):
    """Alder House, where October's comments on rushed care repeat and a complaint says the same."""
    house = world.service_id("Alder House")
    with world.acting("alice") as alice:
        days = [date(2026, month, day) for month in (9, 10) for day in (21, 22, 23, 24)]
        say(alice, house, *days)
        say(alice, house, date(2026, 10, 20), theme="food", score=5)
        complain(alice, house, date(2026, 10, 11), ack_on="2026-10-12")
        db.session.commit()
    return house


def _summary(page) -> None:
    by_record_name(page, "experience summary")
    page.get_by_role("link", name=re.compile("Missing.*Alder House, Oct 2026")).click()
    expect(page.locator("[name='themes-0-theme']")).to_have_value("rushed care")
    expect(page.locator("[name='themes-0-negative']")).to_have_value("4")
    page.locator("[name='themes-0-comment']").fill("Evenings are rushed")
    page.locator("[name='invited']").fill("12")
    assert check(page) == []
    page.get_by_role("button", name="Submit the summary").click()
    expect(page.locator("main")).to_contain_text("5 answers of 12 invited")
    assert check(page) == []


def _compare(page) -> None:
    by_record_name(page, "experience intelligence log")
    row = page.get_by_role("row").filter(has_text="Rushed care")
    expect(row).to_contain_text("they say the same")
    assert check(page) == []
    row.get_by_role("link", name="Rushed care").click()
    page.get_by_label("Yes, they match").check()
    page.locator("[name='note-text']").fill(FOUND)
    assert check(page) == []
    page.get_by_role("button", name="Record the finding").click()
    expect(page.locator("main")).to_contain_text(FOUND)


def _rate(page) -> None:
    by_record_name(page, "experience intelligence log")
    page.get_by_role("row").get_by_role("link", name="Rushed care").first.click()
    page.get_by_text("Put it on the board").click()
    page.locator("[name='board-rating']").select_option("high")
    page.locator("[name='board-rationale']").fill(RATED)
    assert check(page) == []
    page.get_by_role("button", name="Put on the board").click()
    by_record_name(page, "dashboard notes")
    row = page.get_by_role("region", name="Dashboard notes").get_by_role("row").last
    for words in ("Rushed care", "Alder House", "High", RATED, "Alice"):
        expect(row).to_contain_text(words)
    assert check(page) == []


def _plan(page) -> None:
    by_record_name(page, "experience intelligence log")
    page.get_by_role("row").get_by_role("link", name="Rushed care").first.click()
    page.get_by_role("link", name="Open an action").click()
    expect(page.locator("main")).to_contain_text("stands at 4")
    assert check(page) == []
    page.locator("[name='owner_id']").select_option(label="Rita")
    page.get_by_role("button", name="Open action").click()
    page.wait_for_url("**/actions/*")
    expect(page.locator("#action")).to_contain_text("Negative feedback")
    assert check(page) == []
    by_record_name(page, "quality improvement plan")
    row = page.get_by_role("row").filter(has_text="ACT-0001")
    expect(row).to_contain_text("rushed care")
    expect(row).to_contain_text("Rita")


def _work(owner, verifier) -> None:
    """The action done by its owner with evidence, and verified by someone else."""
    by_record_name(owner, "action tracker")
    owner.get_by_role("link", name=re.compile("ACT-0001|rushed care")).first.click()
    owner.get_by_role("link", name="Complete").click()
    owner.get_by_label("What was done, and what changed").fill("A third person on evenings")
    owner.get_by_label("Kind of evidence").select_option("feedback")
    owner.get_by_label("Link to the source record").fill("https://rota.example/evenings")
    owner.locator("#action-step button[type=submit]").click()
    expect(owner.locator("#action")).to_contain_text("awaiting verification")
    verifier.goto(owner.url)
    verifier.get_by_role("link", name="Verify").click()
    verifier.get_by_label("What was checked").fill("Rota of four weeks")
    verifier.locator("#action-step button[type=submit]").click()
    expect(verifier.locator("#action")).to_contain_text("Verified")


def _challenge(page, words: str) -> str:
    """From the trends to the board's open sitting, with a challenge; returns its address."""
    by_record_name(page, "board assurance minutes")
    address = open_sitting(page, "quarterly_board")
    page.get_by_role("link", name="Experience trends").click()
    expect(page.locator("main")).to_contain_text("Rushed care, Alder House")
    assert check(page) == []
    page.get_by_role("link", name="Challenge in REV-").click()
    page.locator("#kind-sitting").select_option("challenge")
    page.locator("#text-sitting").fill(words)
    page.locator("#sitting").get_by_role("button", name="Record").click()
    expect(page.locator("#sitting .entry-challenge")).to_contain_text(words)
    assert check(page) == []
    return address


def test_s0_2_1_engagement_lead_gathers_the_month_in_an_experience_summary(world, site, house):
    page = site.home("rita")
    _summary(page)
    by_record_name(page, "experience summary")
    row = page.get_by_role("row").filter(has_text="Alder House")
    expect(row).to_contain_text("5 heard of 12 invited")
    expect(row).to_contain_text("4 negative, 1 positive")
    held = "SELECT p.month, p.sample_size, p.invited, p.source, m.name FROM experience_summary p "
    held += "JOIN membership m ON m.id = p.submitted_by_id"
    assert rows(world, held) == [(OCTOBER, 5, 12, "imported", "Rita")]
    themes = "SELECT theme, positive, negative, comment FROM experience_theme ORDER BY theme"
    assert rows(world, themes) == [
        ("food", 1, 0, ""),
        ("rushed care", 0, 4, "Evenings are rushed"),
    ]


def test_s0_2_2_complaints_lead_compares_feedback_with_complaints(world, site, house):
    page = site.home("bob")
    _compare(page)
    by_record_name(page, "experience intelligence log")
    expect(page.get_by_role("row").filter(has_text="Rushed care")).to_contain_text(FOUND)
    held = "SELECT n.theme, n.month, n.overlap, n.finding, m.name FROM intelligence_note n "
    ((theme, month, overlap, finding, who),) = rows(
        world, held + "JOIN membership m ON m.id = n.noted_by_id"
    )
    assert (theme, month, overlap, who) == ("rushed care", OCTOBER, "matches", "Bob")
    assert "they say the same" in finding and "8 negative comments" in finding


def test_s0_2_3_provider_quality_lead_puts_the_theme_on_the_dashboard(world, site, house):
    page = site.home("alice")
    _rate(page)
    page.goto(f"/o/alder/cells/{house}/experience")
    expect(page.locator(f"#experience-{house}")).to_contain_text(RATED)
    expect(page.locator(f"#experience-{house}")).to_contain_text("High")
    assert check(page) == []
    held = "SELECT theme, month, rating, rationale FROM theme_rating"
    assert rows(world, held) == [("rushed care", OCTOBER, "high", RATED)]
    with pytest.raises(Exception, match="permission denied"):
        world.sql("UPDATE theme_rating SET rating = 'low'")


def test_s0_2_4_registered_manager_agrees_an_action_and_names_its_owner(world, site, house):
    _plan(site.home("bob"))
    held = (
        "SELECT a.status, a.domain, a.measure, a.measure_theme, a.baseline_value, m.name, t.theme "
    )
    held += "FROM action a JOIN membership m ON m.id = a.owner_id "
    held += "JOIN theme_action t ON t.action_id = a.id"
    assert rows(world, held) == [
        ("open", "experience", "negative_feedback", "rushed care", 4, "Rita", "rushed care")
    ]
    assert rows(world, "SELECT to_email FROM outbox") == [("rita@alder.example",)]


def test_s0_2_5_board_reviews_the_trends_and_challenges(world, site, house):
    with world.acting("alice") as alice:
        submit(alice, house, OCTOBER, ("rushed care", 0, 4))
        db.session.commit()
    appoint(world, "ben", "chair", "quarterly_board")
    page = site.home("ben")
    address = _challenge(page, "Nobody has acted on rushed care. Why?")
    sign(page, address, summary="Experience trends looked at.", assurance="withheld")
    by_record_name(page, "board assurance minutes")
    expect(page.get_by_role("row").filter(has_text="Quarterly board")).to_contain_text("Signed")
    held = "SELECT e.kind, r.forum, r.assurance, m.name FROM review_entry e JOIN review r "
    held += "ON r.id = e.review_id JOIN membership m ON m.id = e.by_id"
    assert rows(world, held) == [("challenge", "quarterly_board", "withheld", "Ben")]


@pytest.mark.timeout(180)
def test_s0_2_from_an_imported_answer_to_the_boards_challenge(world, site):
    """What people said comes in, is compared, rated and acted on; a quarter later it is better."""
    house = world.service_id("Alder House")
    lead, engagement = site.home("alice"), site.home("rita")
    _import(lead, {(2026, 9): 4, (2026, 10): 4})
    with world.acting("alice") as alice:
        complain(alice, house, date(2026, 10, 11), ack_on="2026-10-12")
        db.session.commit()
    _summary(engagement)
    _compare(engagement)
    _rate(lead)
    lead.goto(f"/o/alder/cells/{house}/experience")
    expect(lead.locator(f"#experience-{house}")).to_contain_text(RATED)
    manager = site.home("bob")
    _plan(manager)
    _work(engagement, site.home("vera"))

    with on(AFTER):
        _import(lead, {(2026, 12): 3, (2027, 1): 1, (2027, 2): 1}, again=True)
        appoint(world, "ben", "chair", "quarterly_board")
        board = site.home("ben")
        address = _challenge(board, "Better, but the night staff were never asked. When?")
        board.get_by_role("link", name="Experience trends").click()
        series = board.get_by_role("article", name="Rushed care, Alder House")
        for words in ("ACT-0001", "Improved", "1 a month on average", "from 4 a month"):
            expect(series).to_contain_text(words)
        expect(series).to_contain_text("in the two after completion: 4")
        board.goto(address)
        line = board.locator("#section-experience .matter").first
        record(line, "challenge", "Is one a month the aim, or none?")
        sign(board, address, summary="Feedback improved after ACT-0001.", assurance="partial")
        manager.goto(address)
        waiting = manager.get_by_text("Answer this challenge")
        expect(waiting.first).to_be_visible()
    states = "SELECT status, measure FROM action"
    assert rows(world, states) == [("verified", "negative_feedback")]
    assert rows(world, "SELECT count(*) FROM review_entry WHERE kind = 'challenge'") == [(2,)]

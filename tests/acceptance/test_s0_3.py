"""Ratings that follow their evidence, walked in a browser by the roles that the field names.

Source: steps S0-3.1 to S0-3.5 of the first article.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy.exc import DBAPIError

from careboard import clock, jobs
from careboard.db import db
from tests.acceptance.walking import by_record_name, on, open_sitting, record, rows, sign
from tests.assurance.making import add_rows
from tests.board_packs.packs import text_of
from tests.browsing import check, needs_browser
from tests.dashboards.rows import add_evidence, add_risk
from tests.imports_db.test_worker import wait_for, worker
from tests.reviews.test_forums import appoint
from tests.risks.making import add_audit, add_return, lower
from workers import ticks

pytestmark = needs_browser
CAUSE_DEALT = "The cause is dealt with, four weeks of it"
STATEMENT = "Medicines recording has improved at Alder House since the handover sheet changed"
CAUSE = "Handover skipped when agency staff are on nights"


@pytest.fixture
def risk(world) -> UUID:
    """Medicines at Alder House rated high, with evidence and October's rows to draw from."""
    add_rows(world)
    house = world.service_id("Alder House")
    with world.acting("bob") as bob:
        add_evidence(bob, house, title="October medicines audit", period_to=date(2026, 10, 31))
        db.session.commit()
    with world.acting("alice") as alice:
        risk_id = add_risk(alice, house, original_cause=CAUSE)
        db.session.commit()
    world.house = house
    return risk_id


def _submit_return(page) -> None:
    by_record_name(page, "risk profile")
    page.get_by_role("link", name="RSK-0001").first.click()
    page.get_by_role("link", name="Submit return").click()
    expect(page.locator("main")).to_contain_text(CAUSE)
    page.locator("#statement").fill(STATEMENT)
    page.locator("#period_from").fill("2026-10-01")
    page.locator("#period_to").fill("2026-10-31")
    page.get_by_label("October medicines audit").check()
    page.get_by_text("Add a new item of evidence").click()
    page.locator("#new_title").fill("Outcome of four weekly samples")
    page.locator("#new_kind").select_option("care_records")
    page.locator("#new_link").fill("https://care.example/mar/10")
    page.locator("#new_period_to").fill("2026-10-31")
    assert check(page) == []
    page.get_by_role("button", name="Submit for validation").click()
    expect(page.locator("main")).to_contain_text("Handed in. Someone else has to validate it.")
    expect(page.locator("#claim-taking")).to_contain_text("somebody other than Bob")
    assert check(page) == []


def _validate(page) -> None:
    """From a list of returns: taken, sampled, compared, answered and completed."""
    page.locator("main").get_by_role("link", name="CLM-0001").click()
    expect(page.locator("#claim")).to_contain_text(CAUSE)
    page.get_by_role("button", name="Start validation").click()
    page.get_by_label("Size of the sample").fill("3")
    page.get_by_role("button", name="Draw the sample").click()
    for row in (1, 2, 3):
        expect(page.locator("#row-title")).to_contain_text(f"Row {row} of 3")
        page.get_by_role("button", name="Matches", exact=True).click()
    expect(page.locator("#claim-sample")).to_contain_text("3 of 3 match their source (100%)")
    for answer in ("#relevant-0", "#is_current-0", "#sufficient-0"):
        page.locator(answer).check()
    page.get_by_label("Findings").fill("The sheets answer the cause: handover on agency nights.")
    page.get_by_label("It proves the claim", exact=True).check()
    assert check(page) == []
    page.get_by_role("button", name="Complete the validation").click()
    expect(page.locator("#claim-outcome")).to_contain_text("It proves the claim")
    expect(page.locator("#claim-outcome")).to_contain_text("Dashboard review log")
    assert check(page) == []


def _lower(page, address: str) -> None:
    page.goto(address)
    line = page.locator("#section-ratings .matter").first
    expect(line).to_contain_text("proves the improvement")
    line.get_by_role("link", name="Decide on the rating").click()
    expect(page.locator("main")).to_contain_text("Dashboard review log")
    page.get_by_label("Moderate", exact=True).check()
    page.get_by_label("Reasons for this rating").fill(CAUSE_DEALT)
    assert check(page) == []
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("main")).to_contain_text("The rating is lowered.")


def _note(page) -> None:
    page.locator("main").get_by_role("link", name=re.compile("^watch until")).click()
    expect(page.locator("h1")).to_have_text("Risk profile tracker")
    page.get_by_label("What was seen").fill("One gap on 14 November, found at handover")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("main")).to_contain_text("One gap on 14 November")
    assert check(page) == []


def _decide_watch(page, address: str, outcome: str, reason: str) -> None:
    page.goto(address)
    page.locator("#section-watch").get_by_role("link", name="Open the watch").first.click()
    page.get_by_label(outcome, exact=True).check()
    page.get_by_label("Reasons").fill(reason)
    assert check(page) == []
    page.get_by_role("button", name="Record the outcome").click()
    expect(page.locator("main")).to_contain_text(reason)


def test_s0_3_1_registered_manager_submits_a_service_assurance_return(world, site, risk):
    page = site.home("bob")
    by_record_name(page, "service assurance return")
    expect(page.locator("main")).to_contain_text("No claim matches")
    assert check(page) == []
    _submit_return(page)
    by_record_name(page, "service assurance return")
    row = page.get_by_role("row").filter(has_text="CLM-0001")
    for words in (STATEMENT[:60], "RSK-0001", "Alder House", "Bob", "Awaiting validation"):
        expect(row).to_contain_text(words)
    assert rows(
        world,
        "SELECT c.kind, c.status, c.risk_id, m.name FROM claim c "
        "JOIN membership m ON m.id = c.submitted_by_id",
    ) == [("assurance_return", "submitted", risk, "Bob")]
    kinds = "SELECT e.kind FROM evidence_link l JOIN evidence e ON e.id = l.evidence_id "
    attached = rows(world, kinds + "WHERE l.claim_id IS NOT NULL ORDER BY e.kind")
    assert attached == [("audits",), ("care_records",)]
    assert rows(world, "SELECT rating FROM risk") == [("high",)]


def test_s0_3_2_quality_lead_checks_it_against_the_original_cause(world, site, risk):
    _submit_return(site.home("bob"))
    page = site.home("vera")
    by_record_name(page, "dashboard review log")
    assert check(page) == []
    _validate(page)
    by_record_name(page, "dashboard review log")
    row = page.get_by_role("row").filter(has_text="CLM-0001")
    expect(row).to_contain_text("Proves")
    expect(row).to_contain_text("Vera")
    checked = rows(
        world, "SELECT relevant, is_current, sufficient, sampled, matched, outcome FROM validation"
    )
    assert checked == [("yes", "yes", "yes", 3, 3, "proves")]
    ((seed, population, size),) = rows(world, "SELECT seed, population, size FROM sample")
    assert len(seed) == 32 and len(population.splitlines()) >= size == 3
    with pytest.raises(Exception, match="completed validation cannot be changed"):
        world.sql("UPDATE validation SET outcome = 'partly'")
    own = site.page("bob")
    own.goto(page.url)
    own.goto(own.get_by_role("link", name="CLM-0001").get_attribute("href"))
    expect(own.get_by_role("button", name="Start validation")).to_have_count(0)


def test_s0_3_3_governance_group_decides_on_the_rating(world, site, risk):
    with world.acting("alice") as alice:
        add_return(alice, risk)
        db.session.commit()
    page = site.home("alice")
    by_record_name(page, "rating decision on the dashboard")
    address = open_sitting(page, "monthly_governance")
    _lower(page, address)
    by_record_name(page, "rating decision on the dashboard")
    assert check(page) == []
    page.goto(f"/o/alder/cells/{world.service_id('Alder House')}/medicines")
    expect(page.locator("main")).to_contain_text(CAUSE_DEALT)
    expect(page.locator("main")).to_contain_text("Moderate")
    assert check(page) == []
    decided = rows(
        world,
        "SELECT v.decision, v.rating_from, v.rating_to, r.forum, c.status, d.name, s.name, k.name "
        "FROM rating_review v JOIN review r ON r.id = v.sitting_id JOIN claim c ON "
        "c.id = v.claim_id JOIN membership d ON d.id = v.decided_by_id JOIN membership s ON "
        "s.id = v.submitted_by_id JOIN membership k ON k.id = v.validated_by_id",
    )
    assert decided == [
        ("lower", "high", "moderate", "monthly_governance", "validated", "Alice", "Bob", "Vera")
    ]
    with pytest.raises(Exception, match="a rating changes only by a rating review"):
        world.sql("UPDATE risk SET rating = 'low'")


def test_s0_3_4_service_manager_goes_on_watching_a_lowered_rating(world, site, risk):
    with world.acting("alice") as alice:
        lower(alice, risk)
        db.session.commit()
    page = site.home("bob")
    by_record_name(page, "risk profile tracker")
    assert check(page) == []
    _note(page)
    assert rows(
        world,
        "SELECT n.note, m.name, w.until - w.started_on, w.outcome FROM watch_note n "
        "JOIN rating_watch w ON w.id = n.watch_id JOIN membership m ON m.id = n.by_id",
    ) == [("One gap on 14 November, found at handover", "Bob", 92, None)]


def test_s0_3_5_board_reviews_whether_the_change_was_sustained(world, site, risk):
    with on(date(2026, 8, 18)), world.acting("alice") as alice:
        lower(alice, risk)
        db.session.commit()
    appoint(world, "ben", "chair", "quarterly_board")
    page = site.home("ben")
    by_record_name(page, "board minutes")
    address = open_sitting(page, "quarterly_board")
    page.get_by_role("link", name="Rating changes").click()
    expect(page.get_by_role("row").filter(has_text="RSK-0001")).to_contain_text("High → moderate")
    assert check(page) == []
    page.goto(address)
    line = page.locator("#section-watch .matter").first
    record(line, "challenge", "Who tested it on agency nights?")
    assert check(page) == []
    lead = site.home("alice")
    _decide_watch(lead, address, "Sustained", "Thirteen weeks, two audits above target")
    sign(page, address, summary="Rating changes looked at.", assurance="given")
    by_record_name(page, "board minutes")
    expect(page.get_by_role("row").filter(has_text="Quarterly board")).to_contain_text("Signed")
    held = "SELECT w.outcome, r.forum, r.status FROM rating_watch w "
    held += "JOIN review r ON r.id = w.sitting_id"
    assert rows(world, held) == [("sustained", "quarterly_board", "signed")]
    assert rows(world, "SELECT kind FROM review_entry") == [("challenge",)]


def _make_pack(world, app, page) -> zipfile.ZipFile:
    """Ask for a pack, let a worker of its own make it, and save both files; gives the CSV files."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reviews").click()
    page.get_by_role("link", name="Board packs").first.click()
    page.get_by_role("link", name="Make a board pack").first.click()
    page.get_by_label("Title").fill("Board pack, autumn")
    page.locator("#period_from").fill("2026-10-01")
    page.locator("#period_to").fill(f"{clock.today():%Y-%m-%d}")
    assert check(page) == []
    page.get_by_role("button", name="Make the pack").click()
    expect(page.locator("#board-pack")).to_contain_text("Waiting for the worker")
    ticks.ring_rows("packs", "workers.packs.make", jobs.waiting_packs)
    with worker(app, "packs"):
        wait_for(lambda: rows(world, "SELECT status FROM board_pack") == [("done",)])
    pdf = page.get_by_role("link", name=re.compile("^Download the PDF"))
    expect(pdf).to_be_visible(timeout=15_000)
    assert check(page) == []
    with page.expect_download() as saved:
        pdf.click()
    with open(saved.value.path(), "rb") as file:
        words = text_of(file.read())
    for said in (
        CAUSE_DEALT,
        "Vera",
        "Nobody tested it on agency nights",
        "not sustained",
        "event",
    ):
        assert said in words, said
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("^Download the CSV")).click()
    return zipfile.ZipFile(saved.value.path())


@pytest.mark.timeout(180)
def test_s0_3_from_a_return_to_the_board_pack(world, app, site, valkey, risk):
    """A rating lowered on a checked return is not sustained, and the board is told."""
    with world.acting("alice") as alice:
        add_audit(alice, world.house, "medicines", "red", date(2026, 10, 12), 70)
        db.session.commit()
    _submit_return(site.home("bob"))
    quality = site.home("vera")
    by_record_name(quality, "dashboard review log")
    _validate(quality)
    lead = site.home("alice")
    monthly = open_sitting(lead, "monthly_governance")
    _lower(lead, monthly)
    sign(lead, monthly, summary="Medicines lowered on a checked return.")
    expect(lead.locator("main")).to_contain_text(CAUSE_DEALT)
    manager = site.home("bob")
    by_record_name(manager, "risk profile tracker")
    _note(manager)

    with on(date(2027, 3, 1)):
        with world.acting("alice") as alice:
            for month, score in ((date(2026, 12, 14), 71), (date(2027, 1, 14), 70)):
                add_audit(alice, world.house, "medicines", "red", month, score)
            db.session.commit()
        appoint(world, "ben", "chair", "quarterly_board")
        board = site.home("ben")
        by_record_name(board, "board minutes")
        quarterly = open_sitting(board, "quarterly_board")
        watch = board.locator("#section-watch .matter").first
        record(watch, "challenge", "Nobody tested it on agency nights. Why was it lowered?")
        _decide_watch(lead, quarterly, "Not sustained", "Back at seventy in December and January")
        sign(board, quarterly, summary="One rating not sustained.", assurance="withheld")
        _refused_after_signing(world, lead, quarterly)
        pack = _make_pack(world, app, board)
    names = {name.rsplit("/")[-1]: name for name in pack.namelist()}
    decided = csv.DictReader(
        io.StringIO(pack.read(names["rating-decisions.csv"]).decode("utf-8-sig"))
    )
    line = next(row for row in decided if row["Decision"] == "lowered")
    assert (line["Return submitted by"], line["Return validated by"]) == ("Bob", "Vera")
    assert rows(world, "SELECT rating FROM risk") == [("moderate",)]
    kept = "SELECT outcome, decided_on FROM rating_watch"
    assert rows(world, kept) == [("not_sustained", date(2027, 3, 1))]


def _refused_after_signing(world, page, address: str) -> None:
    """Nothing more comes into signed minutes: not by any form of the sitting, nor by SQL."""
    review_id = address.rsplit("/")[-1]
    page.goto("/o/alder/reviews/new")
    token = page.locator("[name=csrf_token]").first.input_value()
    (item,) = rows(world, "SELECT id FROM review_item WHERE review_id = :id LIMIT 1", id=review_id)
    for path, form in (
        ("entries", {"kind": "decision", "text": "Afterwards"}),
        (f"items/{item[0]}/entries", {"kind": "note", "text": "Afterwards"}),
        ("items", {"title": "Afterwards"}),
        ("", {"summary": "Afterwards", "assurance": "given"}),
        ("signature", {"read": "y"}),
    ):
        answer = page.request.post(
            f"{address}/{path}".rstrip("/"), form={"csrf_token": token} | form
        )
        assert answer.status == 409, (path, answer.status)
    for statement in (
        "UPDATE review SET status = 'open' WHERE id = :id",
        "UPDATE review SET summary = 'Afterwards' WHERE id = :id",
        "UPDATE review_item SET title = 'Afterwards' WHERE review_id = :id",
        "UPDATE review_entry SET text = 'Afterwards' WHERE review_id = :id",
        "DELETE FROM review_attendee WHERE review_id = :id",
        "INSERT INTO review_entry (org_id, id, review_id, kind, text, entered_at) SELECT org_id, "
        "gen_random_uuid(), id, 'note', 'Afterwards', now() FROM review WHERE id = :id",
    ):
        with pytest.raises(DBAPIError):
            world.sql(statement, id=review_id)
    assert "Afterwards" not in page.request.get(address).text()

"""Files brought in by people, in a real browser: with script, without, on a desk and a phone."""

from __future__ import annotations

import re

import pytest

from careboard.imports import background
from careboard.tenancy import acting_for
from tests.browsing import WIDTHS, check, needs_browser
from tests.imports.sample import EXPECTED, FILES, HERE
from tests.imports_db.making import bring, complaints, feed_of, make_oakfield, quarantined
from tests.worlds import PASSWORD, _add_person

pytestmark = [*needs_browser, pytest.mark.timeout(180)]
MIXED = complaints(
    "C1,Alder House,01/10/2026,Food,Mrs Smith of BS1 4DJ",
    "C2,Alder House,31/02/2026,Food,No such day",
    "C3,Alder Manor,03/10/2026,Food,Whose is this",
)


def hand_in(page, org: str, feed: str, source: str, files) -> None:
    """Fill the form of a new import and send it."""
    page.goto(f"/o/{org}/imports/new?feed={feed}")
    page.fill("#source", source)
    page.set_input_files("#file", files)
    page.get_by_role("button", name="Read the file").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}"))


def load_it(page) -> None:
    page.locator(".page-actions").get_by_role("button", name=re.compile("^Load")).click()
    page.wait_for_load_state()


def figure(page, label: str) -> int:
    card = page.locator(".counter", has=page.get_by_text(label, exact=True))
    return int(card.locator(".counter-value").inner_text().replace(",", ""))


def test_the_whole_sample_comes_in_by_the_browser(world, site):
    from playwright.sync_api import expect

    make_oakfield()
    with acting_for("oakfield") as actor:
        _add_person(actor, "grace", ["governance_lead"], None, {})
        from careboard.db import db

        db.session.commit()
    page = site.sign_in("grace@oakfield.example", PASSWORD)
    for name in FILES:
        entry = EXPECTED["files"][name]
        hand_in(page, "oakfield", feed_of(name), f"System of {name}", str(HERE / name))
        page.get_by_role("button", name="Save the mapping and preview").click()
        assert figure(page, "Accepted") == entry["accepted"], name
        assert figure(page, "Held back") == entry["rejected_total"], name
        load_it(page)
        if entry["accepted"] + entry["rejected_total"] > 5_000:
            expect(page.locator("#import-progress")).to_contain_text("Waiting for the worker")
            with acting_for("oakfield") as actor:
                background.load(actor=actor, batch_id=page.url.rsplit("/", 1)[1][:36])
            expect(page.locator("#import-progress")).to_contain_text("All rows are in")
            page.get_by_role("link", name="See what came in").click()
        assert figure(page, "New") == entry["accepted"], name
    page.goto("/o/oakfield/imports/")
    for name in FILES:
        row = page.locator("tr", has_text=name)
        expect(row).to_contain_text("Loaded")
        expect(row).to_contain_text(f"{EXPECTED['files'][name]['accepted']:,}")
    assert check(page) == []


def test_rows_and_texts_are_dealt_with_in_place(world, site):
    from playwright.sync_api import expect

    brought = bring(world, "complaints", MIXED)
    row = quarantined(world, brought)[3]
    page = site.page("alice")
    page.goto(f"/o/alder/imports/quarantine?batch={brought}")
    address = page.url
    page.locator(f"#row-{row}").get_by_role("link", name="Correct or leave out").click()
    cell = page.locator(f"#row-{row}").get_by_label("Received on")
    expect(cell).to_be_focused()
    assert check(page) == []
    cell.fill("32/02/2026")
    page.locator(f"#row-{row}").get_by_role("button", name="Try again").click()
    expect(page.locator(f"#row-{row}")).to_contain_text("“32/02/2026” is not a date")
    assert page.locator(f"#row-{row}").get_by_label("Received on").input_value() == "32/02/2026"
    page.locator(f"#row-{row}").get_by_label("Received on").fill("28/02/2026")
    page.locator(f"#row-{row}").get_by_role("button", name="Try again").click()
    expect(page.locator(f"#row-{row}")).to_contain_text("Has come in")
    expect(page.locator("#announcer")).to_contain_text("Row 3 has come in")
    assert page.url == address and check(page) == []

    page.goto(f"/o/alder/imports/held-texts?batch={brought}")
    expect(page.locator("blockquote")).to_have_text("Mrs Smith of BS1 4DJ")
    page.get_by_text("Show as it came").click()
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("article")).to_contain_text("Say why this text holds no personal data")
    assert check(page) == []
    page.get_by_label("Why this names nobody").fill("A television character")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator("article")).to_contain_text("Shown as it came")


def test_everything_without_script(world, site):
    page = site.home("alice", java_script_enabled=False)
    file = {"name": "c.csv", "mimeType": "text/csv", "buffer": MIXED.encode()}
    hand_in(page, "alder", "complaints", "Sheet", file)
    page.get_by_role("button", name="Save the mapping and preview").click()
    page.get_by_label("Kind").select_option("bad_date")
    page.get_by_role("button", name="Filter").click()
    assert "Alder Manor" not in page.locator("#problems").inner_text()
    load_it(page)
    assert figure(page, "New") == 1
    page.get_by_role("link", name="Correct 2 rows").click()
    page.get_by_role("link", name="Correct or leave out row 3").click()
    page.get_by_label("Received on").fill("28/02/2026")
    page.get_by_role("button", name="Try again").click()
    assert "Row 3 has come in" in page.inner_text("main")
    page.get_by_role("link", name="Correct or leave out row 4").click()
    page.get_by_text("Leave the row out").click()
    page.get_by_label("Reason").fill("A house that was sold")
    page.get_by_role("button", name="Leave it out").click()
    assert "No row waits" in page.inner_text("main")
    page.goto("/o/alder/imports/held-texts")
    page.get_by_role("button", name="Keep redacted", exact=True).click()
    assert "No text waits" in page.inner_text("main")
    page.goto("/o/alder/imports/")
    page.get_by_role("link", name="IMP-0001").click()
    page.get_by_text("Undo this import").click()
    page.get_by_role("button", name="Undo it").click()
    assert "Undone by Alice" in page.inner_text("main")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_reads_well(world, site, width):
    page = site.page("alice", width=width)
    page.goto("/o/alder/imports/")
    wrong = check(page)
    file = {"name": "c" * 120 + ".csv", "mimeType": "text/csv", "buffer": MIXED.encode()}
    page.goto("/o/alder/imports/new")
    page.get_by_role("button", name="Read the file").click()
    wrong += check(page)
    hand_in(page, "alder", "complaints", "S" * 80, file)
    wrong += check(page)
    page.select_option("#column-3", "text")
    page.get_by_role("button", name="Save the mapping and preview").click()
    page.wait_for_selector("#error-summary")
    wrong += check(page)
    page.select_option("#column-3", "theme")
    page.get_by_role("button", name="Save the mapping and preview").click()
    wrong += check(page)
    load_it(page)
    wrong += check(page)
    for path in ("", "quarantine", "held-texts"):
        page.goto(f"/o/alder/imports/{path}")
        wrong += check(page)
    assert wrong == []

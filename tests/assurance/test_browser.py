"""A claim from its author to its validator in a real browser: in place, and without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.assurance.making import (
    STATEMENT,
    add_rows,
    draw,
    make_claim,
    make_return,
    start,
    state,
    validate,
)
from tests.assurance.making import record as record_rows
from tests.browsing import WIDTHS, check, needs_browser

pytestmark = needs_browser


def _answer(page) -> None:
    for group in ("relevant", "is_current", "sufficient"):
        page.locator(f"#{group}-0").check()
    page.get_by_label("Findings").fill("MAR sheets read against the rounds of October.")
    page.get_by_label("It proves the claim", exact=True).check()
    page.get_by_role("button", name="Complete the validation").click()


def test_in_place_with_script(world, site):
    add_rows(world)
    claim_id, _ = make_return(world)
    make_claim(world)
    page = site.page("vera")
    page.goto("/o/alder/assurance/")
    page.get_by_role("link", name="Validate CLM-0001").click()
    expect(page.locator("#claim h1")).to_be_focused()
    page.get_by_role("button", name="Start validation").click()
    expect(page.locator("#claim-queue")).to_contain_text("taken by Vera")
    page.get_by_label("Size of the sample").fill("3")
    page.get_by_role("button", name="Draw the sample").click()
    expect(page.locator("#row-title")).to_contain_text("Row 1 of 3")
    # A refusal comes in place and keeps what was ticked.
    page.get_by_label("Critical").check()
    page.get_by_role("button", name="Does not match").click()
    expect(page.locator("#description-error")).to_be_visible()
    expect(page.locator("#critical")).to_be_checked()
    assert check(page) == []
    page.get_by_label("Critical").uncheck()
    for row in (1, 2):
        page.get_by_role("button", name="Matches", exact=True).click()
        expect(page.locator("#row-title")).to_contain_text(f"Row {row + 1} of 3")
        expect(page.locator("#row-title")).to_be_focused()
    page.get_by_role("button", name="Matches", exact=True).click()
    expect(page.locator("#claim-sample")).to_contain_text("3 of 3 match their source (100%)")
    _answer(page)
    expect(page.locator("#claim-outcome")).to_contain_text("It proves the claim")
    expect(page.locator("#claim-queue")).not_to_contain_text("CLM-0001")
    expect(page.locator("#claim-queue")).to_contain_text("CLM-0002")
    assert page.url.endswith("/o/alder/assurance/") and check(page) == []
    assert state(world, claim_id).outcome == "proves"


def test_plain_pages_without_script(world, site):
    author = site.page("bob", java_script_enabled=False)
    author.goto("/o/alder/assurance/")
    author.get_by_role("link", name="Make a claim").click()
    author.get_by_label("Which service is the claim about?").select_option(label="Alder House")
    author.get_by_role("button", name="Continue").click()
    author.get_by_role("button", name="Submit for validation").click()
    expect(author.locator("#statement-error")).to_be_visible()
    author.get_by_label("What is claimed").fill(STATEMENT)
    author.get_by_label("It speaks of the time from").fill("2026-10-01")
    author.get_by_label("up to", exact=True).fill("2026-10-31")
    author.get_by_label("Title").fill("October MAR sheets")
    author.get_by_label("Kind of evidence").select_option("care_records")
    author.get_by_label("Link to the source record").fill("https://care.example/mar/10")
    author.get_by_role("button", name="Submit for validation").click()
    assert "Someone else has to validate it" in author.locator("main").inner_text()

    page = site.page("vera", java_script_enabled=False, width=390)
    page.goto("/o/alder/assurance/")
    page.get_by_role("link", name="Validate CLM-0001").click()
    page.get_by_role("button", name="Start validation").click()
    page.get_by_role("button", name="Draw the sample").click()
    page.get_by_label("What the source says instead").fill("Two gaps on 12 October")
    page.get_by_label("Critical").check()
    page.get_by_role("button", name="Does not match").click()
    assert "0 of 1 match their source" in page.locator("#claim-sample").inner_text()
    page.get_by_text("Draw another sample").click()
    page.locator("#redraw_reason").fill("The rows of audits as well")
    page.get_by_role("button", name="Draw again").click()
    page.get_by_role("button", name="Matches", exact=True).click()
    _answer(page)
    words = page.locator("main").inner_text()
    assert "Unsupported assurance" in words and "1 of 2 match their source" in words
    assert "The rows of audits as well" in page.content()
    assert world.sql("SELECT unsupported FROM claim")[0].unsupported


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_and_fits(world, site, width):
    add_rows(world)
    long_words = "word " * 120 + "x" * 200
    claim_id, risk_id = make_return(world, statement=long_words)
    weak, taken = make_claim(world), make_claim(world, domain=None, statement=long_words)
    validate(world, weak, "mismatch", critical=1)
    start(world, taken)
    draw(world, taken)
    done = make_claim(world)
    start(world, done)
    draw(world, done)
    record_rows(world, done)
    draft = make_claim(world, draft=True)
    house = world.service_id("Alder House")
    page = site.page("vera", width=width)
    for path in ("", "claims", "claims?state=withdrawn", "exceptions", f"{claim_id}/validation",
                 f"{weak}", f"{taken}/validation", f"{taken}/validation?row=2",
                 f"{done}/validation"):  # fmt: skip
        page.goto(f"/o/alder/assurance/{path}")
        assert check(page) == []
        for fold in page.locator("details:not([open]) > summary").all():
            if fold.is_visible():
                fold.click()
        assert check(page) == []
    page = site.page("bob", width=width)
    for path in ("", "new", f"new?service={house}", f"new?risk={risk_id}", f"{draft}",
                 f"{draft}/draft"):  # fmt: skip
        page.goto(f"/o/alder/assurance/{path}")
        assert check(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_with_nothing_in_it(world, site, width):
    page = site.page("ben", width=width)
    for path, words in (("", "Nothing awaits validation"), ("claims", "No claims yet"),
                        ("exceptions", "No exception is recorded")):  # fmt: skip
        page.goto(f"/o/alder/assurance/{path}")
        assert words in page.locator("main").inner_text() and check(page) == []

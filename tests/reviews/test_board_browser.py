"""The quarterly board in a real browser: challenge, assurance withheld, quorum, signature, print
(steps S0-2.5 and S0-3.5), with HTMX and without JavaScript."""

from __future__ import annotations

import pytest

from tests.browsing import WIDTHS, check, needs_browser
from tests.reviews.sample import fill, open_monthly
from tests.reviews.test_forums import appoint, open_board, save, set_rule, sign_it

pytestmark = needs_browser
FORUM = "/o/alder/reviews/forums/quarterly_board"


@pytest.mark.parametrize("scripted", [True, False], ids=["htmx", "no-js"])
def test_s0_2_5_and_s0_3_5_the_board_sits(world, site, scripted):
    fill(world)
    lead = site.page("alice", java_script_enabled=scripted)
    lead.goto(FORUM)
    for person, part in (("Ben", "chair"), ("Alice", "member")):
        lead.select_option("#membership", label=person)
        lead.select_option("#part", part)
        lead.click('button:has-text("Add to the forum")')
        lead.wait_for_selector(f"tbody >> text={person}")
    lead.click("text=Change")
    lead.fill("#quorum", "2")
    lead.click('button:has-text("Save")')
    lead.wait_for_selector("text=2 members")
    lead.context.close()

    page = site.page("ben", java_script_enabled=scripted)
    page.goto("/o/alder/reviews/new")
    page.click('main button:has-text("Start")')
    page.wait_for_selector("#sitting")
    for kind, words in (("challenge", "Did feedback change?"), ("withheld", "Nobody tested it")):
        page.select_option("#kind-sitting", kind)
        page.fill("#text-sitting", words)
        page.click('#sitting button:has-text("Record")')
        page.wait_for_selector(f"#sitting .entry >> text={words}")
        if not scripted:
            page.goto(page.url.split("#")[0])
    page.check('#close label:has-text("Ben, chair")')
    page.fill("#summary", "Trends and rating changes seen.")
    page.select_option("#assurance", "given")
    page.click('#close button:has-text("Save")')
    page.wait_for_selector("text=Not quorate")
    page.click("#close >> text=Read and sign")
    page.wait_for_selector("text=cannot be signed yet")
    assert page.locator("main .alert li").count() == 2
    page.click("text=Put it right")
    page.fill("#inquorate_reason", "Alice was ill; nothing was put to the vote.")
    page.select_option("#assurance", "withheld")
    page.click('#close button:has-text("Save")')
    page.wait_for_load_state()
    page.click("#close >> text=Read and sign")
    page.check("#read")
    page.click('button:has-text("Sign the minutes")')
    page.wait_for_selector("text=unchanged since signing")
    minutes = page.locator("main").inner_text()
    for words in ("Signed by Ben, chair", "Board assurance minutes", "Ben (chair)", "Not quorate",
                  "Alice was ill", "Assurance withheld", "Did feedback change?"):  # fmt: skip
        assert words in minutes, words
    page.context.close()


def test_every_page_of_forums_is_accessible_wide_and_narrow(world, site):
    fill(world)
    appoint(world, "ben", "chair", "quarterly_board")
    appoint(world, "vera", forum="quarterly_board")
    set_rule(world, "quarterly_board", quorum=2)
    board, monthly = open_board(world), open_monthly(world)
    save(world, "alice", board, ["ben"], ["vera"], reason="Averylongword" * 30)
    sign_it(world, "ben", board)
    violations = []
    for width in WIDTHS:
        page = site.page("alice", width=width)
        for path in ("forums", "forums/quarterly_board", "forums/weekly_manager", "", "new",
                     f"{board}", f"{monthly}", f"{monthly}/signature"):  # fmt: skip
            page.goto(f"/o/alder/reviews/{path}")
            violations += check(page)
        page.goto(FORUM)
        page.click("text=Change")
        page.locator("tbody summary").first.click()
        violations += check(page)
        page.fill("#quorum", "99")
        page.click('button:has-text("Save")')
        page.wait_for_selector("#error-summary")
        violations += check(page)
        page.goto("/o/alder/figures/sittings_overdue?rows=all")
        violations += check(page)
        page.context.close()
    assert not violations


def test_signed_minutes_print_whole_and_without_what_one_clicks(world, site):
    fill(world)
    board = open_board(world)
    save(world, "alice", board, ["alice"])
    sign_it(world, "alice", board)
    page = site.page("alice")
    page.goto(f"/o/alder/reviews/{board}")
    page.emulate_media(media="print")
    hidden = "main .btn, main form, .app-side, main .no-print"
    assert not [e for e in page.locator(hidden).all() if e.is_visible()]
    shown = page.locator("main").inner_text()
    for words in ("Board assurance minutes", "Present", "Alice", "SHA-256", "Overdue actions"):
        assert words in shown, words
    assert page.pdf()[:4] == b"%PDF"
    page.context.close()

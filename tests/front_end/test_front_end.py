"""The shared parts in a real browser: rules of the content policy, accessibility, and behaviour."""

from __future__ import annotations

import re
import threading

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.browsing import WIDTHS, needs_browser
from tests.front_end.kitchen_sink import PAGES, ROOT, make_app


def in_browser(test):
    """The marks of tests that drive Chromium."""
    for mark in needs_browser:
        test = mark(test)
    return test


@pytest.mark.parametrize("path", PAGES)
def test_pages_keep_the_content_policy(path):
    html = make_app().test_client().get(path).get_data(as_text=True)
    soup = BeautifulSoup(html, "html.parser")
    assert soup.html["lang"] == "en-GB"
    assert not soup.find_all("style")
    assert not [s for s in soup.find_all("script") if not s.get("src")]
    for tag in soup.find_all(True):
        assert not [a for a in tag.attrs if a == "style" or a.startswith(("on", "hx-on"))], tag
    ids = [t["id"] for t in soup.find_all(id=True)]
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)


def test_every_described_by_and_label_leads_somewhere():
    soup = BeautifulSoup(
        make_app().test_client().get("/parts").get_data(as_text=True), "html.parser"
    )
    ids = {t["id"] for t in soup.find_all(id=True)}
    for tag in soup.find_all(attrs={"aria-describedby": True}):
        assert set(tag["aria-describedby"].split()) <= ids
    for label in soup.find_all("label"):
        assert label["for"] in ids
    for link in soup.select("#error-summary a"):
        assert link["href"][1:] in ids


def test_flash_messages_are_escaped():
    html = make_app().test_client().get("/parts").get_data(as_text=True)
    assert "<b>escaped</b>" not in html and "&lt;b&gt;escaped" in html


def test_house_limits():
    for folder in ("templates/_macros", "static/css", "static/js"):
        for file in (ROOT / folder).iterdir():
            assert len(file.read_text().splitlines()) <= 400, file
    css = "".join(f.read_text() for f in (ROOT / "static/css").glob("*.css"))
    assert not re.search(r"url\(\s*['\"]?https?:", css)


@pytest.fixture(scope="module")
def address():
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture
def open_page(browser, address):
    contexts = []

    def open_(path, width=1440, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on(
            "console",
            lambda m: page.problems.append(m.text) if "Content Security" in m.text else None,
        )
        page.on("pageerror", lambda e: page.problems.append(str(e)))
        page.goto(address + path)
        return page

    yield open_
    for context in contexts:
        context.close()


@in_browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_no_axe_violations_and_nothing_overflows(open_page, path, width):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(path, width)
    results = Axe().run(
        page,
        options={
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        },
    )
    assert results.violations_count == 0, results.generate_report()
    assert page.problems == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Nothing that holds text is wider than the card around it.
    outside = page.evaluate("""() => [...document.querySelectorAll('.card, .counter')]
        .flatMap((card) => {
        const edge = card.getBoundingClientRect().right + 1;
        return [...card.querySelectorAll('*')]
            .filter((e) => !e.closest('.visually-hidden, thead, caption')
                && e.getBoundingClientRect().right > edge)
            .map((e) => e.outerHTML.slice(0, 90)); })""")
    assert outside == []


@in_browser
def test_counters_of_a_row_have_one_height_and_the_board_fits(open_page):
    page = open_page("/board")
    heights = page.evaluate("[...document.querySelectorAll('.counter')].map((e) => e.offsetHeight)")
    assert len(set(heights)) == 1
    expect(page.locator(".board thead")).to_be_visible()
    assert page.evaluate(
        "document.querySelector('.board').scrollWidth"
        " <= document.querySelector('.table-wrap').clientWidth"
    )


@in_browser
def test_the_menu_works_without_script(open_page):
    page = open_page("/board", 390, java_script_enabled=False)
    expect(page.locator(".app-nav")).to_be_hidden()
    page.locator(".menu-toggle summary").click()
    expect(page.locator(".app-nav a", has_text="Settings")).to_be_visible()


@in_browser
def test_targets_are_at_least_24_pixels(open_page):
    for width in WIDTHS:
        # A checkbox is measured with its label: both are one target.
        small = open_page("/parts", width).evaluate("""() => [...document.querySelectorAll(
              'button, summary, select, .btn, .form-check, .form-control, .pager a, .app-nav a,'
              + '.crumbs a')]
            .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 24)
            .map((e) => e.outerHTML)""")
        assert small == []


@in_browser
def test_paper_says_how_much_of_a_list_it_shows(open_page):
    page = open_page("/parts")
    page.emulate_media(media="print")
    pager = page.get_by_role("navigation", name="Pages")
    expect(pager.get_by_text("page 4 of 12")).to_be_visible()
    expect(pager.get_by_role("link")).to_have_count(0)


@in_browser
def test_swap_keeps_focus_and_announces(open_page):
    page = open_page("/parts")
    page.locator("#again").click()
    expect(page.locator("#announcer")).to_have_text("Saved")
    assert page.evaluate("document.activeElement.id") == "again"
    assert page.locator("#again").inner_text() == "Fresh"


@in_browser
def test_a_failed_request_says_so_and_leaves_the_page(open_page):
    page = open_page("/parts")
    page.locator("#failing").click()
    banner = page.locator("#error-banner .alert")
    banner.wait_for()
    assert "Only a verifier may do this" in banner.inner_text()
    assert banner.evaluate("(e) => e.getBoundingClientRect().top") >= 0
    expect(page.locator("#again")).to_be_visible()
    banner.locator("button").click()
    assert page.locator("#error-banner").inner_text() == ""


@in_browser
def test_a_page_with_errors_starts_at_their_summary(open_page):
    assert open_page("/parts").evaluate("document.activeElement.id") == "error-summary"


@in_browser
def test_a_second_click_does_not_submit_twice(open_page):
    page = open_page("/parts")
    sent = []
    page.route("**/sign-out", lambda route: (sent.append(1), route.fulfill(status=204))[1])
    page.locator("#title").fill("Second evening observer")
    page.evaluate("""() => { const f = document.querySelector('#title').form; f.noValidate = true;
        f.requestSubmit(); f.requestSubmit(); }""")
    page.wait_for_timeout(300)
    assert len(sent) == 1

"""Idle sessions, drafts and devices in a real browser."""

from __future__ import annotations

import pytest

from tests.accounts.test_idle import NOTE, comment_path
from tests.accounts.test_sessions import age, as_owner
from tests.browsing import WIDTHS, check, needs_browser
from tests.worlds import PASSWORD

pytestmark = needs_browser
WORDS = "Twelve charts were looked at, two had gaps."


def sign_in_again(page, email: str = "alice@alder.example") -> None:
    page.wait_for_url("**/login**")
    page.fill('[name="email"]', email)
    page.fill('[name="password"]', PASSWORD)
    page.click('main button[type="submit"]')
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_about_sessions(site, world, width):
    site.home("adam")  # on another device
    page, wrong = site.page("adam", width=width), []
    for path in ("/my-sign-in/devices/", "/o/alder/accounts/idle/"):
        page.goto(path)
        wrong += check(page)
    page.fill("#minutes", "99")
    page.get_by_role("button", name="Save").click()
    page.locator("#error-summary").wait_for()
    assert page.locator("#minutes").input_value() == "99"
    wrong += check(page)
    page.goto("/my-sign-in/devices/")
    page.get_by_role("link", name="Sign out everywhere but here").click()
    wrong += check(page)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign out everywhere but here").click()
    page.get_by_text("You are signed out everywhere but here.").wait_for()
    assert page.locator("tbody tr").count() == 1
    assert wrong + check(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_warning_comes_two_minutes_before_and_more_time_can_be_had(site, width):
    page = site.page("alice", width=width)
    page.clock.install()
    page.goto("/o/alder/actions/")
    dialog = page.locator("#idle-warning")
    page.clock.fast_forward("12:00")
    assert not dialog.is_visible()
    page.clock.fast_forward("01:30")
    dialog.wait_for()
    assert "2 minutes" in dialog.inner_text()
    assert check(page) == []
    page.get_by_role("button", name="Stay signed in").click()
    dialog.wait_for(state="hidden")
    page.clock.fast_forward("10:00")
    assert not dialog.is_visible()


def test_what_was_typed_comes_back_after_the_session_ran_out(site, world):
    page = site.page("alice")
    page.clock.install()
    page.goto("/o/alder/actions/new")
    page.locator("main form textarea").first.fill(WORDS)
    age(world, 16)
    page.clock.fast_forward("15:30")
    sign_in_again(page)
    page.get_by_text("What you had typed has been put back.").wait_for()
    assert page.locator("main form textarea").first.input_value() == WORDS
    assert check(page) == []
    page.get_by_role("button", name="Discard it").click()
    page.reload()
    assert page.locator("main form textarea").first.input_value() == ""


def test_what_a_script_sent_too_late_comes_back(site, world):
    path = comment_path(world)
    page = site.page("alice")
    page.goto(path)
    page.locator("main textarea").first.fill(WORDS)
    age(world, 16)
    page.locator("main form:has(textarea) button[type=submit]").first.click()
    sign_in_again(page)
    page.get_by_text("What you had typed has been put back.").wait_for()
    assert page.locator("main textarea").first.input_value() == WORDS
    page.locator("main form:has(textarea) button[type=submit]").first.click()
    page.get_by_text(WORDS).first.wait_for()
    assert page.evaluate("Object.keys(sessionStorage).filter(k => k.startsWith('draft:'))") == []


def test_the_next_person_never_sees_it(site, world):
    page = site.page("alice")
    page.goto("/o/alder/actions/new")
    page.locator("main form textarea").first.fill(WORDS)
    age(world, 16)
    page.reload()
    sign_in_again(page, "bob@alder.example")
    page.goto("/o/alder/actions/new")
    assert page.locator("main form textarea").first.input_value() == ""
    left_behind = page.evaluate("JSON.stringify(sessionStorage)")
    assert "sealed" in left_behind and WORDS not in left_behind


def test_without_script_a_late_form_waits_and_is_sent_again(site, world):
    path = comment_path(world)
    page = site.page("alice", java_script_enabled=False)
    page.goto(path)
    page.locator("main textarea").first.fill(NOTE)
    age(world, 16)
    page.locator("main form:has(textarea) button[type=submit]").first.click()
    sign_in_again(page)
    assert page.locator("h1").inner_text() == "This was not saved"
    page.get_by_role("button", name="Send it now").click()
    page.get_by_text("We moved the chart.").first.wait_for()
    assert as_owner(world, "SELECT 1 FROM account_session WHERE held IS NOT NULL") == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_of_a_held_form(site, world, width):
    path = comment_path(world)
    page = site.page("alice", width=width)
    page.goto(path)
    page.evaluate(
        "document.querySelectorAll('[hx-post]').forEach(f => f.removeAttribute('hx-post'))"
    )
    page.locator("main textarea").first.fill(NOTE)
    age(world, 16)
    page.evaluate("document.querySelector('main form:has(textarea)').submit()")
    sign_in_again(page)
    assert check(page) == []


def test_switching_user_keeps_the_page(site):
    page = site.page("alice")
    page.goto("/o/alder/actions/")
    page.get_by_role("button", name="Switch user").click()
    sign_in_again(page, "bob@alder.example")
    assert page.url.endswith("/o/alder/actions/")
    assert "Bob" in page.locator(".app-account").inner_text()

"""Sign-in, settings and people in a real browser, wide, on a phone and without script."""

from __future__ import annotations

import pytest

from tests.browsing import WIDTHS, check, needs_browser

pytestmark = needs_browser


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_before_sign_in(site, width):
    context = site.browser.new_context(
        base_url=site.address, viewport={"width": width, "height": 900}
    )
    page, wrong = context.new_page(), []
    for path in ("/login", "/reset", "/nowhere"):
        page.goto(path)
        wrong += check(page)
    page.goto("/login")
    page.fill('[name="email"]', "alice@alder.example")
    page.fill('[name="password"]', "not the right one")
    page.click('main button[type="submit"]')
    assert "do not go together" in page.locator("main").inner_text()
    assert page.locator('[name="email"]').input_value() == "alice@alder.example"
    assert wrong + check(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_the_administrator(site, world, width):
    page, wrong = site.page("adam", width=width), []
    member = world.member_id("bob")
    page.goto("/o/alder/accounts/people/new")
    page.fill("#name", "Bartholomew")
    page.fill("#email", "bartholomew.featherstonehaugh-willoughby@alder.example")
    page.check('[name="roles"][value="contributor"]')
    page.check('[name="all_services"]')
    page.get_by_role("button", name="Add and invite").click()
    page.get_by_text("featherstonehaugh").first.wait_for()
    for path in ("/", "/people", "/people/new", f"/people/{member}"):
        page.goto(f"/o/alder/accounts{path}")
        wrong += check(page)
    page.goto("/o/alder/accounts/people/new")
    page.fill("#name", "Una New")
    page.get_by_role("button", name="Add and invite").click()
    page.locator("#error-summary").wait_for()
    assert page.locator("#name").input_value() == "Una New"
    assert wrong + check(page) == []


def test_the_commissioner_sees_the_portal_alone(site):
    page = site.home("carol")
    assert page.url.endswith("/portal/")
    assert "Nothing has been published to you yet" in page.locator("main").inner_text()
    assert check(page) == []
    page.goto("/o/alder/")
    assert "There is nothing here" in page.locator("main").inner_text()


def test_signing_out_without_script(site):
    page = site.home("bob", java_script_enabled=False)
    page.get_by_role("button", name="Sign out").click()
    assert "/login" in page.url
    page.goto("/o/alder/")
    assert "/login" in page.url

"""Setting up and using the second factor in a real browser; passkeys with a virtual device."""

from __future__ import annotations

import dataclasses
import re

import pytest

from tests.accounts.phones import Phone, address, real, still  # noqa: F401
from tests.browsing import WIDTHS, check, needs_browser
from tests.worlds import PASSWORD

pytestmark = [*needs_browser, pytest.mark.usefixtures("still")]


@pytest.fixture
def named(site, app):
    """The site under a name, as browsers ask for before they keep a passkey."""
    held, site.address = app.config["SETTINGS"], site.address.replace("127.0.0.1", "localhost")
    app.config["SETTINGS"] = dataclasses.replace(held, base_url=site.address)
    yield site
    app.config["SETTINGS"] = held


def _password(page, person: str = "rita") -> None:
    page.goto("/login")
    page.fill('[name="email"]', address(person))
    page.fill('[name="password"]', PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _give_device(page) -> None:
    """A device that keeps passkeys and says yes at once."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True}})  # fmt: skip


def _add_passkey(page) -> None:
    page.goto("/my-sign-in/passkeys/new")
    page.fill("#name", "Work phone")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_text("The passkey has been added.").wait_for()


def _page(site, width: int = 1440, **options):
    context = site.browser.new_context(
        base_url=site.address, viewport={"width": width, "height": 900}, **options
    )
    return context.new_page()


@pytest.mark.parametrize(("width", "script"), [(390, True), (1440, True), (1440, False)])
def test_setting_up_an_app_and_signing_in_with_it(site, world, width, script):
    real(world, "rita")
    page, wrong = _page(site, width, java_script_enabled=script), []
    look = check if script else lambda page: []
    _password(page)
    page.wait_for_url("**/second-factor/set-up")
    page.get_by_text("I cannot scan it").click()
    wrong += look(page)
    phone = Phone(page.content())
    page.fill("#code", "000000")
    page.get_by_role("button", name="Confirm the code").click()
    page.get_by_text("There is a problem").wait_for()
    wrong += look(page)
    page.fill("#code", phone.code())
    page.get_by_role("button", name="Confirm the code").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    wrong += look(page)
    page.get_by_role("link", name="continue").click()
    page.wait_for_url("**/o/alder/")
    again = _page(site, width, java_script_enabled=script)
    _password(again)
    again.wait_for_url("**/second-factor/")
    again.get_by_text("I do not have my device").click()
    wrong += look(again)
    again.fill("#code", phone.code(+1))
    again.get_by_role("button", name="Sign in", exact=True).click()
    again.wait_for_url("**/o/alder/")
    assert wrong == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_the_own_sign_in(site, width):
    page, wrong = site.page("rita", width=width), []
    for path in ("", "password", "authenticator", "recovery-codes", "passkeys/new"):
        page.goto(f"/my-sign-in/{path}")
        wrong += check(page)
    page.goto("/my-sign-in/password")
    page.fill("#password", PASSWORD)
    page.fill("#new_password", "password1234")
    page.get_by_role("button", name="Change my password").click()
    page.locator("#error-summary").wait_for()
    assert wrong + check(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_for_when_somebody_leaves(site, world, width):
    page = site.page("adam", width=width)
    page.goto(f"/o/alder/accounts/people/{world.member_id('bob')}")
    page.get_by_role("link", name="Bob leaves").click()
    page.get_by_role("heading", name="Bob leaves").wait_for()
    wrong = check(page)
    page.get_by_role("button", name="Hand over and end access").click()
    page.locator("#error-summary").wait_for()
    assert wrong + check(page) == []


def test_a_passkey_is_added_and_signs_in_after_the_password_and_alone(named, world):
    page = _page(named)
    _give_device(page)
    _password(page)
    page.wait_for_url("**/o/alder/")
    _add_passkey(page)
    assert page.get_by_text("Passkey: Work phone").is_visible()
    wrong = check(page)
    crumbs = page.get_by_role("navigation", name="Breadcrumb")
    crumbs.get_by_role("link", name="CareBoard").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    real(world, "rita")

    _password(page)
    page.wait_for_url("**/second-factor/")
    wrong += check(page)
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url("**/o/alder/")
    page.get_by_role("button", name="Sign out").click()

    page.get_by_role("link", name="Sign in with a passkey").click()
    wrong += check(page)
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url("**/o/alder/")
    assert wrong == []

    real(world, "rita", demo=True)  # nobody else may remove their last second factor
    page.goto("/my-sign-in/")
    page.get_by_role("link", name=re.compile("Remove")).click()
    assert "Work phone, added" in page.locator("main").inner_text()
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Remove the passkey").click()
    page.get_by_text("The passkey has been removed.").wait_for()
    tags = [row.tag for row in world.sql("SELECT tag FROM audit_event")]
    assert {"account:passkey_added", "account:passkey_removed"} <= set(tags)


def test_no_passkey_is_offered_before_the_script_listens(named):
    """A click that nobody hears would leave the person waiting."""
    page = _page(named)
    page.route("**/passkeys.js", lambda route: route.abort())
    page.goto("/passkey/")
    assert [one.is_visible() for one in page.locator("form[data-passkey] button").all()] == [False]


def test_what_a_passkey_signed_is_worth_nothing_the_second_time(named, world):
    """The answer is caught on its way and sent again with the very cookies it came with."""
    page = _page(named)
    _give_device(page)
    _password(page)
    _add_passkey(page)
    page.goto("/organisations")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/passkey/")
    cookies, caught = page.context.cookies(), []
    page.on("request", lambda sent: caught.append(sent) if sent.method == "POST" else None)
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url("**/o/alder/")
    thief = named.browser.new_context(base_url=named.address)
    thief.add_cookies(cookies)
    answer = thief.request.post(
        "/passkey/", data=caught[0].post_data,
        headers={"Content-Type": "application/x-www-form-urlencoded",
                 "Referer": f"{named.address}/passkey/"},
    )  # fmt: skip
    assert answer.status == 422 and "was not accepted" in answer.text()
    assert "/login" in thief.request.get("/o/alder/").url

"""An action from its owner to its verifier in a real browser: in place, and without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.actions.samples import add_action, add_evidence, add_finding, state
from tests.browsing import WIDTHS, check, needs_browser
from tests.evidence.files import PDF

pytestmark = needs_browser
SHEET = {"name": "mar-sheet.pdf", "mimeType": "application/pdf", "buffer": PDF}


def test_in_place_with_script(world, site):
    action_id = add_action(world)
    address = f"/o/alder/actions/{action_id}"
    owner = site.page("rita")
    owner.goto(address)
    owner.get_by_role("link", name="Complete with evidence").click()
    expect(owner.locator("#step-title")).to_be_focused()
    # A refusal comes in place, keeps the words and the chosen file.
    owner.locator("#file").set_input_files(SHEET)
    owner.get_by_label("What was done, and what changed").fill("Handover sheet changed")
    owner.get_by_role("button", name="Complete").click()
    expect(owner.locator("#kind-error")).to_be_visible()
    expect(owner.locator("#error-summary")).to_be_focused()
    assert owner.locator("#completion_detail").input_value() == "Handover sheet changed"
    assert owner.locator("#file").evaluate("e => e.files.length") == 1
    assert check(owner) == []
    owner.locator("#kind").select_option("care_records")
    owner.get_by_role("button", name="Complete").click()
    expect(owner.locator("#announcer")).to_contain_text("awaits verification")
    expect(owner.locator("#action")).to_contain_text("EV-0001")
    assert owner.url.endswith(address) and check(owner) == []

    verifier = site.page("vera")
    verifier.goto("/o/alder/actions/?view=awaiting")
    verifier.get_by_role("link", name="ACT-0001").click()
    verifier.get_by_role("link", name="EV-0001").click()
    with verifier.expect_download() as download:
        verifier.get_by_role("link", name="mar-sheet.pdf").click()
    assert download.value.suggested_filename == "mar-sheet.pdf"
    verifier.goto(address)
    verifier.get_by_role("link", name="Verify").click()
    verifier.get_by_role("button", name="Verify").click()
    expect(verifier.locator("#action .chip").first).to_have_text("Verified")
    assert state(world, action_id).status == "verified"


def test_plain_pages_without_script(world, site):
    finding = add_finding(world)
    lead = site.page("alice", java_script_enabled=False)
    lead.goto(f"/o/alder/actions/new?concern={finding}")
    lead.get_by_role("button", name="Open action").click()
    expect(lead.locator("#owner_id-error")).to_be_visible()
    lead.get_by_label("Owner").select_option(label="Rita")
    lead.get_by_label("Measurable outcome").fill("No MAR gap for four weeks")
    lead.get_by_label("Evidence needed").fill("Weekly MAR sheets")
    lead.get_by_role("button", name="Open action").click()
    address = lead.url

    owner = site.page("rita", java_script_enabled=False, width=390)
    owner.goto(address)
    owner.get_by_role("link", name="Complete with evidence").click()
    owner.get_by_label("What was done, and what changed").fill("Sheets checked at handover")
    owner.locator("#kind").select_option("care_records")
    owner.locator("#file").set_input_files(SHEET)
    owner.get_by_role("button", name="Complete").click()
    assert owner.url == address
    assert "It now awaits verification" in owner.locator("main").inner_text()

    lead.goto(address)
    lead.get_by_role("link", name="Return", exact=True).click()
    lead.get_by_label("What is still missing").fill("No night sheets")
    lead.get_by_role("button", name="Return").click()
    assert "No night sheets" in lead.locator("#action").inner_text()
    assert world.sql("SELECT status FROM action")[0].status == "in_progress"


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible_and_fits(world, site, width):
    finding, action_id = add_finding(world), add_action(world, title="word " * 70 + "x" * 120)
    evidence_id = add_evidence(world, action_id)
    page = site.page("alice", width=width)
    for path in (
        "actions/", "actions/?view=mine", f"actions/{action_id}", f"actions/new?concern={finding}",
        f"actions/{action_id}/extension", f"actions/{action_id}/assignment", "evidence/",
        "evidence/new", f"evidence/{evidence_id}", f"evidence/new?action={action_id}",
    ):  # fmt: skip
        page.goto(f"/o/alder/{path}")
        assert check(page) == []

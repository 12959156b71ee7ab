"""The audit log as people see it."""

from __future__ import annotations

import pytest

from tests.actions import samples
from tests.browsing import WIDTHS, check, needs_browser

pytestmark = needs_browser


@pytest.mark.parametrize("width", WIDTHS)
def test_the_audit_log_reads_well_and_is_taken_away(site, world, width):
    samples.complete(world, samples.add_action(world))
    page = site.page("alice", width=width)
    page.goto("/o/alder/audit/")
    assert check(page) == []
    page.goto("/o/alder/audit/?about=NOTHING-1")
    assert check(page) == [] and page.get_by_text("No event fits the filter").is_visible()
    page.goto("/o/alder/audit/")
    with page.expect_download() as saved:
        page.click("text=Export with proof")
    assert saved.value.suggested_filename == "audit-alder-2026-11-20.zip"

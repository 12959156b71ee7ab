"""What people paste can be one long word: no list or search lets it push the page sideways."""

from __future__ import annotations

from datetime import timedelta

import pytest

from careboard import clock
from careboard.actions import service as actions
from careboard.db import db
from careboard.evidence import service as evidence
from tests.browsing import WIDTHS, check, needs_browser

pytestmark = needs_browser
WORD = "https://records.example/" + "medicinesroundchart" * 8


@pytest.fixture
def pasted(world):
    """An action and an item of evidence, each named by an address."""
    house, bob = world.service_id("Alder House"), world.member_id("bob")
    with world.acting("alice") as alice:
        actions.create_action(
            actor=alice, service_id=house, title=WORD, owner_id=bob,
            due_on=clock.today() + timedelta(days=9), outcome_measure="No gap", baseline="6 gaps",
            evidence_required="Sheets",
        )  # fmt: skip
        evidence.submit(actor=alice, title=WORD, kind="audits", service_id=house, source_link=WORD)
        db.session.commit()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.usefixtures("pasted")
def test_a_long_word_breaks_where_the_page_ends(site, width):
    page, wrong = site.page("alice", width=width), []
    for path in ("actions/?show=all", "evidence/", "records/search?q=records.example"):
        page.goto(f"/o/alder/{path}")
        assert page.get_by_text("medicinesroundchart").count(), path
        wrong += check(page)
    assert wrong == []

"""Packs as people see them, from the choice to what a commissioner read."""

from __future__ import annotations

import pytest

from careboard.packs.content import Section
from tests.browsing import WIDTHS, check, needs_browser
from tests.packs.contents import example
from tests.packs.published import confirm, plain_board, publish

pytestmark = needs_browser


def test_a_contracts_lead_looks_publishes_and_takes_back(site, world, monkeypatch):
    named = Section("words", "What is next", "Mrs Marjorie Penhaligon chairs the meeting.")
    plain_board(monkeypatch, example(kind="board", sections=(*example().sections, named)))
    confirm(world)
    page = site.page("cora", java_script_enabled=False)
    page.goto("/o/alder/packs/")
    page.click("text=Make a pack")
    page.click("text=Alder House")
    assert check_text(page, "Northshire Council", "1 to 4", "Mrs Marjorie Penhaligon")
    page.check("text=Northshire Council")
    page.click("button:text-is('Publish')")
    assert check_text(page, "Correct it, or say why it may stand")
    page.fill("#reason-1", "The chair's public office.")
    page.check("text=Northshire Council")
    page.click("button:text-is('Publish')")
    assert check_text(page, "The pack is published", "PCK-0001", "The chair's public office.")
    page.click("text=Check it now")
    assert check_text(page, "Intact, checked just now")
    page.click("summary:text-is('Withdraw the pack')")
    page.fill("#withdraw-reason", "A figure was wrong.")
    page.click("button:text-is('Withdraw')")
    assert check_text(page, "The pack is withdrawn", "A figure was wrong.")


def check_text(page, *words: str) -> bool:
    text = page.inner_text("main") + page.inner_text("body")
    return all(one in text for one in words)


@pytest.mark.parametrize("width", WIDTHS)
def test_at_every_width(site, world, monkeypatch, width):
    plain_board(monkeypatch)
    link, page = confirm(world), site.page("cora", width=width)
    house = world.service_id("Alder House")
    page.goto("/o/alder/packs/")
    assert check(page) == []
    pack_id = publish(world, link)
    for address in ("", "new", f"new/board/{house}", pack_id, f"{pack_id}/check"):
        page.goto(f"/o/alder/packs/{address}")
        assert check(page) == []

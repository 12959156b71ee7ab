"""The commissioner's pages and the provider's pages of access as people see them."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from careboard.db import db
from careboard.packs import afterwards
from tests.browsing import WIDTHS, check, needs_browser
from tests.packs import contents, published
from tests.portal import making

pytestmark = needs_browser
SHOTS = os.environ.get("PORTAL_SHOTS")


@pytest.fixture
def packs(world, monkeypatch):
    """A current pack, the one that it replaced, and one that was withdrawn."""
    making.changing_board(monkeypatch)
    link = published.confirm(world)
    older = published.publish(world, link)
    current = published.publish(world, link, supersedes_id=older)
    gone = published.publish(world, link)
    with world.acting("cora") as cora:
        afterwards.withdraw(actor=cora, pack_id=gone, reason="A figure counted two houses.")
        db.session.commit()
    return {"link": link, "older": older, "current": current, "gone": gone}


def shoot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_portal_is_plain_and_whole_on_every_width(site, packs, width):
    page = site.home("carol", width=width)
    assert page.url.endswith("/portal/")
    for name, path in (
        ("list", ""),
        ("current", f"packs/{packs['current']}"),
        ("print", f"packs/{packs['current']}/print"),
        ("older", f"packs/{packs['older']}"),
        ("gone", f"packs/{packs['gone']}"),
        ("withdrawn", "?status=withdrawn"),
        ("none", "?words=nothing"),
        ("verify", "verify"),
    ):
        page.goto(f"/portal/{path}")
        assert check(page) == []
        shoot(page, f"portal-{name}-{width}")


def test_a_pack_on_paper_begins_on_its_first_page_and_fills_it(site, world, monkeypatch):
    progress, charts = contents.example().sections
    # A table that is called like its section is another landmark.
    sections = (replace(progress, heading=progress.tables[0].caption), charts)
    published.plain_board(monkeypatch, contents.example(kind="board", sections=sections))
    pack_id = published.publish(world, published.confirm(world))
    page = site.page("carol")
    page.goto(f"/portal/packs/{pack_id}/print")
    assert check(page) == []
    page.emulate_media(media="print")
    kept = page.eval_on_selector_all(
        ".card, .pack-chart", "all => all.map(one => getComputedStyle(one).breakInside)"
    )
    assert set(kept) == {"auto"}
    assert (
        page.locator(".pack-content .chip").count()
        == page.locator(".pack-content .chip svg").count()
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_the_providers_pages_of_access(site, packs, width):
    page = site.page("cora", width=width)
    base = "/o/alder/packs/commissioners"
    for name, path in (
        ("list", base), ("new", f"{base}/new"), ("one", f"{base}/{packs['link']}"),
    ):  # fmt: skip
        page.goto(path)
        assert check(page) == []
        shoot(page, f"access-{name}-{width}")


def test_a_reader_finds_reads_and_takes_a_pack(site, packs):
    page = site.home("carol")
    page.get_by_role("table", name="Packs, the latest first").get_by_role("link").first.click()
    assert "First line." in page.inner_text("main")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything (zip)").click()
    assert download.value.suggested_filename.endswith(".zip")
    page.get_by_role("link", name="How to check it yourself").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="verify-pack.py").click()
    assert download.value.suggested_filename == "verify-pack.py"
    page.get_by_role("button", name="Sign out").click()
    assert "/login" in page.url


def test_without_script_the_list_filters_and_the_pack_opens(site, packs):
    page = site.home("carol", java_script_enabled=False)
    page.select_option("#filter-status", "superseded")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("table", name="Packs, the latest first").get_by_role("link").first.click()
    assert "A newer one has taken its place" in page.inner_text("main")


def test_cora_invites_a_reader_and_ends_her_access(site, packs):
    page = site.page("cora")
    page.goto("/o/alder/packs/commissioners")
    page.get_by_role("link", name="Northshire Council").click()
    page.fill('[name="name"]', "Nina New")
    page.fill('[name="email"]', "nina@northshire.example")
    page.get_by_role("button", name="Send the invitation").click()
    row = page.get_by_role("row", name="Nina New")
    assert "No password yet" in row.inner_text()
    row.get_by_role("button", name="End access of Nina New").click()
    assert "Nina New" in page.get_by_role("table", name="Readers whose access ended").inner_text()

"""Board packs as people see them: progress that moves by itself, and without script."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from careboard.board_packs import lease
from careboard.db import db
from tests.board_packs.packs import ask, made, pdf_of, run_job
from tests.browsing import WIDTHS, check, needs_browser

pytestmark = needs_browser


def test_a_pack_is_asked_for_watched_and_saved(site, world):
    page = site.page("ben")
    page.goto("/o/alder/board-packs/new")
    page.fill('[name="title"]', "Board pack, winter")
    page.click("text=Make the pack")
    page.wait_for_selector("text=Waiting for the worker")
    (pack,) = world.sql("SELECT id FROM board_pack")
    with world.acting("alice") as actor:
        token = lease.take(actor=actor, pack_id=pack.id)
        lease.teller(actor=actor, pack_id=pack.id, token=token)(0.4, "Counting the figures")
    page.wait_for_selector("text=Counting the figures")
    assert page.get_attribute("progress", "value") == "40"
    with world.acting("alice") as actor:
        lease.give_up(actor=actor, pack_id=pack.id, token=token, why="It could not be made.")
        db.session.commit()
    page.wait_for_selector("text=It could not be made.")
    page.click("text=Try again")
    page.wait_for_selector("text=Waiting for the worker")
    run_job(pack.id)
    page.wait_for_selector("text=Download the PDF")
    with page.expect_download() as saved:
        page.click("text=Download the PDF")
    assert saved.value.suggested_filename == "BPK-0001-alder.pdf"
    with open(saved.value.path(), "rb") as file:
        assert file.read() == pdf_of(world, pack.id)


def test_without_script_one_looks_again(site, world):
    pack_id = ask(world)
    page = site.page("alice", java_script_enabled=False)
    page.goto(f"/o/alder/board-packs/{pack_id}")
    run_job(pack_id)
    page.click("text=Look again")
    expect(page.locator("text=Download the PDF")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_accessible(site, world, width):
    waiting = ask(world, title="A long title without a break " + "x" * 80)
    finished = made(world, period_from=date(2026, 10, 2))
    failed = ask(world, period_from=date(2026, 10, 3))
    with world.acting("alice") as actor:
        token = lease.take(actor=actor, pack_id=failed)
        lease.give_up(actor=actor, pack_id=failed, token=token, why="It could not be made.")
        db.session.commit()
    page, wrong = site.page("alice", width=width), []
    for path in ("", "new", str(waiting), str(finished), str(failed)):
        page.goto(f"/o/alder/board-packs/{path}")
        wrong += check(page)
    page.goto("/o/alder/board-packs/new")
    page.fill('[name="period_to"]', "2026-01-01")
    page.click("text=Make the pack")
    page.wait_for_selector("text=There is a problem")
    assert wrong + check(page) == []

"""Ways that every acceptance walk goes: by a record's name, to another day, into the database."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date

from playwright.sync_api import expect

from careboard import clock

PHONE = 390


def by_record_name(page, name: str) -> None:
    """Find a record as its reader would: on the Records page, by the name they know."""
    menu = page.locator(".menu-toggle summary")
    if menu.is_visible():
        menu.click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Records").click()
    page.get_by_label("Find a record by its name").fill(name)
    page.get_by_role("button", name="Filter").click()
    page.locator("main").get_by_role("link", name=name, exact=True).first.click()


def begin_plan(page, template: str) -> None:
    """From the list of plans to a new one of this template, with what is known filled in."""
    page.get_by_role("link", name="New plan").click()
    page.get_by_role("link", name=re.compile(f"Begin a plan.*{template}")).click()


@contextmanager
def on(day: date):
    """The calendar set to another day, for what happens before or after the test's own."""
    held = clock.frozen_day()
    clock.freeze(day)
    try:
        yield
    finally:
        clock.freeze(held)


def rows(world, statement: str, **values) -> list[tuple]:
    """What the database holds, as plain tuples."""
    return [tuple(row) for row in world.sql(statement, **values)]


def open_sitting(page, forum: str) -> str:
    """Start a sitting of the organisation by the form of a new review; returns its address."""
    page.goto("/o/alder/reviews/new")
    page.locator("#forum").select_option(forum)
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector("#sitting")
    return page.url.split("#")[0]


def record(matter, kind: str, words: str) -> None:
    """Record something on one line of an agenda."""
    matter.get_by_text("Record a", exact=False).first.click()
    matter.locator("select").select_option(kind)
    matter.locator("textarea").fill(words)
    matter.get_by_role("button", name="Record", exact=True).click()
    expect(matter.locator(".entry").last).to_contain_text(words)


def sign(page, sitting: str, *, summary: str, assurance: str = "partial") -> None:
    """Write the minutes of an open sitting, read them and sign them."""
    page.goto(sitting)
    chair = page.locator("#close label", has_text=", chair").first
    if chair.count():
        chair.check()
    page.locator("#attendance").fill("Alice, Ben")
    page.locator("#summary").fill(summary)
    page.locator("#assurance").select_option(assurance)
    page.locator("#close").get_by_role("button").first.click()
    page.get_by_role("link", name="Read and sign").first.click()
    page.locator("#read").check()
    page.get_by_role("button", name="Sign the minutes").click()
    expect(page.locator("main")).to_contain_text("unchanged since signing")

"""Addresses that are kept are those that would be built anew."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask, g, url_for

from careboard.tenancy import system_actor


def _within(app, slug: str, endpoint: str, root: str = "", **values) -> str:
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
        g.actor = system_actor(slug)
        return url_for(endpoint, **values)


def test_each_organisation_has_addresses_of_its_own(app, world):
    for _ in range(2):
        assert _within(app, "alder", "actions.index") == "/o/alder/actions/"
        assert _within(app, "birch", "actions.index") == "/o/birch/actions/"
    assert _within(app, "alder", "actions.index", root="/care") == "/care/o/alder/actions/"
    assert _within(app, "alder", "actions.index", org="birch") == "/o/birch/actions/"
    assert _within(app, "alder", "actions.index", q="x") == "/o/alder/actions/?q=x"


def test_what_is_the_same_everywhere_is_built_once(app, world, monkeypatch):
    built = []

    def build(self, endpoint, **values):
        built.append(endpoint)
        return original(self, endpoint, **values)

    original = Flask.url_for
    monkeypatch.setattr(Flask, "url_for", build)
    app._same_everywhere.cache_clear()
    client = world.client("alice")
    client.get("/o/alder/actions/")
    built.clear()
    client.get("/o/alder/actions/")
    assert not set(built) & {"static", "records.search", "security.logout"}


def test_outside_an_organisation_its_pages_have_no_address(app):
    with app.test_request_context("/"), pytest.raises(Exception, match="org"):
        url_for("actions.index")


@pytest.mark.parametrize(
    ("person", "place", "log"),
    [("alice", "/o/alder/", True), ("rita", "/o/alder/", False), ("charlie", "/o/birch/", True)],
)
def test_a_menu_is_that_of_the_organisation_and_of_the_persons_rights(world, person, place, log):
    client = world.client(person)
    world.client("alice").get("/o/alder/actions/")
    for page in ("actions", "evidence"):
        found = BeautifulSoup(client.get(f"{place}{page}/").text, "html.parser")
        links = {a["href"]: a.get("aria-current") for a in found.select(".app-nav a")}
        assert all(address.startswith(place) for address in links)
        assert [address for address, now in links.items() if now] == [f"{place}{page}/"]
        assert (f"{place}audit/" in links) == log

"""Every record that the steps name is found by that very name, and leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from careboard.records.names import RECORD_NAMES, matching

NAMES = (Path(__file__).parents[1] / "data" / "record_names.txt").read_text().splitlines()


@pytest.fixture
def client(world):
    return world.client("alice")


def test_every_name_stands_on_the_records_page(client):
    soup = BeautifulSoup(client.get("/o/alder/records/").text, "html.parser")
    shown = {" ".join(cell.get_text(" ").split()) for cell in soup.select("tbody th[scope=row]")}
    assert len(NAMES) >= 71
    assert sorted(set(NAMES) - shown) == []


def test_a_name_stands_but_once():
    names = [record.name for record in RECORD_NAMES]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_search_finds_every_name_first(client):
    for name in NAMES:
        assert name in [record.name for record in matching(name)], name
    # Asking for a few of them is enough to know that the page shows what is matched.
    for name in NAMES[::20]:
        answer = client.get("/o/alder/records/search", query_string={"q": name})
        assert f">{name}</" in answer.text, name


def test_no_link_is_dead_and_the_rest_says_who_holds_it(client):
    soup = BeautifulSoup(client.get("/o/alder/records/").text, "html.parser")
    for row in soup.select("tbody tr"):
        link = row.th.a
        if link is None:
            assert "which is not part of this version" in row.get_text(), row.th.get_text()
    addresses = {link["href"] for link in soup.select("tbody th a")}
    assert addresses
    for address in sorted(addresses):
        assert client.get(address).status_code == 200, address


def test_steps_are_written_as_steps():
    for record in RECORD_NAMES:
        assert record.note and all(re.fullmatch(r"S[0-4]-[1-3]\.[1-5]", s) for s in record.steps)
    named = {step for record in RECORD_NAMES for step in record.steps}
    every = {f"S{s}-{e}.{n}" for s in range(5) for e in (1, 2, 3) for n in range(1, 6)}
    assert sorted(every - named) == []

"""Whatever is sent, no address answers with a fault: every route, with values that nobody means.

Source: DESIGN section 9, bad input.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup

from tests.guards import everything
from tests.worlds import World

NASTY = (
    "",
    "x\x00y",
    "\x00",
    "a" * 30_000,
    "-1",
    "9" * 25,
    "not-an-id",
    "0f0e0d0c-0b0a-4908-8706-050403020100",
    "2026-02-30",
    "9999-12-31",
    "0001-01-01",
    "٣",
    "=1+1\r\n%_\\",
)
# What lists and forms of the application read from an address.
ASKED = (
    *("page", "view", "service", "domain", "owner", "status", "text", "q", "kind", "feed", "step"),
    *("code", "forum", "concern", "record", "risk", "action", "region", "manager", "since"),
    *("until", "order", "rows", "rating", "state", "fate", "validity", "rag", "how", "show"),
    *("level", "batch", "local_authority", "on", "next", "intent", "theme", "month", "episode"),
    *("claim", "review", "template", "plan", "indicator", "outcome", "measure", "from", "to"),
    *("week", "row", "same", "size", "part", "finding", "verdict", "about", "follows", "for"),
    *("partner", "provider", "replaces", "sitting", "supersedes", "trigger", "words"),
)
BAD_FILES = (("a.csv", b"\x00\x01"), ("x.xlsx", b"PK\x03\x04"), ("q.csv", b'"' * 999), ("e", b""))


@pytest.fixture
def rows(world: World) -> dict[str, list]:
    return everything.rows(world)


def _addresses(world: World, method: str, rows: dict[str, list], most: int) -> Iterator[str]:
    """Addresses of rows that are there, at most so many of each route."""
    for rule in world.app.url_map.iter_rules():
        if method not in rule.methods or not rule.rule.startswith("/o/<org>"):
            continue
        pattern = rule.rule.replace("<org>", "alder")
        names = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
        for found in itertools.islice(itertools.product(*(rows[n] for n in names)), most):
            values = iter(found)
            yield re.sub(r"<[^>]+>", lambda match, values=values: str(next(values)), pattern)


def _forms(address: str, html: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Where a page's forms go, and what they would send as they stand."""
    for form in BeautifulSoup(html, "html.parser").find_all("form", method="post"):
        fields = form.find_all(["input", "select", "textarea"])
        yield (
            form.get("action", address).split("?")[0],
            {field["name"]: field.get("value") or "" for field in fields if field.get("name")},
        )


@pytest.mark.parametrize("person", ["alice", "bob", "cora"])
def test_no_question_is_a_fault(world, rows, person):
    """Each address is asked with a third of the values, the next address with the next third."""
    client = world.client(person)
    faults = []
    for place, address in enumerate(_addresses(world, "GET", rows, 1)):
        for value in NASTY[place % 3 :: 3]:
            asked = dict.fromkeys(ASKED, value[:2_000])
            if client.get(address, query_string=asked).status_code >= 500:
                faults.append((address, value[:20]))
    assert faults == []


def test_no_organisation_is_called_that(world):
    client = world.client("alice")
    for slug in ("%00", "alder%00", "a" * 3_000, "%F0%9F", "..", "%27"):
        assert client.get(f"/o/{slug}/").status_code == 404, slug


@pytest.mark.parametrize("person", ["alice", "adam", "cora"])
def test_no_form_is_a_fault(world, rows, person):
    client = world.client(person)
    known: dict[str, dict[str, str]] = {}
    for address in _addresses(world, "GET", rows, 6):
        answer = client.get(address)
        page = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        for action, fields in _forms(address, page):
            known.setdefault(action, {}).update(fields)
    faults = []
    for number, address in enumerate(_addresses(world, "POST", rows, 1)):
        fields = known.get(address, {})
        for body in _bodies(fields, number):
            if client.post(address, data=body).status_code >= 500:
                faults.append((address, {name: str(v)[:20] for name, v in body.items()}))
    assert faults == []


def _bodies(fields: dict[str, str], number: int) -> Iterator[dict]:
    """Nothing at all; one odd value everywhere; each field alone wrong, or given thrice."""
    yield {}
    for value in NASTY[number % 3 :: 3]:
        yield dict.fromkeys((*fields, *ASKED), value)
    for place, name in enumerate(fields):
        for value in (*NASTY[1:3], NASTY[3 + place % (len(NASTY) - 3)]):
            yield fields | {name: value}
    yield {name: [value, "b", "c"] for name, value in fields.items()}
    yield {f"field-{number}": "x" for number in range(2_500)}
    for name, content in BAD_FILES if "file" in fields else ():
        yield fields | {"file": (io.BytesIO(content), name)}

"""One box that finds services, references, words and the names of records."""

from __future__ import annotations

import pytest

from careboard.records.search import SHOWN, search, snippet
from tests.recovery.making import FALLS, opened
from tests.services.making import history, many_services


@pytest.fixture
def made(world):
    return history(world, world.service_id("Alder House"))


def groups(world, person, words):
    with world.acting(person) as actor:
        found = search(actor=actor, words=words)
    return {group.key: [hit.title for hit in group.hits] for group in found.groups}


@pytest.mark.parametrize(
    ("words", "key", "title"),
    [
        ("lodge", "service", "Alder Lodge"),
        ("1-1000000100", "service", "Alder House"),
        ("act-0001", "action", "ACT-0001 Second evening observer"),
        ("observer EVENING", "action", "ACT-0001 Second evening observer"),
        ("AC-2", "audit_concern", "AC-2 Medicines"),
        ("100%", "audit_concern", "AC-2 Medicines"),
        ("wet floor", "concern", "INC-1 falls"),
        ("second pair", "risk", "RSK-0001 medicines"),
        ("ev-0001", "evidence", "EV-0001 MAR sample October"),
        ("weekly manager", "review", "REV-0001"),
    ],
)
def test_each_thing_is_found(world, made, words, key, title):
    assert title in groups(world, "alice", words)[key]


@pytest.mark.parametrize("words", ["ind-0001", "falls NIGHT"])
def test_an_indicator_is_found_and_its_page_linked(world, words):
    indicator_id = opened(world, FALLS)
    assert groups(world, "alice", words) == {"indicator": ["IND-0001 Falls at night"]}
    assert groups(world, "charlie", words) == {}
    page = world.client("bob").get("/o/alder/records/search", query_string={"q": words}).text
    assert f"/o/alder/recovery/indicators/{indicator_id}" in page


def test_every_word_must_occur_and_signs_are_only_signs(world, made):
    assert groups(world, "bob", "observer elephants") == {}
    assert groups(world, "bob", "%%") == groups(world, "bob", "__") == {}
    assert groups(world, "bob", "\\\\") == {}


def test_the_scope_is_respected(world, made):
    assert groups(world, "charlie", "evening") == {}
    assert "service" not in groups(world, "bob", "lodge")


def test_the_first_hits_and_their_number(world, made):
    many_services(world, 300)
    with world.acting("alice") as actor:
        found = search(actor=actor, words="branch")
    group = next(group for group in found.groups if group.key == "service")
    assert (len(group.hits), group.total) == (SHOWN, 297)


@pytest.mark.parametrize("words", ["", "a", " "])
def test_two_characters_are_needed(world, words):
    answer = world.client("alice").get("/o/alder/records/search", query_string={"q": words})
    assert answer.status_code == 200 and "Type two characters or more" in answer.text


def test_nothing_found_says_what_to_do(world):
    answer = world.client("bob").get("/o/alder/records/search?q=%3Cscript%3Exyz")
    assert "Nothing found for" in answer.text and "Only your services" in answer.text
    assert "<script>xyz" not in answer.text


def test_the_page_marks_what_was_found(world, made):
    text = world.client("bob").get("/o/alder/records/search?q=evening").text
    assert "<mark>evening</mark>" in text
    assert 'name="q"' in text and 'id="site-search"' in text


def test_a_snippet_surrounds_the_first_find():
    body = "word " * 60 + "The needle. " + "tail " * 60
    pieces = snippet(body, "NEEDLE")
    assert ("needle", True) in pieces
    assert pieces[0] == ("… ", False) and pieces[-1][0].endswith(" …")
    assert snippet("", "x") == [] and snippet(None, "x") == []
    assert snippet("a(b", "(") == [("a", False), ("(", True), ("b", False)]

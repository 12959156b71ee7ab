"""The pages of recovery updates: who may open and do what, what is refused, what is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from careboard.accounts.models import MembershipService
from careboard.db import db
from careboard.updates import queries
from tests.acceptance.walking import on
from tests.counting import statements
from tests.updates import making
from tests.updates.making import TODAY

HERE = "/o/alder/updates"


@pytest.fixture
def two(world):
    """A published update with feedback, and today's draft; returns what is tracked and both."""
    first = TODAY - timedelta(days=14)
    with on(first):
        tracked_id = making.started(world, on=first)
        making.come(world, first)
        published = making.newest(world, tracked_id)
        making.whole(world, published)
        making.told(world, published, "partly")
    making.come(world)
    return tracked_id, published, making.newest(world, tracked_id)


def _pages(two) -> list[str]:
    tracked_id, published, draft = two
    return [
        *(f"{HERE}/", f"{HERE}/service-assurance-file", f"{HERE}/assurance-review-note"),
        *(f"{HERE}/tracked/{tracked_id}", f"{HERE}/{published}", f"{HERE}/{draft}"),
    ]


def test_everybody_of_the_provider_reads_and_no_stranger_does(world, two):
    for person in ("cora", "alice", "bob", "vera", "rita", "ben", "adam"):
        client = world.client(person)
        assert {client.get(page).status_code for page in _pages(two)} == {200}, person
    for person in ("charlie", "carol"):
        client = world.client(person)
        assert {client.get(page).status_code for page in _pages(two)} == {404}, person


def test_another_services_people_are_refused(world, two):
    lodge, bob = world.service_id("Alder Lodge"), world.member_id("bob")
    with world.acting("alice"):
        db.session.execute(
            update(MembershipService)
            .where(MembershipService.membership_id == bob)
            .values(service_id=lodge)
        )
        db.session.commit()
    client = world.client("bob")
    tracked_id, published, draft = two
    answers = [client.get(f"{HERE}/{path}").status_code for path in (
        f"tracked/{tracked_id}", published, draft, f"{draft}/evidence",
    )]  # fmt: skip
    assert answers == [403] * 4
    assert "EAT-0001" not in client.get(f"{HERE}/").text


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        ("cora", "tracked/new", 200),
        ("bob", "tracked/new", 403),
        ("cora", "tracked/{tracked}/schedule", 200),
        ("alice", "tracked/{tracked}/schedule", 403),
        ("alice", "tracked/{tracked}/end", 200),
        ("cora", "tracked/{tracked}/end", 403),
        ("cora", "{draft}/words/progress", 200),
        ("cora", "{draft}/words/nothing", 404),
        ("alice", "{draft}/words/progress", 403),
        ("bob", "{draft}/evidence", 200),
        ("ben", "{draft}/evidence", 403),
        ("cora", "{published}/feedback", 200),
        ("bob", "{published}/feedback", 403),
        ("alice", "feedback/{feedback}/answer", 200),
        ("cora", "feedback/{feedback}/answer", 403),
    ],
)
def test_forms_are_for_those_whose_work_it_is(world, two, person, path, status):
    tracked_id, published, draft = two
    said = world.sql("SELECT id FROM update_feedback")[0].id
    path = path.format(tracked=tracked_id, published=published, draft=draft, feedback=said)
    assert world.client(person).get(f"{HERE}/{path}").status_code == status
    assert world.client("charlie").get(f"{HERE}/{path}").status_code == 404


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        ("cora", "validation", 403),
        ("vera", "validation", 422),
        ("vera", "approval", 403),
        ("alice", "approval", 409),
        ("ben", "return", 403),
        ("cora", "return", 409),
        ("ben", "refresh", 403),
        ("cora", "refresh", 303),
        ("charlie", "validation", 404),
        ("charlie", "refresh", 404),
    ],
)
def test_steps_are_taken_by_post_and_by_those_who_may(world, two, person, path, status):
    url = f"{HERE}/{two[2]}/{path}"
    assert world.client(person).post(url).status_code == status
    assert world.client(person).get(url).status_code == 405


def test_what_was_typed_stays_where_it_is_refused(world):
    concern_id = making.concern(world)
    client = world.client("cora")
    answer = client.post(
        f"{HERE}/tracked/new?concern={concern_id}",
        data={"theme": "Late evening visits", "due_on": "2026-02-30"},
    )
    assert answer.status_code == 422
    assert "Say what would assure the commissioner" in answer.text
    assert 'value="Late evening visits"' in answer.text and "2026-02-30" in answer.text


def test_a_name_in_the_words_is_held_until_somebody_confirms_it(world, two):
    url = f"{HERE}/{two[2]}/words/progress"
    client = world.client("cora")
    typed = {"words": "Mrs Edith Marlow is visited in time.", "seen": ""}
    held = client.post(url, data=typed)
    assert held.status_code == 422 and "may be personal data" in held.text
    assert client.post(url, data=typed | {"words-confirmed": "1"}).status_code == 303


def test_two_writers_of_one_section_see_each_other(world, two):
    url = f"{HERE}/{two[2]}/words/next"
    client = world.client("cora")
    assert client.post(url, data={"words": "Rotas by Friday.", "seen": ""}).status_code == 303
    second = client.post(url, data={"words": "Rotas by Monday.", "seen": ""})
    assert second.status_code == 422
    assert "Rotas by Friday." in second.text and "Rotas by Monday." in second.text


def test_the_menu_shows_where_one_is_and_one_is_one(world, two):
    shown = world.client("alice").get(f"{HERE}/").text
    assert '/sharing/" aria-current="page"' in shown.split("<main")[0]
    assert "1 concern<" in shown


def test_a_gap_is_counted_from_what_was_published_last(world):
    tracked_id = making.started(world, on=TODAY)
    making.come(world)
    making.whole(world, making.newest(world, tracked_id))
    for days in (14, 28):
        with on(TODAY + timedelta(days=days)):
            making.come(world, TODAY + timedelta(days=days))
    with on(TODAY + timedelta(days=28)):
        making.whole(world, making.newest(world, tracked_id))
    shown = world.client("alice").get(f"{HERE}/tracked/{tracked_id}").text
    assert "28 days after the one before" in shown


@pytest.mark.parametrize("page", ["service-assurance-file", "assurance-review-note"])
def test_what_is_long_has_pages(world, two, page, monkeypatch):
    making.proved(world, two[2])
    monkeypatch.setattr(queries, "PAGE_SIZE", 1)
    client = world.client("alice")
    first, second, beyond = (
        client.get(f"{HERE}/{page}?page={number}").text for number in (1, 2, 9)
    )
    assert "RUP-0002" in first and "RUP-0001" not in first and "page=2" in first
    assert "RUP-0001" in second and "RUP-0002" not in second
    assert "RUP-0002" in beyond


def test_a_page_costs_a_handful_of_statements(world, two):
    client = world.client("alice")
    for page, most in zip(_pages(two), (9, 5, 5, 9, 14, 14), strict=True):
        with statements() as counted:
            assert client.get(page).status_code == 200
        assert len(counted) <= most, (page, len(counted))

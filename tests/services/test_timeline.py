"""One line of time of everything that happened to a service."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from careboard.db import db
from careboard.records.models import Concern
from careboard.services.timeline import KINDS, PAGE_SIZE, service_timeline
from tests.services.making import add, day, history


@pytest.fixture
def house(world):
    service_id = world.service_id("Alder House")
    history(world, service_id)
    return service_id


def told(world, service_id, **options):
    with world.acting("alice") as actor:
        return service_timeline(actor=actor, service_id=service_id, **options)


def test_everything_is_told_newest_first(world, house):
    page = told(world, house)
    assert {event.kind for event in page.rows} == set(KINDS)
    days = [
        event.when.date() if isinstance(event.when, datetime) else event.when for event in page.rows
    ]
    assert days == sorted(days, reverse=True)
    assert page.total == len(page.rows) == 18
    assert [event.title for event in page.rows][:6] == [
        "Weekly manager review open",
        "Pack withdrawn: PCK-0001, Extract of the board",
        "Evidence accepted: EV-0001, MAR sample October",
        "Pack published: PCK-0001, Extract of the board",
        "Evidence added: EV-0001, MAR sample October",
        "Heard from Northshire, COM-0002",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_alone(world, house, kind):
    page = told(world, house, kind=kind)
    assert page.rows and {event.kind for event in page.rows} == {kind}


def test_what_was_told_and_published_stands_beside_what_was_decided(world, house):
    page = world.client("bob").get(f"/o/alder/services/{house}/timeline").text
    for title, where in (
        ("Told Northshire, COM-0001", "sharing/communications/"),
        ("Heard from Northshire, COM-0002", "sharing/communications/"),
        ("Pack withdrawn: PCK-0001", "packs/"),
        ("Decided not to share: SHD-0001", "sharing/decisions/"),
    ):
        assert re.search(rf'href="/o/alder/{where}[0-9a-f-]+">{title}', page), title


def test_another_service_has_none_of_it(world, house):
    assert told(world, world.service_id("Alder Lodge")).total == 0


def test_pages_hold_each_event_once(world, house):
    with world.acting("alice") as actor:
        for number in range(60):
            add(
                Concern, actor.org_id, kind="incident", service_id=house, domain="safety",
                source_key=f"I{number}", occurred_on=day(40), theme="falls",
            )  # fmt: skip
        db.session.commit()
    pages = [told(world, house, page=number) for number in (1, 2, 3, 4)]
    seen = [(e.kind, e.title, e.subject_id) for page in pages for e in page.rows]
    assert pages[0].total == len(seen) == len(set(seen)) == 78
    assert len(pages[0].rows) == PAGE_SIZE and pages[0].pages == 4
    assert told(world, house, page=9).number == 1


def test_the_fragment_is_one_element_and_links_to_its_pages(world, house):
    client = world.client("bob")
    address = f"/o/alder/services/{house}/timeline?kind=action"
    fragment = client.get(address, headers={"HX-Request": "true"}).text.strip()
    assert fragment.startswith('<section class="card" id="service-timeline"')
    assert fragment.endswith("</section>") and "<html" not in fragment
    assert "Action opened: ACT-0001" in fragment and "AUD-2" not in fragment
    assert "<html" in client.get(address).text


def test_a_kind_that_does_not_exist_is_left_out(world, house):
    answer = world.client("bob").get(f"/o/alder/services/{house}/timeline?kind=gossip")
    assert answer.status_code == 200 and "not one of the choices" in answer.text

"""To which commissioner the updates on a tracked concern go."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest

from careboard.commands import owner
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.packs import commissioners, identity
from careboard.updates import ending, recipients
from tests.updates import making

HERE = "/o/alder/updates"


def _chosen(page: str) -> list[str]:
    boxes = re.findall(r"<input[^>]*name=\"links\"[^>]*>", page)
    return [re.search(r'value="([^"]+)"', box)[1] for box in boxes if "checked" in box]


def _link_of(world, tracked_id):
    return world.sql("SELECT link_id FROM tracked_concern WHERE id = :id", id=tracked_id)[0].link_id


def _end(world, link_id):
    with world.acting("cora") as cora:
        commissioners.end(actor=cora, link_id=link_id, reason="Over")
        db.session.commit()


def test_chosen_with_the_concern_and_chosen_beforehand_when_it_is_published(world):
    link_id, concern_id = making.link(world), making.concern(world)
    cora = world.client("cora")
    form = {
        "theme": making.THEME,
        "required_assurance": making.REQUIRED,
        "due_on": "2026-12-31",
        "link_id": str(link_id),
        "lead_id": str(world.member_id("cora")),
        "manager_id": str(world.member_id("bob")),
    }
    answer = cora.post(f"{HERE}/tracked/new?concern={concern_id}", data=form)
    assert answer.status_code == 303, answer.text
    assert "Northshire Council" in cora.get(answer.location).text
    tracked_id = world.sql("SELECT id FROM tracked_concern")[0].id
    with world.acting("cora") as actor:
        making.service.start(actor=actor, tracked_id=tracked_id, anchor_on=making.TODAY)
        db.session.commit()
    making.come(world)
    update_id = making.newest(world, tracked_id)
    making.proved(world, update_id)
    making.said_no_more(world, update_id)
    making.approved(world, update_id)
    assert _chosen(cora.get(f"/o/alder/packs/new/update/{update_id}").text) == [str(link_id)]


def test_with_nobody_chosen_nobody_is_chosen_beforehand(world):
    making.link(world)
    update_id = making.approved(world)
    page = world.client("cora").get(f"/o/alder/packs/new/update/{update_id}").text
    assert 'name="links"' in page and _chosen(page) == []


def test_changed_later_with_a_trace(world):
    link_id, tracked_id = making.link(world), making.tracked(world)
    cora, here = world.client("cora"), f"{HERE}/tracked/{tracked_id}"
    assert "Nobody is chosen yet" in cora.get(here).text
    assert "Nobody yet" in cora.get(f"{here}/recipient").text
    answer = cora.post(f"{here}/recipient", data={"link_id": str(link_id)})
    assert answer.status_code == 303 and _link_of(world, tracked_id) == link_id
    assert "Northshire Council" in cora.get(here).text
    cora.post(f"{here}/recipient", data={"link_id": str(link_id)})
    told = world.sql("SELECT payload FROM audit_event WHERE tag = 'tracked_concern:readdressed'")
    said = {"before": {"link": None}, "after": {"link": str(link_id)}}
    assert [json.loads(row.payload) for row in told] == [said]
    assert cora.post(f"{here}/recipient", data={"link_id": ""}).status_code == 303
    assert _link_of(world, tracked_id) is None


@pytest.mark.parametrize("why", ["domain not confirmed", "access ended 20 Nov 2026"])
def test_a_commissioner_that_nothing_can_be_granted_to_is_said_to_be_and_stays_chosen(world, why):
    link_id = making.link(world)
    tracked_id = making.tracked(world, link_id=link_id)
    cora, here = world.client("cora"), f"{HERE}/tracked/{tracked_id}"
    assert "domain not confirmed" not in cora.get(here).text
    if why.startswith("domain"):
        with owner() as connection:
            identity.end(connection, slug="northshire", domain="northshire.example")
    else:
        _end(world, link_id)
    assert re.search(f'Northshire Council <span class="flag">{why}</span>', cora.get(here).text)
    page = cora.get(f"{here}/recipient").text
    chosen = f'<option selected value="{link_id}">Northshire Council ({why})</option>'
    assert chosen in page and "Nobody yet" in page
    assert f'Northshire Council: <span class="flag">{why}</span>.' in page
    assert cora.post(f"{here}/recipient", data={"link_id": str(link_id)}).status_code == 303
    assert _link_of(world, tracked_id) == link_id
    assert cora.post(f"{here}/recipient", data={"link_id": ""}).status_code == 303
    assert _link_of(world, tracked_id) is None
    assert "No commissioner is confirmed yet" in cora.get(f"{here}/recipient").text
    assert cora.post(f"{here}/recipient", data={"link_id": str(link_id)}).status_code == 422


@pytest.mark.parametrize(
    ("person", "status"), [("cora", 200), ("alice", 403), ("bob", 403), ("charlie", 404)]
)
def test_it_is_for_who_writes_the_updates(world, person, status):
    here = f"{HERE}/tracked/{making.tracked(world)}/recipient"
    client = world.client(person)
    assert client.get(here).status_code == status
    assert client.post(here, data={"link_id": "x"}).status_code == (
        422 if status == 200 else status
    )


def test_what_is_refused(world):
    tracked_id = making.tracked(world)
    with world.acting("cora") as cora:
        with pytest.raises(Invalid):
            recipients.address(actor=cora, tracked_id=tracked_id, link_id=uuid4())
        with pytest.raises(NotFound):
            recipients.address(actor=cora, tracked_id=uuid4(), link_id=None)
    with world.acting("alice") as alice, pytest.raises(Forbidden):
        recipients.address(actor=alice, tracked_id=tracked_id, link_id=None)
    link_id = making.link(world)
    with world.acting("cora") as cora:
        ending.close_unmet(actor=cora, tracked_id=tracked_id, reason="The contract has ended.")
        with pytest.raises(Conflict):
            recipients.address(actor=cora, tracked_id=tracked_id, link_id=link_id)
    ended = making.tracked(world, concern_id=making.concern(world, "Other"))
    _end(world, link_id)
    with world.acting("cora") as cora, pytest.raises(Invalid):
        recipients.address(actor=cora, tracked_id=ended, link_id=link_id)

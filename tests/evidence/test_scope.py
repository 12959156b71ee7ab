"""Evidence of the whole organisation, seen and touched by people of some of its services."""

from __future__ import annotations

import pytest

from careboard.db import db
from careboard.errors import Forbidden, Invalid
from careboard.evidence import attached, judging, service
from tests.actions.samples import add_action

LINK = "https://care.example/policy/1"


def _submit(world, person: str, **values):
    with world.acting(person) as actor:
        evidence_id = service.submit(
            actor=actor, title="Medicines policy", kind="audits", source_link=LINK, **values
        )
        db.session.commit()
    return evidence_id


@pytest.mark.parametrize("person", ["bob", "rita"])
def test_people_of_some_services_leave_it_as_it_is(world, person):
    evidence_id = _submit(world, "alice")
    draft_id = _submit(world, "alice", draft=True)
    with world.acting(person) as actor:
        with pytest.raises(Forbidden):
            service.revise(actor=actor, evidence_id=evidence_id, source_link=LINK, note="Newer")
        with pytest.raises(Forbidden):
            service.withdraw(actor=actor, evidence_id=evidence_id, reason="Old")
        with pytest.raises(Forbidden):
            service.submit_draft(actor=actor, evidence_id=draft_id)
    page = world.client(person).get(f"/o/alder/evidence/{evidence_id}").get_data(as_text=True)
    assert "Medicines policy" in page and "Replace it" not in page
    assert "Replace it" in world.client("alice").get(f"/o/alder/evidence/{evidence_id}").text


def test_they_see_only_what_it_supports_in_their_own_services(world):
    evidence_id = _submit(world, "alice")
    lodge = world.service_id("Alder Lodge")
    here = add_action(world)
    there = add_action(world, owner="alice", service_id=lodge, title="Lodge’s own matter")
    with world.acting("alice") as alice:
        for action_id in (here, there):
            service.attach(actor=alice, evidence_id=evidence_id, action_id=action_id)
        db.session.commit()
        assert len(attached.attachments(actor=alice, evidence_id=evidence_id)) == 2
    with world.acting("bob") as bob:
        (only,) = attached.attachments(actor=bob, evidence_id=evidence_id)
    assert only.page_id == here
    assert (
        "Lodge’s own matter" not in world.client("bob").get(f"/o/alder/evidence/{evidence_id}").text
    )


def test_a_draft_handed_in_by_another_is_still_judged_by_a_third(world):
    action_id = add_action(world)
    draft_id = _submit(world, "alice", service_id=world.service_id("Alder House"), draft=True)
    with world.acting("bob") as bob:
        service.attach(actor=bob, evidence_id=draft_id, action_id=action_id)
        db.session.commit()
    with world.acting("alice") as alice, pytest.raises(Invalid, match="Vera can"):
        judging.judge(actor=alice, evidence_id=draft_id, outcome="accepted", note="Fine")
    with world.acting("vera") as vera:
        judging.judge(actor=vera, evidence_id=draft_id, outcome="accepted", note="Compared")

"""Where one governance lead is all there is, who visited steps down with a reason; nowhere else."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from careboard import clock
from careboard.accounts.models import Membership
from careboard.assurance.exceptions import exceptions
from careboard.db import db
from careboard.errors import Invalid
from careboard.monitoring import episode_queries, episodes
from careboard.monitoring.episodes import Visit
from careboard.reviews.decisions import decisions_of
from careboard.reviews.models import Review
from tests.actions.samples import leave
from tests.monitoring.making import NO_RED, START, reviewed, sitting, started
from tests.monitoring.weekly import priority_action

pytestmark = pytest.mark.usefixtures("calendar")

REASON = "Alice is the only lead, and nobody verifies here"


def visited(world, episode_id: UUID, by: str) -> None:
    visit = Visit(clock.today(), world.member_id(by), "Calm.", "The rota")
    with world.acting("alice") as alice:
        episodes.record_visit(actor=alice, episode_id=episode_id, visit=visit)
        db.session.commit()


def ready(world, *, by: str = "alice") -> UUID:
    """An episode that may be stepped down today, verified by that one's visit."""
    episode_id = started(world, criteria=[NO_RED])
    visited(world, episode_id, by)
    clock.freeze(START + timedelta(days=7))
    reviewed(world, episode_id)
    clock.freeze(START + timedelta(days=14))
    return episode_id


def down(world, episode_id: UUID, reason: str = "", where: UUID | None = None):
    given = {
        "sitting_id": where or sitting(world),
        "re_escalation": "A concern in the lounge",
        "follow_up_on": clock.today() + timedelta(days=28),
        "same_person_reason": reason,
    }
    return reviewed(world, episode_id, "step_down", **given)


def refused(world, episode_id: UUID, words: str, reason: str = "") -> None:
    with pytest.raises(Invalid, match=words) as error:
        down(world, episode_id, reason)
    assert error.value.field == "same_person_reason"


def leads_too(world, person: str) -> None:
    member_id = world.member_id(person)
    with world.acting("adam") as adam:
        db.session.get(Membership, (adam.org_id, member_id)).roles = ["governance_lead"]
        db.session.commit()


def test_the_only_lead_steps_down_on_the_own_visit_with_a_reason(world):
    leave(world, "vera")
    episode_id, where = ready(world), sitting(world)
    refused(world, episode_id, "nobody else can visit or decide on it: say why")
    made = down(world, episode_id, REASON, where)
    assert (made.decision, made.same_person_reason) == ("step_down", REASON)
    with world.acting("alice") as alice:
        (found,) = [one for one in exceptions(actor=alice).rows if one.id == episode_id]
        assert (found.who, found.reason) == ("Alice", REASON)
        assert found.what == "stepped enhanced monitoring down on a visit of their own"
        (decision,) = decisions_of(db.session.get(Review, (alice.org_id, where)))
        assert decision.same_person_reason == REASON
        (latest, *_) = episode_queries.whole(actor=alice, episode_id=episode_id).reviews
        assert latest["same_person_reason"] == REASON
    assert REASON in world.client("alice").get(f"/o/alder/monitoring/episodes/{episode_id}").text


def test_somebody_who_could_visit_or_decide_is_named(world):
    episode_id = ready(world)
    refused(world, episode_id, "Vera can visit", REASON)
    priority_action(
        world, episode_id, owner_id=world.member_id("vera"), due_on=START + timedelta(days=90)
    )
    leads_too(world, "vera")
    refused(world, episode_id, "Vera can decide on it", REASON)
    leave(world, "vera")
    assert down(world, episode_id, REASON)


def test_a_verifier_with_a_part_in_the_work_could_not_visit(world):
    episode_id = ready(world)
    vera = world.member_id("vera")
    priority_action(world, episode_id, owner_id=vera, due_on=START + timedelta(days=90))
    assert down(world, episode_id, REASON)


def test_no_reason_is_kept_where_somebody_else_visited(world):
    assert down(world, ready(world, by="vera"), "Not needed").same_person_reason == ""


INSERT = text(
    "INSERT INTO episode_review (org_id, id, episode_id, number, kind, due_on, held_on, decision,"
    " reason, criteria, all_met, decided_by_id, decided_at, sitting_id, same_person_reason)"
    " SELECT org_id, gen_random_uuid(), id, 2, 'scheduled', :on, :on, 'step_down', 'x', '[]', true,"
    " governance_lead_id, now(), :sitting, :reason FROM monitoring_episode WHERE id = :id"
)


def test_the_database_asks_for_the_reason_too(world):
    leave(world, "vera")
    episode_id, where = ready(world), sitting(world)
    values = {"on": clock.today(), "sitting": where, "id": episode_id}
    with world.acting("alice"), pytest.raises(DatabaseError, match="no independent visit"):
        db.session.execute(INSERT, values | {"reason": ""})
    with world.acting("alice"):
        assert db.session.execute(INSERT, values | {"reason": REASON}).rowcount == 1


def test_cancelled_work_bars_no_visitor(world):
    episode_id = ready(world, by="vera")
    vera = world.member_id("vera")
    cancelled = {"owner_id": vera, "status": "cancelled", "cancel_reason": "Not needed"}
    priority_action(world, episode_id, **cancelled)
    visited(world, episode_id, "vera")
    with world.acting("alice") as alice:
        found = episode_queries.whole(actor=alice, episode_id=episode_id)
    assert [one["independent"] for one in found.visits] == [True, True]
    assert down(world, episode_id).decision == "step_down"


def test_the_form_asks_for_it_and_keeps_what_was_typed(world):
    leave(world, "vera")
    episode_id, where = ready(world), sitting(world)
    alice = world.client("alice")
    address = f"/o/alder/monitoring/episodes/{episode_id}/review"
    assert "Why the same person visited and decides" in alice.get(address).text
    typed = {
        "decision": "step_down",
        "reason": "The lounge has been calm since June.",
        "sitting": str(where),
        "re_escalation": "A concern in the lounge",
        "follow_up_on": (clock.today() + timedelta(days=28)).isoformat(),
    }
    again = alice.post(address, data=typed)
    assert again.status_code == 422 and "nobody else can visit or decide" in again.text
    assert typed["reason"] in again.text
    wrong = alice.post(address, data=typed | {"sitting": "", "same_person_reason": REASON})
    assert wrong.status_code == 422 and REASON in wrong.text
    assert alice.post(address, data=typed | {"same_person_reason": REASON}).status_code == 303


def test_it_is_not_asked_of_who_did_not_visit(world):
    address = f"/o/alder/monitoring/episodes/{ready(world, by='vera')}/review"
    assert "Why the same person" not in world.client("alice").get(address).text

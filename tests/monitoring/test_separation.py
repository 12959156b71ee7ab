"""One person does not do both: what the services refuse, and the database behind them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from careboard import clock
from careboard.accounts.models import Membership
from careboard.db import db, new_id
from careboard.errors import Forbidden, Invalid
from careboard.evidence.models import Evidence
from careboard.monitoring import decisions, episodes, reviews
from careboard.monitoring.entry import Wanted
from careboard.monitoring.episodes import Visit
from careboard.monitoring.models import EpisodeCriterion
from tests.actions.samples import leave
from tests.monitoring.making import NO_RED, START, fired, reviewed, sitting, started

pytestmark = pytest.mark.usefixtures("calendar")


@pytest.fixture
def bob_leads_too(world):
    """Bob manages Alder House, and is a governance lead as well."""
    member_id = world.member_id("bob")
    with world.acting("alice") as alice:
        bob = db.session.get(Membership, (alice.org_id, member_id))
        bob.roles = ["registered_manager", "governance_lead"]
        db.session.commit()


@contextmanager
def refused_by_database(world, words: str) -> Iterator[dict]:
    with world.acting("bob") as bob, pytest.raises(DatabaseError, match=words):
        yield {"org": bob.org_id, "me": bob.membership_id, "on": clock.today()}


def proof(world, by: str) -> UUID:
    """Evidence of Alder House, in date."""
    where = world.service_id("Alder House")
    with world.acting(by) as actor:
        row = Evidence(
            org_id=actor.org_id,
            id=new_id(),
            reference=f"EV-{by}",
            service_id=where,
            title="What families say",
            kind="feedback",
            period_from=START,
            period_to=START,
            valid_until=START + timedelta(days=92),
            status="submitted",
            submitted_by_id=actor.membership_id,
        )
        db.session.add(row)
        db.session.commit()
        return row.id


def criterion_of(world, episode_id: UUID) -> UUID:
    with world.acting("alice") as alice:
        own = {"org_id": alice.org_id, "episode_id": episode_id, "code": None}
        return db.session.query(EpisodeCriterion).filter_by(**own).one().id


def test_a_manager_does_not_decide_against_monitoring_the_own_service(world, bob_leads_too):
    trigger, where = fired(world), world.service_id("Alder House")
    given = {"service_id": where, "decision": "do_not_start", "reason": "All is well."}
    with world.acting("bob") as bob, pytest.raises(Forbidden, match="Alice can decide"):
        decisions.decide(actor=bob, trigger_ids=[trigger], **given)
    with refused_by_database(world, "decide against monitoring") as values:
        db.session.execute(
            text(
                "INSERT INTO monitoring_decision (org_id, id, reference, service_id, decision,"
                " reason, decided_by_id, decided_on, decided_at) VALUES (:org, gen_random_uuid(),"
                " 'EMD-9', :service, 'do_not_start', 'x', :me, :on, now())"
            ),
            values | {"service": where},
        )
    with world.acting("alice") as alice:
        alone = db.session.get(Membership, (alice.org_id, alice.membership_id))
        alone.roles = ["board_member"]
        db.session.commit()
    with world.acting("bob") as bob:
        made = decisions.decide(actor=bob, trigger_ids=[trigger], **given)
        db.session.commit()
        assert made.decision == "do_not_start"


def test_a_manager_who_leads_too_changes_nothing_about_the_way_out(world, bob_leads_too):
    episode_id = started(world, criteria=[NO_RED, Wanted(words="Families feel safe")])
    own = criterion_of(world, episode_id)
    with world.acting("bob") as bob:
        with pytest.raises(Forbidden, match="Somebody else withdraws it"):
            episodes.withdraw_criterion(actor=bob, criterion_id=own, reason="It does not serve.")
        with pytest.raises(Forbidden, match="Somebody else records it"):
            episodes.record_statement(
                actor=bob, episode_id=episode_id, restored=True, words="x", stated_on=START
            )
        with pytest.raises(Forbidden, match="Somebody else reviews it"):
            reviews.review(
                actor=bob, episode_id=episode_id, held=reviews.Held("continue", "All is well.")
            )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE episode_criterion SET withdrawn_on = :on, withdrawn_by_id = :me,"
        " withdrawn_reason = 'x' WHERE org_id = :org AND id = :own",
        "INSERT INTO criterion_judgement (org_id, id, criterion_id, met, reason, judged_by_id,"
        " judged_on) VALUES (:org, gen_random_uuid(), :own, false, 'x', :me, :on)",
        "INSERT INTO commissioner_statement (org_id, id, episode_id, restored, text, stated_on,"
        " recorded_by_id) VALUES (:org, gen_random_uuid(), :episode, true, 'x', :on, :me)",
        "INSERT INTO episode_review (org_id, id, episode_id, number, kind, due_on, held_on,"
        " decision, reason, criteria, all_met, decided_by_id, decided_at) VALUES (:org,"
        " gen_random_uuid(), :episode, 1, 'scheduled', :on, :on, 'continue', 'x', '[]', true, :me,"
        " now())",
    ],
)
def test_the_database_refuses_it_of_the_manager(world, statement):
    episode_id = started(world, criteria=[NO_RED, Wanted(words="Families feel safe")])
    own = criterion_of(world, episode_id)
    with refused_by_database(world, "does not decide on it") as values:
        given = values | {"own": own, "episode": episode_id}
        named = {name: value for name, value in given.items() if f":{name}" in statement}
        db.session.execute(text(statement), named)


def test_nobody_judges_by_their_own_evidence(world):
    episode_id = started(world, criteria=[NO_RED, Wanted(words="Families feel safe")])
    own, hers, his = criterion_of(world, episode_id), proof(world, "vera"), proof(world, "bob")
    given = {"criterion_id": own, "met": True, "reason": "I asked ten."}
    with world.acting("vera") as vera, pytest.raises(Invalid, match="You made this") as refused:
        episodes.judge_criterion(actor=vera, evidence_id=hers, **given)
    assert refused.value.field == "same_person_reason"
    with world.acting("vera") as vera, pytest.raises(DatabaseError, match="that they submitted"):
        db.session.execute(
            text(
                "INSERT INTO criterion_judgement (org_id, id, criterion_id, met, reason,"
                " evidence_id, judged_by_id, judged_on) VALUES (:org, gen_random_uuid(), :own,"
                " true, 'x', :hers, :me, '2026-09-07')"
            ),
            {"org": vera.org_id, "own": own, "hers": hers, "me": vera.membership_id},
        )
    with world.acting("vera") as vera:
        episodes.judge_criterion(actor=vera, evidence_id=his, **given)
        db.session.commit()


def test_where_nobody_else_could_one_judges_by_own_evidence_with_a_reason(world):
    episode_id = started(world, criteria=[NO_RED, Wanted(words="Families feel safe")])
    own = criterion_of(world, episode_id)
    client, page = world.client("alice"), f"/o/alder/monitoring/episodes/{episode_id}"
    assert "evidence that you made" not in client.get(page).text
    given = {"met": "yes", "reason": "I asked.", "evidence_id": str(proof(world, "alice"))}
    judge = f"/o/alder/monitoring/criteria/{own}/judgement"
    reasoned = given | {"same_person_reason": "The only verifier left"}
    assert "Vera can judge by it" in client.post(judge, data=reasoned).text
    leave(world, "vera")
    assert "evidence that you made" in client.get(page).text
    refused = client.post(judge, data=given)
    assert refused.status_code == 422 and "nobody else can judge by it" in refused.text
    assert client.post(judge, data=reasoned).status_code == 303
    listed = client.get("/o/alder/assurance/exceptions").text
    assert "The only verifier left" in listed and "by evidence that they made" in listed


def test_who_steps_down_did_not_make_the_only_visit(world):
    episode_id = started(world, criteria=[NO_RED])
    clock.freeze(START + timedelta(days=7))
    reviewed(world, episode_id)
    clock.freeze(START + timedelta(days=14))
    down = {
        "sitting_id": sitting(world),
        "re_escalation": "A concern",
        "follow_up_on": clock.today() + timedelta(days=28),
    }
    for visitor in ("alice", "vera"):
        visit = Visit(clock.today(), world.member_id(visitor), "Calm.", "The rota")
        with world.acting("vera") as vera:
            episodes.record_visit(actor=vera, episode_id=episode_id, visit=visit)
            db.session.commit()
        if visitor == "alice":
            with pytest.raises(Invalid, match="You made the visit"):
                reviewed(world, episode_id, "step_down", **down)
            with world.acting("alice") as alice, pytest.raises(DatabaseError, match="independent"):
                db.session.execute(
                    text(
                        "INSERT INTO episode_review (org_id, id, episode_id, number, kind, due_on,"
                        " held_on, decision, reason, criteria, all_met, decided_by_id, decided_at,"
                        " sitting_id) VALUES (:org, gen_random_uuid(), :episode, 2, 'scheduled',"
                        " :on, :on, 'step_down', 'x', '[]', true, :me, now(), :sitting)"
                    ),
                    {
                        "org": alice.org_id,
                        "episode": episode_id,
                        "on": clock.today(),
                        "me": alice.membership_id,
                        "sitting": down["sitting_id"],
                    },
                )
    assert reviewed(world, episode_id, "step_down", **down).all_met

"""Validating a claim: by someone else, by a sample, and every refusal. Step S0-3.2."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from careboard.assurance import queries, sampling, service
from careboard.db import db
from careboard.errors import Conflict, Forbidden, NotFound
from careboard.evidence import service as evidence
from careboard.evidence.targets import one_target
from tests.actions.samples import events, leave
from tests.assurance.making import (
    ANSWERS,
    TODAY,
    add_rows,
    complete,
    draw,
    make_claim,
    record,
    refused,
    set_evidence,
    start,
    state,
    validate,
)


def add_hers(world, claim_id) -> None:
    with world.acting("alice") as alice:
        evidence.submit(
            actor=alice, title="Her audit", kind="audits", source_link="A-1",
            target=one_target(claim_id=claim_id),
        )  # fmt: skip
        db.session.commit()


def page_of(claim_id) -> str:
    return f"/o/alder/assurance/{claim_id}/validation"


def test_nobody_validates_their_own_claim_or_evidence(world):
    own = make_claim(world, "alice")
    refused(world, "alice", service.start_validation, field="same_person_reason", claim_id=own,
            same_person_reason="In a hurry")  # fmt: skip
    refused(world, "bob", service.start_validation, Forbidden, claim_id=own)
    refused(world, "ben", service.start_validation, Forbidden, claim_id=own)
    refused(world, "charlie", service.start_validation, NotFound, claim_id=own)
    # Evidence of hers behind the claim of another is her own work as well.
    other = make_claim(world)
    add_hers(world, other)
    refused(world, "alice", service.start_validation, field="same_person_reason", claim_id=other)


def test_where_there_is_nobody_else_a_reason_is_needed_and_shown(world):
    claim_id = make_claim(world, "alice")
    leave(world, "vera")
    refused(world, "alice", service.start_validation, field="same_person_reason",
            claim_id=claim_id)  # fmt: skip
    start(world, claim_id, "alice", same_person_reason="Vera has left, her post is vacant")
    draw(world, claim_id, "alice")
    record(world, claim_id, person="alice")
    complete(world, claim_id, "alice")
    row = world.sql("SELECT * FROM validation")[0]
    assert row.same_person_reason == "Vera has left, her post is vacant"
    assert state(world, claim_id).outcome == "proves"


def test_evidence_added_by_the_validator_meanwhile_is_noticed(world):
    claim_id = make_claim(world)
    start(world, claim_id, "alice")
    draw(world, claim_id, "alice")
    record(world, claim_id, person="alice")
    add_hers(world, claim_id)
    refused(world, "alice", service.complete_validation, field="same_person_reason",
            claim_id=claim_id, **ANSWERS)  # fmt: skip
    assert "Vera can validate it." in world.client("alice").get(page_of(claim_id)).text
    start(world, claim_id, "vera")
    complete(world, claim_id, "vera")


def test_the_only_validator_goes_on_with_a_reason_where_evidence_became_theirs(world):
    claim_id = make_claim(world)
    leave(world, "vera")
    start(world, claim_id, "alice")
    draw(world, claim_id, "alice")
    record(world, claim_id, person="alice")
    add_hers(world, claim_id)
    refused(world, "alice", service.complete_validation, field="same_person_reason",
            claim_id=claim_id, **ANSWERS)  # fmt: skip
    client = world.client("alice")
    page = client.get(page_of(claim_id)).text
    assert "nobody else can validate it" in page and "Go on with this reason" in page
    answer = client.post(page_of(claim_id), data={"same_person_reason": "Vera has left"})
    assert answer.status_code == 303
    assert "Go on with this reason" not in client.get(page_of(claim_id)).text
    assert world.sql("SELECT same_person_reason FROM validation")[0][0] == "Vera has left"
    complete(world, claim_id, "alice")
    assert state(world, claim_id).outcome == "proves"


def test_taking_over_keeps_what_was_drawn(world):
    claim_id = make_claim(world)
    refused(world, "vera", service.draw_sample, claim_id=claim_id, size=3)
    start(world, claim_id)
    start(world, claim_id)
    draw(world, claim_id)
    refused(world, "alice", service.draw_sample, claim_id=claim_id, size=3)
    refused(world, "alice", service.complete_validation, claim_id=claim_id, **ANSWERS)
    start(world, claim_id, "alice")
    refused(world, "vera", service.complete_validation, claim_id=claim_id, **ANSWERS)
    record(world, claim_id, person="alice")
    complete(world, claim_id, "alice")
    assert [row.number for row in world.sql("SELECT number FROM sample")] == [1]
    assert events(world, claim_id).count("validation:started") == 2


def test_a_sample_is_of_the_rows_the_claim_speaks_of(world):
    add_rows(world)
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id, size=50)
    kinds = [row.record_kind for row in world.sql("SELECT record_kind FROM sample_item")]
    assert sorted(kinds) == ["action", "audit", "audit_concern", "audit_concern", "evidence"]
    sample = world.sql("SELECT * FROM sample")[0]
    assert (sample.size, sample.population_size) == (5, 5)
    whole = make_claim(world, domain=None)
    start(world, whole)
    draw(world, whole, size=50, kinds=["concern", "audit_concern"])
    drawn = world.sql("SELECT population_size FROM sample ORDER BY created_at DESC LIMIT 1")[0]
    assert drawn.population_size == 6


def test_the_sample_follows_from_what_is_kept(world):
    add_rows(world)
    claim_id = make_claim(world, domain=None)
    start(world, claim_id)
    sample_id = draw(world, claim_id, size=4)
    kept = world.sql("SELECT * FROM sample WHERE id = :id", id=sample_id)[0]
    rows = world.sql(
        "SELECT record_kind || ' ' || record_id AS line FROM sample_item ORDER BY position"
    )
    drawn = sampling.draw(seed=kept.seed, population=kept.population, size=kept.size)
    assert [row.line for row in rows] == drawn and len(drawn) == 4
    assert sampling.fingerprint(kept.population) == kept.population_sha256
    # The chain knew seed and population at the time.
    (event,) = world.sql("SELECT payload FROM audit_event WHERE tag = 'sample:drawn'")
    assert kept.seed in event.payload and kept.population_sha256 in event.payload


def test_drawing_again_needs_a_reason_and_hides_nothing(world):
    add_rows(world)
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id, size=2)
    record(world, claim_id, "mismatch")
    refused(world, "vera", service.draw_sample, field="redraw_reason", claim_id=claim_id, size=5)
    draw(world, claim_id, size=5, redraw_reason="Two rows are too few")
    record(world, claim_id)
    complete(world, claim_id)
    samples = world.sql("SELECT number, redraw_reason FROM sample ORDER BY number")
    assert [tuple(row) for row in samples] == [(1, ""), (2, "Two rows are too few")]
    # The mismatch of the first draw still counts: 6 of 7 match.
    row = world.sql("SELECT sampled, matched, unsupported FROM validation")[0]
    assert tuple(row) == (7, 6, True)
    assert state(world, claim_id).unsupported


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": 51}, "size"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["gossip"]}, "kinds"),
        ({"kinds": ["concern"]}, "kinds"),  # there is none
    ],
)
def test_what_cannot_be_drawn(world, change, field):
    claim_id = make_claim(world)
    start(world, claim_id)
    values = {"claim_id": claim_id, "size": 5, **change}
    refused(world, "vera", service.draw_sample, field=field, **values)
    assert world.sql("SELECT count(*) FROM sample")[0].count == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"result": "perhaps"}, "result"),
        ({"result": "mismatch"}, "description"),
        ({"result": "not_found", "description": "  "}, "description"),
        ({"result": "matches", "critical": True}, "critical"),
    ],
)
def test_what_cannot_be_recorded(world, values, field):
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id)
    item_id = world.sql("SELECT id FROM sample_item")[0].id
    values = {"claim_id": claim_id, "item_id": item_id, **values}
    refused(world, "vera", service.record_item, field=field, **values)


def test_rows_of_another_draw_or_claim_are_refused(world):
    first, second = make_claim(world), make_claim(world)
    for claim_id in (first, second):
        start(world, claim_id)
        draw(world, claim_id)
    rows = world.sql("SELECT i.id FROM sample_item i ORDER BY i.created_at")
    mine = {"claim_id": first, "result": "matches"}
    refused(world, "vera", service.record_item, Conflict, item_id=rows[1].id, **mine)
    refused(world, "vera", service.record_item, NotFound, item_id=uuid.uuid4(), **mine)
    draw(world, first, redraw_reason="Again")
    refused(world, "vera", service.record_item, Conflict, item_id=rows[0].id, **mine)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"relevant": ""}, "relevant"),
        ({"is_current": "perhaps"}, "is_current"),
        ({"sufficient": "partly", "outcome": "partly"}, "sufficient_note"),
        ({"findings": " "}, "findings"),
        ({"outcome": ""}, "outcome"),
        ({"sufficient": "partly", "sufficient_note": "No feedback"}, "outcome"),
        ({"relevant": "no", "relevant_note": "Of May", "outcome": "partly"}, "outcome"),
    ],
)
def test_what_a_validation_must_answer(world, change, field):
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id)
    record(world, claim_id)
    refused(world, "vera", service.complete_validation, field=field, claim_id=claim_id,
            **ANSWERS | change)  # fmt: skip
    assert state(world, claim_id).status == "submitted"


def test_nothing_is_proved_without_a_compared_sample(world):
    claim_id = make_claim(world)
    start(world, claim_id)
    refused(world, "vera", service.complete_validation, field="sample", claim_id=claim_id,
            **ANSWERS)  # fmt: skip
    draw(world, claim_id)
    refused(world, "vera", service.complete_validation, field="sample", claim_id=claim_id,
            **ANSWERS)  # fmt: skip
    irrelevant = make_claim(world)
    start(world, irrelevant)
    complete(world, irrelevant, relevant="no", relevant_note="Of May", outcome="does_not_prove")
    assert state(world, irrelevant).outcome == "does_not_prove"


@pytest.mark.parametrize(
    "values", [{"valid_until": TODAY - timedelta(days=1)}, {"status": "draft"}]
)
def test_expired_or_unsubmitted_evidence_proves_nothing(world, values):
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id)
    record(world, claim_id)
    set_evidence(world, claim_id, **values)
    refused(world, "vera", service.complete_validation, field="outcome", claim_id=claim_id,
            **ANSWERS)  # fmt: skip
    complete(world, claim_id, is_current="no", is_current_note="Expired", outcome="does_not_prove")


def test_a_critical_mismatch_or_a_low_rate_overrides_proves(world):
    add_rows(world)
    critical, low, odd = (make_claim(world) for _ in range(3))
    validate(world, critical, "mismatch", critical=1)
    validate(world, low, "not_found")
    validate(world, odd)
    assert [state(world, one).unsupported for one in (critical, low, odd)] == [True, True, False]
    with world.acting("alice") as alice:
        found = queries.claims(actor=alice, filters=queries.Filters(state="unsupported")).rows
        assert {line.row.id for line in found} == {critical, low}
        assert not any(line.standing.supports for line in found)
        proven = queries.claims(actor=alice, filters=queries.Filters(state="proves")).rows
        assert [line.row.id for line in proven] == [odd]

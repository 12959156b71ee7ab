"""What the database itself refuses, to the application's own role."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from careboard.db import db
from tests.assurance.making import complete, draw, make_claim, record, start, validate

INSERT = """
INSERT INTO validation (org_id, id, claim_id, submitted_by_id, validated_by_id, started_on,
  same_person_reason)
SELECT c.org_id, gen_random_uuid(), c.id, {submitter}, {validator}, '2026-11-20', '{reason}'
FROM claim c WHERE c.id = :id
"""
VERA = "(SELECT id FROM membership WHERE name = 'Vera')"


def refused(world, statement: str, words: str, **values) -> None:
    with world.acting("alice"):
        with pytest.raises(DBAPIError, match=words):
            db.session.execute(text(statement), values)
        db.session.rollback()


def test_a_validation_by_the_submitter(world):
    claim_id = make_claim(world)
    own = {"submitter": "c.submitted_by_id", "validator": "c.submitted_by_id"}
    refused(world, INSERT.format(**own, reason=""), "validated_by_someone_else", id=claim_id)
    # Nor can the submitter be called by another name.
    feigned = {"submitter": VERA, "validator": "c.submitted_by_id", "reason": ""}
    refused(world, INSERT.format(**feigned), "fk_validation", id=claim_id)
    with world.acting("alice"):
        db.session.execute(text(INSERT.format(**own, reason="Nobody else")), {"id": claim_id})
        db.session.commit()


def test_a_submitter_who_takes_a_validation_over(world):
    claim_id = make_claim(world)
    start(world, claim_id)
    refused(
        world,
        "UPDATE validation SET validated_by_id = submitted_by_id WHERE claim_id = :id",
        "validated_by_someone_else",
        id=claim_id,
    )


@pytest.mark.parametrize(
    "change",
    [
        "findings = 'Better than that'",
        "outcome = 'proves'",
        "matched = 5, critical = 0, unsupported = false",
        "completed_on = NULL",
        "same_person_reason = 'x'",
    ],
)
def test_a_completed_validation_is_never_changed(world, change):
    claim_id = make_claim(world)
    validate(world, claim_id, "mismatch", critical=1, outcome="partly")
    statement = f"UPDATE validation SET {change} WHERE claim_id = :id"
    refused(world, statement, "cannot be changed", id=claim_id)


def test_nor_deleted_nor_made_twice(world):
    claim_id = make_claim(world)
    validate(world, claim_id)
    refused(world, "DELETE FROM validation WHERE claim_id = :id", "permission", id=claim_id)
    second = {"submitter": "c.submitted_by_id", "validator": VERA, "reason": ""}
    refused(world, INSERT.format(**second), "uq_validation", id=claim_id)


def test_its_samples_are_closed_with_it(world):
    claim_id = make_claim(world)
    validate(world, claim_id)
    refused(world, "UPDATE sample_item SET result = 'mismatch', description = 'x'", "changed")
    refused(
        world,
        "INSERT INTO sample (org_id, id, validation_id, number, kinds, size, seed, population, "
        "population_size, population_sha256, redraw_reason, drawn_by_id, drawn_at) SELECT org_id, "
        "gen_random_uuid(), validation_id, 2, kinds, size, seed, population, population_size, "
        "population_sha256, 'x', drawn_by_id, drawn_at FROM sample",
        "cannot be changed",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sample SET seed = repeat('0', 32)",
        "DELETE FROM sample",
        "DELETE FROM sample_item",
        "UPDATE sample_item SET record_id = id",
        "UPDATE sample_item SET position = 2",
        "DELETE FROM claim",
    ],
)
def test_what_was_drawn_stays(world, statement):
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id)
    refused(world, statement, "permission denied")


def test_the_same_number_or_no_reason_for_another_draw(world):
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id)
    again = (
        "INSERT INTO sample (org_id, id, validation_id, number, kinds, size, seed, population, "
        "population_size, population_sha256, drawn_by_id, drawn_at) SELECT org_id, "
        "gen_random_uuid(), validation_id, {number}, kinds, size, seed, population, "
        "population_size, population_sha256, drawn_by_id, drawn_at FROM sample"
    )
    refused(world, again.format(number=1), "uq_sample")
    refused(world, again.format(number=2), "ck_sample_redraw")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("statement = 'Another'", "kept as it was made"),
        ("period_to = '2026-11-01'", "kept as it was made"),
        ("submitted_by_id = (SELECT id FROM membership WHERE name = 'Rita')", "kept as it was"),
        ("status = 'draft', submitted_on = NULL", "kept as it was made"),
        (
            "status = 'validated', outcome = 'proves', validated_on = '2026-11-20', "
            f"validated_by_id = {VERA}",
            "by a completed validation only",
        ),
    ],
)
def test_a_submitted_claim_is_kept_and_validated_by_its_validation_only(world, change, words):
    claim_id = make_claim(world)
    start(world, claim_id)
    refused(world, f"UPDATE claim SET {change} WHERE id = :id", words, id=claim_id)


def test_a_validated_claim_is_not_better_than_its_validation(world):
    claim_id = make_claim(world)
    validate(world, claim_id, "mismatch")
    statement = "UPDATE claim SET unsupported = false WHERE id = :id"
    refused(world, statement, "settled", id=claim_id)


def test_the_evidence_of_a_validated_claim_stays(world):
    claim_id, free = make_claim(world), make_claim(world)
    validate(world, claim_id)
    statement = "DELETE FROM evidence_link WHERE claim_id = :id"
    refused(world, statement, "evidence of a validated claim", id=claim_id)
    moved = "UPDATE evidence_link SET claim_id = :id WHERE claim_id = :free"
    refused(world, moved, "evidence of a validated claim", id=claim_id, free=free)


def test_a_validation_counts_as_its_rule_says(world):
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id)
    record(world, claim_id)
    done = (
        "UPDATE validation SET relevant = 'yes', is_current = 'yes', sufficient = 'yes', "
        "findings = 'x', outcome = 'proves', completed_on = '2026-11-20', {counts} "
        "WHERE claim_id = :id"
    )
    for counts, words in (
        ("sampled = 10, matched = 8", "ck_validation_unsupported"),
        ("sampled = 10, matched = 9, critical = 1", "ck_validation_unsupported"),
        ("sampled = 0", "ck_validation_sampled"),
        ("sampled = 1, matched = 2", "ck_validation_counts"),
    ):
        refused(world, done.format(counts=counts), words, id=claim_id)
    complete(world, claim_id)


def test_a_claim_that_a_sample_was_drawn_for_is_not_taken_back(world):
    claim_id = make_claim(world)
    start(world, claim_id)
    draw(world, claim_id)
    withdrawn = "UPDATE claim SET status = 'withdrawn' WHERE id = :id"
    refused(world, withdrawn, "is not taken back", id=claim_id)


@pytest.mark.parametrize("check", [start, validate])
def test_evidence_that_a_claim_is_validated_on_gets_no_further_revision(world, check):
    claim_id = make_claim(world)
    check(world, claim_id)
    revised = """
INSERT INTO evidence_revision (org_id, id, evidence_id, number, source_link, sha256)
SELECT l.org_id, gen_random_uuid(), l.evidence_id, 2, 'MAR-2', repeat('0', 64)
FROM evidence_link l JOIN claim c ON c.org_id = l.org_id AND c.id = l.claim_id
WHERE c.id = :id"""
    refused(world, revised, "gets no further revision", id=claim_id)

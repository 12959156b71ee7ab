"""Whatever people try, in whatever order: nobody both submits and validates without a recorded
exception, and neither expired nor refused evidence supports a claim."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from careboard.assurance import queries, service
from careboard.db import db
from careboard.errors import CareBoardError
from careboard.evidence import judging
from careboard.evidence import service as evidence
from careboard.evidence.targets import one_target
from tests.actions.samples import leave
from tests.assurance.making import ANSWERS, TODAY, add_rows, make_claim, set_evidence

STEPS = ("start", "draw", "match", "mismatch", "complete", "partly", "withdraw", "attach",
         "reject", "expire", "revive")  # fmt: skip
PEOPLE = ("bob", "alice", "vera", "rita")


def histories(people):
    return st.lists(
        st.tuples(st.sampled_from(STEPS), st.sampled_from(people)), min_size=4, max_size=16
    )


@pytest.mark.parametrize("gone", [(), ("vera",)], ids=["everybody", "no verifier"])
def test_any_history(world, gone):
    """Without the verifier the governance lead has nobody else, so that exceptions occur."""
    add_rows(world)
    leave(world, *gone)
    present = [person for person in PEOPLE if person not in gone]

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(author=st.sampled_from(["bob", "alice", "rita"]), history=histories(present))
    def play(author, history):
        claim_id = make_claim(world, author)
        for step, person in history:
            _try(world, claim_id, step, person)
        _nobody_in_two_parts(world)
        _only_good_evidence_supports(world)

    play()


def _try(world, claim_id, step, person) -> None:
    if step in ("expire", "revive"):
        days = -1 if step == "expire" else 30
        set_evidence(world, claim_id, valid_until=TODAY + timedelta(days=days))
        return
    with world.acting(person) as actor:
        try:
            _STEPS[step](actor, claim_id)
            db.session.commit()
        except CareBoardError:
            db.session.rollback()


def _start(actor, claim_id):
    service.start_validation(actor=actor, claim_id=claim_id, same_person_reason="Nobody else")


def _draw(actor, claim_id):
    service.draw_sample(actor=actor, claim_id=claim_id, size=2, redraw_reason="Once more")


def _compare(result):
    def compare(actor, claim_id):
        for row in queries.detail(actor=actor, claim_id=claim_id).draws[0:1]:
            for item in row.items:
                service.record_item(
                    actor=actor, claim_id=claim_id, item_id=item.id, result=result,
                    description="" if result == "matches" else "Two gaps",
                )  # fmt: skip

    return compare


def _complete(outcome):
    def complete(actor, claim_id):
        answers = ANSWERS | {"outcome": outcome}
        service.complete_validation(actor=actor, claim_id=claim_id, **answers)

    return complete


def _withdraw(actor, claim_id):
    service.withdraw_claim(actor=actor, claim_id=claim_id, reason="Not so")


def _attach(actor, claim_id):
    evidence.submit(
        actor=actor, title="More", kind="feedback", source_link="F-1",
        target=one_target(claim_id=claim_id),
    )  # fmt: skip


def _reject(actor, claim_id):
    for item in queries.detail(actor=actor, claim_id=claim_id).items:
        judging.judge(actor=actor, evidence_id=item.id, outcome="rejected", note="Of May")


_STEPS = {
    "start": _start,
    "draw": _draw,
    "match": _compare("matches"),
    "mismatch": _compare("mismatch"),
    "complete": _complete("proves"),
    "partly": _complete("partly"),
    "withdraw": _withdraw,
    "attach": _attach,
    "reject": _reject,
}


def _nobody_in_two_parts(world) -> None:
    rows = world.sql(
        "SELECT c.submitted_by_id, v.validated_by_id, v.same_person_reason, v.completed_on, "
        "  c.status, c.outcome, c.unsupported, v.outcome AS found, v.unsupported AS weak, "
        "  ARRAY(SELECT e.submitted_by_id FROM evidence_link l JOIN evidence e "
        "    ON e.id = l.evidence_id WHERE l.claim_id = c.id) AS makers "
        "FROM claim c LEFT JOIN validation v ON v.claim_id = c.id"
    )
    for row in rows:
        if row.validated_by_id == row.submitted_by_id:
            assert row.same_person_reason
        if row.completed_on is not None and row.validated_by_id in row.makers:
            assert row.same_person_reason
        assert (row.status == "validated") == (row.completed_on is not None)
        if row.status == "validated":
            assert (row.outcome, row.unsupported) == (row.found, row.weak)


def _only_good_evidence_supports(world) -> None:
    good = set(
        row.claim_id
        for row in world.sql(
            "SELECT DISTINCT l.claim_id FROM evidence_link l JOIN evidence e ON "
            "e.id = l.evidence_id WHERE e.status IN ('submitted', 'in_review', 'accepted') "
            "AND e.valid_until >= '2026-11-20' AND l.claim_id IS NOT NULL"
        )
    )
    with world.acting("alice") as alice:
        unmatched = set(
            db.session.scalars(
                text(
                    "SELECT v.claim_id FROM validation v JOIN sample s ON s.validation_id = v.id "
                    "JOIN sample_item i ON i.sample_id = s.id GROUP BY v.claim_id "
                    "HAVING count(*) FILTER (WHERE i.result <> 'matches') * 10 > count(i.result)"
                )
            )
        )
        number = 1
        while page := queries.claims(actor=alice, filters=queries.Filters(), number=number):
            for line in page.rows:
                if line.standing.supports:
                    assert line.row.id in good and line.row.id not in unmatched
            number += 1
            if number > page.pages:
                break

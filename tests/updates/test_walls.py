"""What the database refuses of recovery updates, whatever the services would say."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from careboard import clock
from careboard.db import db
from careboard.reviews.models import Review, ReviewEntry
from careboard.tenancy import acting_for
from careboard.updates.models import FeedbackAnswer, UpdateFeedback, UpdateWords
from tests.reminders.duty_making import add
from tests.updates.drafts import claim, drafted, scheduled, tracked, updates

VALIDATE = (
    "UPDATE recovery_update SET status = 'validated', claim_id = :claim, claim_by_id = :bob, "
    "validated_by_id = :by, validated_on = '2026-11-20', validation_exception = :reason"
)
APPROVE = (
    "UPDATE recovery_update SET status = 'approved', approved_by_id = :by, "
    "approved_on = '2026-11-20', approval_exception = :reason"
)


def run(statement: str, **values) -> None:
    with acting_for("alder"):
        db.session.execute(text(statement), values)
        db.session.commit()


def refused(match: str, statement: str, **values) -> None:
    with acting_for("alder"), pytest.raises(DBAPIError, match=match):
        db.session.execute(text(statement), values)
    db.session.remove()


@pytest.fixture
def update_id(world) -> UUID:
    """A draft with the claim that bob handed in and words that cora wrote."""
    scheduled(world)
    drafted()
    (row,) = updates(world)
    claim_id = claim(world, kind="recovery_update", domain=None)
    bob = world.member_id("bob")
    run("UPDATE recovery_update SET claim_id = :claim, claim_by_id = :bob", claim=claim_id, bob=bob)
    write(world, row.id, "cora")
    return row.id


def write(world, update_id: UUID, person: str) -> None:
    by = world.member_id(person)
    add(UpdateWords, update_id=update_id, section="progress", words="Better.", by_id=by)
    run("UPDATE recovery_update SET edited_by_id = :by", by=by)


def validated(world, person: str = "vera", reason: str = "") -> dict:
    (row,) = updates(world)
    return {
        "claim": row.claim_id,
        "bob": row.claim_by_id,
        "by": world.member_id(person),
        "reason": reason,
    }


def test_nobody_validates_their_own_evidence(world, update_id):
    refused("validated_by_someone_else", VALIDATE, **validated(world, "bob"))
    run(VALIDATE, **validated(world, "bob", reason="Nobody else is there this week."))


def test_nothing_is_validated_without_an_evidence_set(world):
    scheduled(world)
    drafted()
    values = validated(world)
    refused("ck_recovery_update_validated", VALIDATE, **values)


def test_nobody_approves_what_they_validated(world, update_id):
    run(VALIDATE, **validated(world))
    refused("approved_by_someone_else", APPROVE, by=world.member_id("vera"), reason="")


def test_a_reason_at_validation_is_none_for_approval(world, update_id):
    run(VALIDATE, **validated(world, "bob", reason="Nobody else is there this week."))
    bob, cora = world.member_id("bob"), world.member_id("cora")
    refused("approved_by_someone_else", APPROVE, by=bob, reason="")
    refused("words that they wrote|approved_by_someone_else", APPROVE, by=cora, reason="")
    run(APPROVE, by=bob, reason="Nor is anybody else who approves.")


def test_nobody_approves_what_rests_on_evidence_that_they_gathered(world, update_id):
    run(VALIDATE, **validated(world))
    refused("approved_by_someone_else", APPROVE, by=world.member_id("bob"), reason="")


def test_a_reason_stands_at_a_step_that_was_taken(world, update_id):
    for step in ("validation", "approval"):
        refused(
            "ck_recovery_update_exceptions", f"UPDATE recovery_update SET {step}_exception = 'x'"
        )


def test_nobody_approves_words_of_theirs_even_where_another_wrote_later(world, update_id):
    write(world, update_id, "alice")
    write(world, update_id, "cora")
    run(VALIDATE, **validated(world))
    for author in ("cora", "alice"):
        refused("words that they wrote", APPROVE, by=world.member_id(author), reason="")
    run(APPROVE, by=world.member_id("alice"), reason="The other lead is away.")


def test_nobody_validates_words_of_theirs_even_where_another_wrote_later(world, update_id):
    write(world, update_id, "vera")
    write(world, update_id, "cora")
    refused("words that they wrote", VALIDATE, **validated(world, "vera"))
    run(VALIDATE, **validated(world, "vera", reason="The other verifier is away."))


def test_nothing_is_validated_before_its_evidence_set_is(world, update_id):
    run(
        "UPDATE recovery_update SET claim_id = :claim",
        claim=claim(world, kind="recovery_update", domain=None, **UNPROVEN),
    )
    refused("evidence set is validated first", VALIDATE, **validated(world))


UNPROVEN = {"status": "submitted", "outcome": None, "validated_by_id": None, "validated_on": None}


@pytest.mark.parametrize(
    "change",
    [
        "content = '{}'",
        "content_sha256 = 'b'",
        "edited_by_id = claim_by_id",
        "claim_id = NULL, claim_by_id = NULL",
    ],
)
def test_what_was_validated_stands(world, update_id, change):
    run(VALIDATE, **validated(world))
    refused("not changed|ck_recovery_update", f"UPDATE recovery_update SET {change}")


def test_words_are_written_on_a_draft_alone(world, update_id):
    run(VALIDATE, **validated(world))
    refused(
        "words are written on a draft",
        "INSERT INTO update_words (org_id, id, update_id, section, words, by_id) SELECT org_id, "
        "gen_random_uuid(), id, 'next', 'More', claim_by_id FROM recovery_update",
    )


def test_nothing_is_published_without_a_pack_or_an_approval(world, update_id):
    run(VALIDATE, **validated(world))
    refused("from one step to the next", "UPDATE recovery_update SET status = 'published'")
    run(APPROVE, by=world.member_id("alice"), reason="")
    refused("ck_recovery_update_published", "UPDATE recovery_update SET status = 'published'")


@pytest.mark.parametrize("table", ["update_words", "update_feedback"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_was_written_and_said_is_kept(world, update_id, table, verb):
    add(
        UpdateFeedback,
        update_id=update_id,
        on_date=date(2026, 11, 20),
        said="Clearer than before.",
        content="yes",
        recorded_by_id=world.member_id("cora"),
    )
    refused("permission denied", verb.format(table))


def test_fortnights_end_by_an_entry_of_a_sitting_alone(world, update_id):
    refused("by a decision of the governance group", END, entry=None)
    refused("permission denied", "UPDATE update_schedule SET anchor_on = '2026-12-01'")


END = (
    "UPDATE update_schedule SET status = 'ended', ended_on = '2026-11-20', "
    "ended_by_id = started_by_id, end_reason = 'It is better.', end_entry_id = :entry"
)


@pytest.mark.parametrize(
    ("kind", "forum"), [("note", "fortnightly_recovery"), ("decision", "weekly_manager")]
)
def test_and_by_no_other_entry(world, update_id, kind, forum):
    refused("by a decision of the governance group", END, entry=entered(world, kind, forum))


def test_what_ended_and_what_was_closed_stay_so(world, update_id):
    run(END, entry=entered(world, "decision", "fortnightly_recovery"))
    again = (
        "UPDATE update_schedule SET status = 'running', ended_on = NULL, ended_by_id = NULL, "
        "end_entry_id = NULL, end_reason = ''"
    )
    refused("stay so", again)
    run(
        "UPDATE tracked_concern SET status = 'met', closed_on = '2026-11-20', "
        "closed_by_id = lead_id, close_reason = 'It is better.'"
    )
    refused(
        "stays so",
        "UPDATE tracked_concern SET status = 'open', closed_on = NULL, closed_by_id = NULL, "
        "close_reason = ''",
    )


def test_feedback_is_answered_in_a_sitting_of_the_governance_group_alone(world, update_id):
    feedback_id = add(
        UpdateFeedback,
        update_id=update_id,
        on_date=date(2026, 11, 20),
        said="Clearer than before.",
        content="yes",
        recorded_by_id=world.member_id("cora"),
    )
    given = {"feedback_id": feedback_id, "decision": "Go on.", "by_id": world.member_id("alice")}
    for forum in ("weekly_manager", "fortnightly_recovery"):
        entry = entered(world, "note", forum)
        ((sitting,),) = world.sql("SELECT review_id FROM review_entry WHERE id = :id", id=entry)
        if forum == "weekly_manager":
            with pytest.raises(DBAPIError, match="in a sitting of the governance group"):
                add(FeedbackAnswer, sitting_id=sitting, **given)
            db.session.remove()
        else:
            add(FeedbackAnswer, sitting_id=sitting, **given)


def entered(world, kind: str, forum: str) -> UUID:
    """An entry in the minutes of a sitting."""
    review_id = add(
        Review,
        reference=f"REV-{forum}",
        forum=forum,
        service_id=world.service_id("Alder House") if forum == "weekly_manager" else None,
        period_from=date(2026, 11, 6),
        period_to=date(2026, 11, 20),
        status="open",
        opened_by_id=world.member_id("alice"),
    )
    return add(
        ReviewEntry,
        review_id=review_id,
        kind=kind,
        text="The updates may end.",
        by_id=world.member_id("alice"),
        entered_at=clock.now(),
    )


def test_a_line_of_the_tracker_is_closed_with_a_reason(world):
    tracked(world)
    refused("ck_tracked_concern_closed", "UPDATE tracked_concern SET status = 'met'")
    refused("permission denied", "UPDATE tracked_concern SET required_assurance = 'Less'")


def test_one_line_of_the_tracker_for_a_concern(world):
    tracked(world)
    refused(
        "uq_tracked_concern_org_id_concern_id",
        "INSERT INTO tracked_concern (org_id, id, reference, concern_id, service_id, theme, "
        "required_assurance, due_on, lead_id, manager_id) SELECT org_id, gen_random_uuid(), "
        "'EAT-9', concern_id, service_id, theme, required_assurance, due_on, lead_id, manager_id "
        "FROM tracked_concern",
    )


@pytest.mark.parametrize(
    ("validator", "approver", "reasons", "whole"),
    [("bob", "bob", ("No verifier.", "No lead."), False),
     ("bob", "alice", ("No verifier.", ""), False),
     ("vera", "cora", ("", "No lead."), False),
     # Where the lines are of nobody knows whom, both steps keep them all.
     ("bob", "bob", ("No verifier.\r\nShe left.", "No lead."), True)],
)  # fmt: skip
def test_one_reason_of_before_goes_to_the_step_that_it_was_given_for(
    world, update_id, validator, approver, reasons, whole
):
    run(VALIDATE, **validated(world, validator, reason=reasons[0]))
    run(APPROVE, by=world.member_id(approver), reason=reasons[1])
    with world.app.app_context():
        downgrade(revision="0042_submissions")
    joined = "\n".join(filter(None, reasons))
    assert world.sql("SELECT same_person_reason FROM recovery_update") == [(joined,)]
    with world.app.app_context():
        upgrade()
    (row,) = updates(world)
    found = (row.validation_exception, row.approval_exception)
    assert found == ((joined.replace("\r", ""),) * 2 if whole else reasons)

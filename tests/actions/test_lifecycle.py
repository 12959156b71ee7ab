"""Every step of an action, what it leaves behind, and what it refuses."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from careboard.actions import lifecycle, service
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.evidence import service as evidence
from tests.actions.samples import (
    DUE,
    FULL,
    add_action,
    add_evidence,
    add_finding,
    add_imported,
    complete,
    events,
    leave,
    state,
)

TODAY = date(2026, 11, 20)


def run(world, person, call, action_id, **values):
    """Call a step as that person and commit."""
    with world.acting(person) as actor:
        call(actor=actor, action_id=action_id, **values)
        db.session.commit()


def refused(world, person, call, action_id, **values) -> Invalid:
    with world.acting(person) as actor, pytest.raises(Invalid) as caught:
        call(actor=actor, action_id=action_id, **values)
    return caught.value


def test_a_new_action_is_open_has_a_reference_and_its_owner_is_told(world):
    action_id = add_action(world)
    row = state(world, action_id)
    assert (row.reference, row.status, row.updated_on) == ("ACT-0001", "open", TODAY)
    assert row.original_due_on == row.due_on == DUE
    assert events(world, action_id) == ["action:created"]
    mails = world.sql("SELECT to_email, subject FROM outbox")
    assert [mail.to_email for mail in mails] == ["rita@alder.example"]
    assert "ACT-0001" in mails[0].subject


@pytest.mark.parametrize("gap", ["owner_id", "due_on", *FULL])
def test_a_vague_action_does_not_open(world, gap):
    with pytest.raises(Invalid) as caught:
        add_action(world, **{gap: None if gap in ("owner_id", "due_on") else "  "})
    assert caught.value.field == gap


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"title": " "}, "title"), ({"domain": "weather"}, "domain"),
     ({"due_on": date(2026, 11, 19)}, "due_on"), ({"title": "x" * 501}, "title")],
)  # fmt: skip
def test_wrong_values_are_refused_at_their_field(world, wrong, field):
    with pytest.raises(Invalid) as caught:
        add_action(world, **wrong)
    assert caught.value.field == field


def test_an_owner_must_work_there_and_be_able_to_work(world):
    lodge = world.service_id("Alder Lodge")
    for owner, service_id in (("rita", lodge), ("ben", lodge), ("vera", lodge)):
        with pytest.raises(Invalid) as caught:
            add_action(world, owner=owner, service_id=service_id)
        assert caught.value.field == "owner_id"


def test_who_may_not_assign_is_refused(world):
    for person in ("rita", "vera", "ben", "adam"):
        with pytest.raises(Forbidden):
            add_action(world, person=person)
    with pytest.raises(Forbidden):
        add_action(world, person="bob", service_id=world.service_id("Alder Lodge"), owner="alice")


def test_the_database_itself_refuses_a_vague_action(world):
    draft = add_action(world, draft=True, baseline="")
    with pytest.raises(IntegrityError, match="ck_action_not_vague"):
        world.sql("UPDATE action SET status = 'open' WHERE id = :id RETURNING 1", id=draft)


def test_a_concern_leads_to_its_action(world):
    finding = add_finding(world)
    rita = world.member_id("rita")
    with world.acting("alice") as actor:
        action_id = service.open_from_concern(
            actor=actor, audit_concern_id=finding, owner_id=rita, due_on=DUE, **FULL
        )
        db.session.commit()
    row = state(world, action_id)
    assert (row.audit_concern_id, row.source_reference) == (finding, "AC-0044")
    assert (row.title, row.domain) == ("MAR gaps are not followed up", "medicines")


def test_a_concern_of_another_service_is_refused(world):
    finding = add_finding(world, "Alder Lodge")
    with pytest.raises(Invalid):
        add_action(world, audit_concern_id=finding)


def test_a_draft_is_edited_and_opened(world):
    action_id = add_action(world, draft=True, owner_id=None, due_on=None, baseline="")
    assert world.sql("SELECT 1 FROM outbox") == []
    values = {"title": "Second check", "domain": "medicines", "due_on": DUE, **FULL}
    short = {**values, "owner_id": None}
    error = refused(world, "alice", service.edit_draft, action_id, open_it=True, **short)
    assert error.field == "owner_id"
    run(world, "alice", service.edit_draft, action_id, **short)
    assert state(world, action_id).title == "Second check"
    whole = {**values, "owner_id": world.member_id("rita")}
    run(world, "alice", service.edit_draft, action_id, open_it=True, **whole)
    assert state(world, action_id).status == "open"
    assert len(world.sql("SELECT 1 FROM outbox")) == 1
    refused(world, "alice", service.edit_draft, action_id, **whole)


def test_progress_starts_an_action_and_counts_as_an_update(world):
    action_id = add_action(world)
    run(world, "rita", lifecycle.note_progress, action_id, note="Sheet printed")
    run(world, "rita", lifecycle.note_progress, action_id, note="Night shift briefed")
    assert state(world, action_id).status == "in_progress"
    kinds = world.sql("SELECT kind FROM action_update ORDER BY happened_at, id")
    assert [row.kind for row in kinds] == ["created", "started", "noted"]
    assert refused(world, "rita", lifecycle.note_progress, action_id, note=" ").field == "note"


def test_a_status_is_confirmed(world):
    action_id = add_imported(world, updated_on=date(2026, 9, 1))
    run(world, "bob", lifecycle.confirm, action_id)
    assert state(world, action_id).updated_on == TODAY


def test_completion_needs_detail_and_evidence(world):
    action_id = add_action(world)
    for values, field in (
        ({"detail": ""}, "completion_detail"),
        ({"detail": "Done"}, "file"),
        ({"detail": "Done", "source_link": "REC-1"}, "kind"),
        ({"detail": "Done", "kind": "audits", "source_link": "javascript://x"}, "source_link"),
        (
            {
                "detail": "Done",
                "kind": "audits",
                "source_link": "R-1",
                "period_to": date(2026, 8, 1),
            },
            "period_to",
        ),
    ):
        assert refused(world, "rita", lifecycle.complete, action_id, **values).field == field
    complete(world, action_id)
    row = state(world, action_id)
    assert (row.status, row.completed_on) == ("completed", TODAY)
    assert row.completed_by_id == world.member_id("rita")
    assert len(world.sql("SELECT 1 FROM evidence_link WHERE action_id = :id", id=action_id)) == 1
    refused(world, "rita", lifecycle.complete, action_id, detail="Again")


def test_evidence_attached_before_is_enough(world):
    action_id = add_action(world)
    add_evidence(world, action_id)
    run(world, "rita", lifecycle.complete, action_id, detail="Done")
    assert state(world, action_id).status == "completed"


def test_expired_evidence_is_not_enough(world):
    action_id = add_action(world)
    add_evidence(world, action_id, valid_until=date(2026, 11, 19))
    assert refused(world, "rita", lifecycle.complete, action_id, detail="Done").field == "file"


def test_only_the_owner_or_who_assigns_may_work_on_it(world):
    action_id = add_action(world, owner="bob")
    with world.acting("rita") as actor, pytest.raises(Forbidden):
        lifecycle.note_progress(actor=actor, action_id=action_id, note="x")
    with world.acting("vera") as actor, pytest.raises(Forbidden):
        lifecycle.complete(actor=actor, action_id=action_id, detail="x")


def test_someone_else_verifies(world):
    action_id = add_action(world)
    refused(world, "vera", lifecycle.verify, action_id)
    complete(world, action_id)
    run(world, "vera", lifecycle.verify, action_id, note="Sheets seen")
    row = state(world, action_id)
    assert (row.status, row.verified_on, row.same_person_reason) == ("verified", TODAY, "")
    assert events(world, action_id)[-1] == "action:verified"


@pytest.mark.parametrize(("owner", "completer"), [("bob", "alice"), ("alice", "bob")])
def test_nobody_verifies_their_own_work_without_a_reason_on_show(world, owner, completer):
    action_id = add_action(world, owner=owner)
    complete(world, action_id, completer)
    for person in (owner, completer):
        error = refused(world, person, lifecycle.verify, action_id)
        assert error.field == "same_person_reason" and "Vera can verify it" in error.message
    leave(world, "vera")
    assert "say why" in refused(world, completer, lifecycle.verify, action_id).message
    run(world, completer, lifecycle.verify, action_id, same_person_reason="Only two of us here")
    assert state(world, action_id).same_person_reason == "Only two of us here"


def test_an_owner_known_by_address_alone_is_an_owner_all_the_same(world):
    action_id = add_imported(world, status="completed", owner_email="Vera@alder.example")
    add_evidence(world, action_id, "bob")
    assert refused(world, "vera", lifecycle.verify, action_id).field == "same_person_reason"
    run(world, "alice", lifecycle.verify, action_id)
    assert state(world, action_id).status == "verified"


@pytest.mark.parametrize("own", ["owner_id", "completed_by_id"])
def test_the_database_itself_refuses_own_work(world, own):
    action_id = add_action(world)
    complete(world, action_id, "bob")
    with pytest.raises(IntegrityError, match="ck_action_verified_by_someone_else"):
        world.sql(
            f"UPDATE action SET status = 'verified', verified_by_id = {own} WHERE id = :id "
            "RETURNING 1",
            id=action_id,
        )


def test_a_reason_is_not_kept_where_none_was_needed(world):
    action_id = add_action(world)
    complete(world, action_id)
    run(world, "alice", lifecycle.verify, action_id, same_person_reason="Not needed")
    assert state(world, action_id).same_person_reason == ""


def test_work_given_away_once_completed_is_still_ones_own(world):
    action_id = add_action(world, owner="alice")
    complete(world, action_id, "bob")
    run(world, "bob", lifecycle.reassign, action_id, owner_id=world.member_id("rita"), note="")
    assert "Vera can verify" in refused(world, "alice", lifecycle.verify, action_id).message
    run(world, "vera", lifecycle.verify, action_id)


def test_nobody_verifies_on_evidence_that_they_made(world):
    action_id = add_action(world)
    add_evidence(world, action_id, "alice")
    complete(world, action_id)
    assert "made its evidence" in refused(world, "alice", lifecycle.verify, action_id).message
    run(world, "vera", lifecycle.verify, action_id)


def test_who_completed_it_before_it_was_returned_does_not_verify_it(world):
    action_id = add_action(world)
    complete(world, action_id, "alice")
    run(world, "vera", lifecycle.send_back, action_id, reason="No night sheets")
    (link,) = world.sql("SELECT id, evidence_id FROM evidence_link")
    with world.acting("bob") as bob:
        evidence.detach(actor=bob, evidence_id=link.evidence_id, link_id=link.id)
        db.session.commit()
    complete(world, action_id)
    assert "can verify it" in refused(world, "alice", lifecycle.verify, action_id).message
    run(world, "vera", lifecycle.verify, action_id)


def test_nothing_is_verified_on_no_evidence(world):
    action_id = add_imported(world, status="completed")
    assert "evidence" in refused(world, "vera", lifecycle.verify, action_id).message


def test_returned_work_goes_back_with_its_reason_and_by_mail(world):
    action_id = add_action(world)
    complete(world, action_id)
    assert refused(world, "vera", lifecycle.send_back, action_id, reason="").field == "reason"
    run(world, "vera", lifecycle.send_back, action_id, reason="No night sheets")
    row = state(world, action_id)
    assert (row.status, row.completed_on, row.completed_by_id) == ("in_progress", None, None)
    assert row.return_reason == "No night sheets"
    subjects = [mail.subject for mail in world.sql("SELECT subject FROM outbox ORDER BY id")]
    assert "returned" in subjects[-1]


def test_an_extension_keeps_the_first_date_and_counts(world):
    action_id = add_action(world)
    for due_on, reason, field in (
        (DUE, "x", "due_on"), (None, "x", "due_on"), (date(2027, 1, 4), "", "reason"),
    ):  # fmt: skip
        error = refused(world, "alice", lifecycle.extend, action_id, due_on=due_on, reason=reason)
        assert error.field == field
    run(world, "alice", lifecycle.extend, action_id, due_on=date(2026, 12, 11), reason="Leave")
    run(world, "bob", lifecycle.extend, action_id, due_on=date(2026, 12, 18), reason="Rota")
    row = state(world, action_id)
    assert (row.due_on, row.original_due_on) == (date(2026, 12, 18), DUE)
    assert row.extensions == 2
    with world.acting("rita") as actor, pytest.raises(Forbidden):
        lifecycle.extend(actor=actor, action_id=action_id, due_on=date(2027, 1, 1), reason="x")


def test_reassigning_tells_the_new_owner(world):
    action_id = add_action(world)
    error = refused(world, "alice", lifecycle.reassign, action_id, owner_id=world.member_id("rita"))
    assert error.field == "owner_id"
    run(world, "alice", lifecycle.reassign, action_id, owner_id=world.member_id("bob"))
    assert state(world, action_id).owner_id == world.member_id("bob")
    mails = [mail.to_email for mail in world.sql("SELECT to_email FROM outbox ORDER BY id")]
    assert mails == ["rita@alder.example", "bob@alder.example"]


def test_bulk_reassignment_is_all_or_nothing(world):
    bob, rita = world.member_id("bob"), world.member_id("rita")
    first, second = add_action(world), add_action(world)
    with world.acting("alice") as actor:
        count = lifecycle.reassign_many(actor=actor, action_ids=[first, second], owner_id=bob)
        db.session.commit()
    assert count == 2
    lodge = add_action(world, owner="alice", service_id=world.service_id("Alder Lodge"))
    with world.acting("alice") as actor, pytest.raises(Invalid):
        lifecycle.reassign_many(actor=actor, action_ids=[first, lodge], owner_id=rita)
    assert state(world, first).owner_id == bob
    with world.acting("alice") as actor, pytest.raises(Invalid):
        lifecycle.reassign_many(actor=actor, action_ids=[], owner_id=bob)


def test_cancelling_needs_a_reason_and_ends_it(world):
    action_id = add_action(world)
    assert refused(world, "alice", lifecycle.cancel, action_id, reason=" ").field == "reason"
    run(world, "alice", lifecycle.cancel, action_id, reason="Service closed")
    assert state(world, action_id).status == "cancelled"
    for call, values in (
        (lifecycle.cancel, {"reason": "x"}),
        (lifecycle.extend, {"due_on": date(2027, 1, 1), "reason": "x"}),
        (lifecycle.note_progress, {"note": "x"}),
        (lifecycle.complete, {"detail": "x"}),
        (lifecycle.confirm, {}),
        (lifecycle.send_back, {"reason": "x"}),
        (lifecycle.reassign, {"owner_id": world.member_id("bob")}),
    ):
        refused(world, "alice", call, action_id, **values)


def test_a_vague_imported_action_is_completed_by_a_manager(world):
    action_id = add_imported(world)
    rita = world.member_id("rita")
    refused(world, "bob", service.fill_gaps, action_id, owner_id=None, due_on=None)
    run(world, "bob", service.fill_gaps, action_id, owner_id=rita, due_on=DUE, **FULL)
    row = state(world, action_id)
    assert (row.owner_id, row.due_on, row.original_due_on) == (rita, DUE, DUE)
    assert row.baseline == FULL["baseline"]
    assert "rita@alder.example" in [m.to_email for m in world.sql("SELECT to_email FROM outbox")]


def test_a_stale_version_is_a_conflict(world):
    action_id = add_action(world)
    version = state(world, action_id).lock_version
    run(world, "rita", lifecycle.note_progress, action_id, note="x", lock_version=version)
    with world.acting("alice") as actor, pytest.raises(Conflict):
        lifecycle.cancel(actor=actor, action_id=action_id, reason="x", lock_version=version)
    assert state(world, action_id).lock_version == version + 1

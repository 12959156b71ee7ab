"""The way of an update: evidence, validation, approval, publication; each by another person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from careboard import clock
from careboard.assurance import service as assurance
from careboard.db import db, new_id
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.evidence import judging
from careboard.packs.content import from_json
from careboard.updates import service, steps, words
from tests.acceptance.walking import on
from tests.assurance.making import refused, validate
from tests.updates import making
from tests.updates.making import TODAY


def _row(world, update_id):
    return world.sql("SELECT * FROM recovery_update WHERE id = :id", id=update_id)[0]


def _tags(world, prefix: str = "recovery_update:") -> list[str]:
    rows = world.sql("SELECT tag FROM audit_event WHERE tag LIKE :tag ORDER BY seq",
                     tag=f"{prefix}%")  # fmt: skip
    return [row.tag.removeprefix(prefix) for row in rows]


def test_an_update_goes_its_way_by_four_people(world):
    update_id = making.published(world)
    row = _row(world, update_id)
    people = ("claim_by_id", "validated_by_id", "approved_by_id", "published_by_id")
    assert [getattr(row, name) for name in people] == [
        world.member_id(person) for person in ("bob", "vera", "alice", "cora")
    ]
    assert row.status == "published" and row.published_on == TODAY
    assert [tag for tag in _tags(world) if tag != "redrafted"] == [
        "drafted", "evidence_gathered", "validated", "approved", "published",
    ]  # fmt: skip


def test_only_a_commissioners_concern_is_tracked_and_once(world):
    concern_id = making.concern(world)
    making.tracked(world, concern_id=concern_id)
    values = {
        "concern_id": concern_id, "theme": "x", "required_assurance": "y", "due_on": TODAY,
        "lead_id": world.member_id("cora"), "manager_id": world.member_id("bob"),
    }  # fmt: skip
    refused(world, "cora", service.track, Conflict, **values)
    refused(world, "bob", service.track, Forbidden, **values)
    other = making.concern(world, "Food")
    values["concern_id"] = other
    refused(world, "cora", service.track, field="required_assurance",
            **values | {"required_assurance": " "})  # fmt: skip
    refused(world, "cora", service.track, field="lead_id",
            **values | {"lead_id": world.member_id("rita")})  # fmt: skip
    refused(world, "cora", service.track, field="manager_id",
            **values | {"manager_id": world.member_id("vera")})  # fmt: skip
    refused(world, "cora", service.track, field="due_on",
            **values | {"due_on": date(2026, 11, 2)})  # fmt: skip


def test_updates_start_once_and_soon(world):
    tracked_id = making.tracked(world)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=15)):
        refused(world, "cora", service.start, field="anchor_on", tracked_id=tracked_id,
                anchor_on=day)  # fmt: skip
    refused(world, "alice", service.start, Forbidden, tracked_id=tracked_id, anchor_on=TODAY)
    with world.acting("cora") as cora:
        service.start(actor=cora, tracked_id=tracked_id, anchor_on=TODAY)
        db.session.commit()
    refused(world, "cora", service.start, Conflict, tracked_id=tracked_id, anchor_on=TODAY)


def test_the_manager_gathers_and_a_set_stands_until_it_falls(world):
    update_id = making.drafted(world)
    refused(world, "rita", steps.gather, Forbidden, update_id=update_id, statement="x",
            new=making.log())  # fmt: skip
    refused(world, "bob", steps.gather, field="evidence", update_id=update_id, statement="x")
    claim_id = making.gathered(world, update_id)
    claim = world.sql("SELECT * FROM claim WHERE id = :id", id=claim_id)[0]
    assert (claim.kind, claim.period_from, claim.period_to) == (
        "recovery_update", TODAY - timedelta(days=14), TODAY,
    )  # fmt: skip
    refused(world, "bob", steps.gather, Conflict, update_id=update_id, statement="x",
            new=making.log())  # fmt: skip
    with world.acting("bob") as bob:
        assurance.withdraw_claim(actor=bob, claim_id=claim_id, reason="The wrong log")
        db.session.commit()
    second = making.proved(world, update_id, "mismatch", critical=1)
    third = making.gathered(world, update_id, statement="Fifteen of twenty were in time")
    assert len({claim_id, second, third}) == 3
    assert _row(world, update_id).claim_id == third


def test_what_rests_on_evidence_that_fell_is_not_published_and_gets_another_set(world):
    update_id = making.approved(world)
    (item,) = world.sql("SELECT id FROM evidence")
    with world.acting("vera") as vera:
        judging.judge(actor=vera, evidence_id=item.id, outcome="rejected", note="Another branch's")
        db.session.commit()
    with pytest.raises(Invalid, match="rejected or withdrawn since"):
        making.published(world, update_id)
    with world.acting("alice") as alice:
        steps.send_back(actor=alice, update_id=update_id)
        db.session.commit()
    with pytest.raises(Invalid, match="rejected or withdrawn since"):
        making.said_no_more(world, update_id)
    making.whole(world, update_id)
    assert _row(world, update_id).status == "published"


def test_nothing_is_validated_before_its_evidence_is(world):
    update_id = making.drafted(world)
    refused(world, "vera", steps.validate, update_id=update_id)
    claim_id = making.gathered(world, update_id)
    refused(world, "vera", steps.validate, update_id=update_id)
    validate(world, claim_id)
    refused(world, "cora", steps.validate, Forbidden, update_id=update_id)
    refused(world, "alice", steps.approve, Conflict, update_id=update_id)
    with world.acting("vera") as vera:
        # The draft was made before the evidence was validated: it is read again first.
        assert steps.validate(actor=vera, update_id=update_id) is False
        assert steps.validate(actor=vera, update_id=update_id) is True
        db.session.commit()
    assert _row(world, update_id).status == "validated"
    refused(world, "vera", steps.validate, Conflict, update_id=update_id)


def test_who_gathered_or_wrote_does_not_validate_and_who_validated_does_not_approve(world):
    update_id = making.drafted(world)
    claim_id = making.gathered(world, update_id, "alice")
    validate(world, claim_id)
    with world.acting("alice") as alice:
        steps.refresh(actor=alice, update_id=update_id)
        db.session.commit()
    refused(world, "alice", steps.validate, field="same_person_reason", update_id=update_id,
            same_person_reason="Nobody is there")  # fmt: skip
    making.said_no_more(world, update_id)
    refused(world, "alice", steps.approve, field="same_person_reason", update_id=update_id)
    making.approved(world, update_id, same_person_reason="The only lead")
    row = _row(world, update_id)
    assert (row.validation_exception, row.approval_exception) == ("", "The only lead")


def test_whoever_wrote_earlier_words_does_not_validate_them_either(world):
    update_id = making.drafted(world)
    with world.acting("alice"):
        db.session.execute(
            text("UPDATE membership SET roles = '{contracts_lead, verifier}' WHERE name = 'Vera'")
        )
        db.session.commit()
    for person, section in (("vera", "progress"), ("cora", "next")):
        with world.acting(person) as actor:
            words.write(actor=actor, update_id=update_id, section=section, words="As planned.")
            db.session.commit()
    making.proved(world, update_id)
    with world.acting("vera") as vera:
        steps.refresh(actor=vera, update_id=update_id)
        db.session.commit()
    refused(world, "vera", steps.validate, field="same_person_reason", update_id=update_id)


def test_where_nobody_else_can_the_exception_needs_a_reason_and_stands_there(world):
    update_id = making.drafted(world)
    making.proved(world, update_id)
    making.said_no_more(world, update_id, "alice")
    refused(world, "alice", steps.approve, field="same_person_reason", update_id=update_id)
    making.approved(world, update_id, same_person_reason="The only lead")
    row = _row(world, update_id)
    assert (row.validation_exception, row.approval_exception) == ("", "The only lead")


def test_the_database_lets_nobody_approve_what_they_validated(world):
    update_id = making.validated(world)
    vera = world.member_id("vera")
    with pytest.raises(IntegrityError, match="approved_by_someone_else"):
        world.sql(
            "UPDATE recovery_update SET status = 'approved', approved_by_id = :vera, "
            "approved_on = validated_on WHERE id = :id RETURNING id",
            vera=vera, id=update_id,
        )  # fmt: skip


def test_any_word_after_validation_takes_it_back_and_is_told(world):
    update_id = making.approved(world)
    with world.acting("cora") as cora:
        values = {"actor": cora, "update_id": update_id, "section": "progress"}
        assert words.write(**values, words="Rotas hold.") is True
        db.session.commit()
    row = _row(world, update_id)
    assert (row.status, row.validated_by_id, row.approved_by_id) == ("draft", None, None)
    assert row.edited_by_id == world.member_id("cora")
    refused(world, "cora", steps.published, subject_id=update_id, pack_id=new_id())
    making.said_no_more(world, update_id)
    making.approved(world, update_id)
    making.published(world, update_id)
    refused(world, "cora", words.write, Conflict, update_id=update_id, section="next", words="x")


def test_words_are_kept_and_two_writers_see_each_other(world):
    update_id = making.drafted(world)
    with world.acting("cora") as cora:
        values = {"actor": cora, "update_id": update_id, "section": "progress"}
        assert words.write(**values, words="One") is False
        seen = words.written(actor=cora, update_id=update_id)["progress"].id
        with pytest.raises(Invalid, match="One"):
            words.write(**values, words="Two")
        words.write(**values, words="Two", seen=seen)
        db.session.commit()
    rows = world.sql("SELECT words FROM update_words ORDER BY created_at, id")
    assert [row.words for row in rows] == ["One", "Two"]
    refused(world, "bob", words.write, Forbidden, update_id=update_id, section="next", words="x")


def test_figures_are_refreshed_by_hand_and_words_stay(world):
    update_id = making.drafted(world)
    making.worded(world, update_id, said="Rotas hold.")
    before = _row(world, update_id).content_sha256
    with world.acting("cora") as cora:
        assert steps.refresh(actor=cora, update_id=update_id) is False
    claim_id = making.gathered(world, update_id)
    assert _row(world, update_id).content_sha256 != before
    refused(world, "ben", steps.refresh, Forbidden, update_id=update_id)
    validate(world, claim_id)
    making.said_no_more(world, update_id)
    refused(world, "cora", steps.refresh, Conflict, update_id=update_id)
    with world.acting("alice") as alice:
        steps.send_back(actor=alice, update_id=update_id)
        db.session.commit()
        assert words.written(actor=alice, update_id=update_id)["progress"].words == "Rotas hold."
    assert _row(world, update_id).status == "draft"


def test_an_update_missed_stays_so(world):
    update_id = making.drafted(world)
    later = TODAY + timedelta(days=14)
    with on(later):
        making.come(world, later)
        assert _row(world, update_id).status == "missed"
        refused(world, "bob", steps.gather, Conflict, update_id=update_id, statement="x",
                new=making.log())  # fmt: skip
    assert clock.frozen_day() == TODAY


def test_what_one_update_told_is_no_news_in_the_next(world, monkeypatch):
    first = making.published(world)
    (told,) = world.sql("SELECT reference FROM claim")
    monkeypatch.setattr(clock, "_frozen", making.TODAY + timedelta(days=14))
    making.come(world, making.TODAY + timedelta(days=14))
    rows = world.sql("SELECT id, content FROM recovery_update ORDER BY number")
    assert rows[0].id == first
    assert told.reference in rows[0].content
    assert told.reference not in rows[1].content
    assert [line.reference for line in from_json(rows[0].content).evidence]
    assert not from_json(rows[1].content).evidence

"""Forums: who belongs, who may chair, quorum, attendance by name, who signs (S0-1.5, S0-3.5).

What signing freezes and seals stands in `test_seal`."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.reviews import duties, forums, queries, reading, rights, service
from tests.reviews.sample import TODAY, fill, open_monthly, open_weekly, record, sign

BOARD = "quarterly_board"
QUARTER = {"period_from": date(2026, 10, 1), "period_to": date(2026, 12, 31)}


def appoint(world, who, part="member", forum="monthly_governance", *, by="alice", **values):
    """Alice appoints somebody; returns the term's id."""
    with world.acting(by) as actor:
        term = forums.appoint(
            actor=actor,
            forum=forum,
            service_id=values.get("service_id"),
            membership_id=_member(actor, who),
            part=part,
            from_on=values.get("from_on"),
        )
        db.session.commit()
    return term


def _member(actor, who):
    return db.session.scalar(
        select(Membership.id).where(
            Membership.org_id == actor.org_id, Membership.name == who.title()
        )
    )


def set_rule(world, forum, quorum=None, in_use_from=None, service_id=None):
    with world.acting("alice") as alice:
        forums.set_rule(
            actor=alice, forum=forum, service_id=service_id, quorum=quorum, in_use_from=in_use_from
        )
        db.session.commit()


def open_board(world, person="alice"):
    with world.acting(person) as actor:
        review_id = service.open_sitting(actor=actor, forum=BOARD, service_id=None, **QUARTER)
        db.session.commit()
    return review_id


def save(world, person, review_id, present=(), apologies=(), *, assurance="partial", reason=""):
    """Minutes with these names; returns the minutes as they then stand."""
    with world.acting(person) as actor:
        marks = {_member(actor, who): "present" for who in present}
        marks |= {_member(actor, who): "apologies" for who in apologies}
        service.save_minutes(
            actor=actor,
            review_id=review_id,
            attendance="",
            summary="All seen",
            assurance=assurance,
            seen=reading.minutes(actor=actor, review_id=review_id).version,
            present=marks,
            inquorate_reason=reason,
        )
        db.session.commit()
        return reading.minutes(actor=actor, review_id=review_id)


def sign_it(world, person, review_id):
    with world.acting(person) as actor:
        seen = reading.minutes(actor=actor, review_id=review_id).draft_seal
        service.sign(actor=actor, review_id=review_id, seen=seen)
        db.session.commit()
        return reading.minutes(actor=actor, review_id=review_id)


@pytest.mark.parametrize("person", ["bob", "rita", "vera", "cora", "ben", "adam"])
def test_only_a_governance_lead_manages_forums(world, person):
    with pytest.raises(Forbidden):
        appoint(world, "ben", by=person)
    with world.acting(person) as actor, pytest.raises(Forbidden):
        forums.set_rule(actor=actor, forum=BOARD, service_id=None, quorum=2, in_use_from=None)
    term = appoint(world, "ben")
    with world.acting(person) as actor, pytest.raises(Forbidden):
        forums.end(actor=actor, forum="monthly_governance", member_id=term, until_on=None)


def test_what_an_appointment_needs(world):
    house = world.service_id("Alder House")
    wrong = [
        ({"who": "vera", "part": "chair"}, "membership"),  # may not run it
        ({"who": "ben", "part": "chair"}, "membership"),
        ({"who": "bob", "part": "chair"}, "membership"),
        ({"who": "alice", "part": "queen"}, "part"),
        ({"who": "alice", "service_id": house}, "service"),
        ({"who": "bob", "part": "chair", "forum": "weekly_manager"}, "membership"),  # of all
        ({"who": "nobody"}, "membership"),
    ]
    for values, field in wrong:
        with pytest.raises(Invalid) as caught:
            appoint(world, **values)
        assert caught.value.field == field, values
    with pytest.raises(NotFound):
        appoint(world, "alice", forum="tea_party")
    appoint(world, "bob", "chair", "weekly_manager", service_id=house)
    appoint(world, "ben", "chair", BOARD)
    with pytest.raises(Invalid) as caught:
        appoint(world, "alice", "chair", BOARD)
    assert caught.value.field == "part" and "has a chair" in caught.value.message
    with pytest.raises(Invalid) as caught:
        appoint(world, "ben", "member", BOARD)
    assert "already" in caught.value.message


def test_a_term_ends_once_and_only_its_end_can_be_written(world):
    term = appoint(world, "ben", "chair", BOARD, from_on=TODAY - timedelta(days=30))

    def end(on, forum=BOARD, person="alice"):
        with world.acting(person) as actor:
            forums.end(actor=actor, forum=forum, member_id=term, until_on=on)
            db.session.commit()

    for person, forum in (("charlie", BOARD), ("alice", "monthly_governance")):
        with pytest.raises(NotFound):
            end(None, forum, person)
    with pytest.raises(Invalid):
        end(TODAY - timedelta(days=31))
    end(TODAY - timedelta(days=1))
    with pytest.raises(Conflict):
        end(None)
    appoint(world, "alice", "chair", BOARD)
    with world.acting("alice") as alice:
        found = forums.forum(actor=alice, code=BOARD)
    assert [(m.name, m.ended) for m in found.members] == [("Alice", False), ("Ben", True)]
    assert found.chair.name == "Alice"
    for change in (
        "UPDATE forum_member SET part = 'member'",
        "UPDATE forum_member SET from_on = '2020-01-01'",
        "DELETE FROM forum_member",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            world.sql(change + " RETURNING 1")


def test_the_board_member_in_the_chair_runs_the_board_and_nothing_else(world):
    with pytest.raises(Forbidden):
        open_board(world, "ben")
    term = appoint(world, "ben", "chair", BOARD)
    review_id = open_board(world, "ben")
    record(world, "ben", review_id, "decision", "We meet again in March")
    save(world, "ben", review_id, ["ben"])
    with pytest.raises(Forbidden):
        open_monthly(world, "ben")
    with world.acting("ben") as ben:
        assert rights.runs(ben) == [BOARD]
    with world.acting("alice") as alice:
        forums.end(actor=alice, forum=BOARD, member_id=term, until_on=TODAY)
        db.session.commit()
    assert sign_it(world, "ben", review_id).signed_as == "chair"  # today is the last day


def test_the_board_withholds_assurance_in_its_own_sitting(world):
    board, monthly, weekly = open_board(world), open_monthly(world), open_weekly(world)
    with pytest.raises(Forbidden):
        record(world, "ben", monthly, "withheld", "No test")
    with pytest.raises(Forbidden):
        record(world, "ben", weekly, "withheld", "No test")
    with pytest.raises(Forbidden):
        record(world, "ben", board, "decision", "So be it")
    record(world, "ben", board, "withheld", "Nobody tested it")
    found = save(world, "alice", board, assurance="given")
    assert [lack.field for lack in found.lacks] == ["assurance"]
    with pytest.raises(Invalid):
        sign_it(world, "alice", board)
    assert not save(world, "alice", board, assurance="withheld").lacks
    assert sign_it(world, "alice", board).unchanged
    # It comes before the governance group at its next sitting.
    with world.acting("alice") as alice:
        following = service.open_sitting(actor=alice, forum="fortnightly_recovery", service_id=None)
        lines = reading.minutes(actor=alice, review_id=following).sections["assurance"]
    assert [line.title for line in lines] == ["Nobody tested it"]


@pytest.mark.parametrize(
    ("present", "reason", "lacks"),
    [
        (["alice", "vera"], "", []),
        (["alice"], "", ["inquorate_reason"]),
        (["alice", "rita"], "", ["inquorate_reason"]),  # a guest does not count
        (["alice"], "Vera was at an inspection", []),
        ([], "", ["inquorate_reason"]),
    ],
)
def test_a_quorum_is_of_members_or_has_a_stated_reason(world, present, reason, lacks):
    appoint(world, "alice", "chair")
    appoint(world, "vera")
    set_rule(world, "monthly_governance", quorum=2)
    review_id = open_monthly(world)
    found = save(world, "alice", review_id, present, reason=reason)
    assert [lack.field for lack in found.lacks] == lacks
    if lacks:
        with pytest.raises(Invalid):
            sign_it(world, "alice", review_id)
        return
    signed = sign_it(world, "alice", review_id)
    assert signed.unchanged and signed.signed_as == "chair"
    assert (signed.roll.quorum, signed.roll.quorate) == (2, len(present) == 2)


def test_the_database_refuses_an_inquorate_signature_without_a_reason(world):
    set_rule(world, "monthly_governance", quorum=2)
    review_id = open_monthly(world)
    with pytest.raises(DBAPIError, match="ck_review_quorate"):
        world.sql(
            "UPDATE review SET status = 'signed', signed_at = now(), sha256 = 'x', quorum = 2, "
            "members_present = 1 WHERE id = :id RETURNING 1",
            id=review_id,
        )


def test_a_present_chair_signs_and_an_absent_one_is_stood_in_for(world):
    appoint(world, "ben", "chair", BOARD)
    review_id = open_board(world)
    save(world, "alice", review_id, ["ben", "alice"])
    with pytest.raises(Invalid) as caught:
        sign_it(world, "alice", review_id)
    assert "Ben was in the chair" in caught.value.message
    save(world, "alice", review_id, [], ["alice", "ben"])
    with pytest.raises(Invalid) as caught:
        sign_it(world, "alice", review_id)
    assert "apologies" in caught.value.message
    save(world, "alice", review_id, ["alice"], ["ben"])
    signed = sign_it(world, "alice", review_id)
    assert signed.signed_as == "acting_chair"
    assert [(p.name, p.part, p.status) for p in signed.roll.people] == [
        ("Ben", "chair", "apologies"), ("Alice", "guest", "present"),
    ]  # fmt: skip


def test_the_manager_chairs_the_review_of_an_own_service(world):
    review_id = open_weekly(world)
    with world.acting("alice") as alice:
        found = reading.minutes(actor=alice, review_id=review_id)
    assert [(p.name, p.part) for p in found.roll.people] == [("Bob", "chair")]
    save(world, "bob", review_id, ["bob", "rita"])
    assert sign_it(world, "bob", review_id).signed_as == "chair"


def test_attendance_of_strangers_and_unknown_marks_is_refused(world):
    review_id = open_monthly(world)
    stranger = world.member_id("charlie")
    with world.acting("alice") as alice:
        version = reading.minutes(actor=alice, review_id=review_id).version
        for marks, field in (
            ({stranger: "present"}, "guest"),
            ({alice.membership_id: "asleep"}, "present"),
        ):
            with pytest.raises(Invalid) as caught:
                service.save_minutes(
                    actor=alice, review_id=review_id, attendance="", summary="", assurance=None,
                    seen=version, present=marks,
                )  # fmt: skip
            assert caught.value.field == field


def test_the_board_hears_of_what_escalates(world):
    fill(world)
    review_id = open_board(world)
    with world.acting("alice") as alice:
        found = reading.minutes(actor=alice, review_id=review_id)
    assert [line.title.split()[0] for line in found.sections["overdue"]] == ["ACT-0003"]
    assert "unlinked" not in found.sections and "returned" not in found.sections
    assert [line.facts["what"] for line in found.sections["changed"]] == ["rating", "unshared"]


def test_a_challenge_reaches_the_board_whoever_made_it_where(world):
    fill(world)
    weekly = open_weekly(world)
    record(world, "bob", weekly, "challenge", "Who covers nights?")
    sign(world, "bob", weekly)
    review_id = open_board(world)
    with world.acting("alice") as alice:
        found = reading.minutes(actor=alice, review_id=review_id)
    assert [line.title for line in found.sections["challenges"]] == ["Who covers nights?"]


def test_a_forum_is_expected_from_the_day_it_is_put_in_use(world):
    lodge = world.service_id("Alder Lodge")

    def standings():
        with world.acting("alice") as alice:
            return {(d.forum, d.service): d.standing.state for d in duties.expected(actor=alice)}

    before = standings()
    assert not any(forum == "fortnightly_recovery" for forum, _ in before)
    assert before["quarterly_board", None] == "not_held"
    set_rule(world, "fortnightly_recovery", in_use_from=date(2026, 10, 26))
    set_rule(world, "quarterly_safeguarding", in_use_from=TODAY + timedelta(days=1))
    set_rule(world, "weekly_monitoring", in_use_from=date(2026, 11, 16), service_id=lodge)
    set_rule(world, "quarterly_board", in_use_from=date(2026, 7, 1))
    after = standings()
    assert after["fortnightly_recovery", None] == "overdue"
    assert after["weekly_monitoring", "Alder Lodge"] == "due"
    assert ("weekly_monitoring", "Alder House") not in after
    assert ("quarterly_safeguarding", None) not in after
    assert after["quarterly_board", None] == "overdue"
    with world.acting("alice") as alice:
        assert [r.reference for r in duties.late(actor=alice, on=alice.today)] == [
            "quarterly_board", "fortnightly_recovery",
        ]  # fmt: skip
        period = queries.next_period(actor=alice, forum=BOARD, service_id=None)
    assert (period.first, period.last) == (date(2026, 7, 1), date(2026, 9, 30))
    for quorum in (0, 51):
        with pytest.raises(Invalid):
            set_rule(world, BOARD, quorum=quorum)

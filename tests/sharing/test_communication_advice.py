"""The safeguarding action record, and the manager's check of a pattern."""

from __future__ import annotations

from datetime import date, timedelta
from unittest.mock import patch

import pytest
from sqlalchemy.exc import IntegrityError

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.errors import Forbidden, Invalid, NotFound
from careboard.sharing import advice_queries, pattern_review, pattern_review_queries
from careboard.sharing.communications import Links
from tests.sharing import making, saying

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def asked(world):
    """A decision on a pattern to seek advice, and the call that asks for it."""
    decision = making.decided(
        world,
        saying.pattern(world),
        "seek_advice",
        kind="trigger",
        affected=("safeguarding",),
        recipients=["safeguarding_partner"],
    )
    told = saying.told(
        world, "alice", partner_kind="safeguarding_partner", about=Links(decision_id=decision)
    )
    return decision, told


def made(world, trigger, person="alice"):
    """Somebody's decision on a pattern."""
    how = {"kind": "trigger", "affected": ("safeguarding",), "person": person}
    return making.decided(world, trigger, "seek_advice", **how)


class TestAdvice:
    def test_it_belongs_to_the_decision_that_was_asked_about(self, world):
        decision, told = asked(world)
        record = saying.advised(world, told)
        (row,) = world.sql("SELECT * FROM partner_advice")
        assert (row.id, row.decision_id, row.reference) == (record, decision, "ADV-0001")
        with world.acting("bob") as bob:
            found = advice_queries.whole(actor=bob, advice_id=record)
        assert found.row.decision == "SHD-0001" and found.row.latest

    def test_what_comes_later_follows_it_once(self, world):
        _, told = asked(world)
        first = saying.advised(world, told, outcome="awaited")
        second = saying.advised(world, told, follows_id=first)
        with pytest.raises(Invalid) as refused:
            saying.advised(world, told, follows_id=first)
        assert refused.value.field == "follows_id"
        with world.acting("alice") as alice:
            waiting = advice_queries.records(actor=alice, outcome="awaited")
            whole = advice_queries.whole(actor=alice, advice_id=first)
        assert waiting.rows == [] and whole.later.id == second

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"authority": " "}, "authority"),
            ({"guidance": ""}, "guidance"),
            ({"what_follows": ""}, "what_follows"),
            ({"kind": "gossip"}, "kind"),
            ({"outcome": "perhaps"}, "outcome"),
            ({"received_on": TODAY + DAY}, "received_on"),
            ({"received_on": TODAY - DAY}, "received_on"),
        ],
    )
    def test_what_is_wrong_is_refused_at_its_field(self, world, changes, field):
        told = saying.told(world)
        with pytest.raises(Invalid) as refused:
            saying.advised(world, told, **changes)
        assert refused.value.field == field

    def test_who_may(self, world):
        told = saying.told(world)
        saying.advised(world, told, "cora")
        for person in ("bob", "rita", "vera", "ben", "adam"):
            with pytest.raises(Forbidden):
                saying.advised(world, told, person)
        with pytest.raises(NotFound):
            saying.advised(world, told, "charlie")

    def test_the_database_lets_it_answer_no_other_decision(self, world):
        _, told = asked(world)
        other = making.decided(world, making.risk(world))
        saying.advised(world, told)
        with pytest.raises(IntegrityError):
            world.sql(
                "INSERT INTO partner_advice (org_id, id, reference, service_id, "
                "communication_id, decision_id, kind, authority, received_on, guidance, outcome, "
                "what_follows, by_id) "
                "SELECT org_id, gen_random_uuid(), 'ADV-9', service_id, communication_id, :other, "
                "kind, authority, received_on, guidance, outcome, what_follows, by_id "
                "FROM partner_advice",
                other=other,
            )

    def test_it_is_recorded_on_the_page_of_its_communication(self, world):
        _, told = asked(world)
        alice = world.client("alice")
        address = f"/o/alder/sharing/communications/{told}/advice"
        assert saying.COUNCIL in alice.get(address).text
        given = {
            "kind": "referral",
            "authority": "Northshire safeguarding team",
            "received_on": "2026-11-20",
            "guidance": "",
            "outcome": "section_42",
            "what_follows": "A meeting on Monday",
        }
        refused = alice.post(address, data=given)
        assert refused.status_code == 422 and "A meeting on Monday" in refused.text
        kept = alice.post(address, data=given | {"guidance": "An enquiry begins."})
        assert kept.status_code == 303
        assert "Section 42 enquiry" in alice.get(kept.location).text
        listed = world.client("ben").get("/o/alder/sharing/advice").text
        assert "Safeguarding action record" in listed and "An enquiry begins." in listed
        again = alice.get(f"{address}?follows={kept.location.rsplit('/', 1)[1]}").text
        assert "Bring ADV-0001 up to date" in again

    def test_who_sees_it(self, world):
        told = saying.told(world, service="Alder Lodge")
        record = saying.advised(world, told)
        address = f"/o/alder/sharing/advice/{record}"
        assert world.client("bob").get(address).status_code == 403
        assert world.client("charlie").get(address).status_code == 404
        new = f"/o/alder/sharing/communications/{told}/advice"
        assert world.client("ben").get(new).status_code == 403


class TestPatternReview:
    def test_the_manager_notes_what_was_checked(self, world):
        trigger = saying.pattern(world)
        note = saying.checked(world, trigger)
        with world.acting("alice") as alice:
            found = pattern_review_queries.notes(actor=alice, trigger_id=trigger)
        (row,) = found.rows
        assert (row.PatternReview.id, row.by, row.PatternReview.reference) == (
            note, "Bob", "SRN-0001"
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"care_records": ""}, "care_records"),
            ({"staff_notes": " "}, "staff_notes"),
            ({"findings": ""}, "findings"),
            ({"escalating": "maybe"}, "escalating"),
            ({"on": TODAY + DAY}, "on"),
        ],
    )
    def test_what_is_wrong_is_refused_at_its_field(self, world, changes, field):
        with pytest.raises(Invalid) as refused:
            saying.checked(world, **changes)
        assert refused.value.field == field

    def test_a_pattern_of_another_service_is_refused(self, world):
        with pytest.raises(Invalid) as refused:
            saying.checked(world, saying.pattern(world, service="Alder Lodge"))
        assert refused.value.field == "trigger_id"

    def test_who_may(self, world):
        for person in ("rita", "vera", "cora", "ben", "adam"):
            with pytest.raises(Forbidden):
                saying.checked(world, person=person)

    def test_whoever_decides_does_not_check_it_while_somebody_else_can(self, world):
        trigger = saying.pattern(world)
        with pytest.raises(Invalid) as refused:
            saying.checked(world, trigger, "alice", same_person_reason="I know it best")
        assert refused.value.field == "same_person_reason" and "Bob" in refused.value.message

    def test_where_nobody_else_could_the_reason_is_kept(self, world):
        trigger = saying.pattern(world)
        bob = world.member_id("bob")
        with world.acting("adam") as adam:
            db.session.get(Membership, (adam.org_id, bob)).active = False
            db.session.commit()
        with pytest.raises(Invalid):
            saying.checked(world, trigger, "alice")
        saying.checked(world, trigger, "alice", same_person_reason="The manager has left")
        making.decided(world, trigger, "seek_advice", kind="trigger", affected=("safeguarding",))
        (row,) = world.sql("SELECT same_person_reason FROM pattern_review")
        assert row.same_person_reason == "The manager has left"

    def test_the_database_keeps_checking_and_deciding_apart(self, world):
        trigger = saying.pattern(world)
        making.decided(world, trigger, "seek_advice", kind="trigger", affected=("safeguarding",))
        alice = world.member_id("alice")
        with pytest.raises(Exception, match="decided on a pattern does not check it"):
            world.sql(
                "INSERT INTO pattern_review (org_id, id, reference, service_id, trigger_id, "
                "on_date, care_records, staff_notes, escalating, findings, by_id) "
                "SELECT org_id, gen_random_uuid(), 'SRN-9', service_id, id, '2026-11-20', 'a', "
                "'b', 'no', 'c', :alice FROM trigger WHERE id = :trigger",
                alice=alice,
                trigger=trigger,
            )

    def test_who_checked_is_told_that_somebody_else_decides(self, world):
        trigger = saying.pattern(world)
        saying.checked(world, trigger)
        with world.acting("bob") as bob, pytest.raises(Forbidden, match="SRN-0001"):
            pattern_review.refuse_own(actor=bob, trigger_id=trigger)
        with world.acting("alice") as alice:
            pattern_review.refuse_own(actor=alice, trigger_id=trigger)

    def test_nor_does_who_checked_one_pattern_decide_on_another_that_answers_it(self, world):
        checked = saying.pattern(world)
        beside = saying.pattern(world, rule="safeguarding_repeated")
        saying.checked(world, checked)
        bob = world.member_id("bob")
        with world.acting("adam") as adam:
            roles = ["registered_manager", "governance_lead"]
            db.session.get(Membership, (adam.org_id, bob)).roles = roles
            db.session.commit()
        with pytest.raises(Forbidden, match="too, which you checked .SRN-0001."):
            made(world, beside, "bob")
        with (
            patch.object(pattern_review, "refuse_own"),
            pytest.raises(Exception, match="checked a pattern does not decide on it"),
        ):
            made(world, beside, "bob")
        made(world, beside)
        made(world, beside, "bob")  # what bob checked was answered by alice

    def test_nor_does_who_decided_on_one_check_another_that_it_answered(self, world):
        answered = saying.pattern(world)
        made(world, saying.pattern(world, rule="safeguarding_repeated"))
        with pytest.raises(Invalid) as refused:
            saying.checked(world, answered, "alice", same_person_reason="I know it best")
        assert refused.value.field == "same_person_reason" and "Bob" in refused.value.message
        with (
            patch.object(pattern_review, "_exception", return_value=""),
            pytest.raises(Exception, match="decided on a pattern does not check it"),
        ):
            saying.checked(world, answered, "alice")

    def test_it_is_written_on_its_page(self, world):
        trigger = saying.pattern(world)
        bob = world.client("bob")
        address = f"/o/alder/sharing/pattern-reviews/new?trigger={trigger}"
        page = bob.get(address).text
        assert "Three low-level concerns" in page
        given = {
            "service_id": str(world.service_id("Alder House")),
            "trigger_id": str(trigger),
            "on": "2026-11-20",
            "care_records": "Daily notes of five evenings",
            "staff_notes": "Handover book",
            "findings": "",
            "escalating": "yes",
        }
        refused = bob.post("/o/alder/sharing/pattern-reviews/new", data=given)
        assert refused.status_code == 422 and "Handover book" in refused.text
        kept = bob.post(
            "/o/alder/sharing/pattern-reviews/new", data=given | {"findings": "It grows."}
        )
        assert kept.status_code == 303
        shown = world.client("alice").get(kept.location).text
        assert "It grows." in shown and "Decide whether to ask for advice" in shown
        assert world.client("ben").get(address).status_code == 403

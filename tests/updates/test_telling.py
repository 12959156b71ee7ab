"""Who is told of an update's next step, what its sitting's agenda says, and the figure of N13."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careboard import figures
from careboard.db import db, load
from careboard.errors import Conflict, Forbidden, Invalid
from careboard.reminders import duty_rows
from careboard.reviews import service as sittings
from careboard.reviews.decisions import decisions_of
from careboard.reviews.models import Review
from careboard.tenancy import acting_for
from careboard.updates import agenda, ending, feedback, service
from tests.acceptance.walking import on
from tests.assurance.making import refused
from tests.updates import making
from tests.updates.making import TODAY

FORTNIGHT = timedelta(days=14)


def _duties(world) -> dict[str, tuple]:
    with acting_for("alder") as system:
        found = duty_rows.duties(actor=system, on=system.today)
    return {
        one.rule.code: (one.people, one.not_for, one.from_on)
        for one in found
        if one.rule.code.startswith("update_")
    }


def test_each_step_is_asked_of_who_takes_it(world):
    bob, vera, cora = (world.member_id(name) for name in ("bob", "vera", "cora"))
    update_id = making.drafted(world)
    assert _duties(world) == {"update_evidence_due": ((bob,), frozenset(), TODAY)}
    making.proved(world, update_id)
    making.worded(world, update_id)
    assert _duties(world) == {"update_validation_due": ((), {bob, cora}, TODAY)}
    making.said_no_more(world, update_id)
    assert _duties(world) == {"update_approval_due": ((), {vera, cora}, TODAY)}
    making.approved(world, update_id)
    assert _duties(world) == {"update_publication_due": ((cora,), frozenset(), TODAY)}
    making.published(world, update_id)
    assert _duties(world) == {}


def test_a_miss_is_told_to_the_leads_once_the_next_fortnight_has_come(world):
    making.drafted(world)
    with on(TODAY + FORTNIGHT):
        making.come(world, TODAY + FORTNIGHT)
        assert set(_duties(world)) == {"update_missed", "update_evidence_due"}
        assert _duties(world)["update_missed"][2] == TODAY + FORTNIGHT


def _figure(world, **where):
    with world.acting("alice") as alice:
        counted = figures.counts(actor=alice, on=alice.today, codes=("updates_on_time",))
        return counted["updates_on_time"].numerator, counted["updates_on_time"].denominator


@pytest.mark.parametrize(
    ("days", "counted"),
    [(0, (1, 1)), (3, (1, 1)), (4, (0, 1))],  # 20 November 2026 is a Friday
)
def test_one_working_day_of_grace_and_no_more(world, days, counted):
    update_id = making.drafted(world)
    with on(TODAY + timedelta(days=days)):
        making.proved(world, update_id)
        making.said_no_more(world, update_id)
        making.approved(world, update_id)
        making.published(world, update_id)
        assert _figure(world) == counted


def test_what_is_not_due_yet_counts_nowhere_and_a_miss_counts_once(world):
    update_id = making.drafted(world)
    assert _figure(world) == (0, 0)
    with on(TODAY + timedelta(days=4)):
        assert _figure(world) == (0, 1)
    later = TODAY + FORTNIGHT
    with on(later):
        making.come(world, later)
        tracked_id = world.sql("SELECT id FROM tracked_concern")[0].id
        second = making.newest(world, tracked_id)
        assert second != update_id and _figure(world) == (0, 1)
        making.proved(world, second)
        making.said_no_more(world, second)
        making.approved(world, second)
        making.published(world, second)
        assert _figure(world) == (1, 2)


def _sitting(world, forum: str = "fortnightly_recovery"):
    with world.acting("alice") as alice:
        made = sittings.open_sitting(actor=alice, forum=forum, service_id=None)
        db.session.commit()
        return made


def test_feedback_stands_on_agendas_until_a_sitting_answered_it(world):
    update_id = making.published(world)
    refused(world, "bob", feedback.record, Forbidden, update_id=update_id, on=TODAY, said="x",
            content="yes")  # fmt: skip
    refused(world, "cora", feedback.record, field="on", update_id=update_id,
            on=TODAY + timedelta(days=1), said="x", content="yes")  # fmt: skip
    refused(world, "cora", feedback.record, field="content", update_id=update_id, on=TODAY,
            said="x", content="perhaps")  # fmt: skip
    feedback_id = making.told(world, update_id, "partly")
    sitting_id = _sitting(world)
    rows = world.sql("SELECT title, detail FROM review_item WHERE review_id = :id", id=sitting_id)
    found = {row.detail.get("what"): row.title for row in rows}
    assert found["update_feedback"] == "RUP-0001 Late visits: the commissioner’s feedback"
    assert found["update"] == "RUP-0001 Late visits: the update of 20 Nov 2026 was published"
    refused(world, "alice", feedback.answer, field="sitting", feedback_id=feedback_id,
            sitting_id=None, decision="x")  # fmt: skip
    refused(world, "cora", feedback.answer, Forbidden, feedback_id=feedback_id,
            sitting_id=sitting_id, decision="x")  # fmt: skip
    with world.acting("alice") as alice:
        feedback.answer(
            actor=alice, feedback_id=feedback_id, sitting_id=sitting_id,
            decision="We add weekend figures.", next_steps="The manager, by Friday.",
        )  # fmt: skip
        db.session.commit()
        review = load(Review, alice.org_id, sitting_id)
        (found,) = decisions_of(review)
        assert (found.what, found.subject, found.about, found.by) == (
            "answered", "RUP-0001", "Late visits", "Alice",
        )  # fmt: skip
        assert found.reason == "We add weekend figures.\nThe manager, by Friday."
        assert str(update_id) in found.sealed
        since = alice.today - FORTNIGHT
        left = agenda.lines(
            actor=alice, service_id=None, on=alice.today,
            since=making.at_nine(since),
        )  # fmt: skip
        assert [line.detail["what"] for line in left] == ["update"]


def _improved(world):
    """Two updates running that prove, and a content commissioner; returns what is tracked."""
    first = TODAY - FORTNIGHT
    with on(first):
        tracked_id = making.started(world, on=first)
        making.come(world, first)
        making.whole(world, making.newest(world, tracked_id))
    making.come(world)
    second = making.newest(world, tracked_id)
    making.whole(world, second)
    return tracked_id, second


def _decided(world, sitting_id) -> None:
    with world.acting("alice") as alice:
        made = sittings.record_entry(
            actor=alice, review_id=sitting_id, item_id=None, kind="decision",
            text="The updates on late visits end.",
        )  # fmt: skip
        db.session.commit()
        return made


def test_the_updates_end_by_rule_and_by_decision_and_not_before(world):
    tracked_id, update_id = _improved(world)
    values = {"tracked_id": tracked_id, "reason": "Four weeks in time"}
    entry = _decided(world, _sitting(world))
    with world.acting("alice") as alice, pytest.raises(Invalid, match="feedback is not recorded"):
        ending.end(actor=alice, entry_id=entry, **values)
    making.told(world, update_id)
    refused(world, "alice", ending.end, field="entry", entry_id=None, **values)
    refused(world, "cora", ending.end, Forbidden, entry_id=entry, **values)
    with world.acting("alice") as alice:
        ending.end(actor=alice, entry_id=entry, **values)
        db.session.commit()
    schedule, tracked = (
        world.sql("SELECT * FROM update_schedule")[0],
        world.sql("SELECT * FROM tracked_concern")[0],
    )
    assert (schedule.status, schedule.end_entry_id) == ("ended", entry)
    assert (tracked.status, tracked.close_reason) == ("met", "Four weeks in time")
    refused(world, "alice", ending.end, Conflict, entry_id=entry, **values)
    making.come(world, TODAY + FORTNIGHT)
    assert world.sql("SELECT count(*) FROM recovery_update")[0].count == 2


def test_they_do_not_end_over_fortnights_that_the_worker_has_still_to_bring_up(world):
    tracked_id, update_id = _improved(world)
    making.told(world, update_id)
    with on(TODAY + timedelta(days=30)):
        entry = _decided(world, _sitting(world))
        values = {"tracked_id": tracked_id, "entry_id": entry, "reason": "Four weeks in time"}
        with world.acting("alice") as alice, pytest.raises(Invalid, match="18 Dec 2026 has not"):
            ending.end(actor=alice, **values)
        making.come(world, TODAY + timedelta(days=30))
        with world.acting("alice") as alice, pytest.raises(Invalid, match="RUP-0003 was missed"):
            ending.end(actor=alice, **values)


def test_a_repeated_query_keeps_the_updates_going(world):
    tracked_id, update_id = _improved(world)
    making.told(world, update_id)
    making.concern(world, "late visits", date(2026, 11, 18))
    entry = _decided(world, _sitting(world))
    with world.acting("alice") as alice, pytest.raises(Invalid, match="2 commissioner queries"):
        ending.end(actor=alice, tracked_id=tracked_id, entry_id=entry, reason="x")


def test_what_never_had_updates_is_closed_unmet_with_a_reason(world):
    tracked_id = making.tracked(world)
    refused(world, "cora", ending.close_unmet, field="reason", tracked_id=tracked_id, reason=" ")
    with world.acting("cora") as cora:
        ending.close_unmet(actor=cora, tracked_id=tracked_id, reason="The contract ended")
        db.session.commit()
    refused(world, "cora", service.start, Conflict, tracked_id=tracked_id, anchor_on=TODAY)

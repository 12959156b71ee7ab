"""What was known inside beside what was told outside, and the gaps between."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.errors import Forbidden, NotFound
from careboard.sharing import reconciliation
from careboard.sharing.communications import Links
from careboard.sharing.reconciliation_rule import Event, gaps
from tests.acceptance.walking import on
from tests.counting import statements
from tests.packs.published import plain_board, publish
from tests.sharing import making, saying
from tests.sharing.reconciling import (
    DAY,
    OTHER,
    RISK,
    TODAY,
    asked,
    closed,
    decided,
    found,
    rated,
    told,
    update,
)
from tests.updates import making as updates


class TestUndecided:
    def test_known_high_for_longer_than_five_working_days(self):
        start = TODAY - 14 * DAY
        assert found(rated("high", start), told(TODAY)) == [("undecided", start, None, 14)]

    def test_just_within_five_working_days(self):
        assert found(rated("high", TODAY - 7 * DAY), told(TODAY)) == []

    def test_a_late_decision_closes_it(self):
        start = TODAY - 30 * DAY
        closed = decided(TODAY - 10 * DAY, "do_not_share")
        assert found(rated("high", start), closed) == [
            ("undecided", start, TODAY - 10 * DAY, 20)
        ]  # fmt: skip

    def test_a_decision_in_time_leaves_none(self):
        start = TODAY - 30 * DAY
        assert found(rated("high", start), decided(start + DAY, "do_not_share")) == []

    def test_lowered_without_a_decision(self):
        start = TODAY - 40 * DAY
        lowered = rated("moderate", TODAY - 20 * DAY, "high")
        assert found(rated("high", start), lowered) == [
            ("undecided", start, TODAY - 20 * DAY, 20)
        ]  # fmt: skip

    def test_closed_without_a_decision(self):
        start, end = TODAY - 40 * DAY, TODAY - 20 * DAY
        assert found(rated("high", start), closed(end)) == [("undecided", start, end, 20)]
        assert found(rated("high", start), closed(start + 2 * DAY)) == []

    def test_very_high_asks_anew(self):
        start = TODAY - 60 * DAY
        risen = rated("very_high", TODAY - 20 * DAY, "high")
        assert found(
            rated("high", start), decided(start + DAY, "do_not_share"), risen, told(TODAY)
        ) == [("undecided", TODAY - 20 * DAY, None, 20)]

    def test_safeguarding_is_decided_by_the_next_working_day(self):
        start = TODAY - 2 * DAY  # a Wednesday
        risk = rated("high", start, domain="safeguarding")
        assert found(risk, told(TODAY)) == [("undecided", start, None, 2)]
        assert found(rated("high", TODAY - DAY, domain="safeguarding"), told(TODAY)) == []

    def test_a_safeguarding_pattern(self):
        facts = {"rule": "low_level_shared", "closed_on": None}
        fired = Event("inside", "trigger", "TRG-1", TODAY - 4 * DAY, "x", "trigger", RISK, facts)
        assert found(fired) == [("undecided", TODAY - 4 * DAY, None, 4)]
        other = Event("inside", "trigger", "TRG-1", fired.on, "x", "trigger", RISK,
                      facts | {"rule": "repeated_amber"})  # fmt: skip
        assert found(other) == []

    def test_a_decision_on_one_pattern_looks_at_those_that_stood_by_then(self):
        facts = {"rule": "low_level_shared", "closed_on": None}
        first, second = (
            Event("inside", "trigger", f"TRG-{row}", day, "x", "trigger", UUID(int=row), facts)
            for row, day in ((1, TODAY - 30 * DAY), (3, TODAY - 4 * DAY))
        )
        made = decided(TODAY - 29 * DAY, "do_not_share", subject=UUID(int=1))
        assert found(first, second, made) == [("undecided", TODAY - 4 * DAY, None, 4)]
        again = decided(TODAY - 3 * DAY, "do_not_share", subject=UUID(int=1))
        assert found(first, second, made, again) == []


class TestUntold:
    def test_not_told_by_the_day_set(self):
        made = decided(TODAY - 9 * DAY, tell_by=TODAY - 6 * DAY)
        assert found(made) == [("untold", TODAY - 6 * DAY, None, 6)]

    def test_told_late_and_told_in_time(self):
        made = decided(TODAY - 9 * DAY, tell_by=TODAY - 6 * DAY)
        assert found(made, told(TODAY - 2 * DAY, decision=OTHER)) == [
            ("untold", TODAY - 6 * DAY, TODAY - 2 * DAY, 4)
        ]
        assert found(made, told(TODAY - 6 * DAY, decision=OTHER)) == []
        assert found(made, told(TODAY - 6 * DAY)) == [("untold", TODAY - 6 * DAY, None, 6)]

    def test_decided_anew_before_the_day(self):
        made = decided(TODAY - 9 * DAY, tell_by=TODAY - 6 * DAY)
        anew = decided(TODAY - 7 * DAY, "do_not_share", row=UUID(int=5))
        assert found(made, anew) == []

    def test_decided_anew_after_the_day(self):
        made = decided(TODAY - 9 * DAY, tell_by=TODAY - 6 * DAY)
        for anew in (
            decided(TODAY - 2 * DAY, "do_not_share", row=UUID(int=5)),
            decided(TODAY - 2 * DAY, tell_by=TODAY + DAY, row=UUID(int=5)),
        ):
            assert found(made, anew) == [("untold", TODAY - 6 * DAY, TODAY - 2 * DAY, 4)]


class TestUnanswered:
    @pytest.mark.parametrize("kind", ["asked", "tracked", "heard"])
    def test_not_answered_by_the_day_it_was_due(self, kind):
        due = TODAY - 5 * DAY
        assert found(asked(TODAY - 9 * DAY, due, kind=kind)) == [("unanswered", due, None, 5)]
        late = asked(TODAY - 9 * DAY, due, TODAY - DAY, kind=kind)
        assert found(late) == [("unanswered", due, TODAY - DAY, 4)]
        assert found(asked(TODAY - 9 * DAY, due, due, kind=kind)) == []


class TestFortnights:
    def test_missed(self):
        due = TODAY - 20 * DAY
        assert found(update(due, "missed")) == [("fortnight", due, None, 20)]

    def test_missed_until_the_next_of_its_fortnights_came(self):
        due, came = TODAY - 20 * DAY, TODAY - 6 * DAY
        other = replace(update(due, "published", due + DAY), facts={
            "due_on": due.isoformat(), "published_on": (due + DAY).isoformat(),
            "status": "published", "schedule": "another",
        })  # fmt: skip
        missed, next_one = update(due, "missed"), update(came, "published", came)
        assert found(missed, next_one, other) == [("fortnight", due, came, 14)]
        assert found(missed, next_one, until=came - DAY) == [("fortnight", due, None, 13)]

    def test_one_working_day_of_grace(self):
        due = date(2026, 11, 13)  # a Friday: the next working day is Monday
        assert found(update(due, "published", date(2026, 11, 16))) == []
        assert found(update(due, "published", date(2026, 11, 17))) == [
            ("fortnight", due, date(2026, 11, 17), 4)
        ]

    def test_late_and_not_published_yet(self):
        due = TODAY - 7 * DAY
        assert found(update(due, "draft")) == [("fortnight", due, None, 7)]


class TestRaised:
    RAISED = rated("high", TODAY - 3 * DAY, "moderate")

    def test_nothing_said_since(self):
        assert found(self.RAISED, told(TODAY - 4 * DAY)) == [
            ("raised", TODAY - 3 * DAY, None, 3)
        ]  # fmt: skip

    def test_said_on_the_day_or_kept_with_reasons_or_lowered_again(self):
        assert found(self.RAISED, told(TODAY - 3 * DAY)) == []
        assert found(self.RAISED, decided(TODAY - DAY, "do_not_share")) == []
        assert found(self.RAISED, rated("moderate", TODAY - DAY, "high")) == []

    def test_lowered_to_where_it_still_stands_higher_than_was_said(self):
        risen = rated("very_high", TODAY - 9 * DAY, "low")
        lowered = rated("high", TODAY - 3 * DAY, "very_high")
        assert ("raised", risen.on, None, 9) in found(risen, lowered)
        assert found(risen, told(risen.on), lowered, decided(risen.on, "do_not_share")) == []

    def test_it_stands_until_the_risk_is_closed(self):
        assert found(self.RAISED, closed(TODAY - DAY)) == [
            ("raised", self.RAISED.on, TODAY - DAY, 2)
        ]  # fmt: skip
        assert found(self.RAISED, closed(TODAY - DAY), since=TODAY) == []

    def test_a_pack_tells_until_it_is_withdrawn(self):
        pack = Event("outside", "pack", "PCK-1", TODAY - 2 * DAY, "x", "pack", OTHER,
                     {"withdrawn_on": (TODAY - DAY).isoformat()})  # fmt: skip
        assert found(self.RAISED, pack) == [("raised", self.RAISED.on, None, 3)]
        assert found(self.RAISED, pack, until=TODAY - 2 * DAY) == []

    def test_a_missed_update_tells_nobody(self):
        kinds = [kind for kind, *_ in found(self.RAISED, update(TODAY - DAY, "missed"))]
        assert kinds == ["raised", "fortnight"]


class TestPeriod:
    def test_what_was_over_before_it_is_left_out(self):
        start = TODAY - 200 * DAY
        events = (rated("high", start), decided(start + 30 * DAY, "do_not_share"))
        assert found(*events) == []
        assert len(found(*events, since=start)) == 1

    def test_as_it_stood_at_its_end(self):
        due = TODAY - 20 * DAY
        late = asked(TODAY - 30 * DAY, due, TODAY)
        assert found(late, until=TODAY - 10 * DAY) == [("unanswered", due, None, 10)]


days = st.integers(0, 120).map(lambda count: TODAY - count * DAY)
levels = st.sampled_from(["low", "moderate", "high", "very_high"])
some = st.lists(
    st.one_of(
        st.builds(rated, levels, days, st.none() | levels),
        st.builds(decided, days, st.just("do_not_share")),
        st.builds(lambda day, wait: decided(day, tell_by=day + wait * DAY), days,
                  st.integers(0, 9)),
        st.builds(told, days, decision=st.sampled_from([None, OTHER])),
        st.builds(lambda day, wait: asked(day, day + wait * DAY), days, st.integers(0, 30)),
        st.builds(update, days, st.sampled_from(["draft", "missed"])),
    ),
    max_size=12,
)  # fmt: skip


@given(some)
def test_a_gap_lies_in_its_time_and_never_lasts_less_than_nothing(events):
    ordered = sorted(events, key=lambda event: event.on)
    for gap in gaps(ordered, since=TODAY - 60 * DAY, until=TODAY):
        assert gap.from_on <= (gap.until_on or TODAY) <= TODAY
        assert gap.until_on is None or gap.until_on >= TODAY - 60 * DAY


@given(some, st.integers(1, 60))
def test_what_is_said_later_never_closes_a_gap_earlier(events, earlier):
    """As it stood then: what happened afterwards changes nothing of it."""
    until = TODAY - earlier * DAY
    ordered = sorted(events, key=lambda event: event.on)
    known = [event for event in ordered if event.on <= until or event.kind == "update"]
    assert gaps(ordered, since=date.min, until=until) == gaps(known, since=date.min, until=until)


@pytest.fixture
def story(world):
    """A risk raised five weeks ago, decided on after 13 days, told two days after that."""
    with on(TODAY - 35 * DAY):
        risk = making.risk(world)
    with on(TODAY - 22 * DAY):
        decision = making.decided(world, risk)
    with on(TODAY - 20 * DAY):
        call = saying.told(world, on=TODAY - 20 * DAY, about=Links(decision_id=decision))
        saying.answered(world, call, on=TODAY - 20 * DAY)
    with on(TODAY - 10 * DAY):
        saying.advised(world, call, received_on=TODAY - 10 * DAY)
        saying.told(world, direction="in", on=TODAY - 10 * DAY, answer_due_on=TODAY - 5 * DAY)


def read(world, person="alice", service="Alder House", **period):
    where = world.service_id(service)
    with world.acting(person) as actor:
        return reconciliation.reconcile(
            actor=actor,
            service_id=where,
            since=period.get("since", TODAY - 92 * DAY),
            until=period.get("until", TODAY),
        )


class TestRows:
    def test_both_sides_stand_on_one_axis(self, world, story):
        said = [
            (day.on, [one.kind for one in day.inside], [one.kind for one in day.outside])
            for day in read(world).days
        ]
        assert said == [
            (TODAY - 35 * DAY, ["rating"], []),
            (TODAY - 22 * DAY, ["decision"], []),
            (TODAY - 20 * DAY, [], ["told", "answer"]),
            (TODAY - 10 * DAY, [], ["advice", "heard"]),
        ]

    def test_the_gaps_are_told_in_days(self, world, story):
        assert [(gap.kind, gap.reference, gap.days(TODAY)) for gap in read(world).gaps] == [
            ("undecided", "RSK-0001", 13),
            ("unanswered", "COM-0002", 5),
            ("untold", "SHD-0001", 1),
        ]

    def test_another_service_has_its_own(self, world, story):
        found = read(world, service="Alder Lodge")
        assert found.days == [] and found.gaps == []

    def test_beyond_the_persons_services(self, world, story):
        with pytest.raises(Forbidden):
            read(world, "bob", "Alder Lodge")
        with pytest.raises(NotFound):
            read(world, "charlie")

    def test_two_statements_whatever_the_size(self, world, story):
        where = world.service_id("Alder House")
        for _ in range(10):
            saying.told(world)
        with world.acting("alice") as alice, statements() as sent:
            reconciliation.reconcile(
                actor=alice, service_id=where, since=TODAY - 92 * DAY, until=TODAY
            )
        assert len([one for one in sent if "set_config" not in one]) == 2

    def test_a_closed_risk_is_known_until_its_day(self, world):
        with on(TODAY - 35 * DAY):
            risk = making.risk(world)
        making.closed(world, risk, TODAY - 15 * DAY)
        where = world.service_id("Alder House")
        with world.acting("alice") as alice:
            found = reconciliation.reconcile(
                actor=alice, service_id=where, since=TODAY - 92 * DAY, until=TODAY
            )
        assert "Risk closed, staffing" in [one.words for day in found.days for one in day.inside]
        assert [(gap.kind, gap.id, gap.until_on) for gap in found.gaps] == [
            ("undecided", risk, TODAY - 15 * DAY)
        ]


class TestUpdates:
    def test_updates_packs_and_their_reading(self, world, monkeypatch):
        plain_board(monkeypatch)
        updates.told(world, updates.published(world))
        extract = publish(world, updates.link(world))
        world.client("carol").get(f"/portal/packs/{extract}")
        found = read(world, since=TODAY - DAY)
        (day,) = found.days
        assert sorted(one.kind for one in day.outside) == [
            "feedback", "pack", "read", "tracked", "update"
        ]  # fmt: skip
        assert "Read by Northshire Council" in {one.words for one in day.outside}
        assert [gap.kind for gap in found.gaps] == []
        listed = world.client("ben").get("/o/alder/sharing/communications").text
        for words in ("RUP-0001", "PCK-0002"):
            assert words in listed

    def test_a_fortnight_that_was_missed(self, world):
        with on(TODAY - 14 * DAY):
            updates.started(world, TODAY - 14 * DAY)
        updates.come(world, TODAY)
        found = read(world)
        assert ("fortnight", "RUP-0001", TODAY - 14 * DAY) in [
            (gap.kind, gap.reference, gap.from_on) for gap in found.gaps
        ]
        (missed,) = [one for day in found.days for one in day.outside if one.kind == "update"]
        assert missed.words == "Recovery update 1 missed"


class TestPages:
    def test_page_and_list(self, world, story):
        where = world.service_id("Alder House")
        ben = world.client("ben")
        page = ben.get(f"/o/alder/sharing/reconciliation?service={where}").text
        for words in ("Known, and not decided", "Asked, and not answered", "RSK-0001", "SHD-0001"):
            assert words in page
        listed = ben.get(f"/o/alder/sharing/reconciliation.csv?service={where}")
        lines = listed.data.decode("utf-8-sig").splitlines()
        assert lines[0] == "Day,Until,Days,Side,Kind,Reference,Words"
        assert "2026-10-16,2026-10-29,13,gap" in lines[1]
        (event,) = world.sql(
            "SELECT subject FROM audit_event WHERE tag = 'reconciliation:downloaded'"
        )
        assert event.subject == str(where)

    def test_without_a_service_it_asks_for_one(self, world):
        page = world.client("ben").get("/o/alder/sharing/reconciliation")
        assert page.status_code == 200 and "Choose a service" in page.text
        assert world.client("ben").get("/o/alder/sharing/reconciliation.csv").status_code == 404

    def test_what_cannot_be_read_is_told(self, world):
        page = world.client("ben").get(
            "/o/alder/sharing/reconciliation?since=soon&until=9999-01-01&service=x"
        )
        assert page.status_code == 200 and "is not a date" in page.text

    def test_who_sees_it(self, world):
        where = world.service_id("Alder Lodge")
        address = f"/o/alder/sharing/reconciliation?service={where}"
        assert world.client("bob").get(address).status_code == 403
        assert world.client("charlie").get(address).status_code == 404

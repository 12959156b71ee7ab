"""Weekly returns: prefilled, kept, late or in time, verified by someone else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.monitoring import return_queries
from careboard.monitoring.weeks import Week, state, week_of, weeks
from tests.assurance import making as claims
from tests.dashboards.rows import add_records
from tests.monitoring import weekly
from tests.monitoring.weekly import STARTED
from tests.worlds import World

DAY = timedelta(days=1)
FIRST_DUE = STARTED + 7 * DAY


@pytest.fixture
def episode(world, monkeypatch):
    """An episode that started on STARTED; today is the day on which its first return is due."""
    weekly.on(monkeypatch, STARTED)
    episode_id = weekly.start(world)
    weekly.on(monkeypatch, FIRST_DUE)
    return episode_id


class TestWeeks:
    """Which weeks there are, and how each stands. Pure."""

    def test_a_return_is_due_on_the_day_after_its_week(self):
        assert week_of(STARTED, 2) == Week(2, STARTED + 7 * DAY, STARTED + 13 * DAY)
        assert week_of(STARTED, 2).due_on == STARTED + 14 * DAY

    @given(st.integers(0, 700), st.integers(0, 700))
    def test_weeks_follow_each_other_without_a_gap(self, days, more):
        found = weeks(STARTED, STARTED + days * DAY)
        assert [one.number for one in found] == list(range(1, days // 7 + 2))
        assert found[0].first == STARTED
        assert all(b.first == a.last + DAY for a, b in zip(found, found[1:], strict=False))
        assert weeks(STARTED, STARTED + (days + more) * DAY)[: len(found)] == found

    def test_an_ended_episode_asks_for_what_fell_due_before(self):
        ended = STARTED + 15 * DAY
        assert [w.number for w in weeks(STARTED, ended + 90 * DAY, ended)] == [1, 2]
        assert weeks(STARTED, ended, STARTED + 6 * DAY) == []

    @pytest.mark.parametrize(
        ("days", "facts", "expected"),
        [
            (3, {}, "awaited"),
            (4, {}, "due"),
            (7, {}, "due"),
            (8, {}, "late"),
            (8, {"submitted": True}, "unverified"),
            (8, {"submitted": True, "outcome": "proves"}, "verified"),
            (8, {"submitted": True, "outcome": "partly"}, "verified"),
            (8, {"submitted": True, "outcome": "does_not_prove"}, "not_proved"),
            (8, {"submitted": True, "outcome": "proves", "unsupported": True}, "unsupported"),
        ],
    )
    def test_state(self, days, facts, expected):
        week = week_of(STARTED, 1)
        assert state(week, on=STARTED + days * DAY, **{"submitted": False, **facts}) == expected


class TestHandingIn:
    def test_it_is_a_claim_of_the_week_with_its_evidence(self, world, episode):
        return_id = weekly.hand_in(world, episode)
        (row,) = world.sql(
            "SELECT r.reference, r.due_on, r.submitted_on, c.kind, c.status, c.period_from, "
            "c.period_to, c.statement FROM monitoring_return r "
            "JOIN claim c ON c.id = r.claim_id WHERE r.id = :id",
            id=return_id,
        )
        assert row.reference.startswith("RET-")
        assert (row.due_on, row.submitted_on) == (FIRST_DUE, FIRST_DUE)
        assert (row.kind, row.status) == ("monitoring_return", "submitted")
        assert (row.period_from, row.period_to) == (STARTED, STARTED + 6 * DAY)

    def test_what_the_records_said_is_kept_with_their_rows(self, world, episode):
        house = world.service_id("Alder House")
        with world.acting("alice") as alice:
            add_records(alice, house, "incident", 10, 2, theme="Falls")
            add_records(alice, house, "safeguarding", 9, 1)
            db.session.commit()
        return_id = weekly.hand_in(world, episode)
        with world.acting("alice") as alice:
            add_records(alice, house, "incident", 10, 1)
            db.session.commit()
        (row,) = world.sql("SELECT prefilled FROM monitoring_return WHERE id = :id", id=return_id)
        figures = {figure["code"]: figure for figure in row.prefilled}
        incidents = figures["incident"]
        assert incidents["said"] == "2 in the week, none in the week before. Themes: Falls 2."
        assert [one["on"] for one in incidents["rows"]] == ["2026-10-05"] * 2
        assert figures["complaint"]["said"] == (
            "Not enough data: no record of this kind was ever brought in."
        )
        assert figures["safeguarding"]["said"] == (
            "None in the week; the organisation's latest record of this kind is of 5 Sep 2026."
        )

    def test_progress_of_each_action_is_kept(self, world, episode):
        action_id = weekly.priority_action(world, episode)
        return_id = weekly.hand_in(world, episode, progress={action_id: "Two of three shifts"})
        (row,) = world.sql("SELECT actions FROM monitoring_return WHERE id = :id", id=return_id)
        (kept,) = row.actions
        assert kept["id"] == str(action_id)
        assert kept["progress"] == "Two of three shifts"
        assert kept["late"] == "2 days overdue"
        assert kept["priority"] is True

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"statement": " "}, "statement"),
            ({"narrative": ""}, "narrative"),
            ({"new": None}, "evidence"),
            ({"new": weekly.sheets(STARTED, title="")}, "title"),
        ],
    )
    def test_what_is_missing_is_refused_at_its_field(self, world, episode, changes, field):
        with pytest.raises(Invalid) as refused:
            weekly.hand_in(world, episode, **changes)
        assert refused.value.field == field

    def test_once_a_week(self, world, episode):
        weekly.hand_in(world, episode)
        with pytest.raises(Conflict):
            weekly.hand_in(world, episode)

    def test_not_before_the_last_days_of_its_week(self, world, episode, monkeypatch):
        with pytest.raises(Invalid, match="goes on until"):
            weekly.hand_in(world, episode, 2)
        weekly.on(monkeypatch, FIRST_DUE + 4 * DAY)
        weekly.hand_in(world, episode, 2)

    @pytest.mark.parametrize("week", [0, -1])
    def test_there_is_no_such_week(self, world, episode, week):
        with pytest.raises(Invalid):
            weekly.hand_in(world, episode, week)

    def test_who_may(self, world, episode):
        for person in ("rita", "vera", "cora", "ben", "adam"):
            with pytest.raises(Forbidden):
                weekly.hand_in(world, episode, person=person)
        with pytest.raises(NotFound):
            weekly.hand_in(world, episode, person="charlie")

    def test_who_wrote_the_report_does_not_hand_the_return_in(self, world, episode):
        weekly.report(world, episode)
        with pytest.raises(Invalid, match="You wrote"):
            weekly.hand_in(world, episode, person="alice")
        weekly.hand_in(world, episode)

    def test_it_stays_as_it_was_handed_in(self, world, episode):
        claim_id = weekly.claim_of(world, weekly.hand_in(world, episode))
        with world.acting("bob") as bob, pytest.raises(Invalid):
            claims.service.withdraw_claim(actor=bob, claim_id=claim_id, reason="Wrong")
        for statement in ("DELETE FROM", "UPDATE"):
            with pytest.raises(Exception, match="permission denied"):
                world.sql(
                    f"{statement} monitoring_return"
                    + (" SET narrative = 'x'" if statement == "UPDATE" else "")
                )

    def test_the_database_takes_no_claim_of_somebody_else(self, world, episode):
        claim_id = claims.make_claim(world, period_to=STARTED, new=weekly.sheets(STARTED))
        with pytest.raises(IntegrityError):
            world.sql(
                "INSERT INTO monitoring_return (org_id, id, reference, episode_id, week, due_on, "
                "submitted_on, submitted_by_id, claim_id, prefilled, actions, narrative) "
                "SELECT org_id, gen_random_uuid(), 'RET-X', :episode, 1, now(), now(), :other, id, "
                "'[]', '[]', 'x' FROM claim WHERE id = :claim",
                episode=episode, other=world.member_id("alice"), claim=claim_id,
            )  # fmt: skip


class TestVerification:
    def test_someone_else_verifies_it_by_a_sample(self, world, episode):
        return_id = weekly.hand_in(world, episode)
        claim_id = weekly.claim_of(world, return_id)
        with world.acting("bob") as bob, pytest.raises(Forbidden):
            claims.service.start_validation(actor=bob, claim_id=claim_id)
        claims.validate(world, claim_id)
        assert line(world, episode).state == "verified"

    def test_the_sample_may_be_drawn_from_the_episodes_actions(self, world, episode):
        action_id = weekly.priority_action(world, episode, due_on=STARTED + 90 * DAY)
        claim_id = weekly.claim_of(world, weekly.hand_in(world, episode))
        claims.start(world, claim_id)
        claims.draw(world, claim_id, kinds=["action"])
        (item,) = world.sql("SELECT record_id FROM sample_item")
        assert item.record_id == action_id

    def test_a_critical_mismatch_is_unsupported_assurance(self, world, episode):
        claim_id = weekly.claim_of(world, weekly.hand_in(world, episode))
        claims.validate(world, claim_id, "mismatch", critical=1)
        assert line(world, episode).state == "unsupported"

    def test_a_return_that_came_late_says_so(self, world, episode, monkeypatch):
        weekly.on(monkeypatch, FIRST_DUE + 2 * DAY)
        assert line(world, episode).state == "late"
        weekly.hand_in(world, episode)
        found = line(world, episode)
        assert (found.state, found.days_late) == ("unverified", 2)


def test_what_is_asked_for_comes_by_urgency(world, episode, monkeypatch):
    weekly.on(monkeypatch, STARTED + 19 * DAY)  # week 1 and 2 are late, week 3 may be handed in
    weekly.hand_in(world, episode, 2)
    with world.acting("alice") as alice:
        found = [(one.week.number, one.state) for one in return_queries.asked(actor=alice)]
    assert found == [(1, "late"), (3, "due"), (2, "unverified")]


def line(world: World, episode_id, number: int = 1):
    with world.acting("alice") as actor:
        return return_queries.line_of(actor=actor, episode_id=episode_id, number=number)

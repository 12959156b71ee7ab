"""Weekly reports: by someone other than who handed the return in, kept as they were written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from careboard.accounts.models import Membership
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from tests.monitoring import weekly
from tests.monitoring.weekly import STARTED

DAY = timedelta(days=1)


@pytest.fixture
def episode(world, monkeypatch):
    weekly.on(monkeypatch, STARTED)
    episode_id = weekly.start(world)
    weekly.on(monkeypatch, STARTED + 7 * DAY)
    return episode_id


def row(world, report_id):
    return world.sql("SELECT * FROM monitoring_report WHERE id = :id", id=report_id)[0]


def test_it_keeps_the_return_and_what_the_records_said(world, episode):
    return_id = weekly.hand_in(world, episode)
    action_id = weekly.priority_action(world, episode)
    report = row(world, weekly.report(world, episode))
    assert report.reference.startswith("EMR-")
    assert (report.return_id, report.returned_by_id) == (return_id, world.member_id("bob"))
    assert [one["id"] for one in report.actions] == [str(action_id)]
    assert {"safeguarding", "audit"} <= {figure["code"] for figure in report.position}


def test_it_may_be_written_where_no_return_has_come(world, episode):
    assert row(world, weekly.report(world, episode)).return_id is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"assessment": " "}, "assessment"),
        ({"decision": "fine"}, "decision"),
        ({"decision": "more_needed"}, "next_steps"),
        ({"decision": "review_now", "next_steps": " "}, "next_steps"),
    ],
)
def test_what_is_missing_is_refused_at_its_field(world, episode, changes, field):
    with pytest.raises(Invalid) as refused:
        weekly.report(world, episode, **changes)
    assert refused.value.field == field


def test_once_a_week_and_not_before_its_last_days(world, episode):
    weekly.report(world, episode)
    with pytest.raises(Conflict):
        weekly.report(world, episode)
    with pytest.raises(Invalid, match="goes on until"):
        weekly.report(world, episode, 2)


def test_who_may(world, episode):
    for person in ("bob", "rita", "vera", "cora", "ben", "adam"):
        with pytest.raises(Forbidden):
            weekly.report(world, episode, person=person)
    with pytest.raises(NotFound):
        weekly.report(world, episode, person="charlie")


class TestAnotherPerson:
    """Nobody reports on their own return, unless nobody else could, with a reason on show."""

    def test_somebody_else_could(self, world, episode):
        key = (world.org_id(), world.member_id("vera"))
        with world.acting("adam"):
            db.session.get(Membership, key).roles = ["governance_lead"]
            db.session.commit()
        weekly.hand_in(world, episode, person="alice")
        with pytest.raises(Invalid, match="Vera can report on it"):
            weekly.report(world, episode, same_person_reason="Nobody was there")

    def test_nobody_else_could(self, world, episode):
        weekly.hand_in(world, episode, person="alice")
        with pytest.raises(Invalid) as refused:
            weekly.report(world, episode)
        assert refused.value.field == "same_person_reason"
        report_id = weekly.report(world, episode, same_person_reason="The only lead this week")
        assert row(world, report_id).same_person_reason == "The only lead this week"
        shown = world.client("ben").get(f"/o/alder/monitoring/reports/{report_id}").text
        assert "The only lead this week" in shown and "Exception" in shown

    def test_the_database_refuses_it_without_a_reason(self, world, episode):
        return_id = weekly.hand_in(world, episode)
        insert = (
            "INSERT INTO monitoring_report (org_id, id, reference, episode_id, week, return_id, "
            "returned_by_id, position, actions, assessment, decision, written_by_id, written_on) "
            "SELECT org_id, gen_random_uuid(), 'EMR-X', episode_id, :week, id, submitted_by_id, "
            "'[]', '[]', 'x', 'on_track', :by, now() FROM monitoring_return WHERE id = :id"
        )
        bob, alice = world.member_id("bob"), world.member_id("alice")
        with pytest.raises(IntegrityError, match="written_by_someone_else"):
            world.sql(insert, week=1, by=bob, id=return_id)
        with pytest.raises(IntegrityError, match="fk_monitoring_report_return"):
            world.sql(insert, week=2, by=alice, id=return_id)

"""Reminders of enhanced monitoring: suggestions to decide on, weekly returns, reviews."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careboard.records.models import Concern
from careboard.reminders import queries
from careboard.reminders.service import Swept
from tests.reminders import duty_making as make
from tests.reminders.making import TODAY, listed, mails, sweep
from tests.reminders.test_duties import change, told

DAY = timedelta(days=1)
# So that no review of the episode is due while its returns are looked at.
RARELY = {"frequency_days": 31}


class TestSuggestions:
    """Who decides on enhanced monitoring: on firing, before the clock ends, then weekly."""

    def test_until_somebody_has_decided(self, world):
        trigger_id = make.trigger(world, TODAY + 7 * DAY)
        days = [TODAY + days * DAY for days in (0, 5, 7, 14)]
        assert told(world, "trigger_undecided", TODAY, TODAY + 18 * DAY) == {"alice": days}
        make.decided(world, trigger_id)
        assert told(world, "trigger_undecided", TODAY + 19 * DAY, TODAY + 40 * DAY) == {}

    def test_what_is_over_or_suggests_nothing_is_silent(self, world):
        make.trigger(world, None, rule_code="repeated_amber")
        make.trigger(world, TODAY, closed_on=TODAY, closed_why="No longer true")
        assert sweep() == Swept()

    def test_how_late_it_is(self, world):
        make.trigger(world, TODAY - 3 * DAY)
        sweep()
        (mail,) = mails(world)
        assert mail.to_email == "alice@alder.example"
        assert mail.subject.endswith("3 days overdue, decide by 17 Nov 2026")


class TestReturns:
    """The manager two days before, on the day, the day after and weekly; the lead from the second
    working day after it."""

    def test_the_manager_then_the_lead(self, world):
        make.episode(world, TODAY - 3 * DAY, **RARELY)  # its first return is due on a Tuesday
        due = TODAY + 4 * DAY
        week = told(world, "weekly_return", TODAY, due + 3 * DAY)
        assert week == {"bob": [due - 1 * DAY, due, due + DAY]}  # two days before is a Sunday

    def test_the_lead_hears_of_one_that_is_late(self, world):
        make.episode(world, TODAY - 3 * DAY, **RARELY)
        due = TODAY + 4 * DAY
        assert told(world, "weekly_return_late", TODAY, due + 5 * DAY) == {"alice": [due + 2 * DAY]}

    def test_nobody_once_it_has_come(self, world):
        episode_id = make.episode(world, TODAY - 9 * DAY, **RARELY)
        make.weekly_return(world, episode_id, TODAY - 2 * DAY)
        assert told(world, "weekly_return", TODAY, TODAY + 2 * DAY) == {}
        assert told(world, "weekly_return_late", TODAY, TODAY + 2 * DAY) == {}

    def test_nobody_once_the_episode_is_over(self, world):
        make.stepped_down(world, TODAY + 20 * DAY)
        assert sweep() == Swept()

    def test_each_week_that_is_missing_is_named(self, world):
        make.episode(world, TODAY - 15 * DAY, **RARELY)
        sweep()
        (mail,) = [one for one in mails(world) if one.to_email == "bob@alder.example"]
        lines = mail.content["sections"][0]["lines"]
        assert [line["title"] for line in lines] == [
            "week 1: Repeated falls",
            "week 2: Repeated falls",
        ]


class TestVerification:
    """Who may validate, from the third working day, never who handed it in."""

    def test_until_it_is_verified(self, world):
        episode_id = make.episode(world, TODAY - 7 * DAY, **RARELY)
        make.weekly_return(world, episode_id, TODAY)  # a Friday
        tuesday = TODAY + 4 * DAY
        found = told(world, "return_unverified", TODAY, TODAY + 8 * DAY)
        assert found == {"alice": [tuesday], "vera": [tuesday]}
        assert told(world, "claim_waiting", TODAY + 9 * DAY, TODAY + 10 * DAY) == {}
        change("UPDATE claim SET status = 'withdrawn', withdraw_reason = 'x'")
        assert told(world, "return_unverified", TODAY + 11 * DAY, TODAY + 30 * DAY) == {}


class TestReviews:
    """The lead: four days before, on the day, then weekly; earlier on new safeguarding facts."""

    def test_the_regular_review(self, world):
        make.episode(world, TODAY - 6 * DAY, **RARELY)
        due = TODAY + 25 * DAY
        found = told(world, "episode_review", due - 5 * DAY, due + 8 * DAY)
        assert found == {"alice": [due - 4 * DAY, due, due + 7 * DAY]}

    def test_the_follow_up(self, world):
        make.stepped_down(world, TODAY + 7 * DAY)
        days = [TODAY, TODAY + 7 * DAY, TODAY + 14 * DAY]
        assert told(world, "episode_follow_up", TODAY, TODAY + 15 * DAY) == {"alice": days}

    def test_new_safeguarding_information_calls_one_within_two_working_days(self, world):
        make.episode(world, TODAY, **RARELY)
        make.add(
            Concern, kind="safeguarding", service_id=world.service_id("Alder House"),
            domain="safeguarding", occurred_on=TODAY, theme="Neglect", level="s42",
        )  # fmt: skip
        sweep()
        (mail,) = mails(world)
        (title, lines) = next(iter(listed(mail).items()))
        assert title == "Reviews of enhanced monitoring due"
        assert "new safeguarding concern" in mail.content["sections"][0]["lines"][0]["title"]
        assert len(lines) == 1


CASES = {
    "trigger": lambda world: make.trigger(world, date(2027, 1, 4)),
    "episode": lambda world: make.episode(world, TODAY),
    "follow-up": lambda world: make.stepped_down(world, TODAY + 20 * DAY),
}


@pytest.mark.parametrize("kind", sorted(CASES))
def test_an_organisation_with_one_is_swept(world, kind):
    assert queries.organisations_with_due_work(TODAY) == []
    CASES[kind](world)
    assert queries.organisations_with_due_work(TODAY) == [world.org_id()]


def test_another_organisation_hears_nothing(world):
    make.monitored(world, TODAY)
    sweep()
    sweep(slug="birch")
    assert mails(world, "birch") == []

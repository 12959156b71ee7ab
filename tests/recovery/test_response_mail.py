"""Declines in mail and in jobs: who answers is told, then the governance lead; twice is once."""

from __future__ import annotations

from datetime import date

from careboard.db import db
from careboard.recovery import response_rounds
from careboard.reminders import queries
from tests.recovery.answering import an_indicator, answer, fallen
from tests.recovery.making import ON
from tests.recovery.planning import read
from tests.reminders.making import mails, sweep
from tests.reminders.test_duties import told
from workers import context, declines

FRIDAYS = [date(2026, 11, 20), date(2026, 11, 27), date(2026, 12, 4)]


def test_the_owner_hears_of_it_each_week_until_it_is_answered(world):
    response_id = fallen(world)
    assert told(world, "response_unanswered", FRIDAYS[0], FRIDAYS[2]) == {"bob": FRIDAYS}
    answer(world, response_id)
    assert told(world, "response_unanswered", date(2026, 12, 5), date(2026, 12, 20)) == {}


def test_the_digest_names_it(world):
    fallen(world)
    sweep(ON)
    (mail,) = mails(world)
    assert mail.to_email == "bob@alder.example"
    assert mail.subject == "Decline to answer: RSP-0001, since today"
    (section,) = mail.content["sections"]
    assert section["title"] == "Declines to answer"
    assert section["lines"][0]["title"].startswith("Falls at night: ")


def test_after_five_working_days_it_is_the_governance_leads(world):
    fallen(world)
    assert told(world, "response_escalated", FRIDAYS[0], FRIDAYS[2]) == {"alice": FRIDAYS[1:]}


def test_without_an_owner_the_manager_is_asked(world):
    fallen(world, owner=None)
    assert told(world, "response_unanswered", ON, ON) == {"bob": [ON]}


def test_an_organisation_with_a_decline_is_swept(world):
    fallen(world)
    db.session.remove()
    assert world.org_id("alder") in queries.organisations_with_due_work(ON)


def test_the_job_run_twice_fires_once(world, monkeypatch):
    monkeypatch.setattr(context, "application", lambda: world.app)
    read(world, an_indicator(world, target=5), 4, 4, 4, 9)
    org_id = world.org_id("alder")
    for _ in range(2):
        declines.look(str(org_id))
    assert [row.status for row in world.sql("SELECT status FROM response")] == ["open"]
    assert [row.name for row in world.sql("SELECT DISTINCT name FROM heartbeat")] == [
        f"declines:{org_id}"
    ]


def test_only_those_are_looked_at_that_have_something_new(world, monkeypatch):
    monkeypatch.setattr(context, "application", lambda: world.app)
    alder, birch = world.org_id("alder"), world.org_id("birch")

    def waiting():
        db.session.remove()
        found = response_rounds.providers_to_look_at()
        db.session.remove()
        assert birch not in found
        return alder in found

    assert not waiting()  # nothing to measure by
    falls = an_indicator(world, target=5)
    assert waiting()
    declines.look(str(alder))
    assert not waiting()
    read(world, falls, 4)
    assert waiting()
    declines.look(str(alder))
    assert not waiting()

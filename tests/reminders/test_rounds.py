"""The daily round of an organisation: who gets which digest, and never twice."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from careboard import clock
from careboard.reminders.queries import organisations_to_sweep
from careboard.reminders.service import ROUND, Swept
from tests.reminders.making import TODAY, add_action, add_imported, listed, mails, set_mode, sweep

DAY = timedelta(days=1)


def only(found):
    assert len(found) == 1, [(mail.to_email, mail.subject) for mail in found]
    return found[0]


def to(world, person: str) -> list:
    return [mail for mail in mails(world) if mail.to_email == f"{person}@alder.example"]


def test_one_digest_lists_everything_of_a_person_by_urgency(world):
    add_action(world, reference="ACT-0101", due_on=TODAY + 7 * DAY)
    add_action(world, reference="ACT-0102", due_on=TODAY)
    add_action(world, reference="ACT-0103", due_on=TODAY - 2 * DAY)
    add_action(world, reference="ACT-0104", due_on=TODAY + 8 * DAY)
    assert sweep() == Swept(mails=1, reminders=3)
    mail = only(mails(world))
    assert listed(mail) == {
        "Overdue": ["ACT-0103"],
        "Due today": ["ACT-0102"],
        "Due soon": ["ACT-0101"],
    }
    assert mail.subject == "Actions: 1 overdue, 1 due today, 1 due soon"
    assert mail.why == "You get this because you own actions that are due or overdue."


def test_a_second_round_adds_nothing(world):
    add_action(world)
    sweep()
    assert sweep() == Swept()
    assert len(mails(world)) == 1


def test_new_work_after_todays_digest_waits_for_tomorrows(world):
    add_action(world)
    sweep()
    late = add_action(world)
    assert sweep() == Swept()
    monday = TODAY + 3 * DAY
    assert sweep(monday).reminders == 1
    told = world.sql("SELECT occurrence FROM reminder WHERE subject_id = :id", id=late)
    assert [row.occurrence for row in told] == [TODAY]


def test_two_rounds_at_once_post_one_digest(world):
    for _ in range(20):
        add_action(world)
    app, done = world.app, []

    def one_round():
        with app.app_context():
            done.append(sweep())

    threads = [threading.Thread(target=one_round) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(swept.reminders for swept in done) == [0, 0, 0, 20]
    assert len(mails(world)) == 1


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2026, 11, 22), date(2026, 12, 28)])
def test_nothing_leaves_at_weekends_and_on_bank_holidays(world, day):
    add_action(world, due_on=day)
    assert sweep(day) == Swept()


def test_christmas_is_caught_up_on_the_next_working_day(world):
    add_action(world, due_on=date(2026, 12, 25))
    assert [sweep(date(2026, 12, day)).mails for day in (25, 26, 27, 28, 29, 30)] == [
        *(0, 0, 0, 0),
        1,
        0,
    ]
    assert listed(mails(world)[-1]) == {"Overdue": [mails(world)[-1].subject.split(":")[0]]}
    assert "4 days overdue, was due on 25 Dec 2026" in mails(world)[-1].subject


def test_after_a_fortnight_down_the_newest_occurrence_is_told_once(world):
    add_action(world, due_on=TODAY - 15 * DAY)
    sweep()
    told = world.sql("SELECT rule, occurrence FROM reminder WHERE to_email LIKE 'rita%'")
    assert [tuple(row) for row in told] == [("overdue", TODAY - 1 * DAY)]


def test_the_manager_hears_at_seven_days_and_governance_at_twenty_eight(world):
    due_on = date(2026, 11, 2)
    add_action(world, reference="ACT-0200", due_on=due_on)
    told = {}
    day = due_on - 8 * DAY
    while day < due_on + 36 * DAY:
        sweep(day)
        day += DAY
    for person in ("rita", "bob", "alice"):
        told[person] = [mail.dedupe_key.split(":")[1] for mail in to(world, person)]
    assert told == {
        "rita": [str(due_on + n * DAY) for n in (-7, 0, 7, 14, 21, 28, 35)],
        "bob": [str(due_on + 7 * DAY)],
        "alice": [str(due_on + 28 * DAY)],
    }
    (bob,) = to(world, "bob")
    assert listed(bob) == {"Escalated to you: 7 days overdue or more": ["ACT-0200"]}


def test_without_a_manager_the_governance_lead_hears_at_seven_days(world):
    add_action(world, due_on=TODAY - 7 * DAY, owner="rita", service_name="Alder Lodge")
    sweep()
    assert len(to(world, "alice")) == 1


def test_an_owner_known_by_address_alone_is_written_to(world):
    add_imported(world, owner_email="Sam.Lee@agency.example", owner_name="Sam Lee")
    sweep()
    mail = only(mails(world))
    assert (mail.to_email, mail.to_name, mail.membership_id) == (
        "Sam.Lee@agency.example",
        "Sam Lee",
        None,
    )


def test_an_imported_owner_who_is_a_member_gets_one_digest_for_both(world):
    add_imported(world, owner_email="RITA@alder.example", owner_name="R. Ita")
    add_action(world)
    sweep()
    mail = only(mails(world))
    assert mail.membership_id == world.member_id("rita")
    assert len(listed(mail)["Due today"]) == 2


def test_nobodys_action_goes_to_the_manager(world):
    add_imported(world, reference="ACT-0300")
    sweep()
    mail = only(mails(world))
    assert mail.to_email == "bob@alder.example"
    assert listed(mail) == {"Due or overdue, and the owner cannot be reached": ["ACT-0300"]}


def test_a_tracker_s_completed_work_is_overdue_until_somebody_verifies_it(world):
    add_imported(
        world, reference="ACT-0301", status="completed", due_on=TODAY - 7 * DAY, completed_on=TODAY
    )
    sweep()
    assert [mail.to_email for mail in mails(world)] == ["bob@alder.example"]
    sweep(TODAY + 21 * DAY)
    assert len(to(world, "alice")) == 1
    assert not to(world, "vera")


def test_a_stopped_address_is_left_alone_and_its_manager_told_every_week(world):
    add_action(world, due_on=TODAY)
    suppress(world, "rita@alder.example")
    sweep()
    sweep(TODAY + 7 * DAY)
    sweep(TODAY + 14 * DAY)
    assert not to(world, "rita")
    assert len(to(world, "bob")) == 3


def suppress(world, email: str) -> None:
    from careboard.db import db, new_id
    from careboard.reminders.models import Suppression
    from careboard.tenancy import acting_for

    with acting_for("alder") as actor:
        db.session.add(
            Suppression(org_id=actor.org_id, id=new_id(), email_norm=email, reason="hard_bounce")
        )
        db.session.commit()


def test_a_weekly_digest_comes_on_monday_and_looks_ahead(world):
    set_mode(world, "rita", "weekly")
    add_action(world, reference="ACT-0401", due_on=TODAY)
    add_action(world, reference="ACT-0402", due_on=date(2026, 11, 26))
    assert sweep(TODAY - DAY) == sweep(TODAY) == Swept()
    monday = date(2026, 11, 23)
    assert sweep(monday).mails == 1
    assert listed(only(mails(world))) == {"Overdue": ["ACT-0401"], "Due soon": ["ACT-0402"]}
    for n in range(1, 7):
        sweep(monday + n * DAY)
    assert len(to(world, "rita")) == 1
    sweep(monday + 7 * DAY)
    assert len(to(world, "rita")) == 2


def test_urgent_only_is_silent_until_overdue_and_then_weekly(world):
    set_mode(world, "rita", "urgent")
    add_action(world, due_on=TODAY)
    days = [TODAY - 7 * DAY + n * DAY for n in range(30)]
    assert [day for day in days if sweep(day).mails and to(world, "rita")][0] == TODAY + 7 * DAY
    assert len(to(world, "rita")) == 3


def test_escalations_come_on_their_day_whatever_the_preference(world):
    for mode in ("weekly", "urgent"):
        set_mode(world, "bob", mode)
        add_action(world, due_on=TODAY - 7 * DAY)
        sweep(TODAY if mode == "weekly" else TODAY + 3 * DAY)
    assert len(to(world, "bob")) == 2


def test_completed_work_calls_the_verifier_but_never_who_did_it(world):
    add_action(
        world,
        reference="ACT-0500",
        owner="vera",
        status="completed",
        completed_on=TODAY - DAY,
        completed_by_id=world.member_id("vera"),
    )
    sweep()
    mail = only(mails(world))
    assert mail.to_email == "bob@alder.example"
    assert listed(mail) == {"Awaiting verification": ["ACT-0500"]}
    assert mail.subject == "ACT-0500: completed on 19 Nov 2026"


def test_work_that_nobody_verifies_is_escalated_like_any_overdue_action(world):
    add_action(
        world,
        reference="ACT-0501",
        due_on=TODAY - 30 * DAY,
        status="completed",
        completed_on=TODAY - 10 * DAY,
        completed_by_id=world.member_id("rita"),
    )
    sweep()
    (to_bob,), (to_alice,), (to_vera,) = (to(world, who) for who in ("bob", "alice", "vera"))
    assert listed(to_bob) == {"Escalated to you: 7 days overdue or more": ["ACT-0501"]}
    assert listed(to_alice) == {"Escalated to you: 28 days overdue or more": ["ACT-0501"]}
    assert listed(to_vera) == {"Awaiting verification": ["ACT-0501"]}
    assert to(world, "rita") == []


@pytest.mark.parametrize("status", ["draft", "verified", "cancelled"])
def test_what_is_not_under_way_is_not_chased(world, status):
    values = {"cancel_reason": "Duplicate"} if status == "cancelled" else {}
    add_action(world, due_on=TODAY - 30 * DAY, status=status, **values)
    assert sweep() == Swept()


def test_an_extended_action_is_reminded_of_anew(world):
    action_id = add_action(world, due_on=TODAY)
    sweep()
    extend(world, action_id, TODAY + 3 * DAY + 7 * DAY)
    assert sweep(TODAY + 3 * DAY).reminders == 1
    rules = world.sql("SELECT rule FROM reminder ORDER BY created_at, rule")
    assert [row.rule for row in rules] == ["due_today", "due_soon"]


def extend(world, action_id, due_on: date) -> None:
    from careboard.actions.models import Action
    from careboard.db import db
    from careboard.tenancy import acting_for

    with acting_for("alder") as actor:
        db.session.get(Action, (actor.org_id, action_id)).due_on = due_on
        db.session.commit()


def test_another_organisation_is_untouched(world):
    add_action(world)
    add_action(world, owner="charlie", service_name="Birch House", slug="birch")
    sweep()
    assert mails(world, "birch") == []


class TestWhoseRoundIsDue:
    """Which organisations the tick rings for."""

    @pytest.fixture(autouse=True)
    def real_clock(self, monkeypatch):
        monkeypatch.setattr(clock, "_frozen", None)
        self.patch = monkeypatch

    def at(self, moment: str):
        """Let it be that instant, in UTC."""
        from datetime import UTC, datetime
        from zoneinfo import ZoneInfo

        instant = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        self.patch.setattr(clock, "now", lambda: instant)
        self.patch.setattr(
            clock, "today", lambda zone="Europe/London": instant.astimezone(ZoneInfo(zone)).date()
        )

    def zone(self, world, name: str) -> None:
        world.sql("SELECT 1")
        from sqlalchemy import text

        from careboard.db import db

        db.session.execute(
            text("UPDATE organisation SET time_zone = :zone WHERE slug = 'alder'"), {"zone": name}
        )
        db.session.commit()
        db.session.remove()

    def test_only_those_with_due_work_after_seven_and_once_a_day(self, world):
        add_action(world)
        self.at("2026-11-20T06:59")
        assert organisations_to_sweep() == []
        self.at("2026-11-20T07:00")
        assert organisations_to_sweep() == [world.org_id("alder")]
        sweep(TODAY)
        assert organisations_to_sweep() == []
        self.at("2026-11-23T07:00")
        assert organisations_to_sweep() == [world.org_id("alder")]

    def test_summer_time_and_other_zones_decide_the_hour_and_the_day(self, world):
        add_action(world, due_on=date(2026, 7, 1))
        self.at("2026-07-01T06:00")
        assert organisations_to_sweep() == [world.org_id("alder")]
        self.zone(world, "Pacific/Auckland")
        self.at("2026-06-30T18:59")
        assert organisations_to_sweep() == []
        self.at("2026-06-30T19:00")  # seven on 1 July there
        assert organisations_to_sweep() == [world.org_id("alder")]

    def test_weekends_have_no_round(self, world):
        add_action(world)
        self.at("2026-11-21T12:00")
        assert organisations_to_sweep() == []

    def test_a_round_by_hand_for_a_later_day_does_not_stand_in_for_it(self, world):
        add_action(world)
        self.at("2026-11-20T08:00")
        sweep(date(2026, 11, 24))
        self.at("2026-11-24T08:00")
        assert organisations_to_sweep() == [world.org_id("alder")]
        assert world.sql("SELECT name FROM heartbeat")[0].name.startswith(ROUND)

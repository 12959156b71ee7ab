"""Reminders of sharing: what is high and undecided, and what was to be told and was not."""

from __future__ import annotations

from datetime import timedelta

from careboard import clock, mailer
from careboard.db import db
from careboard.reminders.outbox import letter_of
from careboard.sharing import communications
from careboard.sharing.communications import Links
from tests.reminders.making import TODAY, mails, sweep
from tests.reminders.test_duties import told
from tests.sharing.making import decided, risk

DAY = timedelta(days=1)


def high(world):
    held = clock.frozen_day()
    clock.freeze(TODAY)
    try:
        return risk(world)
    finally:
        clock.freeze(held)


def test_leads_are_asked_weekly_until_somebody_decides(world):
    about = high(world)
    days = [TODAY, TODAY + 7 * DAY, TODAY + 14 * DAY]
    assert told(world, "sharing_undecided", TODAY, TODAY + 18 * DAY) == {"alice": days}
    decided(world, about, "do_not_share")
    assert told(world, "sharing_undecided", TODAY + 19 * DAY, TODAY + 40 * DAY) == {}


def test_who_tells_others_is_asked_from_the_day_on(world):
    made = decided(world, high(world), tell_by=TODAY + 3 * DAY)  # a Monday
    days = [TODAY + 3 * DAY, TODAY + 10 * DAY]
    found = told(world, "sharing_untold", TODAY, TODAY + 10 * DAY)
    assert found == {"alice": days, "cora": days}
    where = world.service_id("Alder House")
    with world.acting("cora") as cora:
        communications.record(
            actor=cora,
            service_id=where,
            direction="out",
            on=cora.today,
            channel="phone",
            partner_kind="commissioner",
            partner="Northshire Council",
            person_role="Contracts officer",
            said="Evening calls are late, and what is done.",
            about=Links(decision_id=made),
        )
        db.session.commit()
    assert told(world, "sharing_untold", TODAY + 11 * DAY, TODAY + 30 * DAY) == {}


def test_the_mail_leads_to_the_form(world):
    about = high(world)
    sweep()
    (mail,) = [mail for mail in mails(world) if mail.to_email == "alice@alder.example"]
    assert f"/o/alder/sharing/decisions/new?risk={about}" in mailer.render(letter_of(mail)).text

"""Reminders of what is due beside actions: whom, when, once, and not when it is done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from careboard import clock
from careboard.db import db
from careboard.reminders import duties, queries
from careboard.reminders.duties import RULES, Duty
from careboard.reminders.service import Swept
from careboard.tenancy import acting_for
from tests.reminders import duty_making as make
from tests.reminders.making import TODAY, add_action, listed, mails, set_mode, sweep

DAY = timedelta(days=1)
RATED = TODAY - 10 * DAY  # fresh: no return is due


def told(world, rule: str, first: date, last: date) -> dict[str, list[date]]:
    """Sweep each day from first to last, twice; who was told on which days of that rule."""
    day = first
    found: dict[str, list[date]] = {}
    seen = _reminded(world, rule)
    while day <= last:
        sweep(day)
        assert sweep(day) == Swept()
        now = _reminded(world, rule)
        for person in now[len(seen) :]:
            found.setdefault(person, []).append(day)
        seen = now
        day += DAY
    return found


def _reminded(world, rule: str) -> list[str]:
    rows = world.sql(
        "SELECT to_email FROM reminder WHERE rule = :rule ORDER BY created_at, id", rule=rule
    )
    return [row.to_email.partition("@")[0] for row in rows]


def change(statement: str, **values) -> None:
    with acting_for("alder"):
        db.session.execute(text(statement), values)
        db.session.commit()


def only_mail(world, person: str):
    (mail,) = [mail for mail in mails(world) if mail.to_email == f"{person}@alder.example"]
    return mail


class TestEvidence:
    """30, 7 and 0 days before it ends: who submitted it and the service's manager."""

    def test_thrice(self, world):
        until = date(2026, 12, 18)
        make.evidence(world, until)
        days = [date(2026, 11, 18), date(2026, 12, 11), until]
        assert told(world, "evidence_expiry", TODAY - 10 * DAY, until + 20 * DAY) == {
            "rita": days, "bob": days
        }  # fmt: skip

    @pytest.mark.parametrize("status", ["draft", "rejected", "change_requested", "withdrawn"])
    def test_not_of_what_supports_nothing(self, world, status):
        make.evidence(world, TODAY, status=status)
        assert sweep() == Swept()

    def test_nothing_after_withdrawal_or_replacement(self, world):
        make.evidence(world, TODAY + 30 * DAY)
        make.evidence(world, TODAY + 30 * DAY)
        assert sweep().reminders == 4
        change("UPDATE evidence SET status = 'withdrawn' WHERE reference = (SELECT min(reference)"
               " FROM evidence)")  # fmt: skip
        change("UPDATE evidence SET valid_until = :day", day=TODAY + 200 * DAY)
        later = told(world, "evidence_expiry", TODAY + DAY, TODAY + 40 * DAY)
        assert later == {}

    def test_a_submitter_who_left_leaves_it_to_the_manager(self, world):
        make.evidence(world, TODAY)
        change("UPDATE membership SET active = false WHERE name = 'Rita'")
        sweep()
        assert [mail.to_email for mail in mails(world)] == ["bob@alder.example"]

    def test_of_the_whole_organisation_goes_to_governance(self, world):
        make.evidence(world, TODAY, by="cora", service_id=None)
        sweep()
        assert {mail.to_email for mail in mails(world)} == {
            "cora@alder.example", "alice@alder.example"
        }  # fmt: skip

    def test_a_weekend_goes_on_monday(self, world):
        make.evidence(world, date(2026, 11, 22))
        sweep(date(2026, 11, 23))
        assert "expired after 22 Nov 2026" in mails(world)[0].subject

    def test_what_expired_long_ago_is_not_dug_up(self, world):
        make.evidence(world, TODAY - 15 * DAY)
        assert sweep() == Swept()


class TestClaims:
    """More than three working days: those who may validate, weekly, never who submitted."""

    def test_those_who_may_validate_each_week(self, world):
        make.claim(world, date(2026, 11, 12))  # a Thursday; the fourth working day is Wednesday
        days = [date(2026, 11, 18), date(2026, 11, 25), date(2026, 12, 2)]
        found = told(world, "claim_waiting", date(2026, 11, 13), date(2026, 12, 4))
        assert found == {"alice": days, "vera": days}

    def test_never_who_submitted(self, world):
        make.claim(world, date(2026, 11, 2), by="vera")
        sweep()
        assert [mail.to_email for mail in mails(world)] == ["alice@alder.example"]
        assert mails(world)[0].subject.startswith("Claim to validate: CLM-")

    @pytest.mark.parametrize("status", ["draft", "withdrawn"])
    def test_not_when_it_does_not_wait(self, world, status):
        make.claim(world, date(2026, 11, 2), status=status, withdraw_reason="Mistaken")
        assert sweep() == Swept()


class TestRatings:
    """Disputes, watches and returns."""

    def test_a_dispute_calls_who_took_no_part(self, world):
        risk_id = make.risk(world, RATED, by="adam")
        make.dispute(world, risk_id, date(2026, 11, 27))
        days = [date(2026, 11, 24), date(2026, 11, 27), date(2026, 12, 4)]
        found = told(world, "dispute_due", TODAY, date(2026, 12, 7))
        assert found == {"alice": days}
        change("UPDATE rating_dispute SET status = 'withdrawn'")
        assert told(world, "dispute_due", date(2026, 12, 8), date(2026, 12, 20)) == {}

    def test_who_decided_only_where_there_is_nobody_else(self, world):
        risk_id = make.risk(world, RATED, by="alice")
        make.dispute(world, risk_id, TODAY)
        sweep()
        assert [mail.to_email for mail in mails(world)] == ["alice@alder.example"]
        change("UPDATE membership SET roles = '{governance_lead}' WHERE name = 'Adam'")
        assert told(world, "dispute_due", TODAY + 7 * DAY, TODAY + 7 * DAY) == {
            "adam": [TODAY + 7 * DAY]
        }

    def test_a_watch_that_ends(self, world):
        make.watch(world, make.risk(world, RATED), date(2026, 11, 27))
        days = [TODAY, date(2026, 11, 27), date(2026, 12, 4)]
        assert told(world, "watch_ending", TODAY - DAY, date(2026, 12, 7)) == {
            "bob": days, "alice": days
        }  # fmt: skip

    def test_a_return_before_the_rating_gets_stale(self, world):
        make.risk(world, TODAY - 29 * DAY)
        days = [TODAY, TODAY + 7 * DAY]
        assert told(world, "return_due", TODAY - DAY, TODAY + 30 * DAY) == {"bob": days}
        assert only_subject(world, TODAY) == (
            f"Assurance return due: {reference(world, 'risk')}, stale on 27 Nov 2026, in 7 days"
        )

    def test_no_return_is_asked_for_that_was_submitted(self, world):
        risk_id = make.risk(world, TODAY - 29 * DAY, rating="moderate")
        make.claim(world, TODAY - DAY, kind="assurance_return", risk_id=risk_id)
        assert sweep() == Swept()


def reference(world, table: str) -> str:
    return world.sql(f"SELECT reference FROM {table}")[0].reference


def only_subject(world, day: date) -> str:
    (mail,) = [mail for mail in mails(world) if f":{day}:" in mail.dedupe_key]
    return mail.subject


class TestExperience:
    """Three working days before the tenth working day, then weekly while it is missing."""

    def test_asked_for_until_it_is_there(self, world):
        make.summary(world, date(2026, 9, 1))
        make.summary(world, date(2026, 10, 1), "Alder Lodge")
        make.summary(world, date(2026, 10, 1), "Alder Homecare")
        found = told(world, "experience_due", date(2026, 11, 9), date(2026, 11, 30))
        assert found == {"bob": [date(2026, 11, 10), date(2026, 11, 17), date(2026, 11, 24)]}
        make.summary(world, date(2026, 10, 1))
        found = told(world, "experience_due", date(2026, 12, 1), date(2026, 12, 8))
        assert found == {}

    def test_the_next_month_is_asked_for_in_its_turn(self, world):
        for service in ("Alder House", "Alder Lodge", "Alder Homecare"):
            make.summary(world, date(2026, 10, 1), service)
        found = told(world, "experience_due", date(2026, 12, 7), date(2026, 12, 11))
        assert found == {
            "bob": [date(2026, 12, 9)],
            "alice": [date(2026, 12, 9)] * 2,
        }

    def test_where_nobody_has_begun_nobody_is_asked(self, world):
        assert sweep() == Swept()

    def test_words(self, world):
        make.summary(world, date(2026, 9, 1))
        sweep(date(2026, 11, 11))
        mail = only_mail(world, "bob")
        assert mail.subject == "Experience summary due: Alder House, due on 13 Nov 2026, in 2 days"
        assert listed(mail) == {"Experience summaries due": ["Alder House"]}


class TestSittings:
    """The chair, else those who lead governance, weekly while the minutes are not signed."""

    def september(self, world):
        make.sitting(world, date(2026, 9, 1), date(2026, 9, 30))

    def test_without_a_chair_governance_hears(self, world):
        self.september(world)
        found = told(world, "sitting_overdue", date(2026, 11, 9), date(2026, 11, 27))
        assert found == {"alice": [date(2026, 11, 16), date(2026, 11, 23)]}

    def test_the_chair_hears_alone(self, world):
        self.september(world)
        make.chair(world, "ben")
        sweep()
        assert [mail.to_email for mail in mails(world)] == ["ben@alder.example"]
        assert listed(mails(world)[0]) == {"Reviews overdue": ["Monthly governance review"]}

    def test_a_service_s_own_goes_to_its_manager(self, world):
        make.sitting(
            world, date(2026, 11, 2), date(2026, 11, 8), forum="weekly_manager",
            service_id=world.service_id("Alder House"),
        )  # fmt: skip
        sweep()
        assert [mail.to_email for mail in mails(world)] == ["bob@alder.example"]

    def test_held_in_time_is_silent(self, world):
        make.sitting(world, date(2026, 10, 1), date(2026, 10, 31))
        assert sweep() == Swept()


class TestChallenges:
    """The manager of the service from the next day, weekly until it is answered."""

    def test_until_it_is_answered(self, world):
        entry_id = make.challenge(world)
        days = [date(2026, 11, 23), date(2026, 11, 30)]
        assert told(world, "challenge_open", TODAY, date(2026, 12, 4)) == {"bob": days}
        change(
            "INSERT INTO challenge_answer (org_id, id, entry_id, text, answered_at)"
            " SELECT org_id, gen_random_uuid(), id, 'Staff left', now() FROM review_entry"
            " WHERE id = :id",
            id=entry_id,
        )
        assert told(world, "challenge_open", date(2026, 12, 5), date(2026, 12, 20)) == {}

    def test_never_the_one_who_made_it(self, world):
        make.challenge(world, by="bob")
        sweep(date(2026, 11, 23))
        assert [mail.to_email for mail in mails(world)] == ["alice@alder.example"]


def test_one_mail_holds_everything_of_a_person(world):
    add_action(world, owner="bob", due_on=TODAY - 3 * DAY, reference="ACT-0901")
    make.evidence(world, TODAY, by="bob")
    make.evidence(world, TODAY + 7 * DAY, by="bob")
    risk_id = make.risk(world, TODAY - 29 * DAY)
    make.watch(world, risk_id, TODAY + 7 * DAY)
    sweep()
    mail = only_mail(world, "bob")
    assert mail.subject == (
        "Actions: 1 overdue; 1 assurance return due, 1 watch that ends, 2 items of evidence expire"
    )
    assert list(listed(mail)) == [
        "Overdue", "Assurance returns due: these ratings get stale",
        "Watches over lowered ratings that end", "Evidence that expires",
    ]  # fmt: skip
    assert mail.why == (
        "You get this because you own actions that are due or overdue; and because you are "
        "responsible for a service whose ratings get stale; and because you watch ratings that "
        "were lowered; and because you submitted evidence, or are responsible for its service."
    )


def test_every_line_leads_to_its_page(world):
    from careboard import mailer
    from careboard.reminders.outbox import letter_of

    _one_of_each(world)
    for day in (TODAY, TODAY + 3 * DAY):
        sweep(day)
    endpoints = set()
    for mail in mails(world):
        rendered = mailer.render(letter_of(mail))
        for section in mail.content["sections"]:
            for line in section["lines"]:
                endpoints.add(line["endpoint"])
                assert line["reference"] in rendered.html and line["when"] in rendered.text
    assert endpoints == {rule.endpoint for rule in RULES.values()} | {"actions.show"}
    addresses = {
        part.split('"')[0].removeprefix("http://127.0.0.1:8000")
        for mail in mails(world)
        for part in mailer.render(letter_of(mail)).html.split('href="')[1:]
    }
    client = world.client("alice")
    for address in addresses:
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address


def _one_of_each(world) -> None:
    add_action(world)
    make.evidence(world, TODAY)
    make.claim(world, date(2026, 11, 2))
    risk_id = make.risk(world, TODAY - 36 * DAY, by="adam")
    make.dispute(world, risk_id, TODAY)
    make.watch(world, risk_id, TODAY)
    make.summary(world, date(2026, 9, 1))
    make.sitting(world, date(2026, 9, 1), date(2026, 9, 30))
    for one in (make.challenge, make.decline, make.update, make.shared):
        one(world)
    make.monitored(world, TODAY)


def test_preferences_hold_for_every_duty(world):
    set_mode(world, "bob", "urgent")
    set_mode(world, "rita", "weekly")
    make.evidence(world, TODAY + 7 * DAY)
    assert sweep() == Swept()
    assert sweep(date(2026, 11, 23)).reminders == 1  # rita's weekly digest
    assert told(world, "evidence_expiry", TODAY + 7 * DAY, TODAY + 12 * DAY) == {
        "bob": [TODAY + 10 * DAY]
    }  # fmt: skip


def test_another_organisation_hears_nothing(world):
    _one_of_each(world)
    sweep()
    sweep(slug="birch")
    assert mails(world, "birch") == []


class TestWhoIsSwept:
    """Only organisations where somebody may have to be told."""

    CASES = {
        "evidence": lambda world: make.evidence(world, TODAY + 30 * DAY),
        "claim": lambda world: make.claim(world, TODAY - 5 * DAY),
        "dispute": lambda world: make.dispute(world, make.risk(world, RATED), TODAY),
        "watch": lambda world: make.watch(world, make.risk(world, RATED), TODAY),
        "return": lambda world: make.risk(world, TODAY - 29 * DAY),
        "experience": lambda world: make.summary(world, date(2026, 9, 1)),
        "sitting": lambda world: make.sitting(world, date(2026, 9, 1), date(2026, 9, 30)),
        "challenge": lambda world: make.challenge(world),
    }

    @pytest.mark.parametrize("kind", sorted(CASES))
    def test_with_due_work(self, world, kind):
        assert queries.organisations_with_due_work(TODAY) == []
        self.CASES[kind](world)
        assert queries.organisations_with_due_work(TODAY) == [world.org_id()]

    def test_nothing_near_is_no_work(self, world):
        make.evidence(world, TODAY + 90 * DAY)
        make.risk(world, TODAY, rating="moderate")
        make.sitting(world, date(2026, 10, 1), date(2026, 10, 31))
        assert queries.organisations_with_due_work(TODAY) == []

    def test_a_round_is_not_rung_for_twice_a_day(self, world, monkeypatch):
        make.claim(world, TODAY - 5 * DAY)
        instant = clock.now().replace(hour=9)
        monkeypatch.setattr(clock, "now", lambda: instant)
        assert queries.organisations_to_sweep() == [world.org_id()]
        sweep(TODAY)
        assert queries.organisations_to_sweep() == []


def _duty(rule: str, day: date) -> Duty:
    return Duty(RULES[rule], clock_id(), "X-1", "Title", None, "", None, day, day)


def clock_id():
    from careboard.db import new_id

    return new_id()


@given(st.sampled_from(sorted(RULES)), st.integers(-60, 120))
def test_an_occurrence_is_never_in_the_future_nor_repeated_within_a_week(rule, after):
    duty = _duty(rule, TODAY)
    day = TODAY + after * DAY
    found, later = duties.occurrence(duty, day), duties.occurrence(duty, day + 6 * DAY)
    if found is None:
        return
    assert found.on <= day
    assert later is None or later.on >= found.on
    if RULES[rule].weekly and after > 14:
        assert (day - found.on).days < 7

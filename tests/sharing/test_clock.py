"""The clock: first identified, decided, told. And since when a rating asks for a decision."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from careboard import clock, figures
from careboard.db import db
from careboard.risks import service as risks
from careboard.risks.basis import Basis
from careboard.sharing import communications, subjects
from careboard.sharing import decision_queries as queries
from careboard.sharing.clock import Times, report
from careboard.sharing.communications import Links
from tests.monitoring.making import fired
from tests.sharing import saying
from tests.sharing.making import closed, concern, decided, risk

MONDAY = date(2026, 11, 16)
DAY = timedelta(days=1)
days = st.integers(0, 400)


@given(days, days, days)
def test_the_whole_is_its_parts(deciding, telling, since):
    decided_on = MONDAY + deciding * DAY
    times = Times(MONDAY, decided_on, decided_on, decided_on + telling * DAY)
    on = times.told_on + since * DAY
    assert times.deciding(on) == deciding and times.telling(on) == telling
    assert times.whole(on) == deciding + telling
    assert ("telling" in times.late(on)) == (telling > 0)


@given(days)
def test_what_is_undecided_ages(since):
    times = Times(MONDAY)
    assert times.deciding(MONDAY + since * DAY) == since
    assert times.telling(MONDAY + since * DAY) is None is times.whole(MONDAY + since * DAY)


def test_late_by_working_days():
    friday, monday = MONDAY + 4 * DAY, MONDAY + 7 * DAY
    assert Times(MONDAY).late(monday) == ()
    assert Times(MONDAY).late(monday + DAY) == ("deciding",)
    assert Times(friday, safeguarding=True).late(monday) == ()
    assert Times(friday, safeguarding=True).late(monday + DAY) == ("deciding",)
    assert Times(MONDAY, MONDAY, friday).late(friday) == ()
    assert Times(MONDAY, MONDAY, friday).late(friday + DAY) == ("telling",)
    assert Times(MONDAY, MONDAY, friday, friday + DAY).late(monday) == ("telling",)
    assert Times(MONDAY, MONDAY).late(MONDAY + 400 * DAY) == ()


def test_a_report_counts_what_is_known():
    found = report([Times(MONDAY), Times(MONDAY, MONDAY + 3 * DAY, MONDAY + 9 * DAY)], MONDAY)
    assert (found.deciding.count, found.deciding.middle, found.telling.count) == (1, 3, 0)
    assert report([], MONDAY).whole.longest is None


def undecided(world) -> list:
    with world.acting("alice") as alice:
        rows = queries.undecided(actor=alice)
        counted = figures.counts(actor=alice, on=alice.today, codes=("sharing_undecided",))
        assert counted["sharing_undecided"].numerator == len(rows)
        return [row.id for row in rows]


def rate(world, risk_id, rating):
    with world.acting("alice") as alice:
        risks.rate(
            actor=alice,
            risk_id=risk_id,
            rating=rating,
            rationale="Worse since Monday.",
            basis=Basis([], None, True),
        )
        db.session.commit()


def test_a_closed_risk_was_undecided_until_its_day(world):
    tomorrow = clock.today() + timedelta(days=1)
    closed(world, risk(world), tomorrow)
    with world.acting("alice") as alice:
        codes = ("sharing_undecided",)
        days = (alice.today, tomorrow)
        counted = [figures.counts(actor=alice, on=day, codes=codes)[codes[0]] for day in days]
        assert [one.numerator for one in counted] == [1, 0]


def test_high_and_undecided_until_somebody_decides_again_when_it_rises(world):
    about = risk(world, rating="moderate")
    assert undecided(world) == []
    rate(world, about, "high")
    assert undecided(world) == [about]
    decided(world, about, "do_not_share")
    assert undecided(world) == []
    rate(world, about, "very_high")
    assert undecided(world) == [about]
    decided(world, about)
    assert undecided(world) == []


def test_a_pattern_is_undecided_and_one_decision_answers_all_that_stood(world):
    first, second = fired(world), fired(world, rule="low_level_shared", suggests=False)
    fired(world, rule="multi_theme_decline")
    assert set(undecided(world)) == {first, second}
    decided(world, first, "seek_advice", kind="trigger")
    assert undecided(world) == []


def test_told_is_the_first_word_outside(world):
    about, where = risk(world), world.service_id("Alder House")
    made = decided(world, about)
    for direction in ("in", "out"):
        with world.acting("cora") as cora:
            communications.record(
                actor=cora,
                service_id=where,
                direction=direction,
                on=cora.today,
                channel="phone",
                partner_kind="commissioner",
                partner="Northshire Council",
                person_role="Contracts officer",
                said="Evening calls are late, and what is done.",
                about=Links(decision_id=made),
            )
            db.session.commit()
        with world.acting("alice") as alice:
            line = queries.decision(actor=alice, decision_id=made)
            assert line.times.told_on == (alice.today if direction == "out" else None)
            assert len(line.told) == (2 if direction == "out" else 1)


def test_first_identified_is_computed(world):
    today = clock.today()
    old = concern(world, on=today - 30 * DAY)
    ahead = concern(world, on=today + 3 * DAY)
    with world.acting("alice") as alice:
        known = subjects.subject(actor=alice, kind="concern", subject_id=old)
        assert known.identified_on == today - 30 * DAY
        assert subjects.subject(actor=alice, kind="concern", subject_id=ahead).identified_on == (
            today
        )
    about = risk(world, rating="moderate")
    clock.freeze(today + 9 * DAY)
    try:
        rate(world, about, "high")
        with world.acting("alice") as alice:
            known = subjects.subject(actor=alice, kind="risk", subject_id=about)
            assert known.signals == [(today + 9 * DAY, "rated high")]
    finally:
        clock.freeze(today)


def test_what_rose_again_undecided_was_known_before(world):
    today = clock.today()
    waited, looked_at = risk(world, rating="high"), risk(world, rating="high", domain="safety")
    decided(world, looked_at, "do_not_share")
    clock.freeze(today + 9 * DAY)
    try:
        for about in (waited, looked_at):
            rate(world, about, "very_high")
        assert identified(world, waited) == today
        assert identified(world, looked_at) == today + 9 * DAY
        decided(world, waited, "do_not_share")
        assert identified(world, waited) == today + 9 * DAY
    finally:
        clock.freeze(today)


def identified(world, risk_id) -> date:
    with world.acting("alice") as alice:
        return subjects.subject(actor=alice, kind="risk", subject_id=risk_id).identified_on


def test_the_clock_of_what_is_undecided_is_shorter_for_safeguarding(world):
    today = clock.today()
    about = [risk(world, domain=domain) for domain in ("safeguarding", "staffing")]
    clock.freeze(today + 4 * DAY)  # a Tuesday: two working days later
    try:
        with world.acting("alice") as alice:
            found = queries.clock_of(actor=alice, since=today, until=alice.today)
            assert [row.id for row, _ in found.undecided] == about[:1]
    finally:
        clock.freeze(today)


def test_a_late_pattern_is_found_behind_200_older_risks_that_are_not(world):
    friday = clock.today()
    two_hundred_risks(world)
    try:
        clock.freeze(friday + 3 * DAY)
        late = fired(world)
        clock.freeze(friday + 5 * DAY)
        with world.acting("alice") as alice:
            found = queries.clock_of(actor=alice, since=friday, until=alice.today)
            assert [row.id for row, _ in found.undecided] == [late]
            assert len(queries.undecided(actor=alice)) == 200
    finally:
        clock.freeze(friday)


def two_hundred_risks(world) -> None:
    """Of as many services, each rated high today."""
    with world.acting("alice") as alice:
        for insert in (
            "INSERT INTO service (org_id, id, source_key, name) "
            "SELECT :org, gen_random_uuid(), 'S' || n, 'Service ' || n "
            "FROM generate_series(1, 200) n",
            "INSERT INTO risk (org_id, id, reference, service_id, domain, original_cause, rating, "
            "rated_on, opened_on) SELECT :org, gen_random_uuid(), 'RSK-' || name, id, 'staffing', "
            "'Uncovered calls', 'high', :on, :on FROM service WHERE name LIKE 'Service %'",
        ):
            db.session.execute(text(insert), {"org": alice.org_id, "on": alice.today})
        db.session.commit()


def test_what_was_decided_anew_in_time_is_not_late_telling(world):
    today = clock.today()
    about = risk(world)
    decided(world, about, tell_by=today + 3 * DAY)
    decided(world, about, "do_not_share")
    clock.freeze(today + 10 * DAY)
    try:
        with world.acting("alice") as alice:
            assert queries.clock_of(actor=alice, since=today, until=alice.today).late == []
    finally:
        clock.freeze(today)


def test_what_was_told_before_the_decision_is_said_so(world):
    made = decided(world, risk(world))
    saying.told(world, on=clock.today() - DAY, about=Links(decision_id=made))
    page = world.client("alice").get("/o/alder/sharing/").text
    assert "1 day before" in page and "-1 day" not in page

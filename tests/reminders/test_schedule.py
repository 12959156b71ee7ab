"""Which reminders fall due when: pure rules, no database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard import clock
from careboard.reminders import schedule
from careboard.reminders.schedule import Occurrence

DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))
DAY = timedelta(days=1)


def rounds(due_on: date, first: date, last: date) -> list[tuple[date, Occurrence]]:
    """What a round on every day from first to last tells the owner, each occurrence once."""
    told, said = [], set()
    day = first
    while day <= last:
        occurrence = schedule.for_owner(due_on, day) if schedule.mail_leaves(day) else None
        if occurrence and occurrence not in said:
            said.add(occurrence)
            told.append((day, occurrence))
        day += DAY
    return told


def test_seven_days_before_on_the_day_then_weekly():
    friday = date(2026, 11, 20)
    told = rounds(friday, friday - 30 * DAY, friday + 22 * DAY)
    assert [(occurrence.rule, (day - friday).days) for day, occurrence in told] == [
        ("due_soon", -7),
        ("due_today", 0),
        ("overdue", 7),
        ("overdue", 14),
        ("overdue", 21),
    ]


def test_christmas_is_told_on_the_twenty_ninth():
    """25 and 28 December 2026 are bank holidays, 26 and 27 a weekend."""
    for day in (25, 26, 27, 28):
        told = rounds(date(2026, 12, day), date(2026, 12, 24), date(2026, 12, 29))
        assert told[-1] == (date(2026, 12, 29), Occurrence("due_today", date(2026, 12, day)))


@given(due_on=DAYS)
def test_every_occurrence_is_told_once_on_the_next_working_day(due_on):
    first, last = due_on - 10 * DAY, due_on + 40 * DAY
    told = rounds(due_on, first, last)
    expected = [due_on - 7 * DAY, *(due_on + 7 * week * DAY for week in range(6))]
    assert [occurrence.on for _, occurrence in told] == [
        day for day in expected if clock.next_working_day(day) <= last
    ]
    assert all(day == occurrence.goes_on for day, occurrence in told)


@given(due_on=DAYS, gap=st.integers(0, 400))
def test_after_days_without_a_round_only_the_newest_is_caught_up(due_on, gap):
    back = clock.next_working_day(due_on + gap * DAY)
    occurrence = schedule.for_owner(due_on, back)
    assert occurrence is not None
    assert occurrence.on <= back < occurrence.on + 7 * DAY
    assert occurrence.rule == ("overdue" if back >= due_on + 7 * DAY else "due_today")


@given(due_on=DAYS, late=st.integers(-10, 60))
def test_escalation_goes_up_at_seven_and_at_twenty_eight_days(due_on, late):
    rules = [o.rule for o in schedule.escalations(due_on, due_on + late * DAY)]
    assert ("manager" in rules) == (late >= 7)
    assert ("governance" in rules) == (late >= 28)


@given(completed_on=DAYS, days=st.integers(0, 60))
def test_verifiers_are_called_the_day_after_then_weekly(completed_on, days):
    occurrence = schedule.for_verifier(completed_on, completed_on + days * DAY)
    if days == 0:
        assert occurrence is None
    else:
        assert occurrence.on == completed_on + (1 + (days - 1) // 7 * 7) * DAY


@given(on=DAYS)
def test_a_week_has_one_digest_day_and_nothing_leaves_on_free_days(on):
    monday = on - on.weekday() * DAY
    week = [monday + n * DAY for n in range(7)]
    leaving = [d for d in week if schedule.mail_leaves(d) and schedule.weekly_digest_leaves(d, d)]
    assert leaving == [clock.next_working_day(monday)]


@pytest.mark.parametrize(
    ("on", "last_round", "leaves"),
    [
        (date(2026, 11, 23), date(2026, 11, 20), True),  # Monday
        (date(2026, 11, 25), date(2026, 11, 24), False),  # Wednesday, Monday's round was held
        (date(2026, 11, 25), date(2026, 11, 20), True),  # Wednesday, down since Friday
        (date(2026, 11, 25), None, False),  # the first round ever
        (date(2026, 12, 29), date(2026, 12, 24), True),  # Monday 28 December is a bank holiday
    ],
)
def test_a_missed_monday_is_made_good(on, last_round, leaves):
    assert schedule.weekly_digest_leaves(on, last_round) is leaves


@given(due_on=DAYS)
def test_the_furthest_due_date_of_a_round_is_far_enough(due_on):
    """A weekly digest looks ahead to its Sunday; no occurrence lies beyond what is queried."""
    for back in range(14, 20):
        on = due_on - back * DAY
        assert schedule.for_owner(due_on, schedule.week_ends(on)) is None

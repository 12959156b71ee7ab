"""Whatever the year: periods leave no gap, sittings are due on working days, and SQL reckons alike
(rules N13 and N14)."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from careboard import clock, figures
from careboard.db import db
from careboard.reviews import duties, forums
from careboard.reviews.cadence import (
    RHYTHMS,
    due_by,
    held_until,
    period_containing,
    period_to_review,
    standing,
    was_on_time,
)

DAY = timedelta(days=1)
FORUMS = st.sampled_from(sorted(RHYTHMS))
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
GRACE = {"week": 3, "fortnight": 1, "month": 10, "quarter": 20}
LENGTHS = {"week": (7, 7), "fortnight": (14, 14), "month": (28, 31), "quarter": (90, 92)}


@given(FORUMS, DAYS)
def test_periods_follow_one_another_without_a_gap(forum, day):
    period = period_containing(forum, day)
    assert period.first <= day <= period.last
    shortest, longest = LENGTHS[RHYTHMS[forum].period]
    assert shortest <= (period.last - period.first).days + 1 <= longest
    following = period_containing(forum, period.last + DAY)
    assert following.first == period.last + DAY
    assert all(period_containing(forum, d) == period for d in (period.first, period.last))


# The calendar of a year is made when it is first asked for.
@settings(deadline=None)
@given(FORUMS, DAYS)
def test_due_after_exactly_the_working_days_allowed(forum, day):
    """Counted here day by day, with the bank holidays of England."""
    end = period_containing(forum, day).last
    due = due_by(forum, end)
    between = [end + n * DAY for n in range(1, (due - end).days + 1)]
    assert sum(clock.is_working_day(d) for d in between) == GRACE[RHYTHMS[forum].period]
    assert clock.is_working_day(due)
    assert was_on_time(forum, end, due) and not was_on_time(forum, end, due + DAY)


@given(FORUMS, DAYS, st.integers(0, 900))
def test_overdue_the_day_after_it_was_due_and_not_before(forum, held, later):
    found = standing(forum, held_until=held, on=held + later * DAY)
    due = due_by(forum, period_containing(forum, held + DAY).last)
    assert found.due_by == due
    assert (found.state == "overdue") == (held + later * DAY > due)
    assert found.days_overdue == max(0, (held + later * DAY - due).days)


@given(FORUMS, st.none() | DAYS, DAYS)
def test_a_sitting_catches_up_with_what_was_missed(forum, held, on):
    period = period_to_review(forum, held_until=held, on=on)
    assert period.first <= period.last
    assert (period.last - period.first).days <= 366
    if held is not None and held < on < held + timedelta(days=300):
        assert period.first == held + DAY


@given(st.none() | DAYS, st.none() | DAYS)
def test_a_forum_owes_from_its_last_sitting_or_from_when_it_came_into_use(last, start):
    until = held_until(last_end=last, in_use_from=start)
    assert until == (last or (start - DAY if start else None))


def test_every_overdue_day_in_sql_is_that_of_the_calendar(world):
    """One sitting of every forum on each of many days, over four years."""
    house = world.service_id("Alder House")
    with world.acting("alice") as alice:
        _put_all_in_use(alice)

        @settings(
            max_examples=40,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture],
        )
        @given(st.dates(date(2023, 1, 1), date(2026, 12, 31)), st.integers(0, 200))
        def agree(held, later):
            on = held + later * DAY
            with db.session.begin_nested() as made:
                _hold(alice, house, held)
                figure = figures.compute(
                    actor=alice, code="sittings_overdue", on=on, page_rows=None
                )
                made.rollback()
            rows = {r.reference: r for r in figure.rows if r.service_id in (None, house)}
            assert set(rows) == set(RHYTHMS)
            for forum, row in rows.items():
                expected = standing(forum, held_until=held, on=on)
                assert (row.on_date, row.status) == (expected.due_by, expected.state), forum
                assert row.counted == (expected.state == "overdue")

        agree()


def _put_all_in_use(alice) -> None:
    for forum in RHYTHMS:
        forums.set_rule(
            actor=alice, forum=forum, service_id=None, quorum=None, in_use_from=date(2022, 1, 1)
        )
    db.session.commit()


_HOLD = text(
    "INSERT INTO review (org_id, id, reference, forum, service_id, period_from, period_to, status, "
    "signed_at, sha256) VALUES (:org, gen_random_uuid(), 'T/' || :forum, :forum, :service, :held, "
    ":held, 'signed', now(), 'x')"
)


def _hold(actor, service_id, held) -> None:
    for forum, rhythm in RHYTHMS.items():
        place = service_id if rhythm.per_service else None
        values = {"org": actor.org_id, "forum": forum, "service": place, "held": held}
        db.session.execute(_HOLD, values)


def test_the_page_and_the_figure_agree(world):
    house = world.service_id("Alder House")
    with world.acting("alice") as alice:
        _put_all_in_use(alice)
        _hold(alice, house, date(2026, 10, 25))
        late = {
            (duty.forum, duty.service_id, duty.standing.days_overdue)
            for duty in duties.expected(actor=alice)
            if duty.standing.state == "overdue"
        }
        figure = figures.compute(
            actor=alice, code="sittings_overdue", on=alice.today, everything=False
        )
        assert {(r.reference, r.service_id, r.days) for r in figure.rows} == late
        assert len(duties.expected(actor=alice)) == figure.count.denominator
        assert late

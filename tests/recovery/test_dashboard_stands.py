"""Where every indicator of a provider stands, and what is kept of those computed from records."""

from __future__ import annotations

from datetime import date, timedelta

from careboard.db import db
from careboard.evidence import service as evidences
from careboard.recovery import readings, service
from careboard.recovery.entries import Amounts
from careboard.recovery.models import Reading
from careboard.recovery.service import shape_of
from tests.recovery.dashboards import (
    FALLING,
    STEADY,
    VALID,
    change,
    evidence,
    indicator,
    keep,
    read,
    standing,
    until,
)
from tests.recovery.making import HOUSE, ON, SUNDAY, ago, bring_reviews, opened
from workers import context, declines

ON_TIME = shape_of("reviews_on_time", computed=True)


def test_a_series_is_judged_with_its_target_and_its_support(world):
    indicator_id = indicator(world, FALLING, target=95)
    evidence(world, "medicines")
    (one,) = standing(world)
    assert one.indicator.id == indicator_id
    assert (one.latest, one.target, one.state) == ("81% (81 of 100)", "95%", "worsening")
    assert (list(one.concerns), one.said.band) == (["worsening"], "red")
    assert one.support.sentence == "Read to 15 Nov 2026, with evidence in date."


def test_without_evidence_it_is_unsupported_and_its_decline_is_not_hidden(world):
    indicator(world, FALLING, target=95)
    (one,) = standing(world)
    assert one.state == "unsupported"
    assert list(one.concerns) == ["worsening", "unsupported"]


def test_only_evidence_of_its_own_service_and_domain_supports(world):
    indicator(world, STEADY, target=95)
    evidence(world, "staffing")
    evidence(world, "medicines", place="Alder Lodge")
    assert standing(world)[0].state == "unsupported"
    evidence(world, "medicines", valid_until=ON)
    assert standing(world)[0].state == "stable"
    assert standing(world, on=ON + timedelta(days=1))[0].state == "unsupported"


def test_evidence_that_was_taken_back_supports_nothing(world):
    evidence_id = evidence(world, "medicines")
    assert until(world) == {(HOUSE, "medicines"): VALID}
    with world.acting("alice") as alice:
        evidences.withdraw(actor=alice, evidence_id=evidence_id, reason="Of another week")
        db.session.commit()
    assert until(world) == {}


def test_static_is_what_neither_moves_nor_meets_its_target(world):
    indicator(world, STEADY, target=95)
    evidence(world, "medicines")
    assert list(standing(world)[0].concerns) == ["static"]


def test_a_late_reading_is_unsupported(world):
    indicator_id = indicator(world, (), target=95)
    evidence(world, "medicines")
    read(world, indicator_id, STEADY, last=ago(14))
    (one,) = standing(world)
    assert one.state == "unsupported"
    assert "no reading for the last 2 weeks, the latest is of 1 Nov 2026" in one.support.sentence


def test_small_numbers_say_too_little(world):
    indicator_id = indicator(world, (), target=95)
    read(world, indicator_id, STEADY, last=ago(7))
    read(world, indicator_id, [100], of=7)
    evidence(world, "medicines")
    (one,) = standing(world)
    assert (one.latest, one.state) == ("7 of 7 (small numbers)", "not_enough_data")
    assert one.said.sentence.startswith("Not enough data: fewer than 10 in the latest week")


def test_a_target_holds_from_its_day_and_limits_from_the_change(world):
    indicator_id = indicator(world, STEADY, target=95)
    with world.acting("alice") as alice:
        service.set_target(
            actor=alice, indicator_id=indicator_id, value=60, effective_from=SUNDAY, reason="Lower"
        )
        db.session.commit()
    (one,) = standing(world)
    assert one.aims[-2:] == [95, 60]
    assert (one.target, one.said.band) == ("60%", "green")
    assert "usual range" in one.said.sentence
    with world.acting("alice") as alice:
        service.rebase(actor=alice, indicator_id=indicator_id, on=ago(27), reason="A new rota")
        db.session.commit()
    assert "on average in the 3 before it" in standing(world)[0].said.sentence


def test_readings_that_change_are_judged_anew(world):
    indicator_id = indicator(world, STEADY, target=95)
    assert standing(world)[0].said.direction == "stable"
    with world.acting("bob") as bob:
        last = db.session.scalar(
            db.select(Reading.id).where(
                Reading.indicator_id == indicator_id, Reading.period_end == SUNDAY
            )
        )
        readings.correct_reading(
            actor=bob, reading_id=last, amounts=Amounts(60), reason="Counted twice"
        )
        db.session.commit()
    assert standing(world)[0].said.direction == "worsening"


def test_closed_indicators_are_left_out(world):
    indicator_id = indicator(world, STEADY)
    change(world, "UPDATE indicator SET active = false WHERE id = :id", id=indicator_id)
    assert standing(world) == []


def test_what_is_kept_says_what_the_records_say(world):
    days = [(ago(7 * week), ago(7 * week - (week > 6))) for week in range(16) for _ in range(12)]
    bring_reviews(world, *days)
    opened(world, ON_TIME)
    (one,) = standing(world)
    assert (one.latest, one.said.direction) == (None, None)
    assert keep(world) == 1
    (one,), (live,) = standing(world), standing(world, live=True)
    assert one.series.points() == live.series.points()
    assert (one.latest, one.said) == (live.latest, live.said)
    assert one.latest == "100% (12 of 12)"


def test_kept_twice_is_kept_once(world):
    bring_reviews(world, *[(ago(7), ago(7))] * 12)
    opened(world, ON_TIME)
    assert [keep(world), keep(world)] == [1, 1]
    assert len(world.sql("SELECT id FROM kept_series")) == 1


def test_what_is_kept_stays_in_its_weeks_until_it_is_made_again(world):
    bring_reviews(world, *[(ago(0), ago(0))] * 12)
    opened(world, ON_TIME)
    keep(world)
    (one,) = standing(world, on=ON + timedelta(days=7))
    assert (one.series.values[-2:], one.read_to) == ([100, None], SUNDAY)


def test_what_was_kept_of_another_cadence_is_not_shown(world):
    bring_reviews(world, *[(ago(7), ago(7))] * 12)
    indicator_id = opened(world, ON_TIME)
    keep(world)
    change(world, "UPDATE indicator SET cadence = 'month' WHERE id = :id", id=indicator_id)
    assert standing(world)[0].latest is None
    keep(world)
    assert standing(world, on=date(2026, 11, 30))[0].read_to is None
    keep(world, on=date(2026, 11, 30))
    assert standing(world, on=date(2026, 11, 30))[0].read_to == date(2026, 11, 30)


def test_the_job_keeps_them_and_may_run_twice(app, world, monkeypatch):
    monkeypatch.setattr(context, "application", lambda: app)
    bring_reviews(world, *[(ago(7), ago(7))] * 12)
    opened(world, ON_TIME)
    org_id = str(world.org_id())
    for _ in range(2):
        declines.look(org_id)
    assert len(world.sql("SELECT id FROM kept_series")) == 1

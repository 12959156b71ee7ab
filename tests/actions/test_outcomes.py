"""Whether an action worked: the rule on plain values, and the same from rows."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from careboard import figures
from careboard.actions import agenda, outcomes
from careboard.actions.measures import MEASURES, amount, title
from careboard.actions.outcomes import Watch, assess
from careboard.clock import now
from careboard.db import db
from tests.actions.measured import DONE, add_audit, add_measured, add_records, close, read
from tests.actions.samples import add_action, add_imported
from tests.reminders import duty_making

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
SEP, OCT = date(2026, 9, 14), date(2026, 10, 14)


def percent(first, second, baseline=80, target=95, **changes) -> Watch:
    return Watch("manual_percent", "", D(baseline), D(target), 14, DONE, first, second, **changes)


class TestRule:
    """No improvement after action: fires, just not, too little data."""

    @pytest.mark.parametrize(
        ("first", "second", "state"),
        [
            ("81", "82.98", "no_measurable_improvement"),  # 1.99 points: two are needed
            ("81", "83", "improved"),  # 2.00
            ("80", "80", "no_measurable_improvement"),
            ("70", "75", "no_measurable_improvement"),
            ("95", "97", "improved"),
        ],
    )
    def test_a_percentage_must_move_two_points(self, first, second, state):
        assert assess(percent(D(first), D(second)), TODAY).state == state

    @pytest.mark.parametrize(
        ("first", "second", "state"),
        [("43", "44.98", "no_measurable_improvement"), ("43", "45", "improved")],
    )
    def test_or_a_tenth_of_a_long_way(self, first, second, state):
        watch = percent(D(first), D(second), baseline=40, target=80)
        assert assess(watch, TODAY).state == state

    @pytest.mark.parametrize(
        ("mean", "state"), [("9.2", "improved"), ("9.21", "no_measurable_improvement")]
    )
    def test_a_count_must_move_a_tenth_of_the_way(self, mean, state):
        watch = Watch("incidents", "falls", D(10), D(2), 14, DONE, D(mean), D(mean))
        assert assess(watch, TODAY).state == state

    @pytest.mark.parametrize("values", [(None, D(90)), (D(90), None), (None, None)])
    def test_a_missing_value_is_not_enough_data(self, values):
        found = assess(percent(*values), TODAY)
        assert found.state == "not_enough_data"
        assert [p.value for p in found.points[2:]] == [v and "90%" for v in values]

    def test_it_is_known_the_day_after_the_second_month(self):
        watch = percent(D(90), D(90))
        assert assess(watch, date(2026, 10, 31)).words == "Waiting until 1 Nov 2026"
        assert assess(watch, date(2026, 11, 1)).state == "improved"

    def test_states_of_their_own(self):
        assert assess(Watch(None), TODAY).state == "not_named"
        open_ = Watch("manual", "", D(1), D(2))
        assert assess(open_, TODAY).words == "Waiting"

    def test_sentences(self):
        assert assess(percent(D("81"), D("82")), TODAY).sentence == (
            "81.5% on average in Sep 2026 and Oct 2026, from 80%; "
            "it had to rise by at least 2 percentage points."
        )
        watch = Watch("incidents", "falls", D(10), D(2), 14, DONE, D(1), D(1))
        assert assess(watch, TODAY).sentence == (
            "1 a month on average in Sep 2026 and Oct 2026, from 10 a month; target met."
        )
        assert assess(percent(D(90), D(90)), TODAY).sentence.endswith("target of 95% not met yet.")


@pytest.mark.parametrize(
    ("code", "done", "lag", "begins"),
    [
        ("manual", date(2026, 8, 18), 14, date(2026, 9, 1)),
        ("manual", date(2026, 8, 19), 14, date(2026, 10, 1)),
        ("manual", date(2027, 1, 31), 0, date(2027, 2, 1)),
        ("manual", date(2026, 12, 10), 14, date(2027, 1, 1)),
        ("manual_weekly", date(2026, 11, 2), 14, date(2026, 11, 16)),
        ("manual_weekly", date(2026, 11, 3), 14, date(2026, 11, 23)),
    ],
)
def test_the_first_full_period_after_completion_and_lag(code, done, lag, begins):
    assert outcomes.periods(MEASURES[code], done, lag)[0] == begins


@given(
    st.sampled_from(sorted(MEASURES)),
    st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    st.integers(0, 365),
)
def test_periods_are_full_and_follow_one_another(code, done, lag):
    measure = MEASURES[code]
    begins, turns, ends = outcomes.periods(measure, done, lag)
    assert 0 <= (begins - done).days - lag <= 30
    if measure.period == "week":
        assert begins.weekday() == 0
        assert (turns - begins, ends - turns) == (7 * DAY, 7 * DAY)
    else:
        assert (begins.day, turns.day, ends.day) == (1, 1, 1)
        assert {(turns - begins).days, (ends - turns).days} <= {28, 29, 30, 31}


@given(st.decimals(0, 100, places=2), st.decimals(0, 100, places=2), st.decimals(0, 100, places=2))
def test_what_improved_has_moved_towards_its_target(baseline, target, value):
    if baseline == target:
        return
    found = assess(percent(value, value, baseline, target), TODAY)
    if found.state == "improved":
        assert (value - baseline) * (target - baseline) > 0
        assert abs(value - baseline) >= 2


def test_words_of_measures():
    assert title("audit_score", "medicines") == "Audit score of medicines"
    assert title("complaints", "food") == "Complaints a month about food"
    assert amount(MEASURES["incidents"], D("3.50")) == "3.5 a month"
    assert amount(MEASURES["manual"], D("12000")) == "12,000"


def position(world, action_id, on=TODAY, person="alice"):
    with world.acting(person) as actor:
        return outcomes.positions(actor=actor, action_ids=[action_id], on=on).get(action_id)


class TestFromRows:
    """The same from the provider's records, and from values entered by hand."""

    def test_an_audit_score(self, world):
        add_audit(world, date(2026, 7, 3), 78)
        action_id = add_measured(
            world, "audit_score", measure_theme="Medicines", baseline_value=None
        )
        row = world.sql("SELECT measure_theme, baseline_value FROM action")[0]
        assert (row.measure_theme, row.baseline_value) == ("Medicines", D("78.00"))
        close(world, action_id)
        assert position(world, action_id).state == "not_enough_data"
        add_audit(world, SEP, 90)
        add_audit(world, SEP, 10, service="Alder Lodge")
        add_audit(world, SEP, 10, theme="records")
        assert position(world, action_id).state == "not_enough_data"
        add_audit(world, OCT, 84)
        add_audit(world, OCT, 88)
        found = position(world, action_id)
        assert found.state == "improved"
        assert [point.value for point in found.points] == ["78%", "95%", "90%", "86%", "88%"]

    def test_a_count_is_none_only_where_records_reach_beyond_the_period(self, world):
        add_records(world, "incident", *[TODAY - n * DAY for n in range(3, 11)], theme="Falls")
        action_id = add_measured(
            world, "incidents", measure_theme="falls", baseline_value=None, target_value=D(1)
        )
        assert world.sql("SELECT baseline_value AS b FROM action")[0].b == 4
        close(world, action_id, date(2026, 12, 10))
        on = date(2027, 3, 1)
        assert position(world, action_id, on).state == "not_enough_data"
        add_records(world, "incident", on, service="Alder Lodge")
        found = position(world, action_id, on)
        assert (found.state, found.points[-1].value) == ("improved", "0 a month")
        add_records(world, "incident", *[date(2027, 2, n) for n in range(1, 9)], theme="falls")
        assert position(world, action_id, on).points[-1].value == "4 a month"
        assert position(world, action_id, on).state == "no_measurable_improvement"

    def test_an_import_after_the_period_also_tells_that_there_were_none(self, world):
        add_records(world, "complaint", TODAY - DAY)
        action_id = add_measured(world, "complaints", baseline_value=None, target_value=D(0))
        close(world, action_id, date(2026, 12, 10))
        on = date(2027, 3, 1)
        assert position(world, action_id, on).state == "not_enough_data"
        add_imported(world)
        with world.acting("alice"):
            db.session.execute(
                text("UPDATE import_batch SET feed = 'complaints', loaded_at = :at"), {"at": on}
            )
            db.session.commit()
        assert position(world, action_id, on).state == "improved"

    def test_only_negative_answers_count_as_negative_feedback(self, world):
        add_records(world, "feedback", TODAY - DAY, score=400, max_score=500, theme="food")
        add_records(world, "feedback", TODAY - DAY, score=200, max_score=500, theme="food")
        add_measured(
            world, "negative_feedback", measure_theme="food", baseline_value=None, target_value=D(0)
        )
        assert world.sql("SELECT baseline_value AS b FROM action")[0].b == D("0.5")

    def test_values_by_hand_the_last_for_a_day_counts(self, world):
        action_id = add_measured(world)
        close(world, action_id)
        read(world, action_id, SEP, 90)
        read(world, action_id, OCT, 20)
        assert position(world, action_id).state == "no_measurable_improvement"
        read(world, action_id, OCT, 92)
        found = position(world, action_id)
        assert (found.state, found.points[-1].value) == ("improved", "91%")

    def test_sql_and_rule_agree(self, world):
        chance = random.Random(42)
        ids = _many(world, chance, 120)
        with world.acting("alice") as actor:
            for _ in range(12):
                on = date(2026, 3, 1) + timedelta(days=chance.randrange(400))
                found = outcomes.positions(actor=actor, action_ids=ids, on=on)
                for state in outcomes.STATES:
                    condition = outcomes.watched("a.org_id = :org AND a.measure IS NOT NULL")
                    rows = db.session.execute(
                        text(f"SELECT id FROM ({condition}) o WHERE o.state = :state"),
                        {"org": actor.org_id, "on": on, "state": state},
                    )
                    assert {row.id for row in rows} == {
                        one for one, position in found.items() if position.state == state
                    }

    def test_beyond_ones_services_there_is_nothing(self, world):
        lodge = add_measured(world, owner="alice", service_id=world.service_id("Alder Lodge"))
        assert position(world, lodge, person="bob") is None
        assert position(world, lodge, person="charlie") is None
        assert position(world, lodge).state == "waiting"


def _many(world, chance: random.Random, count: int) -> list:
    ids = []
    for number in range(count):
        code = chance.choice(["manual", "manual_percent", "manual_weekly"])
        baseline = D(chance.randrange(0, 100))
        target = baseline + chance.choice([-1, 1]) * D(chance.randrange(1, 60))
        if code == "manual_percent":
            baseline, target = D(50), D(chance.choice([30, 45, 52, 60, 99]))
        ids.append(
            add_measured(
                world,
                code,
                baseline_value=baseline,
                target_value=target,
                lag_days=chance.choice([0, 7, 14, 60]),
                title=f"Number {number}",
            )  # fmt: skip
        )
    with world.acting("alice"):
        for action_id in ids:
            done = date(2026, 2, 1) + timedelta(days=chance.randrange(200))
            if chance.random() < 0.9:
                db.session.execute(
                    text("UPDATE action SET status = 'verified', completed_on = :d WHERE id = :id"),
                    {"d": done, "id": action_id},
                )
            for _ in range(chance.randrange(40)):
                db.session.execute(
                    text(
                        "INSERT INTO outcome_reading (org_id, id, action_id, on_date, value)"
                        " SELECT org_id, gen_random_uuid(), id, :d, baseline_value"
                        " + (target_value - baseline_value) * CAST(:share AS numeric)"
                        " FROM action WHERE id = :id"
                    ),
                    {"d": done + timedelta(days=chance.randrange(160)), "id": action_id,
                     "share": D(chance.randrange(-10, 40)) / 100},
                )  # fmt: skip
        db.session.commit()
    return ids


def test_the_figure_opens_to_its_rows(world):
    worse, better, waiting = (add_measured(world, title=name) for name in ("A", "B", "C"))
    add_action(world)
    for action_id, value in ((worse, 80), (better, 90)):
        close(world, action_id)
        read(world, action_id, SEP, value)
        read(world, action_id, OCT, value)
    close(world, waiting, TODAY)
    with world.acting("alice") as actor:
        found = figures.compute(actor=actor, code="actions_without_improvement", on=TODAY)
        assert (found.count.numerator, found.count.denominator) == (1, 2)
        assert [(row.id, row.counted) for row in found.rows] == [(worse, True), (better, False)]
        later = figures.counts(
            actor=actor, codes=["actions_without_improvement"], on=date(2027, 11, 1)
        )
        assert later["actions_without_improvement"].denominator == 0
    page = world.client("alice").get("/o/alder/figures/actions_without_improvement")
    assert "no measurable improvement" in page.text


def test_it_stands_on_the_next_agenda(world):
    action_id = add_measured(world, title="Check the charts")
    close(world, action_id)
    read(world, action_id, SEP, 80)
    read(world, action_id, OCT, 80)

    def lines(person="alice", on=TODAY, **scope):
        with world.acting(person) as actor:
            scope = {"service_id": None, "since": now()} | scope
            return list(agenda.lines(actor=actor, on=on, **scope))

    (line,) = lines()
    assert (line.section, line.action_id, line.detail["what"]) == ("outcomes", action_id, "outcome")
    assert line.detail["reason"].startswith("80% on average")
    assert len(lines("bob", service_id=world.service_id("Alder House"))) == 1
    assert lines(service_id=world.service_id("Alder Lodge")) == []
    assert lines(on=date(2026, 10, 31)) == []
    assert lines(on=date(2027, 3, 1)) == []
    assert len(lines(on=date(2027, 3, 1), since=now() - timedelta(days=60))) == 1


def test_weak_closing_stands_on_the_agenda_too(world):
    for number in range(3):
        add_imported(
            world, reference=f"T-{number}", due_on=TODAY - 8 * DAY,
            original_due_on=TODAY - 8 * DAY,
        )  # fmt: skip
    with world.acting("alice") as actor:
        (line,) = agenda.lines(actor=actor, service_id=None, on=TODAY, since=now())
    assert line.service_id == world.service_id("Alder House")
    assert line.detail["reason"] == (
        "0 of 0 actions closed in 56 days were late; 3 open ones are over 7 days overdue."
    )


def test_it_stands_on_the_page_of_its_risk(world):
    risk_id = duty_making.risk(world, TODAY)
    action_id = add_measured(world, risk_id=risk_id)
    close(world, action_id)
    read(world, action_id, SEP, 80)
    read(world, action_id, OCT, 80)
    page = world.client("bob").get(f"/o/alder/risks/{risk_id}")
    assert "No measurable improvement" in page.text

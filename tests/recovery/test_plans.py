"""Recovery plans: opened from templates with what the records know, changed, closed; templates of
one's own. Source: steps S1-1.1, S1-2.1, S1-3.1.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from careboard.actions import service as actions
from careboard.db import db
from careboard.errors import Conflict, Forbidden, Invalid, NotFound
from careboard.evidence import service as evidence
from careboard.recovery import indicator_queries, plan_queries, plan_service
from careboard.recovery.periods import Period
from careboard.recovery.plan_content import IndicatorSpec, built_in, built_in_template
from careboard.recovery.plan_models import PlanIndicator
from careboard.recovery.plan_progress import STATES
from careboard.recovery.plan_queries import PlanFilter
from careboard.recovery.plan_service import Line
from careboard.recovery.plan_start import baseline, starts
from careboard.recovery.points import Point, proportion
from careboard.recovery.service import Shape
from tests.counting import statements
from tests.recovery import planning
from tests.recovery.making import HOUSE, ON, SUNDAY, ago, bring_reviews, opened
from tests.recovery.planning import COMPLIANCE, begin, facts, read

LODGE = "Alder Lodge"
FALLS = Line(IndicatorSpec(name="Falls at night", domain="safety", unit="count", good="down"),
             8, 2, True)  # fmt: skip


def change(world, plan_id: UUID, *, person: str = "bob", lines=None, added=(), **changes) -> None:
    told = facts(world, **{name: value for name, value in changes.items() if name != "version"})
    with world.acting(person) as actor:
        plan_service.change_plan(
            actor=actor,
            plan_id=plan_id,
            facts=told,
            lines=lines or {},
            added=added,
            lock_version=changes.get("version"),
        )
        db.session.commit()


def close(world, plan_id: UUID, reason="Held for a month", *, person="bob", version=None) -> None:
    with world.acting(person) as actor:
        plan_service.close_plan(actor=actor, plan_id=plan_id, reason=reason, lock_version=version)
        db.session.commit()


def seen(world, plan_id: UUID, *, person: str = "bob", on: date = ON) -> plan_queries.Whole:
    with world.acting(person) as actor:
        whole = plan_queries.plan(actor=actor, plan_id=plan_id, on=on)
        db.session.expunge_all()
        return whole


def standing(world, *, person: str = "alice", on: date = ON, **wanted):
    with world.acting(person) as actor:
        found = plan_queries.standings(actor=actor, wanted=PlanFilter(**wanted), on=on)
        db.session.expunge_all()
        return found


@pytest.mark.parametrize("code", built_in())
def test_each_articles_plan_is_made_with_all_that_belongs_to_it(world, code):
    template = built_in_template(code)
    plan_id = begin(world, template=code, started_on=ON, horizon_weeks=template.horizon_weeks)
    whole = seen(world, plan_id)
    plan = whole.standing.plan
    assert (plan.reference, plan.template_code, plan.status) == ("PLN-0001", code, "open")
    assert [line.indicator.name for line in whole.standing.lines] == [
        spec.title for spec in template.indicators
    ]
    goals = [line.plan for line in whole.standing.lines if line.plan.is_goal]
    assert [goal.target for goal in goals] == [s.target for s in template.indicators if s.goal]
    assert whole.content == template.content
    assert [asked.spec.kind for asked in whole.checks] == [
        check.kind for check in template.content.checks
    ]
    assert [trigger.code for trigger in whole.triggers] == list(template.content.watch)
    assert whole.standing.progress.state == "not_enough_data"


def test_baselines_are_taken_from_the_records(world):
    due = [(ago(days), ago(days) if days % 4 else None) for days in range(1, 25)]
    bring_reviews(world, *due)
    service_id = world.service_id(HOUSE)
    specs = built_in_template("care_reviews").indicators
    with world.acting("bob") as bob:
        found = starts(actor=bob, service_id=service_id, specs=specs, on=ON)
    told = {start.spec.key: start for start in found}
    own = told["reviews_on_time"]
    assert own.computed and own.baseline.on == SUNDAY
    assert own.baseline.value == 75 and own.baseline.words == "75% (18 of 24)"
    assert told["high-risk care plans not yet updated"].baseline is None
    assert not told["high-risk care plans not yet updated"].computed


def test_a_baseline_is_the_last_weeks_together_or_the_last_value():
    weeks = [Period(ago(6 + 7 * n), ago(7 * n)) for n in (2, 1, 0)]
    counted = [proportion(week, *pair) for week, pair in zip(weeks, [(8, 10), (9, 10), (4, 10)],
                                                             strict=True)]  # fmt: skip
    assert baseline(counted, "percent").value == 70
    rolled = [proportion(Period(ago(27), ago(0)), 7, 10), proportion(Period(ago(20), ON), 9, 10)]
    assert baseline(rolled, "percent").value == 90
    plain = [Point(weeks[0], 5.0), Point(weeks[1], 7.0), Point(weeks[2])]
    assert (baseline(plain, "count").value, baseline(plain, "count").on) == (7, weeks[1].end)
    assert baseline([Point(weeks[0])], "count") is None
    assert baseline([], "percent") is None


def test_an_indicator_that_the_service_has_is_taken_as_it_is(world):
    by_hand = opened(world, Shape("Falls at night", "safety", "count", "down"))
    plan_id = begin(world, lines=[COMPLIANCE, FALLS])
    lines = seen(world, plan_id).standing.lines
    assert [line.indicator.computed_by for line in lines] == ["medicines_compliance", None]
    assert lines[1].indicator.id == by_hand
    assert len(world.sql("SELECT id FROM indicator")) == 2
    again = begin(world, lines=[COMPLIANCE])
    assert seen(world, again).standing.lines[0].indicator.id == lines[0].indicator.id


def test_a_new_indicator_gets_the_plans_baseline_target_and_horizon(world):
    begin(world, lines=[COMPLIANCE])
    begin(world, lines=[Line(COMPLIANCE.spec, 91, 99, True)])
    (target,) = world.sql("SELECT value, effective_from, due_on FROM indicator_target")
    assert tuple(target) == (98, ON, ON + timedelta(weeks=10))
    (own,) = world.sql("SELECT baseline_value, baseline_on, computed_by FROM indicator")
    assert tuple(own) == (92, ON, "medicines_compliance")


def test_on_course_off_course_and_held_as_the_readings_come_in(world):
    began = ago(6 + 7 * 4)
    plan_id = begin(world, lines=[FALLS], started_on=began, horizon_weeks=10)
    indicator_id = seen(world, plan_id).standing.lines[0].indicator.id
    read(world, indicator_id, 8, 7, 6.0, 5, 5)
    assert seen(world, plan_id).standing.progress.state == "on_course"
    assert seen(world, plan_id, on=ago(21)).standing.progress.state == "off_course"
    other = begin(world, lines=[FALLS], started_on=began, horizon_weeks=5, title="Sooner")
    assert seen(world, other).standing.progress.state == "off_course"
    relaxed = [Line(FALLS.spec, 8, 6, True)]
    third = begin(world, lines=relaxed, started_on=began, title="Held")
    assert seen(world, third).standing.progress.state == "reached_and_held"
    states = [one.progress.state for one in standing(world)]
    assert states == ["off_course", "on_course", "reached_and_held"]
    assert states == sorted(states, key=STATES.index)
    assert [s.plan.title for s in standing(world, state="off_course")] == ["Sooner"]


def test_a_plan_needs_both_of_its_goals(world):
    both = [FALLS, Line(IndicatorSpec(name="Gaps", domain="safety", unit="count", good="down"),
                        9, 3, True)]  # fmt: skip
    plan_id = begin(world, lines=both, started_on=ago(20))
    ids = {line.indicator.name: line.indicator.id for line in seen(world, plan_id).standing.lines}
    read(world, ids["Falls at night"], 2, 2)
    assert seen(world, plan_id).standing.progress.state == "not_enough_data"
    read(world, ids["Gaps"], 9, 9)
    assert seen(world, plan_id).standing.progress.state == "off_course"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"baseline_issue": ""}, "baseline_issue"),
        ({"baseline_issue": "Mr John Smith was missed"}, "baseline_issue"),
        ({"improvement": ""}, "improvement"),
        ({"domain": "weather"}, "domain"),
        ({"horizon_weeks": 0}, "horizon_weeks"),
        ({"horizon_weeks": 105}, "horizon_weeks"),
        ({"started_on": ON + timedelta(days=32)}, "started_on"),
        ({"lines": []}, "lines"),
        ({"lines": [Line(COMPLIANCE.spec, None, 98, False)]}, "lines"),
        ({"lines": [Line(COMPLIANCE.spec, None, None, True)]}, "lines"),
        ({"lines": [Line(COMPLIANCE.spec, 101, 98, True)]}, "lines"),
        ({"lines": [COMPLIANCE, COMPLIANCE]}, "lines"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(world, changes, field):
    with pytest.raises(Invalid) as refused:
        begin(world, **{"lines": [COMPLIANCE]} | changes)
    assert refused.value.field == field
    assert world.sql("SELECT id FROM recovery_plan") == []


def test_the_lead_works_at_the_service(world):
    for person in ("ben", "adam", "vera"):
        with pytest.raises(Invalid) as refused:
            begin(world, lead_id=world.member_id(person))
        assert refused.value.field == "lead_id"
    with pytest.raises(Invalid):
        begin(world, person="alice", service=LODGE, lead_id=world.member_id("rita"))
    with pytest.raises(NotFound):
        begin(world, lead_id=uuid4())


def test_rights_and_services(world):
    for person in ("rita", "ben", "vera", "adam", "cora"):
        with pytest.raises(Forbidden):
            begin(world, person=person)
    with pytest.raises(Forbidden):
        begin(world, service=LODGE)
    plan_id = begin(world, person="alice", service=LODGE, lead_id=world.member_id("alice"))
    for refused in (change, close):
        with pytest.raises(Forbidden):
            refused(world, plan_id)
    with pytest.raises(Forbidden):
        seen(world, plan_id)
    assert standing(world, person="bob") == []
    with world.acting("charlie") as charlie, pytest.raises(NotFound):
        plan_queries.plan(actor=charlie, plan_id=plan_id, on=ON)


def test_a_plan_changes_and_its_indicators_stay(world):
    plan_id = begin(world, lines=[COMPLIANCE, FALLS])
    lines = {line.indicator.name: line.indicator.id for line in seen(world, plan_id).standing.lines}
    change(
        world,
        plan_id,
        title="Second thoughts",
        horizon_weeks=12,
        lines={
            lines["Falls at night"]: None,
            lines["Medicines compliance"]: Line(COMPLIANCE.spec, 90, 97, True),
        },
        added=[Line(IndicatorSpec(measure="complaints"), None, None, False)],
    )
    whole = seen(world, plan_id)
    assert (whole.standing.plan.title, whole.standing.horizon.weeks) == ("Second thoughts", 12)
    assert [line.indicator.name for line in whole.standing.lines] == [
        "Medicines compliance",
        "Complaints",
    ]
    assert whole.standing.lines[0].plan.target == 97
    assert len(world.sql("SELECT id FROM indicator")) == 3


def test_a_plan_keeps_a_goal_and_strangers_are_no_part_of_it(world):
    plan_id = begin(world, lines=[COMPLIANCE])
    inside = seen(world, plan_id).standing.lines[0].indicator.id
    for lines, error in (
        ({inside: None}, Invalid),
        ({inside: Line(COMPLIANCE.spec, 92, 98, False)}, Invalid),
        ({uuid4(): COMPLIANCE}, NotFound),
    ):
        with pytest.raises(error):
            change(world, plan_id, lines=lines)
    with pytest.raises(Invalid):
        change(world, plan_id, added=[COMPLIANCE])
    assert seen(world, plan_id).standing.lines[0].plan.is_goal


def test_two_cannot_change_it_unseen(world):
    plan_id = begin(world)
    change(world, plan_id, title="First", version=1)
    with pytest.raises(Conflict):
        change(world, plan_id, title="Second", version=1)
    with pytest.raises(Conflict):
        close(world, plan_id, version=1)


def test_an_indicator_is_read_alike_in_its_plan_and_by_itself(world):
    """The same readings give the same limits, however young the plan is."""
    line = Line(replace(FALLS.spec, name="Slips"), 8, 2, True)
    plan_id = begin(world, lines=[line])
    (held,) = seen(world, plan_id).standing.lines
    read(world, held.indicator.id, *range(40, 10, -1))
    chart = seen(world, plan_id).charts[held.indicator.id]
    with world.acting("bob") as bob:
        own = indicator_queries.whole(
            actor=bob, indicator_id=held.indicator.id, on=ON, action_url=str
        )
    assert chart.days == own.chart.days
    assert chart.judgement.chart.upper == own.chart.judgement.chart.upper


def test_a_plan_is_closed_with_its_reason_and_then_stays(world):
    plan_id = begin(world, started_on=ON + timedelta(days=3))
    for reason in ("", "Mr John Smith is well again"):
        with pytest.raises(Invalid):
            close(world, plan_id, reason)
    close(world, plan_id)
    plan = seen(world, plan_id).standing.plan
    assert (plan.status, plan.closed_on, plan.close_reason) == ("closed", ON, "Held for a month")
    for again in (change, close):
        with pytest.raises(Conflict):
            again(world, plan_id)
    assert standing(world) == [] and len(standing(world, status="closed")) == 1


def test_the_database_has_the_last_word(world):
    plan_id = begin(world)
    for wrong in ("status = 'closed'", "horizon_weeks = 0", "title = ''", "domain = 'x'"):
        with pytest.raises(IntegrityError):
            world.sql(f"UPDATE recovery_plan SET {wrong} WHERE id = '{plan_id}' RETURNING id")


def test_actions_and_evidence_belong_to_a_plan(world):
    plan_id = begin(world)
    where, rita = world.service_id(HOUSE), world.member_id("rita")
    with world.acting("bob") as bob:
        action_id = actions.create_action(
            actor=bob, service_id=where, title="Second signature at night", owner_id=rita,
            due_on=ON + timedelta(days=7), outcome_measure="No gaps", baseline="4 gaps",
            evidence_required="Audit", plan_id=plan_id,
        )  # fmt: skip
        item = evidence.submit(
            actor=bob, title="Audit of records", kind="audits", service_id=where,
            period_from=ON - timedelta(days=7), period_to=ON, valid_until=ON + timedelta(days=90),
            upload=None, source_link="https://example.org/audit", note="",
        )  # fmt: skip
        evidence.attach(actor=bob, evidence_id=item, plan_id=plan_id)
        db.session.commit()
    whole = seen(world, plan_id)
    assert [row.id for row in whole.actions] == [action_id]
    assert [row.id for row in whole.evidence] == [item]
    (action,) = world.sql("SELECT source_reference FROM action")
    assert action.source_reference == "PLN-0001"
    close(world, plan_id)
    with world.acting("bob") as bob, pytest.raises(Invalid):
        evidence.detach(actor=bob, evidence_id=item, link_id=whole.evidence[0].link_id)
    other = begin(world, person="alice", service=LODGE, lead_id=world.member_id("alice"))
    with world.acting("alice") as alice, pytest.raises(Invalid):
        evidence.attach(actor=alice, evidence_id=item, plan_id=other)


def test_a_check_that_is_asked_for_and_not_made_is_overdue(world):
    plan_id = begin(world, started_on=ON - timedelta(days=7))
    asked = {one.spec.kind: one for one in seen(world, plan_id).checks}
    assert asked["medicines_shift"].overdue and not asked["competency"].overdue
    planning.check(world, "medicines_check")
    asked = {one.spec.kind: one for one in seen(world, plan_id).checks}
    assert (asked["medicines_shift"].last_on, asked["medicines_shift"].overdue) == (ON, False)


def test_the_plan_shows_what_fires_with_its_checks(world):
    plan_id = begin(world)
    ids = {planning.discrepancies(world, "night"), planning.discrepancies(world, "night")}
    fired = {t.code: t for t in seen(world, plan_id).triggers}["repeated_discrepancies"]
    assert (fired.state, set(fired.rows)) == ("fires", ids)


def test_the_list_costs_the_same_for_many(world):
    for number in range(2):
        begin(world, title=f"Plan {number}")
    few = count_of_list(world)
    for number in range(6):
        begin(world, title=f"More {number}", template="staffing")
        begin(world, title=f"Other {number}", template="care_reviews")
    assert count_of_list(world) <= few + 3  # the other kinds of computed series
    assert count_of_list(world) <= 9


def count_of_list(world) -> int:
    with world.acting("alice") as alice, statements() as sent:
        plan_queries.standings(actor=alice, wanted=PlanFilter(), on=ON)
    return len([text for text in sent if "set_config" not in text])


def test_the_audit_trail_tells_how_a_goal_was_changed(world):
    plan_id = begin(world, lines=[COMPLIANCE])
    changed = facts(world)
    with world.acting("bob") as actor:
        (line,) = db.session.scalars(select(PlanIndicator).where(PlanIndicator.plan_id == plan_id))
        plan_service.change_plan(
            actor=actor, plan_id=plan_id, facts=changed,
            lines={line.indicator_id: Line(COMPLIANCE.spec, 60, 90, True)},
        )  # fmt: skip
        db.session.commit()
    (event,) = world.sql("SELECT payload FROM audit_event WHERE tag = 'plan:changed'")
    told = json.loads(event.payload)
    assert list(told["before"]["indicators"].values()) == [[92, 98, True]]
    assert list(told["after"]["indicators"].values()) == [[60, 90, True]]

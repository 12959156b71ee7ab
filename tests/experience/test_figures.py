"""The figures of experience and the rules in Python say the same. Rules N2 and 3.3."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from careboard import figures, tenancy
from careboard.accounts.service import create_organisation
from careboard.clock import freeze
from careboard.db import db
from careboard.experience import findings, plan, rules, service, sql
from careboard.experience.agenda import lines
from careboard.experience.rows import responses, voices
from careboard.imports import command_line
from tests.dashboards.rows import add_action
from tests.experience.sample import OCTOBER, SEPTEMBER, TODAY, ago, complain, say, submit

SAMPLE = Path(__file__).parents[1] / "data" / "oakfield"


@pytest.fixture
def house(world):
    return world.service_id("Alder House")


@pytest.fixture
def alice(world, house):
    with world.acting("alice") as actor:
        yield actor


@pytest.fixture
def at():
    """Set the calendar to a day; it is set back to the tests' own."""
    yield freeze
    freeze(TODAY)


def monthly(actor, on=TODAY):
    figure = figures.compute(actor=actor, code="experience_monthly", on=on)
    return figure.count, {row.reference: row.status for row in figure.rows}


def unanswered(actor, on=TODAY):
    figure = figures.compute(actor=actor, code="experience_unanswered", on=on)
    return {row.reference: row.counted for row in figure.rows}


def test_n2_counts_the_services_that_told_in_time(world, alice, house, at):
    lodge, homecare = (
        row.id for row in db.session.execute(
            text("SELECT id FROM service WHERE id <> :house ORDER BY name DESC"), {"house": house}
        )
    )  # fmt: skip
    at(date(2026, 11, 13))  # the tenth working day
    submit(alice, house, OCTOBER, ("food", 3, 1))
    submit(alice, lodge, OCTOBER, sample_size=0)
    at(date(2026, 11, 14))
    submit(alice, homecare, OCTOBER, ("food", 3, 1))
    count, status = monthly(alice)
    assert (count.numerator, count.denominator, count.percent) == (1, 3, 33.33)
    assert status == {
        "Alder House": "submitted", "Alder Lodge": "nobody_heard", "Alder Homecare": "late"
    }  # fmt: skip


def test_n2_asks_for_the_last_month_that_is_due(alice, house, at):
    at(date(2026, 10, 8))
    submit(alice, house, SEPTEMBER)
    assert monthly(alice, date(2026, 11, 13))[0].numerator == 1  # October is due today
    assert monthly(alice, date(2026, 11, 14))[0].numerator == 0


def test_n2_a_later_correction_stays_in_time_unless_nobody_was_heard(alice, house, at):
    at(date(2026, 11, 10))
    submit(alice, house)
    at(TODAY)
    submit(alice, house, sample_size=7, seen=1, correction_reason="Two counted twice")
    assert monthly(alice)[1]["Alder House"] == "submitted"
    submit(alice, house, sample_size=0, seen=2, correction_reason="They were another month's")
    assert monthly(alice)[1]["Alder House"] == "nobody_heard"


def test_a_repeated_theme_waits_until_somebody_answers(alice, house):
    # Flagged on 6 November; the tenth working day after is the 20th.
    say(alice, house, ago(14), ago(15), ago(16))
    assert unanswered(alice) == {"rushed care": False}
    assert unanswered(alice, TODAY + timedelta(days=1)) == {"rushed care": True}


@pytest.mark.parametrize(
    ("answer", "counted"),
    [
        ("acknowledged", False),
        ("noted", True),
        ("plan", False),
        ("draft", True),
        ("cancelled", True),
        ("verified before", True),
        ("other theme", True),
    ],
)
def test_what_answers_a_repeated_theme(alice, house, answer, counted):
    said = say(alice, house, ago(14), ago(15), ago(16))
    say(alice, house, ago(15), theme="food", score=1)
    about = {"actor": alice, "service_id": house, "theme": "rushed care", "month": OCTOBER}
    linked = {"concern_id": said[0].id, "domain": "experience"}
    if answer in ("acknowledged", "noted"):
        given_ = answer == "acknowledged"
        service.add_note(**about, overlap="none", text="Told them", acknowledged=given_)
    elif answer == "plan":
        _plan(alice, house, "rushed care")
    elif answer == "other theme":
        _plan(alice, house, "food")
    elif answer == "cancelled":
        add_action(alice, house, status="cancelled", cancel_reason="Twice", **linked)
    elif answer == "draft":
        add_action(alice, house, status="draft", **linked)
    else:
        add_action(alice, house, status="verified", verified_on=ago(30), **linked)
    on = TODAY + timedelta(days=1)
    assert unanswered(alice, on)["rushed care"] is counted
    assert _python(alice, on)["rushed care"] is counted


def _plan(actor, house, theme):
    begun = plan.start(actor=actor, service_id=house, theme=theme)
    return plan.open_action(
        actor=actor, service_id=house, theme=theme, title=begun.title,
        owner_id=actor.membership_id, due_on=begun.due_on, outcome_measure="Fewer",
        baseline=begun.baseline, evidence_required=begun.evidence_required,
        target_value=begun.target_value,
    )  # fmt: skip


def _python(actor, on) -> dict[str, bool]:
    """The repeated themes by the rules, and whether they lack a response."""
    said = voices(actor=actor, until=on, negative_only=True)
    done = responses(actor=actor)
    found = {}
    for service_id, own in findings._by_service(said):
        for theme in {answer.theme for answer in own.answers if answer.theme}:
            repeated = rules.repeated_comments(own.answers, theme, on)
            if repeated.fires:
                answered = done.to(service_id, theme, repeated.since)
                found[theme] = rules.lack_of_response(repeated, answered, on).fires
    return found


_DAYS = st.lists(st.integers(0, 150), max_size=10)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    said=st.dictionaries(st.sampled_from(["rushed care", "dignity", "Food"]), _DAYS),
    counted=st.dictionaries(
        st.tuples(st.sampled_from([OCTOBER, SEPTEMBER]), st.sampled_from(["food", "dignity"])),
        st.integers(0, 5),
    ),
    on=st.integers(-40, 0),
)
def test_sql_and_rules_agree(alice, house, said, counted, on):
    """Random feedback and summaries: the same themes repeat, since the same day."""
    day = TODAY + timedelta(days=on)
    with db.session.begin_nested() as undone:
        for theme, days in said.items():
            say(alice, house, *map(ago, days), theme=theme)
        for month in {month for month, _ in counted}:
            themes = [(name, 0, n) for (of, name), n in counted.items() if of == month]
            submit(alice, house, month, *themes)
        rows = db.session.execute(
            text(sql.REPEATED), {"org": alice.org_id, "on": day, **sql.days(day)}
        )
        in_sql = {row.theme: row.since for row in rows}
        answers = voices(actor=alice, until=day, negative_only=True).answers
        in_python = {}
        for theme in ("rushed care", "dignity", "food"):
            found = rules.repeated_comments(answers, theme, day)
            if found.fires:
                in_python[theme] = found.since
        whole = voices(actor=alice, until=day).answers
        for theme in ("rushed care", "dignity", "food"):
            found = rules.repeated_comments(whole, theme, day)
            assert found.since == in_python.get(theme)
        unanswered_ = unanswered(alice, day)
        undone.rollback()
    assert in_sql == in_python
    assert unanswered_ == {
        theme: rules.answer_due_on(since) < day for theme, since in in_python.items()
    }


def test_an_agenda_tells_of_themes_and_missing_summaries(alice, house):
    say(alice, house, ago(25), ago(26), ago(27), ago(28))
    complain(alice, house, ago(40))
    say(alice, house, ago(25), theme="food")
    found = list(lines(actor=alice, service_id=None, on=TODAY, since=None))
    assert [line.detail["what"] for line in found] == ["theme", "summaries"]
    theme, missing = found
    assert theme.title == "Rushed care, Alder House" and theme.detail["unanswered"]
    assert "they say the same" in theme.detail["reason"]
    assert missing.title == "Experience summary of October 2026: 0 of 3 in time"
    assert "Alder House (missing)" in missing.detail["reason"]
    json.dumps([str(line.detail) for line in found])


def test_the_agenda_of_one_service_is_its_own(world, alice, house):
    lodge = db.session.scalar(text("SELECT id FROM service WHERE name = 'Alder Lodge'"))
    say(alice, house, ago(25), ago(26), ago(27))
    found = list(lines(actor=alice, service_id=lodge, on=TODAY, since=None))
    assert [line.title for line in found] == ["Experience summary of October 2026: 0 of 1 in time"]


@pytest.mark.timeout(120)
def test_the_stories_of_oakfield(world):
    """The sample provider's files: the same overlap and repetition as stand beside them."""
    expected = json.loads((SAMPLE / "expected.json").read_text())
    create_organisation(slug="oakfield", name="Oakfield Care Group", kind="provider")
    db.session.commit()
    db.session.remove()
    for name, entry in expected["files"].items():
        if entry["feed"] in ("services", "complaints", "feedback"):
            with tenancy.acting_for("oakfield") as actor:
                command_line.run(actor=actor, feed=entry["feed"], path=SAMPLE / name, mapping=entry)
                db.session.commit()
    with tenancy.acting_for("oakfield") as actor:
        names = dict(db.session.execute(text("SELECT id, name FROM service")).all())
        months = [date(2025 + n // 12, n % 12 + 1, 1) for n in range(10, 23)]
        overlap = [
            {
                "service": names[found.service_id],
                "theme": found.theme,
                "month": f"{month:%Y-%m}",
                "negative_items": sum(not row.formal for row in found.overlap.rows),
            }
            for month in months
            for found in findings.in_month(actor=actor, month=month, on=TODAY)
            if found.overlap.fires
        ]
        repeated = [
            {
                "service": names[found.service_id],
                "theme": found.theme,
                "days": [row.on.isoformat() for row in found.repeated.rows],
            }
            for found in findings.in_month(actor=actor, month=OCTOBER, on=TODAY)
            if found.repeated.fires
        ]
    assert overlap == expected["stories"]["complaint_overlap"]
    assert repeated == expected["stories"]["repeated_poor_feedback"]

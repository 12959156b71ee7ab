"""Each trigger of S0-2 fires, just does not, and says so where there is too little data."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard import patterns
from careboard.experience import months, rules
from careboard.experience.rules import Finding, Said

ON = date(2026, 11, 20)  # a Friday


def ago(days: int) -> date:
    return ON - timedelta(days=days)


def poor(*days: int, theme: str = "rushed care", score: float | None = 2.0) -> list[Said]:
    return [Said("House", ago(day), theme=theme, score=score) for day in days]


def complaints(*days: int, **values) -> list[Said]:
    facts = {"theme": "rushed care", "formal": True} | values
    return [Said("House", ago(day), **facts) for day in days]


@pytest.mark.parametrize(
    ("answers", "theme", "state"),
    [
        (poor(0, 5, 60), "rushed care", "fires"),
        (poor(0, 5, 61), "rushed care", "quiet"),
        (poor(0, 5) + poor(7, score=3.0), "rushed care", "quiet"),
        (poor(0, 5) + poor(7, theme="food"), "rushed care", "quiet"),
        (poor(0, 5, theme="dignity"), "dignity", "fires"),
        (poor(0, theme="safety") + poor(1), "safety", "quiet"),
        (poor(0, score=5.0), "rushed care", "quiet"),
        (poor(61, 62, 63), "rushed care", "not_enough_data"),
        ([], "rushed care", "not_enough_data"),
    ],
)
def test_trigger_repeated_comments(answers, theme, state):
    found = rules.repeated_comments(answers, theme, ON)
    assert found.state == state
    assert bool(found.since) is found.fires
    if found.fires:
        assert len(found.rows) >= rules.least_for(theme) and str(len(found.rows)) in found.sentence


@pytest.mark.parametrize(
    ("days", "since"),
    [
        ((0, 5, 60), 0),
        ((10, 20, 30), 10),
        ((1, 2, 100, 110, 120), None),  # the first three have left the window, two are too few
        ((0, 1, 2, 100, 110, 120), 0),  # quiet from day 39 on: a new flag
        ((10, 20, 40, 70, 80, 90), 70),  # on every day of the way the window holds three
        ((0, 60, 61), None),
        ((0, 59, 60), 0),
        ((0, 1), None),
        ((), None),
    ],
)
def test_since_when_a_theme_is_flagged(days, since):
    found = rules.flagged_since(map(ago, days), 3, ON)
    assert found == (None if since is None else ago(since))


@given(st.lists(st.integers(0, 200), max_size=25), st.sampled_from([2, 3]))
def test_flagged_since_is_the_start_of_the_unbroken_run(days, least):
    """The definition, day by day, against the way it is worked out."""
    flagged_on = []
    for back in range(260, -1, -1):
        window = [day for day in days if back <= day <= back + 60]
        flagged_on.append(len(window) >= least)
    expected = None
    if flagged_on[-1]:
        run = 0
        while run < len(flagged_on) and flagged_on[-1 - run]:
            run += 1
        expected = ago(run - 1)
    assert rules.flagged_since(map(ago, days), least, ON) == expected


@pytest.mark.parametrize(
    ("answers", "said", "state"),
    [
        (poor(18, 19), complaints(18), "fires"),
        (poor(18, 19), complaints(50), "fires"),  # 1 October, the month before
        (poor(18, 19), complaints(51), "quiet"),  # 30 September
        (poor(18), complaints(18), "quiet"),
        (poor(18, 19), complaints(18, formal=False), "quiet"),
        (poor(18, 19), complaints(18, theme="fees"), "quiet"),
        (poor(18, 19), [], "quiet"),
        (poor(30, 31), complaints(18), "not_enough_data"),  # no feedback of November at all
        ([], complaints(18), "not_enough_data"),
    ],
)
def test_trigger_complaint_overlap(answers, said, state):
    found = rules.complaint_overlap(answers, said, "rushed care", date(2026, 11, 1))
    assert found.state == state
    assert (len(found.rows) == 3) is found.fires


@pytest.mark.parametrize(
    ("sample", "invited", "people", "state"),
    [
        (7, 36, None, "fires"),  # 19.4 %
        (8, 40, None, "quiet"),  # 20 % exactly
        (4, None, 20, "fires"),
        (4, 5, 20, "fires"),  # 80 %, yet too few for so many
        (5, 20, 20, "quiet"),
        (4, 10, 19, "quiet"),
        (0, 30, None, "fires"),
        (9, None, None, "not_enough_data"),
        (9, None, 40, "not_enough_data"),
        (0, 0, None, "not_enough_data"),
        (None, None, None, "not_enough_data"),
    ],
)
def test_trigger_low_engagement(sample, invited, people, state):
    assert rules.low_engagement(sample, invited, people).state == state


# Flagged on Friday 6 November: the tenth working day after is Friday 20 November.
FLAGGED = Finding("repeated_comments", "fires", "Said thrice.", tuple(poor(14)), ago(14))


@pytest.mark.parametrize(
    ("repeated", "answered", "on", "state"),
    [
        (FLAGGED, None, ON, "quiet"),
        (FLAGGED, None, ON + timedelta(days=1), "fires"),
        (FLAGGED, ago(3), ON + timedelta(days=1), "quiet"),
        (FLAGGED, ON + timedelta(days=4), ON + timedelta(days=5), "quiet"),
        (Finding("repeated_comments", "quiet", "Said once."), None, ON, "quiet"),
        (Finding("repeated_comments", "not_enough_data", "Nothing."), None, ON, "not_enough_data"),
    ],
)
def test_trigger_lack_of_response(repeated, answered, on, state):
    assert rules.lack_of_response(repeated, answered, on).state == state


def test_an_answer_after_the_day_is_told_as_late():
    said = rules.lack_of_response(FLAGGED, ON + timedelta(days=4), ON + timedelta(days=5))
    assert said.sentence == "Answered on 24 Nov 2026, after 20 Nov 2026 when it was due."


@pytest.mark.parametrize(
    ("received", "acknowledged", "state"),
    [
        (7, 4, "quiet"),  # Friday 13 to Monday 16: one working day
        (8, 3, "quiet"),  # Thursday 12 to Tuesday 17: three working days
        (8, 2, "fires"),  # Wednesday 18: the fourth
        (8, None, "not_enough_data"),  # no complaint tells when
    ],
)
def test_trigger_complaint_acknowledged_late(received, acknowledged, state):
    own = complaints(received, acknowledged_on=None if acknowledged is None else ago(acknowledged))
    assert rules.late_acknowledgement(own, ON).state == state


def test_a_complaint_that_waits_counts_once_others_tell_their_day():
    told = complaints(9, acknowledged_on=ago(9))
    assert rules.late_acknowledgement(told + complaints(3), ON).state == "quiet"
    found = rules.late_acknowledgement(told + complaints(7), ON)
    assert found.fires and [row.on for row in found.rows] == [ago(7)]
    assert rules.late_acknowledgement([], ON).state == "quiet"


def test_what_a_summary_counts_beyond_the_imports_stands_on_the_last_day_of_its_month():
    october = date(2026, 10, 1)
    answers = poor(30, 40)
    said = rules.counted_only({("House", "rushed care", october): 5}, answers)
    counted = [item for item in said if item.negative]
    assert [item.on for item in counted] == [date(2026, 10, 31)] * 3
    assert rules.counted_only({("House", "rushed care", october): 1}, answers)[1:] == []
    heard = rules.counted_only({("House", "", october): 0}, [])
    assert [(item.on, item.negative) for item in heard] == [(date(2026, 10, 31), False)]


@given(st.lists(st.integers(0, 120), max_size=12))
def test_repeated_comments_agree_with_the_figures_command(days):
    answers = poor(*days)
    known = patterns.poor_feedback(answers, ON)
    assert bool(known) is rules.repeated_comments(answers, "rushed care", ON).fires


@pytest.mark.parametrize(
    ("month", "due"),
    [
        (date(2026, 10, 1), date(2026, 11, 13)),
        (date(2026, 11, 1), date(2026, 12, 14)),
        (date(2026, 12, 1), date(2027, 1, 15)),  # New Year's Day is none
        (date(2026, 3, 1), date(2026, 4, 16)),  # nor are Good Friday and Easter Monday
    ],
)
def test_a_summary_is_due_on_the_tenth_working_day(month, due):
    assert months.due_on(month) == due
    assert months.last_due(due) == months.shifted(month, -1)
    assert months.last_due(due + timedelta(days=1)) == month


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_the_latest_day_whose_answer_was_due(on):
    day = months.answers_were_due(on)
    assert months.answer_due_on(day) < on <= months.answer_due_on(day + timedelta(days=1))


@pytest.mark.parametrize("text", ["", None, "2026", "2026-13", "2026-1", "0001-01", "x", "٣-01"])
def test_what_is_no_month_is_none(text):
    assert months.parse(text) is None


def test_a_month_is_read():
    assert months.parse("2026-10") == date(2026, 10, 1)

"""Rules on what people say: each fires, just does not, has too little data, and is over again."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest

from careboard.experience.rows import Responses, Voices
from careboard.experience.rules import Said
from careboard.rules.facts import Summary
from tests.rules.looking import HOUSE, ago, ask, says


def said(*days: int, theme: str = "rushed care", score: float = 1.0) -> list[Said]:
    return [Said(str(HOUSE), ago(day), f"F{day}", theme, score=score, id=uuid4()) for day in days]


def complained(*days: int, theme: str = "rushed care", formal: bool = True, acknowledged=None):
    return [
        Said(
            *(str(HOUSE), ago(day), f"K{day}", theme),
            formal=formal,
            id=uuid4(),
            acknowledged_on=None if acknowledged is None else ago(acknowledged),
        )
        for day in days
    ]


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (said(0, 30, 60), "fires"),
        (said(0, 30, 61), "quiet"),
        (said(0, 30, theme="dignity"), "fires"),
        (said(0, theme="dignity"), "quiet"),
        (said(0, 30, 60, score=3.0), "quiet"),
        (said(61, 62, 63), "too_little_data"),
        ([], "too_little_data"),
    ],
)
def test_repeated_poor_feedback(answers, outcome):
    assert says("poor_feedback", voices=Voices(answers, [])) == outcome


def test_poor_feedback_is_by_theme_and_over_with_the_window():
    voices = Voices(said(0, 30, 60) + said(1, theme="food"), [])
    found = {one.key: one for one in ask("poor_feedback", voices=voices)}
    assert {key: one.outcome for key, one in found.items()} == {
        "rushed care": "fires",
        "food": "quiet",
    }
    assert found["rushed care"].sentence == (
        "3 negative comments on rushed care in 61 days at Alder House; 3 or more are a repetition."
    )
    turned = found["rushed care"].next_on
    assert says("poor_feedback", voices=voices, on=turned) == "quiet"


def test_comments_that_only_a_summary_counts_lead_to_the_summary():
    summary = Summary(uuid4(), HOUSE, ago(20).replace(day=1), 12)
    counted = [Said(str(HOUSE), ago(20), theme="rushed care", score=1.0)] * 3
    (found,) = ask("poor_feedback", voices=Voices(counted, []), summaries=[summary])
    assert found.outcome == "fires"
    assert [(row.kind, row.id) for row in found.rows] == [("experience_summary", summary.id)]


# The day is 20 November: October is the month before.
@pytest.mark.parametrize(
    ("answers", "complaints", "outcome"),
    [
        (said(1, 2), complained(40), "fires"),
        (said(30, 31), complained(70), "fires"),  # of October; the complaint is of September
        (said(1), complained(40), "quiet"),
        (said(1, 2), complained(40, formal=False), "quiet"),
        (said(1, 2), complained(40, theme="food"), "quiet"),
        (said(60, 61), complained(60), "too_little_data"),  # of September: that is history
        ([], complained(3), "too_little_data"),
    ],
)
def test_complaints_and_feedback_say_the_same(answers, complaints, outcome):
    assert says("complaint_overlap", voices=Voices(answers, complaints)) == outcome


@pytest.mark.parametrize(
    ("heard", "outcome"),
    [
        ((4, None, 20), "fires"),
        ((5, None, 20), "too_little_data"),
        ((9, 50, None), "fires"),
        ((10, 50, None), "quiet"),
        ((4, None, 19), "too_little_data"),
    ],
)
def test_low_engagement(heard, outcome):
    # October's summary was due by the 13th.
    summary = Summary(uuid4(), HOUSE, ago(50).replace(month=10, day=1), *heard)
    assert says("low_engagement", summaries=[summary]) == outcome
    assert says("low_engagement") == "too_little_data"


def answered(days: int) -> Responses:
    note = SimpleNamespace(service_id=HOUSE, theme="rushed care", noted_on=ago(days))
    return Responses((), (note,))


@pytest.mark.parametrize(
    ("answers", "responses", "outcome"),
    [
        (said(40, 30, 15), Responses((), ()), "fires"),
        (said(40, 30, 14), Responses((), ()), "quiet"),
        (said(40, 30, 15), answered(3), "quiet"),
        (said(40, 30), Responses((), ()), "quiet"),
        ([], Responses((), ()), "too_little_data"),
    ],
)
def test_lack_of_response(answers, responses, outcome):
    assert says("no_response", voices=Voices(answers, []), responses=responses) == outcome


@pytest.mark.parametrize(
    ("complaints", "outcome"),
    [
        (complained(10, acknowledged=3), "fires"),
        (complained(10, acknowledged=7), "quiet"),
        (complained(4) + complained(20, acknowledged=20), "fires"),
        (complained(3) + complained(20, acknowledged=20), "quiet"),
        (complained(10, formal=False, acknowledged=3), "quiet"),
        (complained(10), "too_little_data"),
        (complained(61, acknowledged=3), "quiet"),
    ],
)
def test_complaints_acknowledged_late(complaints, outcome):
    assert says("complaints_unacknowledged", voices=Voices([], complaints)) == outcome

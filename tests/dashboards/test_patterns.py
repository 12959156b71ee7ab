"""Patterns just fire, just do not, and stay silent on too little. Rules 3.3, N7 and N8."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from careboard import patterns
from careboard.patterns import AuditScore, Item

ON = date(2026, 11, 20)  # a Friday


def ago(days: int) -> date:
    return ON - timedelta(days=days)


def audits(*scores, theme="medicines", gap=30, rags=None):
    """One a cycle, the last on the day."""
    last = len(scores) - 1
    return [
        AuditScore(
            "House", theme, f"c{index - last}", ago((last - index) * gap), score,
            rags[index] if rags else "green",
        )
        for index, score in enumerate(scores)
    ]  # fmt: skip


def items(*days, **facts):
    return [Item("House", ago(day), reference=f"R{day}", **facts) for day in days]


@pytest.mark.parametrize(
    ("scores", "rags", "gap", "fell"),
    [
        ((95, 90), None, 30, True),
        ((95, 90.1), None, 30, False),
        ((90, 89), ["green", "amber"], 30, True),
        ((95, 80), None, 92, True),
        ((95, 80), None, 93, False),
        ((80,), None, 30, False),
    ],
)
def test_a_theme_falls(scores, rags, gap, fell):
    found = patterns.theme_declines(audits(*scores, rags=rags, gap=gap))
    assert bool(found) is fell


def test_only_the_latest_cycle_declines():
    old = audits(95, 80, 80)
    assert patterns.theme_declines(old) == {}


def test_two_themes_of_one_cycle():
    both = audits(95, 85) + audits(92, 80, theme="care records")
    cycle, themes = patterns.theme_declines(both)["House"]
    assert (cycle, themes) == ("c0", {"care records": [92, 80], "medicines": [95, 85]})


@pytest.mark.parametrize(
    ("rags", "repeated"),
    [
        ("gga", False),
        ("gaa", True),
        ("aag", False),
        ("agagag", True),
        ("gagagg", False),
        ("raggggg", False),
        ("r", False),
    ],
)
def test_repeated_amber(rags, repeated):
    words = [{"g": "green", "a": "amber", "r": "red"}[letter] for letter in rags]
    found = patterns.repeated_amber(audits(*[85] * len(words), rags=words))
    assert bool(found) is repeated


def test_three_safeguarding_concerns_in_61_days():
    assert patterns.repeated_safeguarding(items(0, 30, 60), ON)["House"][0].reference == "R60"
    assert patterns.repeated_safeguarding(items(0, 30, 61), ON) == {}
    assert patterns.repeated_safeguarding([], ON) == {}


def test_shared_features():
    two = items(1, place="lounge", theme="neglect") + items(2, place="lounge", theme="other")
    assert patterns.shared_features(two, ON, least=2, days=61) == [("House", "place")]
    assert patterns.shared_features(two, ON, least=3, days=61) == []
    assert patterns.shared_features(items(1, 2), ON, least=2, days=61) == []


def test_poor_feedback():
    poor = {"theme": "rushed care", "score": 2.0}
    assert patterns.poor_feedback(items(0, 5, 60, **poor), ON)
    assert not patterns.poor_feedback(items(0, 5, 61, **poor), ON)
    assert not patterns.poor_feedback(items(0, 5, 9, theme="rushed care", score=2.5), ON)
    assert patterns.poor_feedback(items(0, 5, theme="dignity", score=1.0), ON)
    assert not patterns.poor_feedback(items(0, 5, 9, score=1.0), ON)


@pytest.mark.parametrize(
    ("complaint_day", "formal", "overlaps"),
    [(18, True, True), (50, True, True), (18, False, False), (51, True, False)],
)
def test_complaint_overlap(complaint_day, formal, overlaps):
    answers = items(0, 1, theme="food", score=1.0)
    complaints = items(complaint_day, theme="food", formal=formal)
    found = patterns.complaint_overlap(answers, complaints)
    assert found == ([("House", "food", "2026-11", 2)] if overlaps else [])


def test_timely_support_counts_to_the_last_sunday():
    # 28 days to Sunday 15 November begin on 19 October, 32 days before the Friday.
    answered = {"question": "timely_support"}
    answers = (
        items(5, 32, score=4.0, **answered)
        + items(6, score=3.0, **answered)
        + items(4, 33, score=5.0, **answered)
        + items(7, score=5.0, question="respect")
        + items(7, **answered)
    )
    assert patterns.timely_support(answers, ON) == {"House": (2, 3)}


def test_queries_repeated_in_any_thirty_days():
    found = patterns.repeated_queries(items(100, 71, 10, theme="late visits"), ON)
    assert [item.reference for item in found["House", "late visits"]] == ["R100", "R71"]
    assert patterns.repeated_queries(items(100, 70, theme="late visits"), ON) == {}
    assert patterns.repeated_queries(items(-1, 0, theme="late visits"), ON) == {}


def test_incidents_open_for_more_than_28_days():
    assert len(patterns.incidents_open_long(items(28, 29, status="open"), ON)) == 1
    assert patterns.incidents_open_long(items(60, status="closed"), ON) == []

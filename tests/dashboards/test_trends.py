"""Directions: just moves, just does not, too little to say. Rules 3.1, tier (a)."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from careboard.dashboards.signals import Signals, months_before
from careboard.dashboards.trends import NOT_ENOUGH, trend

SERVICE = uuid4()
MONTHS = months_before(date(2026, 11, 20))


def direction(points, good="up", percent=True):
    return trend(points, signal="x", good=good, percent=percent).direction


@pytest.mark.parametrize(
    ("points", "good", "percent", "expected"),
    [
        ([80, 80, 80, 82], "up", True, "improving"),
        ([80, 80, 80, 81.9], "up", True, "stable"),
        ([80, 80, 80, 78], "up", True, "worsening"),
        ([80, 80, 80, 78.1], "up", True, "stable"),
        ([10, 10, 10, 11], "down", False, "worsening"),
        ([10, 10, 10, 10.9], "down", False, "stable"),
        ([10, 10, 10, 9], "down", False, "improving"),
        ([0, 0, 0, 1], "down", False, "worsening"),
        ([0, 0, 0, 0], "down", False, "stable"),
        ([None, 80, 80, 82], "up", True, "improving"),
        ([None, None, 80, 90], "up", True, None),
        ([80, 80, 80, None], "up", True, None),
        ([], "up", True, None),
    ],
)
def test_directions(points, good, percent, expected):
    assert direction(points, good, percent) == expected


def test_only_the_three_months_before_count():
    assert direction([0, 90, 90, 90, 90]) == "stable"


def test_the_sentence_names_the_signal_and_both_values():
    found = trend([84, 84, 84, 91], signal="mean audit score", good="up", percent=True)
    assert found.sentence == "mean audit score 84% → 91%"


def test_the_last_complete_months_cross_the_year():
    assert months_before(date(2026, 2, 14)) == [
        date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)
    ]  # fmt: skip


def test_silence_is_a_nought_only_where_the_log_speaks():
    rows = [(SERVICE, "complaint", "", MONTHS[0], 2, 0)]
    unknown = Signals(rows, MONTHS).trend(SERVICE, "complaints")
    assert unknown == NOT_ENOUGH
    covered = [(None, "complaint", "", month, 1, 0) for month in MONTHS]
    assert Signals(rows + covered, MONTHS).trend(SERVICE, "complaints").direction == "improving"


def test_a_service_without_any_record_of_the_kind_has_no_trend():
    covered = [(None, "complaint", "", month, 1, 0) for month in MONTHS]
    assert Signals(covered, MONTHS).of(SERVICE, "complaints") is None


def test_few_answers_make_no_percentage():
    rows = [(SERVICE, "feedback", "", month, 9, 9) for month in MONTHS]
    assert Signals(rows, MONTHS).trend(SERVICE, "experience").direction is None
    rows = [(SERVICE, "feedback", "", month, 10, 9) for month in MONTHS]
    found = Signals(rows, MONTHS).trend(SERVICE, "experience")
    assert (found.direction, found.sentence) == ("stable", "answers scored 4 or 5 of 5 90% → 90%")


def test_the_audit_signal_weighs_every_theme():
    rows = [(SERVICE, "audit", "medicines", month, 1, 80.0) for month in MONTHS]
    rows += [(SERVICE, "audit", "records", month, 3, 300.0) for month in MONTHS]
    signals = Signals(rows, MONTHS)
    assert [point.value for point in signals.of(SERVICE, "audits").points] == [95.0] * 4
    assert [point.value for point in signals.of(SERVICE, "medicines").points] == [80.0] * 4


def test_safety_takes_incidents_where_no_audit_speaks():
    rows = [(SERVICE, "incident", "", month, 4, 0) for month in MONTHS]
    assert Signals(rows, MONTHS).of(SERVICE, "safety").kind == "incident"
    rows.append((SERVICE, "audit", "safety", MONTHS[0], 1, 90.0))
    assert Signals(rows, MONTHS).of(SERVICE, "safety").kind == "audit"

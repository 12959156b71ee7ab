"""Rules on commissioners, confidence and claims: each fires, just does not, lacks data, is over."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from careboard.rules.facts import Claim, ConfidenceNote
from careboard.rules.registry import all_rules, rule
from tests.rules.looking import HOUSE, ago, ask, concerns, says


def queries(*days, status="closed", theme="late visits"):
    return concerns(*days, kind="commissioner_query", status=status, theme=theme)


def claim(days: int, unsupported: bool = True, critical: int = 0) -> Claim:
    return Claim(
        *(uuid4(), f"CLM-{days}", HOUSE, "claim", "validated", ago(days + 3)),
        unsupported=unsupported,
        validated_on=ago(days),
        critical=critical,
    )


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        (queries(29), "fires"),
        (queries(30), "quiet"),
        (queries(300, status="open"), "fires"),
        ([], "too_little_data"),
    ],
)
def test_commissioner_concern(rows, outcome):
    assert says("commissioner_concern", concerns=rows) == outcome


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        (queries(0, 29), "fires"),
        (queries(0, 30), "quiet"),
        (queries(0) + queries(5, theme="staffing"), "quiet"),
        (queries(40, 50), "quiet"),  # they repeated, and it is over
        ([], "too_little_data"),
    ],
)
def test_repeated_queries(rows, outcome):
    assert says("commissioner_repeated", concerns=rows) == outcome


def test_repeated_queries_tell_the_whole_run_and_are_over_with_the_window():
    rows = queries(10, 22, 39, 100, 110)
    (found,) = ask("commissioner_repeated", concerns=rows)
    assert found.sentence == (
        "3 commissioner queries about late visits at Alder House between 12 Oct 2026 and "
        "10 Nov 2026."
    )
    assert found.next_on == ago(22) + timedelta(days=30)
    assert says("commissioner_repeated", concerns=rows, on=found.next_on) == "quiet"


@pytest.mark.parametrize(
    ("rows", "claims", "outcome"),
    [
        (queries(5), [claim(92)], "fires"),
        (queries(5), [claim(93)], "quiet"),
        (queries(5), [claim(5, unsupported=False)], "quiet"),
        (queries(30), [claim(5)], "quiet"),
        (queries(5), [], "too_little_data"),
        ([], [claim(5)], "too_little_data"),
    ],
)
def test_a_concern_that_meets_unsupported_assurance(rows, claims, outcome):
    assert says("commissioner_unsupported", concerns=rows, claims=claims) == outcome


def test_a_single_unsupported_concern_never_suggests_monitoring():
    fired = [
        one.code
        for one in all_rules()
        if one.suggests and says_of_one(one.code) == "fires"
    ]  # fmt: skip
    assert fired == []


def says_of_one(code: str) -> str:
    alone = [
        *queries(1, status="open"),
        *concerns(1),
        *concerns(1, kind="complaint", status="open"),
    ]
    found = {finding.outcome for finding in ask(code, concerns=alone)}
    return "fires" if "fires" in found else "quiet"


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ([claim(92), claim(4, unsupported=False)], "fires"),
        ([claim(93)], "quiet"),
        ([claim(4, unsupported=False)], "quiet"),
        ([], "too_little_data"),
    ],
)
def test_unsupported_assurance(claims, outcome):
    assert says("unsupported_assurance", claims=claims) == outcome


def test_unsupported_assurance_tells_how_many_and_is_over():
    claims = [claim(10, critical=1), claim(4, unsupported=False)]
    (found,) = ask("unsupported_assurance", claims=claims)
    assert found.sentence == (
        "1 of 2 claims of Alder House validated in 92 days does not match the records, 1 "
        "critically."
    )
    assert says("unsupported_assurance", claims=claims, on=found.next_on) == "quiet"


@pytest.mark.parametrize(("days", "outcome"), [(27, "fires"), (28, "quiet")])
def test_confidence_lost(days, outcome):
    notes = [ConfidenceNote(uuid4(), HOUSE, ago(days))]
    assert says("confidence_lost", confidence_notes=notes) == outcome


def test_what_suggests_monitoring_is_what_the_rule_names():
    assert {one.code for one in all_rules() if one.suggests} == {
        "safeguarding_repeated",
        "multi_theme_decline",
        "priority_overdue",
        "serious_incident",
        "commissioner_unsupported",
        "rating_highest",
        "confidence_lost",
    }
    assert not rule("commissioner_concern").suggests

"""Rules on incidents, reviews of care, indicators and checks: fires, just not, too little, over."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest

from careboard.recovery.check_rules import Check
from careboard.recovery.check_rules import Finding as Found
from careboard.recovery.decline import Read
from careboard.recovery.periods import Period
from careboard.rules.facts import CareReview, Indicator
from tests.rules.looking import HOUSE, ON, ago, ask, concerns, says


def incidents(*days, **facts):
    return concerns(*days, kind="incident", **facts)


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        (incidents(29, status="open"), "fires"),
        (incidents(28, status="open"), "quiet"),
        (incidents(60, status="closed"), "quiet"),
        ([], "too_little_data"),
    ],
)
def test_open_incidents(rows, outcome):
    assert says("incidents_open", concerns=rows) == outcome


def test_an_incident_turns_old_by_itself():
    (found,) = ask("incidents_open", concerns=incidents(28, status="open"))
    assert (found.outcome, found.next_on) == ("quiet", ago(-1))


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        (incidents(27, details={"reg18_flag": True}), "fires"),
        (incidents(27, details={"reg20_flag": True}), "fires"),
        (incidents(27, level="death"), "fires"),
        (incidents(28, level="death"), "quiet"),
        (incidents(27, level="severe", details={"reg18_flag": False}), "quiet"),
        ([], "too_little_data"),
    ],
)
def test_serious_incident(rows, outcome):
    assert says("serious_incident", concerns=rows) == outcome


def test_an_organisation_may_count_other_harm_as_serious():
    (found,) = ask(
        "serious_incident",
        concerns=incidents(2, level="severe"),
        given={"harm": ("death", "severe")},
    )
    assert found.sentence == (
        "1 serious incident in 28 days at Alder House, the latest on 18 Nov 2026: severe harm."
    )
    assert found.next_on == ago(2) + timedelta(days=28)


@pytest.mark.parametrize(
    ("due", "done", "outcome"),
    [(1, None, "fires"), (0, None, "quiet"), (9, 1, "quiet"), (9, -1, "fires")],
)
def test_overdue_reviews_of_care(due, done, outcome):
    row = CareReview(uuid4(), HOUSE, ago(due), None if done is None else ago(done))
    assert says("care_reviews_overdue", care_reviews=[row]) == outcome
    assert says("care_reviews_overdue") == "too_little_data"


def reads(*judged) -> list[Read]:
    """Weeks, each (direction, band, amount), the last one ended on Sunday."""
    ends = [ago(5 + 7 * (len(judged) - 1 - place)) for place in range(len(judged))]
    return [
        Read(
            Period(end - timedelta(days=6), end), f"{value:g}%", way, band, "So it is.", None, value
        )
        for end, (way, band, value) in zip(ends, judged, strict=True)
    ]


def indicator(*judged, delays: bool = False) -> Indicator:
    return Indicator(
        *(uuid4(), "IND-1", HOUSE, "staffing", "Late visits"),
        reads=reads(*judged),
        delays=delays,
        turns_on=ago(-3),
    )


WORSE, SAME = ("worsening", "amber", 8.0), ("stable", "amber", 8.0)


@pytest.mark.parametrize(
    ("judged", "outcome"),
    [
        ((WORSE, WORSE), "fires"),
        ((SAME, ("stable", "red", 20.0)), "fires"),
        ((WORSE, SAME), "quiet"),
        ((SAME, WORSE), "too_little_data"),  # neither has it fallen twice, nor is it over
        ((), "too_little_data"),
    ],
)
def test_falling_compliance(judged, outcome):
    assert says("falling_compliance", indicators=[indicator(*judged)]) == outcome


@pytest.mark.parametrize(
    ("weeks", "outcome"),
    [
        ((10.0, 10.0, 10.0, 2.0), "fires"),
        ((10.0, 9.9, 10.0, 2.0), "quiet"),
        ((10.0, 10.0), "too_little_data"),
    ],
)
def test_repeated_delays(weeks, outcome):
    rows = [("stable", "amber", value) for value in weeks]
    assert says("repeated_delays", indicators=[indicator(*rows, delays=True)]) == outcome
    assert says("repeated_delays", indicators=[indicator(*rows)]) == "too_little_data"


def check(days: int, kind: str = "medicines_shift", *, findings=(), verdict="ok", **facts) -> Check:
    return Check(uuid4(), kind, ago(days), verdict, findings=findings, **facts)


def found(days: int, kind: str = "discrepancy", *, reviewed: int | None = None) -> Found:
    def at(day: int) -> datetime:
        return datetime.combine(ago(day), time(9), UTC)

    return Found(
        uuid4(), kind, "gap", at(days), "evening", None if reviewed is None else at(reviewed)
    )


def discrepancies(*days: int) -> list[Check]:
    return [check(day, findings=[found(day)]) for day in days]


def observed(*verdicts: str) -> list[Check]:
    return [check(1, "practice_observation", verdict=verdict) for verdict in verdicts]


def shifts(*days: int, actual: int = 89) -> list[Check]:
    return [check(d, "deployment", result={"required": 100, "actual": actual}) for d in days]


def unmet(days: int) -> list[Check]:
    return [check(days, "deployment", findings=[found(days, "unmet_need")])]


def sampled(days: int, *vague: Found) -> list[Check]:
    return [check(days, "review_actions", findings=vague, result={"sampled": 5})]


@pytest.mark.parametrize(
    ("code", "checks", "outcome"),
    [
        ("repeated_discrepancies", discrepancies(1, 13), "fires"),
        ("repeated_discrepancies", discrepancies(1, 14), "quiet"),
        ("repeated_discrepancies", discrepancies(14), "too_little_data"),
        ("delayed_review", discrepancies(3), "fires"),
        ("delayed_review", discrepancies(2), "quiet"),
        ("delayed_review", [check(9, findings=[found(9, reviewed=7)])], "quiet"),
        ("delayed_review", [], "too_little_data"),
        ("practice_not_matching", observed("not_as_agreed", "not_as_agreed"), "fires"),
        ("practice_not_matching", observed("unsafe"), "fires"),
        ("practice_not_matching", observed("as_agreed", "not_as_agreed"), "quiet"),
        ("practice_not_matching", observed("as_agreed"), "too_little_data"),
        ("one_senior", [check(n, who=who) for n, who in enumerate("aaabc")], "fires"),
        ("one_senior", [check(n, who=who) for n, who in enumerate("aabbc")], "quiet"),
        ("one_senior", [check(n, who="a") for n in range(4)], "too_little_data"),
        ("sampled_actions_vague", sampled(1, found(1, "vague_action")), "fires"),
        ("sampled_actions_vague", sampled(1), "quiet"),
        ("sampled_actions_vague", sampled(28, found(28, "vague_action")), "too_little_data"),
        ("deployment_mismatch", shifts(0, 3, 6), "fires"),
        ("deployment_mismatch", shifts(0, 3) + shifts(6, actual=95), "quiet"),
        ("deployment_mismatch", shifts(0, 3, 7), "too_little_data"),
        ("unmet_need", unmet(27), "fires"),
        ("unmet_need", [check(27, "deployment")], "quiet"),
        ("unmet_need", unmet(28), "too_little_data"),
    ],
)
def test_structured_checks(code, checks, outcome):
    assert says(code, checks={HOUSE: checks}) == outcome


def test_a_discrepancy_that_waits_says_when_it_has_waited_too_long():
    checks = {HOUSE: [check(2, findings=[found(2)])]}
    (quiet,) = ask("delayed_review", checks=checks)
    assert quiet.next_on == ON + timedelta(days=1)
    assert says("delayed_review", checks=checks, on=quiet.next_on) == "fires"

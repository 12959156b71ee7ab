"""Rules on ratings and evidence: each fires, just does not, has too little data, and is over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from careboard.risks.assurance import Dispute, NewAudit, Support
from careboard.risks.sustained import Watch
from careboard.rules.facts import RatingChange, Risk
from tests.rules.looking import HOUSE, action, ago, ask, says

SOUND = {
    "items": 2,
    "in_date": 2,
    "newest_on": ago(10),
    "valid_until": ago(-90),
    "tested_on": ago(5),
}


def risk(
    rating: str = "low", reviewed: int = 10, expires_on: date | None = None, **support
) -> Risk:
    rests_on = Support(**{**SOUND, **support})
    return Risk(
        *(uuid4(), "RSK-1", HOUSE, "medicines", rating, ago(reviewed)),
        support=rests_on,
        expires_on=expires_on,
    )


@pytest.mark.parametrize(
    ("risks", "actions", "outcome"),
    [
        ([risk(in_date=0)], [], "fires"),
        ([risk()], [], "quiet"),
        ([risk()], [action("completed", completed_on=ago(92))], "fires"),
        ([risk()], [action("completed", completed_on=ago(93))], "quiet"),
        ([risk()], [action("verified", completed_on=ago(9), evidence=1)], "quiet"),
        ([], [action("open")], "too_little_data"),
    ],
)
def test_evidence_missing(risks, actions, outcome):
    assert says("evidence_missing", risks=risks, actions=actions) == outcome


def test_evidence_missing_tells_of_what():
    bare = [risk(in_date=0), risk(in_date=0), risk()]
    (found,) = ask(
        "evidence_missing", risks=bare, actions=[action("completed", completed_on=ago(1))]
    )
    assert (
        found.sentence == "2 ratings and 1 closed action at Alder House without evidence in date."
    )


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (risk(reviewed=36), "fires"),
        (risk(reviewed=35), "quiet"),
        (risk(newest_on=ago(93)), "fires"),
        (risk(newest_on=ago(92)), "quiet"),
    ],
)
def test_stale(row, outcome):
    assert says("rating_stale", risks=[row]) == outcome


def test_a_rating_turns_stale_by_itself():
    (found,) = ask("rating_stale", risks=[risk(reviewed=35)])
    assert found.next_on == ago(-1)
    assert says("rating_stale", risks=[risk(reviewed=35)], on=found.next_on) == "fires"


def audit(band: str) -> NewAudit:
    return NewAudit(uuid4(), "A9", band, ago(3))


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (risk("low", audit=audit("amber")), "fires"),
        (risk("high", audit=audit("amber")), "fires"),
        (risk("moderate", audit=audit("amber")), "quiet"),
        (risk("low"), "quiet"),
    ],
)
def test_changed_evidence(row, outcome):
    assert says("evidence_changed", risks=[row]) == outcome


def test_changed_evidence_says_by_when():
    (found,) = ask("evidence_changed", risks=[risk(audit=audit("red"))])
    assert found.sentence == (
        "The rating of medicines at Alder House (low) stands for green, and the audit of "
        "17 Nov 2026 is red: to be reviewed by 24 Nov 2026."
    )
    assert [row.kind for row in found.rows] == ["risk", "audit"]


def test_disputed_until_moderated():
    dispute = Dispute(uuid4(), "DSP-1", ago(-4), escalated=True)
    (found,) = ask("rating_disputed", risks=[risk(dispute=dispute)])
    assert found.outcome == "fires"
    assert found.sentence == (
        "The rating of medicines at Alder House (low) is disputed; moderation is due by "
        "24 Nov 2026. It is not the first dispute within 90 days, so the governance group decides."
    )
    assert says("rating_disputed", risks=[risk()]) == "quiet"


def watch(*months) -> Watch:
    values = [None if month is None else Decimal(month) for month in months]
    return Watch(uuid4(), ago(80), ago(-12), "incident", Decimal(9), Decimal(3), values)


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (risk(watch=watch(9, 10, None)), "fires"),
        (risk(watch=watch(9, 8, None)), "quiet"),
        (risk(watch=watch(9, None, None)), "too_little_data"),
        (risk(), "quiet"),
    ],
)
def test_improvement_not_sustained(row, outcome):
    assert says("not_sustained", risks=[row]) == outcome


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (risk(tested_on=ago(93)), "fires"),
        (risk(tested_on=None), "fires"),
        (risk(tested_on=ago(92)), "quiet"),
    ],
)
def test_green_without_test(row, outcome):
    assert says("green_untested", risks=[row]) == outcome
    assert ask("green_untested", risks=[risk("high", tested_on=None)]) == []


def change(row: Risk, days: int, before: str | None, after: str) -> RatingChange:
    decision = "set" if before is None else "hold" if before == after else "raise"
    return RatingChange(
        *(uuid4(), row.id, row.reference, HOUSE, row.domain, decision, before, after, ago(days))
    )


def test_the_highest_band_since_the_day_on_which_it_was_reached():
    row = risk("very_high", reviewed=2)
    changes = [
        change(row, 60, None, "high"),
        change(row, 30, "high", "very_high"),
        change(row, 2, "very_high", "very_high"),
    ]
    (found,) = ask("rating_highest", risks=[row], rating_changes=changes)
    assert found.outcome == "fires"
    assert found.sentence == "Medicines at Alder House is rated very high since 21 Oct 2026."
    assert says("rating_highest", risks=[risk("high")]) == "quiet"


@pytest.mark.parametrize(
    "code",
    [
        *("evidence_missing", "rating_stale", "evidence_changed", "rating_disputed"),
        *("not_sustained", "green_untested", "rating_highest"),
    ],
)
def test_without_a_rating_nobody_can_tell(code):
    assert says(code) == "too_little_data"

"""Rules on safeguarding: each fires, just does not, has too little data, and is over again."""

from __future__ import annotations

from uuid import uuid4

import pytest

from careboard.rules.facts import Concern, Episode
from tests.rules.looking import HOUSE, ago, ask, concerns, says

LOUNGE = {"place": "upstairs lounge"}
EPISODE = Episode(uuid4(), "EM-0001", HOUSE, ago(30), ago(5))


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        (concerns(0, 30, 60), "fires"),
        (concerns(0, 30, 61), "quiet"),
        (concerns(0, 30), "quiet"),
        (concerns(-1, 0, 30), "quiet"),
        ([], "too_little_data"),
    ],
)
def test_repeated_concerns(rows, outcome):
    assert says("safeguarding_repeated", concerns=rows) == outcome


def test_repeated_concerns_are_over_when_the_first_leaves_the_window():
    rows = concerns(0, 30, 60)
    (found,) = ask("safeguarding_repeated", concerns=rows)
    assert found.next_on == ago(-1)
    assert says("safeguarding_repeated", concerns=rows, on=found.next_on) == "quiet"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            concerns(0, 9, 12, 60, **LOUNGE),
            "4 concerns in 61 days at Alder House, all in the upstairs lounge.",
        ),
        (
            concerns(0, 9, source_role="care worker") + concerns(12),
            "3 concerns in 61 days at Alder House, 2 of them with the same alleged source: care "
            "worker.",
        ),
        (concerns(0, 9, 12), "3 concerns in 61 days at Alder House."),
    ],
)
def test_the_sentence_says_what_they_have_in_common(rows, words):
    (found,) = ask("safeguarding_repeated", concerns=rows)
    assert found.sentence == words
    assert {row.id for row in found.rows} == {row.id for row in rows}


def test_the_organisation_sets_its_own_threshold():
    rows = concerns(0, 30)
    assert says("safeguarding_repeated", concerns=rows, given={"least": 2}) == "fires"
    assert says("safeguarding_repeated", concerns=rows, given={"least": 2, "days": 30}) == "quiet"


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        (concerns(0, 60, **LOUNGE), "fires"),
        (concerns(0, 60, theme="neglect"), "fires"),
        (concerns(0, place="Upstairs  lounge") + concerns(60, **LOUNGE), "fires"),
        (concerns(0, 60, source_role="care worker"), "fires"),
        (concerns(0, 60, person="9f2c"), "fires"),
        (concerns(0, 61, **LOUNGE), "quiet"),
        (concerns(0, **LOUNGE) + concerns(1, place="garden"), "quiet"),
        (concerns(0, 1), "quiet"),
        ([], "too_little_data"),
    ],
)
def test_shared_features(rows, outcome):
    assert says("safeguarding_shared", concerns=rows) == outcome


def test_each_thing_they_share_is_a_state_of_affairs_of_its_own():
    rows = concerns(0, 10, theme="neglect", **LOUNGE) + concerns(20, theme="neglect")
    found = ask("safeguarding_shared", concerns=rows)
    assert {(one.key, len(one.rows)) for one in found} == {
        ("place:upstairs lounge", 2),
        ("theme:neglect", 3),
    }


def test_a_person_is_never_named():
    (found,) = ask("safeguarding_shared", concerns=concerns(0, 60, person="9f2c"))
    assert found.sentence == "2 concerns in 61 days at Alder House, both about the same person."


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        (concerns(0, 40, 91, level="low", **LOUNGE), "fires"),
        (concerns(0, 40, 92, level="low", **LOUNGE), "quiet"),
        (
            concerns(0, 40, level="low", **LOUNGE) + concerns(41, level="referral", **LOUNGE),
            "quiet",
        ),
        ([], "too_little_data"),
    ],
)
def test_low_level_concerns(rows, outcome):
    assert says("low_level_shared", concerns=rows) == outcome


def of_day(on: int, recorded: int) -> Concern:
    return Concern(uuid4(), "safeguarding", HOUSE, ago(on), recorded_on=ago(recorded))


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (of_day(3, 3), "fires"),
        (of_day(9, 4), "fires"),  # it happened before the review, and became known after it
        (of_day(9, 5), "quiet"),  # the review knew of it
        (of_day(40, 3), "quiet"),  # it is older than the episode
    ],
)
def test_new_information_during_monitoring(row, outcome):
    assert says("safeguarding_new", concerns=[row], episodes=[EPISODE]) == outcome


def test_new_information_asks_for_a_review_within_two_working_days():
    (found,) = ask("safeguarding_new", concerns=[of_day(3, 3)], episodes=[EPISODE])
    assert found.sentence == (
        "1 safeguarding concern at Alder House since its last review on 15 Nov 2026: EM-0001 is to "
        "be reviewed out of cycle by 19 Nov 2026."
    )
    assert says("safeguarding_new", concerns=[of_day(3, 3)]) == "quiet"

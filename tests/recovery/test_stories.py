"""What the figures command tells of recovery: it tells, just does not, and has nothing to tell."""

from __future__ import annotations

import pytest

from careboard.recovery.stories import recovery_found
from tests.recovery.making import HOUSE, ON, ago, bring_doses, bring_reviews


def told(world):
    with world.acting("alice") as actor:
        return recovery_found(actor=actor, on=ON)


def doses(world, *valid: int, of: int = 20):
    """So many valid doses `of` so many in each week, the last week last."""
    days = [ago(7 * back + 1) for back in range(len(valid))][::-1]
    bring_doses(
        world,
        *(
            (day, "G" if number < good else "D1")
            for day, good in zip(days, valid, strict=True)
            for number in range(of)
        ),
    )


def reviews(world, *on_time: int, of: int = 12):
    days = [ago(7 * back + 1) for back in range(len(on_time))][::-1]
    bring_reviews(
        world,
        *(
            (day, day if number < good else None)
            for day, good in zip(days, on_time, strict=True)
            for number in range(of)
        ),
    )


def test_nothing_to_tell(world):
    assert told(world) == {
        "medicines_last_full_week": {},
        "medicines_recovery": None,
        "medicines_stable_below_target": None,
        "care_reviews_deteriorating": None,
        "reviews_on_time_last_8_weeks": {},
        "overdue_reviews": 0,
    }


@pytest.mark.parametrize(
    ("weeks", "recovered"),
    [
        ((15, *[18] * 7, 20, 20), True),
        ((15, *[18] * 7, 19, 20), False),  # one week is not two
        ((20, *[18] * 7, 20, 20), False),  # not below the target to begin with
        ((15, 20, 20), False),  # no tenth week to have begun from
    ],
)
def test_medicines_recover(world, weeks, recovered):
    doses(world, *weeks)
    found = told(world)["medicines_recovery"]
    assert bool(found) is recovered
    if recovered:
        assert (found["service"], found["passed"], found["target"]) == (HOUSE, True, 98)
        assert found["valid_and_due_by_week"][0] == [15, 20]


@pytest.mark.parametrize(
    ("weeks", "stable"),
    [
        ([19] * 10, True),
        ([19] * 9 + [20], False),
        ([20] + [19] * 9, False),
        ([19] * 9 + [18], False),
        ([19] * 9, False),
    ],
)
def test_medicines_stay_below_the_target(world, weeks, stable):
    doses(world, *weeks)
    assert bool(told(world)["medicines_stable_below_target"]) is stable


@pytest.mark.parametrize(
    ("weeks", "falling"),
    [((12, 12, 11), True), ((12, 12, 12), False), ((12, 11), False), ((11, 11, 12), False)],
)
def test_care_reviews_deteriorate(world, weeks, falling):
    reviews(world, *weeks)
    assert bool(told(world)["care_reviews_deteriorating"]) is falling


def test_a_review_is_overdue_from_the_day_after_it_was_due(world):
    bring_reviews(world, (ON, None), (ago(-4), None), (ago(-4), ago(-4)), (ago(-4), ago(-6)))
    # Due on Thursday and not done by Friday: one never, one done after that Friday.
    assert told(world)["overdue_reviews"] == 2

"""Judgements of series: each rule fires, just does not, and says so in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.trend import band, figure, judge, meets, short_trend

SAW = [90, 94] * 6  # mean 92, limits 81.36 and 102.64


def percents(values, **options):
    return judge(values, **{"improvement": "increase", "unit": "%", **options})


# ---- Fewer than 12 readings ----


@pytest.mark.parametrize(
    ("values", "improvement", "percent", "expected"),
    [
        ([80, 80, 80, 82], "increase", True, "improving"),
        ([80, 80, 80, 81.9], "increase", True, "stable"),
        ([80, 80, 80, 78], "increase", True, "worsening"),
        ([10, 10, 10, 11], "decrease", False, "worsening"),
        ([10, 10, 10, 10.9], "decrease", False, "stable"),
        ([10, 10, 10, 9], "neutral", False, "changed"),
        ([-10, -10, -10, -10.9], "increase", False, "stable"),
        ([80, None, 80, 82], "increase", True, "improving"),
        ([80, 82], "increase", True, None),
        ([80, 80, 82, None], "increase", True, None),
        ([], "increase", True, None),
    ],
)
def test_short_series(values, improvement, percent, expected):
    assert short_trend(values, improvement=improvement, percent=percent) == expected


def test_short_series_say_what_was_compared_and_by_which_rule():
    found = percents([80, 84, 82, 91.25], targets=90)
    assert found.sentence == (
        "Improving: 91.2% in the latest week, 82% on average in the 3 before it;"
        " target met 1 of 4 weeks."
    )
    assert (found.rule, found.assurance, found.special_cause) == ("short", None, None)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([], "Not enough data: 0 readings; a trend needs 3."),
        ([80], "Not enough data: 1 reading; a trend needs 3; target not met."),
        ([80, 90, 95, None], "Not enough data: no reading for the latest week;"
                             " target met 2 of 3 weeks."),
        ([None] * 14, "Not enough data: 0 readings; a trend needs 3."),
    ],
)  # fmt: skip
def test_too_little_is_said(values, sentence):
    found = percents(values, targets=90)
    assert (found.direction, found.rule, found.sentence) == (None, None, sentence)
    assert found.band == ("red" if values == [80] else "grey")


# ---- Twelve or more ----


def test_the_twelfth_reading_brings_the_control_chart():
    assert percents(SAW[:11]).rule == "short"
    assert percents(SAW).rule == "xmr"
    assert percents([*SAW[:11], None, 92]).rule == "xmr"


@pytest.mark.parametrize(
    ("after", "direction", "words"),
    [
        ([90], "stable", "within its usual range, 81.4% to 100%"),
        ([103], "improving", "the latest week is above the upper limit of 102.6%"),
        ([81], "worsening", "the latest week is below the lower limit of 81.4%"),
        ([93] * 5, "stable", "within its usual range, 81.4% to 100%"),
        ([93] * 7, "improving", "8 weeks above the mean of 92%"),
        ([91, *[93] * 7], "improving", "7 weeks above the mean of 92%"),
        ([91] * 9, "worsening", "9 weeks below the mean of 92%"),
        ([89, 90, 91, 91.5, 92.5, 93, 94], "improving", "7 weeks rising in a row"),
        ([93, 92.5, 91.5, 91, 90, 89, 88, 87], "worsening", "9 weeks falling in a row"),
        ([84, 91, 84], "worsening", "2 of the last 3 weeks close to the lower limit"),
        ([84, 91], "stable", "within its usual range, 81.4% to 100%"),
    ],
)
def test_special_causes_in_words(after, direction, words):
    found = percents([*SAW, *after], baseline_points=12)
    assert found.direction == direction
    assert found.sentence == f"{direction.capitalize()}: {words}."
    assert (found.special_cause is None) == (direction == "stable")


def test_a_judgement_with_a_target():
    found = percents([*SAW, 91, *[93] * 7], baseline_points=12, targets=92.5)
    assert found.sentence == ("Improving: 7 weeks above the mean of 92%; target met 4 of 4 weeks.")
    assert (found.band, found.assurance, found.met, found.told) == ("green", "inconsistent", 4, 4)


def test_each_reading_is_held_against_the_target_of_its_time():
    targets = [*[80] * 10, *[93] * 2]
    found = percents(SAW, targets=targets)
    assert (found.met, found.told, found.band) == (3, 4, "green")
    with pytest.raises(ValueError, match="target"):
        percents(SAW, targets=[1, 2])


def test_after_a_rebase_the_count_starts_afresh():
    values = [*SAW, 60, 60, 60]
    assert percents(values).direction == "worsening"
    rebased = percents(values, rebase_at=[12])
    assert (rebased.rule, rebased.direction) == ("short", "stable")
    assert percents([*values, *SAW], rebase_at=[12]).rule == "xmr"
    assert percents(values[:13], rebase_at=[12]).direction is None


def test_a_constant_series_has_no_ordinary_variation():
    found = percents([87] * 12, targets=87)
    assert (found.direction, found.assurance, found.band) == ("stable", None, "green")
    assert (
        found.sentence == "Stable: no ordinary variation to set limits by; target met 4 of 4 weeks."
    )


def test_neither_way_better_is_a_change_and_no_band():
    found = judge([*SAW, 110], improvement="neutral", unit="hours", targets=90, baseline_points=12)
    assert (found.direction, found.band, found.assurance) == ("changed", "grey", None)
    assert found.sentence.startswith(
        "Changed: the latest week is above the upper limit of 102.6 ho"
    )


def test_counts_cannot_go_below_nought_in_words():
    found = judge([0, 1] * 6, improvement="decrease", unit="", period="month")
    assert found.sentence == "Stable: within its usual range, 0 to 3.2."


@pytest.mark.parametrize(
    ("value", "target", "improvement", "percent", "expected"),
    [
        (95, 95, "increase", True, "green"),
        (94.9, 95, "increase", True, "amber"),
        (90, 95, "increase", True, "amber"),
        (89.9, 95, "increase", True, "red"),
        (11, 10, "decrease", False, "amber"),
        (11.1, 10, "decrease", False, "red"),
        (10, 10, "decrease", False, "green"),
        (1, 0, "decrease", False, "red"),
        (None, 95, "increase", True, "grey"),
        (95, None, "increase", True, "grey"),
        (95, 90, "neutral", True, "grey"),
    ],
)
def test_bands(value, target, improvement, percent, expected):
    assert band(value, target, improvement, percent=percent) == expected
    met = {"green": True, "grey": None}.get(expected, False)
    assert meets(value, target, improvement) is met


def test_figures():
    assert [figure(92.0, "%"), figure(-0.04), figure(1204, "hours"), figure(3.25)] == [
        "92%", "0", "1,204 hours", "3.2"
    ]  # fmt: skip


# ---- Properties ----

eighths = st.integers(0, 800).map(lambda n: n / 8)
series = st.lists(st.none() | eighths, max_size=40)
turned = {"improving": "worsening", "worsening": "improving"}


@given(series, st.sampled_from(["%", "", "days"]), st.lists(st.integers(0, 39), max_size=2))
def test_reversing_the_good_direction_swaps_better_and_worse(values, unit, rebase_at):
    up, down = (
        judge(values, improvement=way, unit=unit, rebase_at=rebase_at)
        for way in ("increase", "decrease")
    )
    assert down.direction == turned.get(up.direction, up.direction)
    assert down.rule == up.rule


@given(series, series.map(lambda s: [v for v in s if v is not None]))
def test_what_came_before_a_rebase_does_not_matter(before, after):
    whole = judge([*before, *after], improvement="increase", unit="%", rebase_at=[len(before)])
    alone = judge(after, improvement="increase", unit="%")
    if after:
        assert (whole.direction, whole.sentence) == (alone.direction, alone.sentence)


@given(series, st.none() | eighths)
def test_every_judgement_is_one_sentence_and_never_green_by_default(values, target):
    found = judge(values, improvement="increase", unit="%", targets=target)
    assert found.sentence.endswith(".") and found.sentence.count(":") == 1
    if not values or values[-1] is None:
        assert (found.direction, found.band) == (None, "grey")
    if target is None:
        assert found.band == "grey"

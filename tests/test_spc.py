"""Control charts equal the NHS reference implementation, point by point, and move as they must."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.spc import xmr

REFERENCE = json.loads((Path(__file__).parent / "data" / "spc_xmr.json").read_text())
LIMITS = (("mean", "mean"), ("lower", "lpl"), ("upper", "upl"))


def close(ours, theirs, within=1e-6):
    return len(ours) == len(theirs) and all(
        a is b is None or (None not in (a, b) and abs(a - b) <= within)
        for a, b in zip(ours, theirs, strict=True)
    )


@pytest.mark.parametrize("number", range(len(REFERENCE)))
def test_equals_the_reference(number):
    series = REFERENCE[number]
    rebase = [i for i, day in enumerate(series["dates"]) if day == series["rebase"]]
    chart = xmr(
        series["values"],
        improvement=series["direction"],
        target=series["target"],
        screen_outliers=series["screen_outliers"],
        baseline_points=series["fix_after"],
        rebase_at=rebase,
    )
    for ours, theirs in LIMITS:
        assert close(chart[ours], series[theirs]), ours
    assert chart.special_cause == series["special_cause"]
    assert chart.point_type == series["point_type"]
    assert chart.assurance == series["assurance"]


# ---- What the reference's source says of cases that its series do not show ----


def causes(values, **options):
    return xmr(values, improvement="increase", **options).special_cause


def test_a_fall_of_seven_points_is_a_trend_and_of_six_is_not():
    # A saw of wide limits, then the fall through the mean.
    saw = [0, 20, 0, 20, 0, 20, 0, 20]
    assert causes([*saw, 14, 13, 12, 11, 9, 8, 7])[7:] == ["7 Point Trend (Decreasing)"] * 8
    assert "7 Point Trend (Decreasing)" not in causes([*saw, 4, 13, 12, 11, 9, 8, 9])


def test_where_two_trends_meet_the_later_one_tells():
    saw = [-20, 26] * 4
    found = causes([*saw, 0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0])
    assert found[13:16] == ["7 Point Trend (Increasing)", *["7 Point Trend (Decreasing)"] * 2]


def test_a_plateau_between_two_trends_reads_as_a_fall():
    saw = [-20, 26] * 4
    found = causes([*saw, 0, 1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12])
    assert found[14] == "7 Point Trend (Decreasing)"
    assert found[15] == "7 Point Trend (Increasing)"


def test_a_value_on_the_mean_breaks_a_run():
    above = causes([0, 2, 1, *[2] * 7], baseline_points=2)
    assert above == ["Common Cause"] * 3 + ["7 Points Above CL"] * 7
    broken = causes([0, 2, 1, 2, 2, 2, 1, 2, 2, 2, 2], baseline_points=2)
    assert set(broken) == {"Common Cause"}


def test_the_mean_is_rounded_once_so_that_ties_are_seen():
    assert xmr([0.1, 0.2, 0.3] * 8, improvement="increase").mean[0] == 0.2
    assert xmr([0.1] * 10, improvement="increase").mean[0] == 0.1


def test_screening_leaves_no_limits_in_a_constant_series():
    chart = xmr([87] * 12, improvement="increase", target=95)
    assert chart.mean == [87] * 12
    assert chart.lower == chart.upper == [None] * 12
    assert set(chart.special_cause) == {"Common Cause"}
    assert chart.assurance == "inconsistent"
    unscreened = xmr([87] * 12, improvement="increase", target=95, screen_outliers=False)
    assert unscreened.lower == unscreened.upper == [87] * 12
    assert unscreened.assurance == "consistent_fail"


def test_one_side_of_the_mean_counts_even_without_limits():
    chart = xmr([5.0] * 12 + [6.0] * 7, improvement="decrease", baseline_points=12)
    assert chart.special_cause[12:] == ["7 Points Above CL"] * 7
    assert set(chart.point_type[12:]) == {"special_cause_concern"}


def test_missing_values_are_common_cause_and_break_runs_trends_and_moving_ranges():
    values = [1, 2, 3, 4, None, 5, 6, 7]
    chart = xmr(values, improvement="increase", screen_outliers=False)
    assert chart.mean[4] == pytest.approx(4)
    assert chart.upper[0] - chart.mean[0] == pytest.approx(2.66)  # five moves of 1, none of 2
    assert "7 Point Trend (Increasing)" not in chart.special_cause
    assert chart.special_cause[4] == "Common Cause"
    assert chart.point_type[4] == "common_cause"


def test_runs_do_not_cross_a_rebase():
    values = [1, 3, 1, 3, 1, 3, 1, 3, 3, 3, 3, 3, 3, 3]
    assert "7 Points Above CL" in causes(values)
    assert "7 Points Above CL" not in causes(values, rebase_at=[10])


def test_neutral_series_are_high_or_low_and_have_no_assurance():
    chart = xmr([5, 6, 5, 6, 5, 6, 5, 60, 5, -60], improvement="neutral", target=5)
    assert chart.point_type[7] == "special_cause_neutral_high"
    assert chart.point_type[9] == "special_cause_neutral_low"
    assert chart.assurance is None


@pytest.mark.parametrize("values", [[], [None], [3], [3, 3], [None, None, 4]])
def test_short_series_have_common_causes_only(values):
    chart = xmr(values, improvement="increase", target=2)
    assert chart.special_cause == ["Common Cause"] * len(values)
    assert chart.lower == [None] * len(values)


def test_wrong_arguments_are_refused():
    with pytest.raises(KeyError):
        xmr([1], improvement="up")
    with pytest.raises(ValueError, match="baseline_points"):
        xmr([1], improvement="increase", baseline_points=0)


# ---- Properties. Eighths are exact in binary, so equal values stay equal when moved ----

eighths = st.integers(-4000, 4000).map(lambda n: n / 8)
series = st.lists(st.none() | eighths, max_size=60)
options = st.fixed_dictionaries(
    {
        "screen_outliers": st.booleans(),
        "baseline_points": st.none() | st.integers(1, 30),
        "rebase_at": st.lists(st.integers(0, 59), max_size=3),
    }
)


def moved(numbers, by=0.0, times=1.0):
    return [None if n is None else n * times + by for n in numbers]


@given(series, options, st.sampled_from([0.5, 2.0, 1024.0]))
def test_scaling_a_series_scales_its_limits(values, options, factor):
    plain = xmr(values, improvement="increase", target=3.0, **options)
    scaled = xmr(
        moved(values, times=factor), improvement="increase", target=3.0 * factor, **options
    )
    for name, _ in LIMITS:
        assert scaled[name] == moved(plain[name], times=factor)
    assert scaled.special_cause == plain.special_cause
    assert scaled.assurance == plain.assurance


@given(series, options, st.integers(-1000, 1000).map(float))
def test_shifting_a_series_shifts_its_limits(values, options, by):
    plain = xmr(values, improvement="increase", **options)
    shifted = xmr(moved(values, by), improvement="increase", **options)
    for name, _ in LIMITS:
        assert close(shifted[name], moved(plain[name], by))


@given(series, options, st.none() | eighths)
def test_reversing_the_good_direction_swaps_improvement_and_concern(values, options, target):
    up = xmr(values, improvement="increase", target=target, **options)
    down = xmr(values, improvement="decrease", target=target, **options)
    swapped = {
        "special_cause_improvement": "special_cause_concern",
        "special_cause_concern": "special_cause_improvement",
        "consistent_pass": "consistent_fail",
        "consistent_fail": "consistent_pass",
    }
    assert down.point_type == [swapped.get(kind, kind) for kind in up.point_type]
    assert down.assurance == swapped.get(up.assurance, up.assurance)
    assert (down.special_cause, down.mean) == (up.special_cause, up.mean)


@given(series, series, options)
def test_a_rebased_series_is_its_segments_one_after_the_other(first, second, options):
    options = {**options, "rebase_at": ()}
    whole = xmr([*first, *second], improvement="increase", **{**options, "rebase_at": [len(first)]})
    parts = [xmr(part, improvement="increase", **options) for part in (first, second)]
    for name in ("mean", "lower", "upper", "special_cause", "point_type"):
        assert whole[name] == [*parts[0][name], *parts[1][name]]


@given(series, options)
def test_upside_down_swaps_high_and_low(values, options):
    turned = {
        "Above UCL": "Below LCL",
        "2 in 3 Above CL": "2 in 3 Below CL",
        "7 Points Above CL": "7 Points Below CL",
    }
    turned |= {low: high for high, low in turned.items()}
    plain = xmr(values, improvement="increase", **options).special_cause
    flipped = xmr(moved(values, times=-1.0), improvement="increase", **options).special_cause
    for a, b in zip(plain, flipped, strict=True):
        assert b == turned.get(a, a) or ("Trend" in a and "Trend" in b)


@given(series, st.integers(0, 60), options)
def test_a_missing_value_says_nothing_and_changes_no_length(values, at, options):
    holed = [*values[:at], None, *values[at:]]
    chart = xmr(holed, improvement="increase", **options)
    assert len(chart.mean) == len(chart.point_type) == len(holed)
    assert chart.special_cause[min(at, len(values))] == "Common Cause"


@given(series.map(lambda s: [v for v in s if v is not None]), options)
def test_limits_stand_evenly_about_the_mean_and_hold_all_common_points(values, options):
    chart = xmr(values, improvement="increase", **options)
    for value, mean, lower, upper, cause in zip(
        values, chart.mean, chart.lower, chart.upper, chart.special_cause, strict=True
    ):
        if lower is not None:
            assert upper - mean == pytest.approx(mean - lower, abs=1e-9)
            if cause == "Common Cause":
                assert lower <= value <= upper

"""Rules on audits: each fires, just does not, has too little data, and is over again."""

from __future__ import annotations

import pytest

from tests.rules.looking import action, ago, ask, audits, says


def falls(theme: str, before: float, now: float, bands: str = "gg", gap: int = 30):
    return audits(bands, theme, gap=gap, scores=(before, now))


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        (falls("medicines", 95, 90) + falls("catering", 92, 80), "fires"),
        (falls("medicines", 95, 90) + falls("catering", 92, 91, "ga"), "fires"),
        (falls("medicines", 95, 90) + falls("catering", 92, 87.5), "quiet"),
        (falls("medicines", 95, 70), "quiet"),  # a single theme, however low
        (falls("medicines", 95, 90, gap=93) + falls("catering", 92, 80), "quiet"),
        (audits("r", "medicines") + audits("r", "catering"), "too_little_data"),
        ([], "too_little_data"),
    ],
)
def test_decline_across_themes(rows, outcome):
    assert says("multi_theme_decline", audits=rows) == outcome


def test_a_decline_names_its_themes_and_is_over_with_the_next_cycle():
    rows = falls("medicines", 94, 87.5) + falls("care records", 92, 84.5)
    (found,) = ask("multi_theme_decline", audits=rows)
    assert found.sentence == (
        "2 themes fell at Alder House in cycle 0: care records 92% to 84.5% and medicines 94% to "
        "87.5%."
    )
    assert len(found.rows) == 4
    after = audits("ggg", "medicines", scores=(94, 87.5, 90)) + audits(
        "ggg", "care records", scores=(92, 84.5, 90)
    )
    assert says("multi_theme_decline", audits=after) == "quiet"


def test_a_single_theme_is_named_though_it_does_not_fire():
    (found,) = ask("multi_theme_decline", audits=falls("catering", 94, 88))
    assert found.sentence == (
        "1 theme fell at Alder House: catering 94% to 88%; 2 would be a decline across themes."
    )


@pytest.mark.parametrize(
    ("bands", "outcome"),
    [
        ("gaa", "fires"),
        ("gar", "fires"),
        ("agagag", "fires"),
        ("gagagg", "quiet"),
        ("aag", "quiet"),
        ("aaagggg", "quiet"),
        ("gaag", "quiet"),
        ("a--", "too_little_data"),
        ("", "too_little_data"),
    ],
)
def test_repeated_amber(bands, outcome):
    assert says("repeated_amber", audits=audits(bands)) == outcome


def test_repeated_amber_is_by_theme():
    found = ask("repeated_amber", audits=audits("gaa", "catering") + audits("gga", "medicines"))
    assert {one.key: one.outcome for one in found} == {"catering": "fires", "medicines": "quiet"}
    assert found[0].sentence == (
        "Catering at Alder House: amber or red in 2 of the last 3 audits, the latest 2 among them."
    )


@pytest.mark.parametrize(
    ("bands", "outcome"),
    [
        ("raga", "fires"),
        ("rag", "quiet"),
        ("raagg", "quiet"),  # one of the last three
        ("ra", "too_little_data"),  # one audit since
    ],
)
def test_weak_again_after_the_work_was_closed(bands, outcome):
    rows = audits(bands)
    done = action("verified", theme="medicines", closed_on=rows[0].on)
    assert says("repeated_weakness", audits=rows, actions=[done]) == outcome
    assert says("repeated_weakness", audits=rows) == "too_little_data"


def test_work_that_is_not_closed_says_nothing():
    open_one = action("open", theme="medicines", closed_on=ago(200))
    assert says("repeated_weakness", audits=audits("raaa"), actions=[open_one]) == "too_little_data"

"""Criteria for stepping down: met, not met, cannot tell."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.monitoring.criteria import COMPUTED, Known, Row, Week, judge

START = date(2026, 9, 7)


def day(number: int) -> date:
    return START + timedelta(days=number)


def known(on: int = 56, **rows) -> Known:
    return Known(START, day(on), **rows)


def raised(*days: int, theme: str = "Neglect") -> list[Row]:
    return [Row("concern", uuid4(), f"SG-{number}", day(number), theme=theme) for number in days]


def audits(theme: str, *scores: tuple[int, float]) -> list[Row]:
    return [
        Row("audit", uuid4(), "", day(number), theme=theme, score=score) for number, score in scores
    ]


def returned(*faults: str) -> list[Week]:
    weeks = []
    for number, fault in enumerate(faults, start=1):
        due = day(7 * number)
        weeks.append(
            Week(
                number,
                due,
                None if fault == "missing" else due + timedelta(days=fault == "late"),
                None if fault in ("missing", "waiting") else "proves",
                fault == "unsupported",
                None,
            )
        )
    return weeks


@pytest.mark.parametrize(
    ("days", "on", "state"),
    [
        ((), 56, "met"),
        ((-20, -9), 56, "met"),  # the repeat is 65 days old
        ((-20, -1), 56, "met"),  # 57 days: just out
        ((-20, 0), 56, "met"),  # 56 days: no longer within them
        ((-20, 1), 56, "not_met"),
        ((10,), 56, "met"),  # the first of its theme repeats nothing
        ((-70, 10), 56, "met"),  # over 61 days after the one before
        ((-50, 10), 56, "not_met"),
    ],
)
def test_no_theme_comes_up_again(days, on, state):
    assert judge("no_repeat_themes", {"days": 56}, known(on, concerns=raised(*days))).state == state


def test_concerns_of_other_themes_are_no_repeats():
    concerns = [*raised(-20), *raised(10, theme="Falls"), *raised(12, theme="")]
    found = judge("no_repeat_themes", {"days": 56}, known(concerns=concerns))
    assert found.state == "met" and found.rows == ()


def test_what_repeats_is_named_with_the_day_from_which_it_may_be_met():
    found = judge("no_repeat_themes", {"days": 56}, known(concerns=raised(-20, 10)))
    assert "Neglect" in found.sentence and "12 Nov 2026" in found.sentence
    assert [row.reference for row in found.rows] == ["SG-10"]


@given(st.lists(st.integers(-100, 56), max_size=8), st.randoms())
def test_the_order_of_rows_and_rows_of_other_themes_change_nothing(days, random):
    rows = raised(*sorted(days))
    shuffled = list(rows)
    random.shuffle(shuffled)
    one = judge("no_repeat_themes", {"days": 56}, known(concerns=rows))
    other = [*rows, *raised(-300, theme="Another")]
    assert judge("no_repeat_themes", {"days": 56}, known(concerns=other)).state == one.state
    assert judge("no_repeat_themes", {"days": 56}, known(concerns=shuffled)).state == one.state


@pytest.mark.parametrize(
    ("days", "on", "state"),
    [
        ((-20, -10, -5), 56, "met"),
        ((-20, -10, -5), 40, "cannot_tell"),
        ((-20, -10, -5, 35), 56, "met"),  # one, and fewer than before
        ((-20, -10, 35), 56, "not_met"),  # one before, one after
        ((-20, -10, -5, 35, 36), 40, "not_met"),  # two, whatever comes
        ((), 56, "not_met"),
    ],
)
def test_repeats_are_reduced(days, on, state):
    rows = [row for row in raised(*days) if row.on <= day(on)]
    assert judge("reduced_repeats", {}, known(on, concerns=rows)).state == state


@pytest.mark.parametrize(
    ("scores", "state"),
    [
        (((-90, 88), (-5, 74)), "cannot_tell"),
        (((-90, 88), (-5, 74), (20, 88)), "met"),  # back where it stood
        (((-90, 88), (-5, 74), (20, 87)), "not_met"),
        (((-90, 97), (-5, 74), (20, 90)), "met"),  # the target is lower
        (((-90, 88), (-5, 74), (20, 80), (45, 89)), "met"),  # in the second cycle
        (((-5, 74), (20, 89)), "not_met"),  # no score before: the target
        (((-5, 74), (20, 90)), "met"),
    ],
)
def test_weak_themes_are_restored(scores, state):
    given_ = {"themes": ["medicines"], "target": 90}
    assert (
        judge("themes_restored", given_, known(audits=audits("Medicines", *scores))).state == state
    )


def test_every_theme_is_restored_and_none_is_red():
    both = {"themes": ["Medicines", "Records"], "target": 90}
    good = audits("Medicines", (-90, 80), (-5, 60), (20, 85))
    assert judge("themes_restored", both, known(audits=good)).state == "cannot_tell"
    bad = audits("Records", (-90, 80), (-5, 60), (20, 70))
    assert judge("themes_restored", both, known(audits=[*good, *bad])).state == "not_met"
    red = [*good[:-1], Row("audit", uuid4(), "", day(20), theme="Medicines", score=85, rag="red")]
    one = {"themes": ["Medicines"], "target": 90}
    assert judge("themes_restored", one, known(audits=red)).state == "not_met"


def test_a_score_since_entry():
    asked = {"theme": "Medicines", "least": 85}
    before = audits("Medicines", (-5, 95))
    assert judge("audit_score", asked, known(audits=before)).state == "cannot_tell"
    for score, state in ((85, "met"), (84.9, "not_met")):
        rows = [*before, *audits("Medicines", (9, score))]
        assert judge("audit_score", asked, known(audits=rows)).state == state


def test_red_overdue_is_more_than_seven_days():
    def late(days: int) -> Known:
        return known(late=[Row("action", uuid4(), "ACT-1", day(56 - days))])

    assert judge("no_red_overdue", {}, known()).state == "met"
    assert judge("no_red_overdue", {}, late(7)).state == "met"
    assert judge("no_red_overdue", {}, late(8)).state == "not_met"


@pytest.mark.parametrize(
    ("faults", "state"),
    [
        (("", "", "", ""), "met"),
        (("missing", "", "", "", ""), "met"),  # only the last four count
        (("", "", ""), "cannot_tell"),
        (("", "", "missing"), "not_met"),
        (("", "", "", "late"), "not_met"),
        (("", "", "", "waiting"), "not_met"),
        (("", "", "unsupported", ""), "not_met"),
    ],
)
def test_returns_on_time_and_validated(faults, state):
    assert judge("returns_validated", {"weeks": 4}, known(weeks=returned(*faults))).state == state


def test_an_indicator_at_its_target():
    row = Row("indicator", uuid4(), "IND-1", None)
    asked = {"indicator": str(row.id), "periods": 2}
    assert judge("indicator_target", asked, known()).state == "cannot_tell"
    for kept, state in ((True, "met"), (False, "not_met"), (None, "cannot_tell")):
        found = known(kept={(str(row.id), 2): (kept, "96%, 97%; the target is 95%.", row)})
        assert judge("indicator_target", asked, found).state == state


def test_the_commissioner_s_statement():
    assert judge("commissioner_statement", {}, known()).state == "not_met"
    row = Row("commissioner_statement", uuid4(), "", day(40), says="Not yet.")
    assert judge("commissioner_statement", {}, known(statement=row, restored=False)).state == (
        "not_met"
    )
    assert judge("commissioner_statement", {}, known(statement=row, restored=True)).state == "met"


def test_each_says_its_words_with_its_parameters():
    for kind in COMPUTED.values():
        words = kind.said.format(**{one.name: "x" for one in kind.fields})
        assert "{" not in words

"""The shape of a pack: its text, and the small numbers that may not leave."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careboard.packs import content as c
from careboard.packs.content import Chart, Count, Section, Share, Table
from tests.packs.contents import example, figure

SMALL = st.integers(0, 40)


def test_text_and_back():
    whole = example()
    assert c.from_json(c.to_json(whole)) == whole
    hidden = c.suppressed(whole)
    assert c.from_json(c.to_json(hidden)) == hidden


def test_text_is_canonical():
    text = c.to_json(example(title="Café “update”"))
    again = json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert text == again and "Café “update”" in text


def _table(*rows, columns=("State", "A", "B", "Total")):
    return Table("Actions", columns, tuple(rows))


def _hidden(table: Table) -> tuple:
    whole = example(sections=(Section("s", "S", tables=(table,)),))
    return c.suppressed(whole).sections[0].tables[0].rows


def _figure(**given):
    whole = example(sections=(Section("s", "S", figures=(figure(**given),)),))
    return c.suppressed(whole).sections[0].figures[0]


def test_a_count_of_one_to_four_is_hidden_and_nought_and_five_are_not():
    rows = _hidden(Table("T", ("Kind", "People"), tuple((str(n), Count(n)) for n in range(6))))
    assert [row[1] for row in rows] == [
        Count(0), "1 to 4", "1 to 4", "1 to 4", "1 to 4", Count(5),
    ]  # fmt: skip


def test_totals_that_would_give_it_back_are_hidden_in_their_row_their_column_and_the_corner():
    rows = _hidden(example().sections[0].tables[0])
    assert rows == (
        ("Open", "1 to 4", Count(9), "not shown"),
        ("Verified", Count(7), Count(20), Count(27)),
        ("Total", "not shown", Count(29), "not shown"),
    )


def test_a_total_is_known_by_its_sum_too():
    rows = _hidden(_table(("Open", Count(3), Count(9), Count(12)), columns=("S", "A", "B", "Of")))
    assert rows == (("Open", "1 to 4", Count(9), "not shown"),)


@pytest.mark.parametrize("heading", ["Subtotal", "Grand total", "Of all homes", "Sum", "Overall"])
def test_a_total_by_another_name_and_its_percentage_give_nothing_back(heading):
    first, second = (Count(3), Share(3, 60)), (Count(12), Share(12, 60))
    rows = _hidden(
        _table(("a", *first), ("b", *second), ("c", *second), (heading, Count(15), Share(15, 120)),
               columns=("Home", "Falls", "Of visits"))
    )  # fmt: skip
    assert rows[0] == ("a", "1 to 4", "small numbers") and rows[1] == ("b", *second)
    assert rows[3] == (heading, "not shown", "not shown")


def test_a_percentage_of_fewer_than_ten_says_small_numbers_and_not_of_how_many():
    few = _figure(value="77.8%", numerator=7, denominator=9)
    assert (few.value, few.numerator, few.denominator) == ("small numbers", None, None)


def test_a_percentage_that_stands_for_one_to_four_is_hidden_with_them():
    few = _figure(value="6%", numerator=3, denominator=50)
    assert (few.value, few.numerator, few.denominator) == ("small numbers", "1 to 4", Count(50))
    assert _figure(numerator=0, denominator=50).value == "8.0%"


def test_a_count_with_what_it_was_counted_from_is_said_once():
    def said(part: int, base: int) -> tuple[str, str]:
        whole = example(
            sections=(Section("s", "S", figures=(figure("Late", Count(part), part, base),)),)
        )
        one = c.suppressed(whole).sections[0].figures[0]
        return str(one.value), one.basis

    assert said(6, 20) == ("6", "of 20")
    assert said(3, 20) == ("1 to 4", "of 20")
    assert said(3, 9) == ("small numbers", "")
    assert figure().basis == "(40 of 500)"


def test_the_lines_of_a_chart_are_told_beside_it_and_its_axis_is_short():
    chart = Chart("Wait", "Improving.", " minutes", 12.0, (("1", 18.25), ("2", None), ("3", 16.0)))
    assert chart.key == (
        "The dashed line is the target, 12 minutes. Where the line stops, there is no value or "
        "none that may be shown."
    )
    assert (chart.mark(18.25), chart.shown(18.25)) == ("18.2", "18.25 minutes")
    assert Chart("Late", "Stable.", "%", None, (("1", 8.0), ("2", 9.0))).key == ""


def test_a_chart_hides_its_points_and_the_sentence_that_may_say_them():
    points = (("1", Share(3, 50)), ("2", Share(20, 50)), ("3", Count(2)), ("4", Share(3, 9)))
    chart = Chart("Late", "The latest is 3 of 9.", "%", None, points)
    whole = example(sections=(Section("s", "S", charts=(chart,)),))
    hidden = c.suppressed(whole).sections[0].charts[0]
    assert [value for _, value in hidden.points] == [
        "small numbers", Share(20, 50), "1 to 4", "small numbers",
    ]  # fmt: skip
    assert "3 of 9" not in hidden.sentence
    assert c.hidden_places(whole) == 3


def test_suppressing_twice_changes_nothing():
    once = c.suppressed(example())
    assert c.suppressed(once) == once and c.hidden_places(once) == 0


def _with_totals(cells: list[list[int]]) -> Table:
    rows = [[*row, sum(row)] for row in cells]
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    columns = ("Of", *(f"Column {place}" for place, _ in enumerate(cells[0])), "Total")
    names = [*(f"Row {place}" for place, _ in enumerate(cells)), "Total"]
    return Table(
        "Any", columns,
        tuple((name, *map(Count, row)) for name, row in zip(names, rows, strict=True)),
    )  # fmt: skip


@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(
            st.lists(SMALL, min_size=width, max_size=width), min_size=2, max_size=4
        )
    ),
    st.data(),
)
def test_any_other_number_from_one_to_four_would_look_the_same(cells, data):
    """No arithmetic over what is shown tells which number was hidden."""
    shown = _hidden(_with_totals(cells))
    few = [(y, x) for y, row in enumerate(cells) for x, n in enumerate(row) if 0 < n < 5]
    if few:
        y, x = data.draw(st.sampled_from(few))
        other = [list(row) for row in cells]
        other[y][x] = data.draw(st.integers(1, 4))
        assert _hidden(_with_totals(other)) == shown


def test_words_of_a_chart_say_its_unit():
    chart = replace(example().sections[1].charts[0])
    assert [chart.shown(value) for _, value in chart.points] == ["9.5%", "–", "6.0%", "6"]
    assert chart.drawing() is not None


def test_a_drawing_leaves_a_gap_where_nothing_is_shown():
    chart = Chart("Late", "Said.", "%", 5.0, (("1", 9.0), ("2", None), ("3", 8.0), ("4", 7.0)))
    drawing = chart.drawing()
    assert [len(run) for run in drawing.runs] == [1, 2] and len(drawing.lines) == 2
    assert drawing.target is not None and [value for value, _ in drawing.marks] == [9.0, 5.0]
    assert replace(chart, points=(("1", 9.0), ("2", None))).drawing() is None

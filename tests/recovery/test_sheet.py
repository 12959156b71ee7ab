"""The sheet of readings: a service's week on one screen, all or none, what was typed kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import Tag
from hypothesis import given
from hypothesis import strategies as st

from careboard.recovery.readings_sheet import number, shown
from careboard.recovery.service import Shape, shape_of
from tests.counting import statements
from tests.recovery.making import FALLS, HOUSE, ON, SUNDAY, opened
from tests.recovery.test_pages import BASE, problems, soup

DAILY = Shape("Bruises found", "safety", "count", "down", "day")
MONTHLY = Shape("Supervisions held", "staffing", "percent", "up", "month")


@pytest.fixture
def sheet(world) -> str:
    """The address of a sheet with a weekly, a daily, a monthly indicator and a computed one."""
    for shape in (FALLS, DAILY, MONTHLY, shape_of("complaints", computed=True)):
        opened(world, shape)
    return f"{BASE}/services/{world.service_id(HOUSE)}/readings"


def boxes(answer, name: str) -> list[Tag]:
    """The boxes of the rows of an indicator, in their order."""
    rows = [row for row in soup(answer).select("tbody tr") if name in row.th.get_text()]
    return [box for row in rows for box in row.select("input[type=text]")]


def stored(world) -> list[tuple]:
    rows = world.sql(
        "SELECT i.name, r.period_start, r.value FROM reading r "
        "JOIN indicator i ON i.id = r.indicator_id ORDER BY 1, 2"
    )
    return [(row.name, str(row.period_start), float(row.value)) for row in rows]


def test_a_week_of_a_service_stands_on_one_screen(world, sheet):
    page = world.client("rita").get(sheet)
    assert [len(boxes(page, name)) for name in ("Falls", "Bruises", "Supervisions")] == [1, 7, 3]
    assert "Complaints" not in page.text and "0 of 9 recorded" in page.text
    first = boxes(page, "Bruises")[0]
    assert first["name"].endswith(str(SUNDAY - timedelta(days=6)))
    assert boxes(page, "Supervisions")[0]["name"].endswith("2026-11-01")


def test_a_sheet_is_recorded_at_once(world, sheet):
    rita = world.client("rita")
    page = rita.get(sheet)
    typed = {boxes(page, "Falls")[0]["name"]: "1,203", boxes(page, "Bruises")[2]["name"]: "0"}
    many, of, _ = (box["name"] for box in boxes(page, "Supervisions"))
    answer = rita.post(sheet, data=typed | {many: "19", of: "20"})
    assert answer.status_code == 303
    assert stored(world) == [
        ("Bruises found", "2026-11-11", 0),
        ("Falls at night", "2026-11-09", 1203),
        ("Supervisions held", "2026-11-01", 95),
    ]
    done = rita.get(answer.location)
    assert "3 readings recorded" in done.text and "3 of 9 recorded" in done.text
    assert not boxes(done, "Falls") and len(boxes(done, "Bruises")) == 6
    correct = soup(done).select_one("tbody a[href*='/points/']")
    assert rita.get(correct["href"]).status_code == 200
    assert "Nothing new was typed" in rita.post(sheet, follow_redirects=True).text


def test_a_complete_week_says_so_and_offers_nothing_to_record(world):
    opened(world, FALLS)
    address = f"{BASE}/services/{world.service_id(HOUSE)}/readings"
    rita = world.client("rita")
    page = rita.get(address)
    assert "Record the readings" in page.text
    (box,) = boxes(page, "Falls")
    done = rita.post(address, data={box["name"]: "4"}, follow_redirects=True)
    assert "The week is complete" in done.text and "Record the readings" not in done.text


def test_one_wrong_value_records_nothing_and_keeps_what_was_typed(world, sheet):
    rita = world.client("rita")
    page = rita.get(sheet)
    falls, bruises = boxes(page, "Falls")[0]["name"], boxes(page, "Bruises")[0]["name"]
    many, of, _ = (box["name"] for box in boxes(page, "Supervisions"))
    answer = rita.post(sheet, data={falls: "3", bruises: "two", many: "21", of: "20"})
    assert answer.status_code == 422 and stored(world) == []
    assert "Write a number" in problems(answer)
    box = boxes(answer, "Bruises")[0]
    assert box["value"] == "two" and box["aria-invalid"] == "true"
    assert soup(answer).find(id=box["aria-describedby"])
    assert boxes(answer, "Falls")[0]["value"] == "3"
    answer = rita.post(sheet, data={falls: "3", bruises: "2", many: "21", of: "20"})
    assert answer.status_code == 422 and stored(world) == []
    assert "cannot be more than the number it is part of" in problems(answer)


def test_what_someone_else_recorded_meanwhile_is_not_overwritten(world, sheet):
    rita, bob = world.client("rita"), world.client("bob")
    falls = boxes(rita.get(sheet), "Falls")[0]["name"]
    assert bob.post(sheet, data={falls: "2"}).status_code == 303
    answer = rita.post(sheet, data={falls: "5"})
    assert answer.status_code == 422 and "There is a reading already" in problems(answer)
    assert boxes(answer, "Falls")[0]["value"] == "5"
    assert [value for *_, value in stored(world)] == [2]
    assert rita.post(sheet, data={falls: "2"}).status_code == 303


def test_another_week_and_the_one_before(world, sheet):
    rita = world.client("rita")
    falls = boxes(rita.get(f"{sheet}?on=2026-11-04"), "Falls")[0]["name"]
    assert falls.endswith("2026-11-02")
    assert rita.post(f"{sheet}?on=2026-11-04", data={falls: "4"}).status_code == 303
    page = rita.get(sheet)
    row = next(r for r in soup(page).select("tbody tr") if "Falls" in r.th.get_text())
    assert row.select("td")[1].get_text(strip=True) == "4"
    later = rita.get(f"{sheet}?on={ON + timedelta(days=40)}")
    assert later.status_code == 200 and "16 Nov 2026" in later.text
    assert "not a date" in rita.get(f"{sheet}?on=soon").text


def test_who_may_type_and_how_many_statements(world, sheet):
    for person, status in (("ben", 403), ("vera", 403), ("charlie", 404), ("alice", 200)):
        assert world.client(person).get(sheet).status_code == status, person
    assert world.client("charlie").get(sheet.replace("alder", "birch")).status_code == 404
    lodge = world.service_id("Alder Lodge")
    assert world.client("rita").get(f"{BASE}/services/{lodge}/readings").status_code == 403
    rita = world.client("rita")
    with statements() as sent:
        assert rita.get(sheet).status_code == 200
    assert len(sent) <= 5, sent


def test_nothing_to_type_says_so(world):
    page = world.client("bob").get(f"{BASE}/services/{world.service_id(HOUSE)}/readings")
    assert "Nothing is read by hand here" in page.text


@pytest.mark.parametrize(
    ("written", "meant"),
    [("", None), (" 12 ", 12), ("82.5%", 82.5), ("82.5 %", 82.5), ("1,234.5", 1234.5), ("-3", -3),
     ("0", 0)],
)  # fmt: skip
def test_numbers_as_people_write_them(written, meant):
    assert number(written) == meant


@pytest.mark.parametrize("written", ["82,5", "1,23", "nan", "inf", "1e3", "٣", "1.23456", "ten",
                                     "12345678901", "--1", "1 2"])  # fmt: skip
def test_what_is_no_number_is_refused(written):
    with pytest.raises(ValueError, match="Write a number"):
        number(written)


@given(st.integers(-(10**9), 10**9))
def test_a_number_is_shown_as_it_would_be_typed(tenths_of_thousandths):
    value = tenths_of_thousandths / 10_000
    assert number(shown(value)) == pytest.approx(value, abs=1e-9)

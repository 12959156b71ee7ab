"""Every sample file gives exactly what its entry in expected.json says, with and without a map."""

import datetime as dt

import pytest

from careboard.imports.tables import read_table
from tests.imports.sample import EXPECTED, FILES, HERE, checked, entry, triples

EXACT_WARNINGS = {"missing_owner", "missing_due"}


@pytest.mark.parametrize("mapped", [True, False], ids=["map", "aliases"])
@pytest.mark.parametrize("name", FILES)
def test_exactly_the_expected_rows(name, mapped):
    report, expected = checked(name, mapped=mapped).report(), entry(name)
    for key in ("encoding", "delimiter", "sheet", "header_row"):
        assert report.get(key) == expected.get(key)
    for key in ("data_rows_total", "accepted", "rejected_total"):
        assert report[key] == expected[key]
    assert triples(report["rejected"]) == triples(expected["rejected"])
    for code, rows in expected["warnings"].items():
        assert set(rows) <= set(report["warnings"].get(code, []))
    for code in EXACT_WARNINGS:
        assert report["warnings"].get(code, []) == expected["warnings"].get(code, [])


@pytest.mark.parametrize("name", FILES)
def test_blank_rows_and_sheets(name):
    table = read_table(HERE / name, feed=entry(name)["feed"])
    assert table.blank_rows == entry(name)["blank_rows"]
    assert table.sheets == entry(name).get("sheets", [])


@pytest.mark.parametrize("name", FILES)
def test_warnings_say_nothing_else(name):
    assert checked(name).warnings == entry(name)["warnings"]


@pytest.mark.parametrize("name", FILES)
def test_rewritten_cells_mean_what_they_should(name):
    rows = {row["row"]: row for row in checked(name).accepted.to_dicts()}
    for item in entry(name)["values"]:
        value = rows[item["row"]][item["field"]]
        if isinstance(value, dt.time):
            value = value.strftime("%H:%M")
        elif isinstance(value, dt.date):
            value = value.isoformat()
        assert value == item["value"], item


@pytest.mark.parametrize("name", FILES)
def test_personal_data(name):
    found = checked(name).pii
    for row, kinds in entry(name)["pii"].items():
        expected = set(kinds) - {"name_untitled"}
        assert expected <= set(found.get(int(row), []))
    assert not set(found) - {int(row) for row in entry(name)["pii"]}
    assert not set(found) & set(entry(name)["not_pii"])


@pytest.mark.parametrize("name", [name for name in FILES if name != "services.csv"])
def test_service_is_resolved(name):
    accepted = checked(name).accepted
    if "service_id" in accepted.columns:
        assert accepted["service_id"].null_count() == 0
    assert accepted["source_key"].null_count() == 0


def test_every_code_of_the_vocabulary_is_explained():
    from careboard.imports.messages import explain

    for code in EXPECTED["rejection_codes"]:
        assert explain(code, "Due date", "31/02/2026").endswith(".")

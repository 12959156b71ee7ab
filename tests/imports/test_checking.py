"""Rows against their feed: one dirt at a time, in made-up files."""

import datetime as dt

import pytest

from careboard.imports.checking import CheckContext, check, check_rows
from careboard.imports.feeds import get_feed
from careboard.imports.mapping import DataMap, propose
from careboard.imports.services_matching import ServiceRef
from careboard.imports.tables import read_table, table_of_rows

SERVICES = [
    ServiceRef("a", "The Larches", "1-101", "VN1", "Northmoor"),
    ServiceRef("b", "Mill Lane Lodge", "1-102", "VN2", "Wexcombe"),
    ServiceRef("c", "Rose Court", "1-103", None, "Northmoor"),
    ServiceRef("d", "Rose Court", "1-104", None, "Wexcombe"),
]


def run(feed, titles, *rows, data_map=None, **changes):
    feed = get_feed(feed)
    table = table_of_rows(titles, [(n, list(row)) for n, row in enumerate(rows, start=2)])
    context = CheckContext(**({"services": SERVICES, "provider_name": "Oak Care Ltd"} | changes))
    return check(table, feed, data_map or propose(table, feed), context)


def reasons(checked):
    return [(item.row, item.code, item.field) for item in checked.rejected]


def one(feed, titles, row, field, **changes):
    return run(feed, titles, row, **changes).accepted[field][0]


COMPLAINT = ["Complaint no", "Service", "Received", "Theme", "Formal", "Summary"]
FEEDBACK = ["Response", "Service", "Date", "Question", "Score", "Out of"]


@pytest.mark.parametrize(
    "name", ["The Larches", " the  larches ", "THELARCHES", "1-101", "vn1", "the larches"]
)
def test_services_by_name_id_or_ods(name):
    row = ["C1", name, "01/02/2026", "fees", "Y", ""]
    assert one("complaints", COMPLAINT, row, "service_id") == "a"


@pytest.mark.parametrize(
    "name", ["Larches", "Larches The", "The Larchs", "1-999", "The Larches (old)"]
)
def test_no_service_by_guess(name):
    checked = run("complaints", COMPLAINT, ["C1", name, "01/02/2026", "fees", "Y", ""])
    assert reasons(checked) == [(2, "unknown_service", "service.name")]
    assert name in checked.rejected[0].message


def test_services_of_one_name_need_their_authority():
    titles = ["Query", "Received", "Council", "Service", "Theme"]
    checked = run("commissioner_queries", titles,
                  ["Q1", "01/02/2026", "Wexcombe", "Rose Court", "x"],
                  ["Q2", "01/02/2026", "", "Rose Court", "x"])  # fmt: skip
    assert checked.accepted["service_id"].to_list() == ["d"]
    assert reasons(checked) == [(3, "unknown_service", "service.name")]


def test_name_and_id_together():
    titles = ["Complaint no", "Service", "Location ID", "Received", "Theme", "Formal"]
    rest = ["01/02/2026", "fees", "Y"]
    checked = run("complaints", titles, ["C1", "Old name", "1-101", *rest],
                  ["C2", "Mill Lane Lodge", "1-101", *rest], ["C3", "The Larches", "", *rest],
                  ["C4", "The Larches", "1-999", *rest], ["C5", "", "", *rest])  # fmt: skip
    assert checked.accepted["service_id"].to_list() == ["a", "a"]
    assert reasons(checked) == [
        (3, "unknown_service", "service.name"),
        (5, "unknown_service", "service.id"),
        (6, "missing_required", "service.name"),
    ]


@pytest.mark.parametrize("empty", ["", "  ", "N/A", "n/a", "-", "–", "NULL", "\u00a0", "#N/A"])
def test_placeholders(empty):
    checked = run("complaints", [*COMPLAINT, "Due"],
                  ["C1", "1-101", "01/02/2026", "fees", "Y", "", empty],
                  ["C2", "1-101", "01/02/2026", empty, "Y", "", ""])  # fmt: skip
    assert checked.accepted["due_on"].to_list() == [None]
    assert reasons(checked) == [(3, "missing_required", "theme")]


def test_999_is_no_answer_only_in_answers():
    checked = run("feedback", FEEDBACK, ["F1", "1-101", "01/02/2026", "respect", "999", "5"])
    assert checked.accepted["score"].to_list() == [None]
    titles = ["Audit ref", "Service", "Theme", "Completed", "Score", "Max"]
    checked = run("audits", titles, ["A1", "1-101", "x", "01/02/2026", "999", "100"])
    assert reasons(checked) == [(2, "out_of_range", "score")]


def test_numbers_with_their_maximum():
    rest = ["1-101", "01/02/2026", "respect"]
    checked = run("feedback", FEEDBACK, ["F1", *rest, "4/5", ""], ["F2", *rest, "6/5", ""],
                  ["F3", *rest, "7", "5"], ["F4", *rest, "-1", "5"], ["F5", *rest, "five", "5"],
                  )  # fmt: skip
    assert checked.accepted.select("score", "max_score").rows() == [(4.0, 5.0)]
    assert checked.warnings == {"unit_normalised": [2]}
    assert [code for _, code, _ in reasons(checked)] == ["out_of_range"] * 3 + ["bad_number"]


def test_percent_in_the_title_is_the_maximum():
    titles = ["Audit ref", "Service", "Theme", "Completed", "Score (%)"]
    rest = ["1-101", "x", "01/02/2026"]
    checked = run("audits", titles, ["A1", *rest, "104"], ["A2", *rest, "99%"], ["A3", *rest, "80"])
    assert reasons(checked) == [(2, "out_of_range", "score")]
    assert checked.accepted["max_score"].to_list() == [100.0, 100.0]


def test_percentages_kept_as_shares_of_one():
    titles = ["Audit ref", "Service", "Theme", "Completed", "Score (%)"]
    rest = ["1-101", "x", "01/02/2026"]
    scores = ["0.93", "0.925", "1", "0.8", "0.78", "N/A"]
    checked = run("audits", titles, *[[f"A{n}", *rest, s] for n, s in enumerate(scores)])
    assert checked.accepted["score"].to_list() == [93, 92.5, 100, 80, 78, None]
    assert checked.warnings["unit_normalised"] == [2, 3, 4, 5, 6]
    few = run("audits", titles, ["A1", *rest, "0.9"], ["A2", *rest, "93"])
    assert few.accepted["score"].to_list() == [0.9, 93]


def test_thousands_of_moments():
    titles = ["Incident ID", "Service", "Date", "Reported", "Type", "Status"]
    start = dt.datetime(2026, 4, 1)
    moments = [start + dt.timedelta(minutes=7 * n) for n in range(6_000)]
    rows = [[f"I{n}", "1-101", "01/04/2026", f"{m:%d/%m/%Y %H:%M}", "fall", "Open"]
            for n, m in enumerate(moments)]  # fmt: skip
    rows[10][3], rows[11][3], rows[12][3] = (
        "31/02/2026 10:00",
        "01/04/2026 25:00",
        "2026-04-01T09:00Z",
    )
    checked = run("incidents", titles, *rows)
    assert [r[1:] for r in reasons(checked)] == [
        ("bad_date", "reported_at"),
        ("bad_time", "reported_at"),
    ]
    read = [m.replace(tzinfo=None) for m in checked.accepted["reported_at"].to_list()]
    assert read[10] == dt.datetime(2026, 4, 1, 10)
    assert read[11:] == moments[13:]


INCIDENT = ["Incident ID", "Service", "Date", "Time", "Type", "Status"]


@pytest.mark.parametrize(
    ("day", "time", "moment"),
    [
        ("04/03/2026", "6.30", "2026-03-04 06:30:00+00:00"),
        ("04/07/2026", "0630", "2026-07-04 06:30:00+01:00"),
        ("31/12/2026", "24:00", "2027-01-01 00:00:00+00:00"),
        ("25/10/2026", "01:30", "2026-10-25 01:30:00+01:00"),
        ("29/03/2026", "01:30", "2026-03-29 02:30:00+01:00"),
        ("04/03/2026 14:30", "", "None"),
        ("46085", "6:30 AM", "2026-03-04 06:30:00+00:00"),
    ],
)
def test_moments_from_day_and_time(day, time, moment):
    checked = run("incidents", INCIDENT, ["I1", "1-101", day, time, "fall", "Open"])
    assert str(checked.accepted["occurred_at"][0]) == moment
    changed = {"25/10/2026", "29/03/2026"}
    assert ("clock_change" in checked.warnings) == (day in changed)


def test_moments_in_one_column():
    titles = ["Incident ID", "Service", "Date and time", "Type", "Status"]
    checked = run("incidents", titles, ["I1", "1-101", "2026-07-04T09:00:00Z", "fall", "Open"],
                  ["I2", "1-101", "04/03/2026 - 25:10", "fall", "Open"],
                  ["I3", "1-101", "", "fall", "Open"])  # fmt: skip
    assert str(checked.accepted["occurred_at"][0]) == "2026-07-04 10:00:00+01:00"
    assert [r[1:] for r in reasons(checked)] == [
        ("bad_time", "occurred_at"), ("missing_required", "occurred_at")]  # fmt: skip


def test_day_with_its_time_in_one_cell():
    titles = ["Incident ID", "Service", "Date", "Type", "Status"]
    checked = run("incidents", titles, ["I1", "1-101", "04/03/2026 14:30", "fall", "Open"])
    assert checked.accepted["occurred_at.d"][0] == dt.date(2026, 3, 4)
    assert str(checked.accepted["occurred_at"][0]) == "2026-03-04 14:30:00+00:00"


def test_dates_of_another_kind_in_a_column_are_told():
    rows = [[f"C{n}", "1-101", f"2026-03-{n:02d}", "fees", "Y", ""] for n in range(1, 9)]
    rows += [
        ["C9", "1-101", "05/04/2026", "fees", "Y", ""],
        ["C10", "1-101", "25/04/2026", "x", "N", ""],
    ]
    checked = run("complaints", COMPLAINT, *rows)
    assert checked.warnings == {"ambiguous_date": [10]}
    assert checked.accepted["received_on"][8] == dt.date(2026, 4, 5)


def test_ids():
    titles = ["Complaint no", "Service", "Received", "Theme", "Formal"]
    rest = ["1-101", "01/02/2026", "fees", "Y"]
    ids = ["00012345", "00012346", "00012347", "12348", "01-Jan", "1.23E+09"]
    checked = run("complaints", titles, *[[i, *rest] for i in ids])
    assert checked.warnings == {"id_leading_zeros": [5]}
    assert checked.accepted["source_key"].to_list() == ids[:4]
    assert reasons(checked) == [(6, "bad_id", "id"), (7, "bad_id", "id")]


def test_repeats_and_later_versions():
    row = ["C1", "1-101", "01/02/2026", "fees", "Y", "first"]
    checked = run("complaints", COMPLAINT, row, [*row[:5], "second"], row, COMPLAINT)
    assert checked.accepted["text"].to_list() == ["first", "second"]
    assert reasons(checked) == [(4, "duplicate", None), (5, "duplicate", None)]


@pytest.mark.parametrize(
    "cells",
    [["Total", "4"], ["Grand total:", "", "4"], ["", "Total complaints", "4"], ["End of report"],
     ["Exported on 16/11/2026"], ["4 records"], ["Count", "4"], ["Kept by the quality team only"],
     ["Records", "4"], ["", "Rows:", "1,204"]],
)  # fmt: skip
def test_closing_lines(cells):
    row = ["C1", "1-101", "01/02/2026", "fees", "Y", "first"]
    checked = run("complaints", COMPLAINT, row, [*cells, *[""] * (6 - len(cells))])
    assert reasons(checked) == [(3, "footer", None)]


def test_a_poor_record_is_no_closing_line():
    row = ["C1", "1-101", "01/02/2026", "Total care", "Y", "Total: all of it"]
    checked = run("complaints", COMPLAINT, ["C9", "", "", "", "", ""], row)
    assert reasons(checked) == [(2, "missing_required", "service.name")]


def test_codes_of_the_map_and_of_the_feed():
    titles = ["Ref", "Service", "Action", "Status", "Owner", "Due date"]
    row = ["A1", "1-101", "Do it", "Blue", "Ann", "01/02/2026"]
    assert reasons(run("actions", titles, row)) == [(2, "unmapped_code", "status")]
    columns = [{"header": title, "field": field} for title, field in zip(
        titles, ["id", "service.name", "action", "status", "owner", "due"],
        strict=True)]  # fmt: skip
    data_map = DataMap.from_json({"columns": columns, "codes": {"status": {"blue": "open"}}})
    assert run("actions", titles, row, data_map=data_map).accepted["status"][0] == "open"
    other = run("actions", titles, [*row[:3], "WIP", *row[4:]], data_map=data_map)
    assert reasons(other) == [(2, "unmapped_code", "status")]


def test_yes_and_no():
    rest = ["1-101", "01/02/2026", "fees"]
    words = ["Y", "no", "TRUE", "0", "Formal", "perhaps", "999"]
    checked = run("complaints", COMPLAINT, *[[f"C{n}", *rest, w, ""] for n, w in enumerate(words)])
    assert checked.accepted["formal"].to_list() == [True, False, True, False, True]
    assert [r[1:] for r in reasons(checked)] == [
        ("unmapped_code", "formal"), ("missing_required", "formal")]  # fmt: skip


def test_owner_and_due_are_only_warned_of():
    titles = ["Ref", "Service", "Action", "Status", "Owner", "Due date"]
    checked = run("actions", titles, ["A1", "1-101", "Do it", "Open", "-", ""],
                  ["A2", "1-999", "Do it", "Open", "-", ""])  # fmt: skip
    assert checked.warnings == {"missing_due": [2], "missing_owner": [2]}


def test_references_to_other_records():
    titles = ["Concern ref", "Audit ref", "Raised", "Severity", "Status"]
    rows = [["C1", "A1", "01/02/2026", "Red", "Open"], ["C2", "A9", "01/02/2026", "Red", "Open"]]
    checked = run("audit_concerns", titles, *rows, known_refs={"audits": {"A1"}})
    assert reasons(checked) == [(3, "unknown_ref", "audit")]
    assert run("audit_concerns", titles, *rows).counts["accepted"] == 2


DIRECTORY = ["Name", "Location ID", "Provider name", "Provider ID"]


def test_other_providers_by_id_else_by_name():
    rows = [["A", "1-101", "Oak Care Limited", "1-1"], ["B", "1-102", "Elm Care", "1-2"],
            ["C", "1-103", "Elm Care", "1-1"], ["D", "1-104", "Oak Care Ltd", "1-9"]]  # fmt: skip
    checked = run("services", DIRECTORY, *rows, cqc_provider_id="1-1")
    assert checked.accepted["name"].to_list() == ["A"]
    assert {code for _, code, _ in reasons(checked)} == {"other_provider"}
    assert run("services", DIRECTORY, *rows).accepted["name"].to_list() == ["A", "D"]


def test_a_registered_name_unlike_the_one_in_careboard():
    rows = [[f"S{n}", f"1-10{n}", "Oak Holdings (UK) Ltd", "1-1"] for n in range(4)]
    rows.append(["S9", "1-109", "Elm Care", "1-1"])
    checked = run("services", DIRECTORY, *rows, cqc_provider_id="1-1")
    assert [item.row for item in checked.rejected] == [6]


def test_formulas_and_many_values():
    titles = [*INCIDENT, "Themes", "What happened"]
    checked = run("incidents", titles,
                  ["I1", "1-101", "04/03/2026", "", "fall", "Open", "falls; staffing\nfood",
                   "=1+1"],
                  ["I2", "1-101", "04/03/2026", "", "fall", "Open", "", "  @RM please"],
                  )  # fmt: skip
    assert checked.accepted["themes"].to_list() == [["falls", "staffing", "food"], None]
    assert checked.warnings == {"formula_cell": [2, 3]}


def test_personal_data_also_of_rows_held_back():
    checked = run(
        "complaints", COMPLAINT, ["C1", "1-999", "01/02/2026", "fees", "Y", "Mrs Wexley rang"]
    )
    assert checked.pii == {2: ["name"]}
    assert checked.warnings == {}


def test_dropped_columns_never_come_out():
    titles = [*INCIDENT, "NHS number"]
    checked = run(
        "incidents", titles, ["I1", "1-999", "04/03/2026", "", "fall", "Open", "9999400884"]
    )
    assert "NHS number" not in checked.rejected[0].raw
    assert "9999400884" not in str(checked.rejected) + str(checked.accepted)


def test_without_references_rows_are_known_by_what_they_say():
    titles = ["Service", "Date", "Question", "Score"]
    rows = [["1-101", "01/02/2026", "respect", "4"], ["1-101", "01/02/2026", "respect", "5"]]
    first, second = (run("feedback", titles, *rows) for _ in range(2))
    assert first.missing == ["Response ID"]
    assert first.accepted["source_key"].n_unique() == 2
    assert first.accepted["source_key"].to_list() == second.accepted["source_key"].to_list()


def test_a_needed_column_that_is_not_there():
    checked = run("complaints", ["Complaint no", "Service", "Theme"], ["C1", "1-101", "fees"])
    assert checked.missing == ["Received on"]
    assert reasons(checked) == [(2, "missing_required", "received_on")]


def test_a_corrected_row_is_tried_again_on_the_same_path():
    checked = run("complaints", COMPLAINT, ["C1", "Larches", "31/02/2026", "fees", "Y", "x"])
    held = checked.rejected[0]
    feed, context = get_feed("complaints"), CheckContext(services=SERVICES)
    data_map = propose(checked.table, feed)
    again = check_rows([(held.row, held.raw)], feed, data_map, context)
    assert reasons(again) == reasons(checked)
    fixed = held.raw | {"Service": "The Larches", "Received": "28/02/2026"}
    good = check_rows([(held.row, fixed)], feed, data_map, context)
    assert good.accepted.select("row", "service_id", "source_key").rows() == [(2, "a", "C1")]


def test_titles_that_repeat_can_be_corrected_too():
    titles = ["Incident ID", "Location", "Date", "Type", "Location", "Status"]
    checked = run("incidents", titles, ["I1", "?", "04/03/2026", "fall", "garden", "Open"])
    feed = get_feed("incidents")
    fixed = checked.rejected[0].raw | {"Location": "1-101"}
    good = check_rows([(2, fixed)], feed, propose(checked.table, feed), CheckContext(SERVICES))
    assert good.accepted["place"].to_list() == ["garden"]


def test_report_in_the_words_of_the_command_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "Complaint no,Service,Received,Theme,Formal\nC1,1-101,01/02/2026,fees,Y\nTotal,1,,,\n"
    )
    table = read_table(path, feed="complaints")
    feed = get_feed("complaints")
    report = check(table, feed, propose(table, feed), CheckContext(SERVICES)).report()
    assert report == {
        "encoding": "utf-8", "delimiter": ",", "header_row": 1, "data_rows_total": 2, "accepted": 1,
        "rejected_total": 1, "rejected": [{"row": 3, "code": "footer"}], "warnings": {},
    }  # fmt: skip


def test_no_rows_at_all(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Complaint no,Service,Received,Theme,Formal\n")
    table = read_table(path, feed="complaints")
    feed = get_feed("complaints")
    assert check(table, feed, propose(table, feed), CheckContext(SERVICES)).counts["accepted"] == 0

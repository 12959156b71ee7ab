"""The sample files saved in other ways say the same: other formats, titles, order, words."""

import random

import openpyxl
import pytest

from careboard.imports.checking import check
from careboard.imports.feeds import get_feed
from careboard.imports.mapping import DataMap, propose
from careboard.imports.tables import read_table
from tests.imports.sample import FILES, HERE, audits, context, entry, triples

OTHER_TITLES = {
    "services": ["Location name", "Trading as", "Postal address", "Post code", "Telephone",
                 "Website", "Service type", "Last inspection date", "Specialisms",
                 "Registered provider", "Council", "Area", "Link", "LOCATIONID", "CQC Provider ID"],
    "audits": ["Audit ID", "Location", "Audit type", "Month", "Date completed", "Audit score",
               "Out of", "RAG rating", "Audited by"],
    "audit_concerns": ["Finding ref", "Audit ID", "Date identified", "Finding", "Risk rating",
                       "Current status", "Date closed"],
    "actions": ["Action ID", "Home", "Arising from", "Action required", "Responsible person",
                "E-mail address", "Target date", "Progress", "Date completed", "Evidence",
                "Last updated"],
    "incidents": ["Incident ref", "Care home", "Incident date", "Incident time", "Date reported",
                  "Category", "Level of harm", "Where", "Resident", "Staff member", "Tags",
                  "Incident status", "Closure date", "Description"],
    "complaints": ["Case no.", "Home", "Date of complaint", "How received", "Nature of complaint",
                   "Formal?", "Date acknowledged", "Response due", "Response date", "Result",
                   "Details"],
    "feedback": ["Survey ID", "Home name", "Response date", "Respondent type", "Statement",
                 "Rating", "Scale", "Topic", "Verbatim"],
    "safeguarding": ["Alert ID", "CQC ID", "Date raised", "Threshold", "Type of abuse",
                     "Exact location", "Source", "Adult at risk", "Council", "Case status",
                     "Date closed", "Details"],
    "commissioner_queries": ["Enquiry no", "Date received", "Council", "Home", "Topic",
                             "Query text", "Date answered"],
    "indicator_readings": ["W/E", "CQC location", "Measure", "Num", "Denom", "Result", "UoM"],
    "reviews": ["Care review ref", "Home", "Resident", "Review type", "Due date", "Date completed",
                "High risk?", "Actions raised"],
    "emar": ["Administration ID", "CQC ID", "Service user", "Scheduled time", "Time given",
             "Outcome code", "When required", "Controlled drug", "Given by", "Witnessed by"],
}  # fmt: skip


def original(name):
    table = read_table(HERE / name, feed=entry(name)["feed"])
    rows = {row[0]: list(row[1:]) for row in table.frame.iter_rows()}
    for blank in table.blank_rows:
        rows[blank] = [""] * len(table.columns)
    return table, [rows[number] for number in sorted(rows)], sorted(rows)


def outcome(path, name, data_map=None, **options):
    feed = get_feed(entry(name)["feed"])
    table = read_table(path, feed=feed, **options)
    refs = {"audits": audits()} if feed.name == "audit_concerns" else {}
    data_map = data_map or propose(table, feed)
    return check(table, feed, data_map, context(known_refs=refs)).report()


def same(report, name, where):
    """`where` maps the sample's row numbers to those of the variant."""
    expected = entry(name)
    moved = [(where[row], code, at) for row, code, at in triples(expected["rejected"])]
    assert sorted(triples(report["rejected"]), key=str) == sorted(moved, key=str)
    assert report["accepted"] == expected["accepted"]
    for code, rows in expected["warnings"].items():
        if code != "excel_serial":
            assert {where[row] for row in rows} <= set(report["warnings"].get(code, [])), code


def write_text(path, rows, delimiter, codec):
    numbers, line, out = [], 1, []
    for cells in rows:
        numbers.append(line)
        quoted = [
            '"' + cell.replace('"', '""') + '"' if set(cell) & set(f'"\n{delimiter}') else cell
            for cell in cells
        ]
        text = delimiter.join(quoted)
        out.append(text)
        line += text.count("\n") + 1
    path.write_bytes("\r\n".join(out).encode(codec))
    return numbers


@pytest.mark.parametrize(
    ("delimiter", "codec", "before"),
    [(";", "cp1252", 2), ("|", "utf-8", 9), ("\t", "utf-16", 0), (",", "utf-8-sig", 17)],
)
@pytest.mark.parametrize("name", FILES)
def test_as_text_with_other_titles(tmp_path, name, delimiter, codec, before):
    table, rows, numbers = original(name)
    titles = OTHER_TITLES[get_feed(entry(name)["feed"]).name]
    preamble = [["Oakfield Care Group export"] if n % 2 == 0 else [""] for n in range(before)]
    at = write_text(tmp_path / "a.csv", [*preamble, titles, *rows], delimiter, codec)
    where = dict(zip(numbers, at[before + 1 :], strict=True))
    report = outcome(tmp_path / "a.csv", name)
    assert report["header_row"] == before + 1
    same(report, name, where)


@pytest.mark.parametrize("name", FILES)
def test_remembered_map_when_columns_move_and_others_come(tmp_path, name):
    table, rows, numbers = original(name)
    order = list(range(len(table.columns)))
    # Repeated titles can only be told apart by their order, which therefore stays.
    keep = [i for i in order if table.columns.count(table.columns[i]) > 1]
    moving = [i for i in order if i not in keep]
    random.Random(5).shuffle(moving)
    order = keep + moving
    titles = ["Export no", *[f" {table.columns[i].upper()} " for i in order]]
    moved = [[str(n) if any(row) else "", *[row[i] for i in order]] for n, row in enumerate(rows)]
    # The new column differs in every row, so exact repeats are told by nothing else.
    moved = [["7" if any(row) else "", *row[1:]] for row in moved]
    at = write_text(tmp_path / "a.csv", [titles, *moved], ",", "utf-8")
    where = dict(zip(numbers, at[1:], strict=True))
    data_map = DataMap.from_json(entry(name))
    report = outcome(tmp_path / "a.csv", name, data_map, expect=data_map.headers())
    if any(row["code"] == "footer" for row in entry(name)["rejected"]):
        # With a cell before it, a total is no longer the first word of its row.
        assert abs(report["accepted"] - entry(name)["accepted"]) == 0
    else:
        same(report, name, where)


@pytest.mark.parametrize("name", FILES)
def test_as_a_workbook_of_text(tmp_path, name):
    table, rows, numbers = original(name)
    book = openpyxl.Workbook()
    book.active.append(["Read me"])
    sheet = book.create_sheet("Export")
    for cells in [["Export"], [], table.columns, *rows]:
        sheet.append([None if cell == "" else cell for cell in cells])
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith(("=", "#")):
                cell.data_type = "s"
    book.save(tmp_path / "a.xlsx")
    where = {number: place for place, number in enumerate(numbers, start=4)}
    same(outcome(tmp_path / "a.xlsx", name), name, where)


@pytest.mark.parametrize("name", ["action_tracker.xlsx", "feedback.txt", "audits.xlsx"])
def test_other_words_for_codes_need_the_map(tmp_path, name):
    table, rows, numbers = original(name)
    fields = [column["field"] for column in entry(name)["columns"]]
    codes: dict = {}
    for field, words in entry(name)["codes"].items():
        column = fields.index(field)
        for row in rows:
            if row[column] in words:
                new = f"X{sorted(set(words.values())).index(words[row[column]])}"
                codes.setdefault(field, {})[new] = words[row[column]]
                row[column] = new
    at = write_text(tmp_path / "a.csv", [table.columns, *rows], "|", "utf-8")
    where = dict(zip(numbers, at[1:], strict=True))
    data_map = DataMap.from_json(entry(name) | {"codes": codes})
    same(outcome(tmp_path / "a.csv", name, data_map), name, where)
    refused = outcome(tmp_path / "a.csv", name)["rejected"]
    assert sum(row["code"] == "unmapped_code" for row in refused) > 100

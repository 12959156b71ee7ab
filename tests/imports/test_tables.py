"""Files as tables: encodings, delimiters, preambles, workbooks, and files that must be refused."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as OdfTable
from odf.table import TableCell, TableRow
from odf.text import P

from careboard.imports.tables import UnreadableFile, read_table

TITLES = ["Response", "Service", "Date", "From", "Question", "Score", "Out of", "Theme", "Comment"]
ROW = [
    "FB1",
    "The Larches",
    "17/11/2025",
    "Person",
    "Treated with respect",
    "5",
    "5",
    "food",
    "Café",
]


def text_of(rows, delimiter=",", end="\n"):
    return "".join(delimiter.join(row) + end for row in rows)


def save(tmp_path, data, name="file.csv"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("codec", "label", "bom"),
    [
        ("utf-8", "utf-8", b""), ("utf-8", "utf-8-sig", b"\xef\xbb\xbf"), ("cp1252", "cp1252", b""),
        ("utf-16-le", "utf-16", b"\xff\xfe"), ("utf-16-be", "utf-16", b"\xfe\xff"),
        ("utf-16-le", "utf-16", b""), ("utf-16-be", "utf-16", b""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_delimiters(tmp_path, codec, label, bom, delimiter, end):
    path = save(tmp_path, bom + text_of([TITLES, ROW, ROW], delimiter, end).encode(codec))
    table = read_table(path, feed="feedback")
    assert (table.encoding, table.delimiter, table.header_row) == (label, delimiter, 1)
    assert table.columns == TITLES
    assert table.frame.row(0) == (2, *ROW)
    assert table.frame.height == 2


@pytest.mark.parametrize("before", [0, 1, 3, 7, 19, 60, 150])
def test_preambles_of_many_lengths(tmp_path, before):
    lines = ["Survey answers; autumn, 2026" if n % 3 else "" for n in range(before)]
    path = save(tmp_path, ("\n".join([*lines, text_of([TITLES, ROW])])).encode())
    table = read_table(path, feed="feedback")
    assert table.header_row == before + 1
    assert table.frame["row"].to_list() == [before + 2]


def test_row_numbers_count_physical_lines(tmp_path):
    text = (
        ",".join(TITLES) + '\nFB1,A,1/1/26,Person,Q,5,5,food,"one\ntwo\n\nthree"\n\n,,,,,,,,\n'
        'FB2,A,1/1/26,Person,Q,5,5,food,"said ""well"" and left"\n'
    )
    table = read_table(save(tmp_path, text.encode()), feed="feedback")
    assert table.frame["row"].to_list() == [2, 8]
    assert table.blank_rows == [6, 7]
    assert table.frame["c8"].to_list() == ["one\ntwo\n\nthree", 'said "well" and left']


def test_quotes_that_are_not_quoting(tmp_path):
    rows = [
        TITLES,
        [*ROW[:8], 'a 5" pipe'],
        [*ROW[:8], 'she "said" so'],
        [*ROW[:8], '"quoted, cell"'],
    ]
    table = read_table(save(tmp_path, text_of(rows).encode()), feed="feedback")
    assert table.frame["c8"].to_list() == ['a 5" pipe', 'she "said" so', "quoted, cell"]


def test_a_quote_left_open_does_not_swallow_the_file(tmp_path):
    rows = [TITLES, [*ROW[:8], '"left open'], *([ROW] * 500)]
    table = read_table(save(tmp_path, text_of(rows).encode()), feed="feedback")
    assert table.frame.height == 501


def test_many_quoted_lines_and_ragged_ones(tmp_path):
    rows = [[f'"{cell}"' for cell in ROW] for _ in range(9_000)]
    rows[5000] = rows[5000][:4]
    rows[6000] = [*rows[6000], '"extra"']
    table = read_table(save(tmp_path, text_of([TITLES, *rows]).encode()), feed="feedback")
    assert table.frame.height == 9_000
    assert table.frame["row"].to_list() == list(range(2, 9_002))
    assert table.frame.row(5000) == (5002, *ROW[:4], "", "", "", "", "")
    assert table.frame.row(6000) == (6002, *ROW[:8], "Café,extra")


def test_what_runs_over_stays_with_the_last_cell_unless_columns_have_no_title(tmp_path):
    rows = [[*ROW[:8], "cold tea", " late call"], [*ROW, "", ""], [*ROW[:8], '"a"', "b"]]
    table = read_table(save(tmp_path, text_of([TITLES, *rows]).encode()), feed="feedback")
    assert table.frame["c8"].to_list() == ["cold tea, late call", "Café", "a,b"]
    table = read_table(save(tmp_path, text_of([[*TITLES, ""], *rows]).encode()), feed="feedback")
    assert table.frame["c8"].to_list() == ["cold tea", "Café", "a"]
    assert table.columns == TITLES


def test_one_cell_of_another_encoding(tmp_path):
    data = text_of([TITLES, *[ROW] * 20]).encode() + b",".join([b"FB2"] * 8) + b",\x93caf\xe9\x94\n"
    table = read_table(save(tmp_path, data), feed="feedback")
    assert table.encoding == "utf-8"
    assert table.frame["c8"].to_list() == ["Café"] * 20 + ["“café”"]


def test_titles_that_nobody_knows(tmp_path):
    rows = [["Title"], ["Alpha", "Beta", "Gamma"], ["1", "x", "2026"], ["2", "y", "2027"]]
    table = read_table(save(tmp_path, text_of(rows).encode()), feed="feedback")
    assert (table.header_row, table.columns) == (2, ["Alpha", "Beta", "Gamma"])
    table = read_table(
        save(tmp_path, text_of([["Quite", "Other"], *rows[1:]]).encode()),
        feed="feedback", expect=["Alpha", "Beta", "Gamma"],
    )  # fmt: skip
    assert table.header_row == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"), (b"\n\n , \n", "empty"), (b"\xef\xbb\xbf\n", "empty"),
        (bytes(range(256)) * 40, "not_a_table"), (b"\x89PNG\r\n\x1a\n" + bytes(99), "not_a_table"),
        (b"only one word\nanother line\n", "no_header"), (b"PK\x03\x04rubbish", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted"),
        (b"%PDF-1.4\n%\xe2\xe3\x00\x01\x02\x03\x04\n", "not_a_table"),
    ],
)  # fmt: skip
def test_refused(tmp_path, data, code):
    with pytest.raises(UnreadableFile) as error:
        read_table(save(tmp_path, data), feed="feedback")
    assert error.value.code == code
    assert error.value.message.endswith(".")


def test_missing_file(tmp_path):
    with pytest.raises(UnreadableFile) as error:
        read_table(tmp_path / "none.csv")
    assert error.value.code == "not_found"


def test_zip_bomb_and_many_members(tmp_path):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    crowd = io.BytesIO()
    with zipfile.ZipFile(crowd, "w") as archive:
        for number in range(2_100):
            archive.writestr(f"xl/{number}", b"")
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("letter.txt", b"hello")
    for data, code in ((bomb, "archive_unsafe"), (crowd, "archive_unsafe"), (other, "not_a_table")):
        with pytest.raises(UnreadableFile) as error:
            read_table(save(tmp_path, data.getvalue(), "a.xlsx"))
        assert error.value.code == code


def workbook(tmp_path, build):
    book = openpyxl.Workbook()
    build(book)
    path = tmp_path / "book.xlsx"
    book.save(path)
    return path


def test_workbook_with_typed_cells_below_a_merged_title(tmp_path):
    def build(book):
        book.active.title = "README"
        book.active.append(["About this file", "Date", "Theme"])
        sheet = book.create_sheet("Data")
        sheet["B2"] = "Survey answers"
        sheet.merge_cells("B2:J2")
        for place, title in enumerate(TITLES, start=2):
            sheet.cell(6, place, title)
        cells = [12345, "The Larches", dt.date(2026, 3, 4), True, dt.time(8, 40), 4.5, 5,
                 dt.datetime(2026, 3, 4, 9, 5), "#N/A"]  # fmt: skip
        for place, cell in enumerate(cells, start=2):
            sheet.cell(9, place, cell)

    table = read_table(workbook(tmp_path, build), feed="feedback")
    assert (table.sheet, table.sheets, table.header_row) == ("Data", ["README", "Data"], 6)
    assert table.columns == TITLES or table.columns == ["", *TITLES]
    assert table.blank_rows == [7, 8]
    cells = list(table.frame.row(0))[-9:]
    assert table.frame["row"].to_list() == [9]
    assert cells[:8] == ["12345", "The Larches", "2026-03-04", "TRUE", "08:40:00", "4.5", "5",
                         "2026-03-04 09:05:00"]  # fmt: skip


def test_workbook_with_a_million_blank_rows(tmp_path):
    def build(book):
        book.active.append(["Ref", "Theme"])
        book.active.append(["A1", "food"])
        for row in range(3, 60_000):
            book.active.cell(row, 1).number_format = "0.00"
        book.active.cell(1_048_576, 1).number_format = "0.00"

    table = read_table(workbook(tmp_path, build), feed="audits")
    assert table.frame.height == 1


def test_sheet_can_be_chosen(tmp_path):
    def build(book):
        for name in ("One", "Two"):
            sheet = book.create_sheet(name)
            sheet.append(TITLES)
            sheet.append([name, *ROW[1:]])

    path = workbook(tmp_path, build)
    assert read_table(path, feed="feedback", sheet="Two").frame["c0"][0] == "Two"
    with pytest.raises(UnreadableFile) as error:
        read_table(path, feed="feedback", sheet="Three")
    assert error.value.code == "no_sheet"


def ods(tmp_path, repeat):
    book = OpenDocumentSpreadsheet()
    sheet = OdfTable(name="Answers")
    for cells, times in ((["Survey"], 1), ([], 3), (TITLES, 1), (ROW, repeat), ([], 1_000_000)):
        row = TableRow(numberrowsrepeated=times)
        for cell in cells or [""]:
            box = TableCell(valuetype="string") if cell else TableCell()
            if cell:
                box.addElement(P(text=cell))
            row.addElement(box)
        sheet.addElement(row)
    book.spreadsheet.addElement(sheet)
    path = tmp_path / "book.ods"
    book.save(str(path))
    return path


def test_ods_with_repeated_rows(tmp_path):
    table = read_table(ods(tmp_path, 4), feed="feedback")
    assert table.header_row == 5
    assert table.frame["row"].to_list() == [6, 7, 8, 9]


def test_ods_that_swells(tmp_path):
    with pytest.raises(UnreadableFile) as error:
        read_table(ods(tmp_path, 1_000_000), feed="feedback")
    assert error.value.code == "too_many_rows"


def test_header_row_can_be_said(tmp_path):
    path = save(tmp_path, text_of([TITLES, ["a", "b", "c"], ["1", "2", "3"]]).encode())
    table = read_table(path, header_row=2)
    assert (table.header_row, table.columns) == (2, ["a", "b", "c"])


def test_damaged_files_are_refused_in_words(tmp_path):
    import random

    from tests.imports.sample import HERE

    chance = random.Random(3)
    for name in ("audits.xlsx", "commissioner_queries.ods", "complaints.csv"):
        whole = (HERE / name).read_bytes()
        for _ in range(15):
            data = bytearray(whole[: chance.randrange(1, len(whole))])
            for _ in range(20):
                data[chance.randrange(len(data))] = chance.randrange(256)
            try:
                read_table(save(tmp_path, bytes(data), name), feed="audits")
            except UnreadableFile as error:
                assert error.message.endswith(".")

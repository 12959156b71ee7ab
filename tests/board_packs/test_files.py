"""The same pack as CSV files: whole, safe to open, and bound together by their sums."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
from datetime import UTC, date, datetime

import pytest

from careboard.board_packs.archive import SUMS, File, pack_zip
from careboard.db import db
from careboard.services.models import Service
from tests.board_packs.packs import made, pdf_of, row, text_of, zip_of
from tests.reviews import sample as reviews

NAMES = [
    *("about", "figures", "risk-board", "changes", "rating-decisions", "open-challenges"),
    *("experience", "experience-themes", "experience-responses"),
    *("overdue-actions", "ratings-not-assured"),
]


def table(archive, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8-sig"))))


def test_every_list_is_a_file_with_its_sum(world, tmp_path):
    pack_id = made(world)
    archive = zip_of(world, pack_id)
    assert archive.testzip() is None
    assert archive.namelist() == [*(f"{name}.csv" for name in NAMES), SUMS]
    archive.extractall(tmp_path)
    pdf = pdf_of(world, pack_id)
    (tmp_path / "BPK-0001-alder.pdf").write_bytes(pdf)
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", SUMS], cwd=tmp_path, capture_output=True, text=True
    )
    assert checked.returncode == 0 and checked.stdout.count(": OK") == len(NAMES) + 1
    printed = text_of(pdf).replace(" ", "")
    for name in NAMES:
        content = archive.read(f"{name}.csv")
        assert hashlib.sha256(content).hexdigest() in printed, name


def test_the_chain_keeps_the_sums_of_both_files(world):
    found = row(world, made(world))
    (event,) = world.sql("SELECT payload FROM audit_event WHERE tag = 'board_pack:made'")
    assert json.loads(event.payload)["after"] == {
        name: getattr(found, name)
        for name in ("pdf_sha256", "zip_sha256", "audit_seq", "audit_hash")
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_cell_begins_as_a_formula(world, start):
    house, rita = world.service_id("Alder House"), world.member_id("rita")
    with world.acting("alice") as alice:
        reviews.add_action(
            alice, house, rita, "ACT-0001", title=f"{start}1+1", due_on=date(2026, 11, 1)
        )
        db.session.get(Service, (alice.org_id, house)).name = f"{start}cmd|' /C calc'!A0"
        db.session.commit()
    archive = zip_of(world, made(world))
    for name in NAMES:
        for line in table(archive, name):
            assert not any(cell.startswith((*"=+@\t\r＝", "-")) for cell in line), (name, line)
    assert any("'" + start in cell for line in table(archive, "overdue-actions") for cell in line)


def test_the_files_hold_every_row_also_those_that_are_not_printed(world):
    house, rita = world.service_id("Alder House"), world.member_id("rita")
    with world.acting("alice") as alice:
        for number in range(130):
            reviews.add_action(
                alice, house, rita, f"ACT-{number:04d}", title="t" * 700, due_on=date(2026, 11, 1)
            )
        db.session.commit()
    pack_id = made(world)
    lines = table(zip_of(world, pack_id), "overdue-actions")
    assert len(lines) == 131 and lines[1][1] == "t" * 700
    text = text_of(pdf_of(world, pack_id))
    assert "The first 100 of 130 are printed; all stand in overdue-actions.csv." in text
    assert "Texts that end with “…” stand whole in overdue-actions.csv." in text
    board = table(zip_of(world, pack_id), "risk-board")
    assert len(board) == 1 + 3 * 8 and board[1][5] == "" and board[1][7] == "Not rated yet."


def test_the_same_files_are_the_same_archive():
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    files = [File("a.csv", 1, b"a,b\r\n")]
    first, second = (pack_zip(files, others={"x.pdf": "0" * 64}, at=at) for _ in range(2))
    assert first == second

"""The sample provider's files, from the file to the tables, by service and command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from careboard import storage
from careboard.commands import import_
from tests.imports.sample import EXPECTED, FILES, HERE
from tests.imports_db.making import feed_of, load_sample, make_oakfield

TABLES = {
    "services": ("service", ""),
    "audits": ("audit", ""),
    "audit_concerns": ("audit_concern", ""),
    "actions": ("action", ""),
    "incidents": ("concern", "AND kind = 'incident'"),
    "complaints": ("concern", "AND kind = 'complaint'"),
    "feedback": ("concern", "AND kind = 'feedback'"),
    "safeguarding": ("concern", "AND kind = 'safeguarding'"),
    "commissioner_queries": ("concern", "AND kind = 'commissioner_query'"),
    "indicator_readings": ("reading", ""),
    "reviews": ("care_review", ""),
    "emar": ("medicine_dose", ""),
}
SAME = ("encoding", "delimiter", "sheet", "header_row", "data_rows_total", "accepted")


@pytest.fixture
def command(world, monkeypatch):
    """`careboard import …` within the test's application; gives (exit code, output)."""
    from contextlib import nullcontext

    monkeypatch.setattr(import_, "application", _refusing(nullcontext))

    def run(*words: str):
        answer = CliRunner().invoke(import_.command, [str(word) for word in words])
        return answer.exit_code, answer.output

    return run


def _refusing(inner):
    from contextlib import contextmanager

    import click

    from careboard.errors import CareBoardError

    @contextmanager
    def application():
        try:
            with inner():
                yield
        except (CareBoardError, LookupError) as error:
            raise click.ClickException(str(error)) from error

    return application


def _as_expected(outcome: dict, name: str) -> None:
    entry = EXPECTED["files"][name]
    assert {key: outcome.get(key) for key in SAME} == {key: entry.get(key) for key in SAME}
    assert outcome["rejected_total"] == entry["rejected_total"]
    assert outcome["rejected"] == entry["rejected"]
    assert outcome["warnings"] == entry["warnings"]


def _count(world, feed: str) -> int:
    table, more = TABLES[feed]
    return world.sql(f"SELECT count(*) FROM {table} WHERE true {more}", "oakfield")[0][0]


def _one(world, statement: str):
    return world.sql(statement, "oakfield")[0]


@pytest.mark.parametrize("mapped", [True, False], ids=["map", "aliases"])
def test_exactly_the_expected_rows_come_in(world, mapped):
    make_oakfield()
    for name, outcome in load_sample(mapped=mapped).items():
        _as_expected(outcome, name)
        assert _count(world, feed_of(name)) == outcome["accepted"], name


def test_the_tables_say_what_the_files_say(world):
    make_oakfield()
    load_sample()
    audit = _one(
        world,
        "SELECT a.score, a.max_score, a.rag, a.row_no, b.feed, b.accepted, s.name FROM audit a "
        "JOIN import_batch b ON b.id = a.batch_id JOIN service s ON s.id = a.service_id "
        "ORDER BY a.row_no LIMIT 1",
    )
    assert audit.feed == "audits" and audit.accepted == 864 and audit.max_score >= audit.score
    linked = _one(world, "SELECT count(*) AS n, count(audit_concern_id) FROM action")
    assert linked.n == 418 and linked[1] > 300
    orphans = "SELECT count(*) FROM audit_concern WHERE audit_id IS NULL OR service_id IS NULL"
    assert _one(world, orphans)[0] == 0
    # Whoever the source speaks of is known by a keyed hash alone.
    refs = world.sql("SELECT DISTINCT person_ref FROM concern WHERE person_ref <> ''", "oakfield")
    assert refs and all(len(row.person_ref) == 24 for row in refs)
    named = "SELECT count(*) FROM concern WHERE text ~ 'Mrs? [A-Z]|NHS( no)? [0-9]{3}'"
    assert _one(world, named)[0] == 0
    flagged = sum(len(entry["pii"]) for name, entry in EXPECTED["files"].items() if name in FILES)
    held = _one(world, "SELECT count(*) FROM held_text")[0]
    assert flagged - 8 <= held <= flagged


def test_the_same_files_again_change_nothing(world):
    make_oakfield()
    first = load_sample()
    before = _one(world, "SELECT count(*) FROM import_batch")[0]
    again = load_sample()
    assert again == first and list(map(list, again.values())) == list(map(list, first.values()))
    assert _one(world, "SELECT count(*) FROM import_batch")[0] == before
    assert _one(world, "SELECT count(*) FROM superseded_row")[0] == 0


def test_the_other_order_links_actions_all_the_same(world):
    make_oakfield()
    load_sample(names=("services.csv", "action_tracker.xlsx", "audits.xlsx", "audit_concerns.csv"))
    late = _one(world, "SELECT count(audit_concern_id) FROM action")[0]
    assert late > 300


@pytest.mark.timeout(120)
def test_the_command_prints_the_expected_words(world, command, tmp_path):
    make_oakfield()
    for name in FILES:
        path = tmp_path / "map.json"
        path.write_text(json.dumps(EXPECTED["files"][name]))
        words = ("--org", "oakfield", "--feed", EXPECTED["files"][name]["feed"], "--json")
        code, output = command(*words, "--map", path, HERE / name)
        repeat = command(*words, "--map", path, HERE / name)
        assert code == 0, output
        _as_expected(json.loads(output), name)
        assert repeat == (0, output)


def test_a_dry_run_stores_nothing_at_all(world, command, monkeypatch):
    make_oakfield()
    monkeypatch.setattr(storage, "put", lambda *given: pytest.fail("a file was stored"))
    words = ("--org", "oakfield", "--feed", "services", "--dry-run", "--json")
    code, output = command(*words, HERE / "services.csv")
    assert code == 0
    _as_expected(json.loads(output), "services.csv")
    for table in ("import_batch", "stored_file", "data_map", "service", "quarantined_row"):
        assert _one(world, f"SELECT count(*) FROM {table}")[0] == 0, table


def test_the_command_refuses_with_a_message(world, command, tmp_path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("Colour,Shape\nred,round\nblue,square\n")
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    broken = tmp_path / "map.json"
    broken.write_text("{")
    no_map = tmp_path / "list.json"
    no_map.write_text("[1]")
    services = HERE / "services.csv"
    for words, said in (
        (("--org", "nowhere", "--feed", "services", services), "no organisation"),
        (("--org", "alder", "--feed", "horses", services), "no feed called"),
        (("--org", "alder", "--feed", "complaints", wrong), "No column was found for"),
        (("--org", "alder", "--feed", "complaints", empty), "empty"),
        (("--org", "alder", "--feed", "services", "--map", broken, services), "is not JSON"),
        (("--org", "alder", "--feed", "services", "--map", no_map, services), "cannot be read"),
    ):
        code, output = command(*words)
        assert code == 1 and said in output, (words, output)
    assert world.sql("SELECT count(*) FROM import_batch")[0][0] == 0


def test_rows_of_another_provider_stay_out(world):
    load_sample("alder", names=("services.csv",), mapped=False)
    rows = world.sql("SELECT code, count(*) AS n FROM quarantined_row GROUP BY 1")
    assert {row.code: row.n for row in rows}["other_provider"] >= 12
    assert world.sql("SELECT count(*) FROM service")[0][0] == 3

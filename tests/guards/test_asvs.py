"""docs/asvs.md says of every requirement how it is met, and names only tests that there are."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache

from careboard.config import ROOT

TEXT = (ROOT / "docs" / "asvs.md").read_text()
APPLY, _, ELSEWHERE = TEXT.partition("## What does not apply")
ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROWS = [ROW.fullmatch(line) for line in APPLY.splitlines() if re.match(r"\| \d", line)]
STATES = ("met: test", "met: reason", "open")


@cache
def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_can_be_read_and_has_one_of_three_states():
    assert all(ROWS)
    assert [row[0] for row in ROWS if row[4] not in STATES or len(row[5].strip()) < 15] == []


def test_the_requirements_are_all_there_once():
    ids = [row[1] for row in ROWS]
    assert len(ids) == len(set(ids))
    assert Counter(row[2] for row in ROWS) == {"1": 64, "2": 145}
    others = re.findall(r"\d+\.\d+\.\d+", ELSEWHERE)
    assert len(others) == len(set(others)) == 44 and not set(others) & set(ids)


def test_enough_of_them_are_met():
    met = Counter(row[2] for row in ROWS if row[4] != "open")
    assert met["1"] == 64 and met["2"] >= 120
    assert f"{met['1']} of 64 and {met['2']} of 145 are met" in TEXT


def test_every_test_that_is_named_is_there():
    unnamed = [row[1] for row in ROWS if row[4] == "met: test" and not TEST.search(row[5])]
    named = {(path, name) for row in ROWS for path, name in TEST.findall(row[5])}
    assert unnamed == []
    assert [one for one in sorted(named) if one[1] not in functions(one[0])] == []

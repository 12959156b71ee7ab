"""`careboard rules evaluate` and `careboard sweep rules`."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from careboard import clock
from careboard.db import db
from careboard.rules.registry import all_rules
from tests.commands.test_commands import careboard  # noqa: F401
from tests.rules.making import TODAY, incident

pytestmark = pytest.mark.usefixtures("calendar")
DAY = timedelta(days=1)


@pytest.fixture
def run(careboard, monkeypatch):  # noqa: F811
    """The command, on whatever day the calendar stands."""

    def running(*words: str):
        db.session.remove()
        monkeypatch.setenv("CAREBOARD_TODAY", clock.today().isoformat())
        answer = careboard(*words)
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    return running


def evaluated(run, on) -> dict:
    return json.loads(run("rules", "evaluate", "--org", "alder", "--on", str(on), "--json"))


def concerns(world) -> list:
    return [
        incident(world, TODAY - number * DAY, kind="safeguarding", theme="neglect")
        for number in range(4)
    ]


def test_every_rule_with_outcome_rows_and_sentence(world, run):
    ids = concerns(world)
    found = evaluated(run, TODAY)
    assert (found["org"], found["on"], found["known_at"]) == ("alder", str(TODAY), None)
    assert [rule["rule"] for rule in found["rules"]] == [rule.code for rule in all_rules()]
    repeated = next(r for r in found["rules"] if r["rule"] == "safeguarding_repeated")
    assert (repeated["outcome"], repeated["version"], repeated["setting"]) == ("fires", 1, None)
    assert repeated["parameters"] == {"least": 3, "days": 61}
    fired = next(f for f in repeated["findings"] if f["outcome"] == "fires")
    assert (fired["service"], fired["sentence"]) == (
        "Alder House", "4 concerns in 61 days at Alder House, all in the lounge."
    )  # fmt: skip
    assert {row["id"] for row in fired["rows"]} == {str(row) for row in ids}


def test_in_words(world, run):
    concerns(world)
    told = run("rules", "evaluate", "--org", "alder")
    assert "safeguarding_repeated: fires\n  4 concerns in 61 days at Alder House" in told
    assert "unmet_need: too little data" in told


def test_nothing_is_kept_of_it(world, run):
    concerns(world)
    evaluated(run, TODAY)
    assert not world.sql("SELECT FROM trigger UNION ALL SELECT FROM rule_pass")


def test_the_same_date_gives_the_same_answer_a_year_later(world, run):
    concerns(world)
    run("sweep", "rules")
    before = evaluated(run, TODAY)
    clock.freeze(TODAY + 365 * DAY)
    with world.acting("alice"):
        db.session.execute(text("UPDATE concern SET theme = 'falls', occurred_on = '2026-01-01'"))
        db.session.commit()
    incident(world, TODAY, kind="safeguarding")
    after = evaluated(run, TODAY)
    assert after.pop("known_at") is not None and before.pop("known_at") is None
    assert after == before


def test_the_sweep_asks_only_where_something_is_new(world, run):
    concerns(world)
    assert "2 organisations looked at; " in run("sweep", "rules")
    assert "0 organisations looked at; 0 triggers fired" in run("sweep", "rules")
    assert world.sql("SELECT FROM trigger")

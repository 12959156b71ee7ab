"""`careboard sweep`, and what a round costs."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import event

from careboard.commands import sweep as sweep_command
from careboard.db import db
from tests.reminders.making import TODAY, add_action, mails, sweep


@pytest.fixture
def run(world, monkeypatch):
    """Runs the command on the test's application."""

    @contextmanager
    def application():
        with world.app.app_context():
            yield

    monkeypatch.setattr(sweep_command, "application", application)
    return lambda *arguments: CliRunner().invoke(sweep_command.command, arguments)


def test_reminders_then_drain(run, world, catcher):
    add_action(world)
    add_action(world, owner="charlie", service_name="Birch House", slug="birch")
    first, again = run("reminders"), run("reminders")
    assert "reminders: 2 mails with 2 reminders in 2 organisations.\n" in first.output
    assert "reminders: 0 mails with 0 reminders in 0 organisations.\n" in again.output
    assert run("drain").output == "drain: 2 sent, 0 not sent.\n"
    assert len(catcher.ids()) == 2


def test_a_day_can_be_named(run, world):
    add_action(world, due_on=TODAY + timedelta(17))
    assert "0 mails" in run("reminders").output
    assert "1 mails" in run("reminders", "--on", "2026-11-30").output
    assert mails(world)[0].dedupe_key == "digest:2026-11-30:rita@alder.example"


@pytest.mark.parametrize("arguments", [["nonsense"], ["reminders", "--on", "yesterday"], []])
def test_wrong_words_are_told(run, arguments):
    assert run(*arguments).exit_code == 2


def test_a_round_takes_the_same_statements_however_many_actions(world):
    counts = []
    for more, day in ((1, TODAY), (30, TODAY + timedelta(7))):
        for _ in range(more):
            add_action(world)
        counts.append(_statements(lambda day=day: sweep(day)))
    assert counts[0] == counts[1] <= 9


def _statements(work) -> int:
    seen = []

    def count(connection, cursor, statement, *rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(seen)

"""The sample provider's files give exactly the figures that stand beside them."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from careboard import tenancy
from careboard.accounts.service import create_organisation
from careboard.commands import figures as figures_command
from careboard.db import db
from careboard.imports import command_line

SAMPLE = Path(__file__).parents[1] / "data" / "oakfield"
FEEDS = (
    "services", "audits", "audit_concerns", "action_tracker", "incidents", "complaints",
    "feedback", "safeguarding", "commissioner_queries", "reviews", "emar",
)  # fmt: skip


@pytest.mark.timeout(180)
def test_the_figures_of_oakfield(world):
    expected = json.loads((SAMPLE / "expected.json").read_text())
    by_feed = {entry["feed"]: (name, entry) for name, entry in expected["files"].items()}
    create_organisation(slug="oakfield", name="Oakfield Care Group", kind="provider")
    db.session.commit()
    db.session.remove()
    for feed in FEEDS:
        name, entry = by_feed[feed]
        with tenancy.acting_for("oakfield") as actor:
            command_line.run(
                actor=actor,
                feed={"action_tracker": "actions"}.get(feed, feed),
                path=SAMPLE / name,
                mapping=entry,
                dry_run=False,
            )
            db.session.commit()
    with tenancy.acting_for("oakfield") as actor:
        found = json.loads(json.dumps(figures_command.collect(actor, date(2026, 11, 20))))
    assert len(found) == 19
    assert found == {name: expected["stories"][name] for name in found}


def test_the_command_prints_the_same_as_json_and_as_words(world, monkeypatch):
    monkeypatch.setattr(figures_command, "application", nullcontext)
    run = CliRunner().invoke
    printed = run(figures_command.command, ["--org", "alder", "--on", "2026-11-20", "--json"])
    assert json.loads(printed.stdout)["audit_risks_linked"]["total"] == 0
    words = run(figures_command.command, ["--org", "alder"])
    assert words.exit_code == 0 and "Actions overdue: 0 of 0" in words.stdout
    assert run(figures_command.command, ["--org", "nowhere"]).exit_code != 0

"""The sample provider's files give exactly the figures that stand beside them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from careboard import tenancy
from careboard.accounts.service import create_organisation
from careboard.cli import main
from careboard.commands.figures import collect
from careboard.db import db
from careboard.imports import command_line

SAMPLE = Path(__file__).parents[1] / "data" / "oakfield"
FEEDS = (
    "services", "audits", "audit_concerns", "action_tracker", "incidents", "complaints",
    "feedback", "safeguarding", "commissioner_queries",
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
        found = json.loads(json.dumps(collect(actor, date(2026, 11, 20))))
    assert len(found) == 13
    assert found == {name: expected["stories"][name] for name in found}


def test_the_command_knows_its_organisations():
    answer = CliRunner().invoke(main, ["figures", "--org", "nowhere", "--json"])
    assert answer.exit_code != 0

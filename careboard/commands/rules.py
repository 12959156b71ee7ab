"""`careboard rules evaluate`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from careboard.commands import application
from careboard.rules.evaluate import Answer
from careboard.rules.queries import Evaluation, evaluation
from careboard.rules.rule import FIRES, Finding
from careboard.tenancy import acting_for


@click.group("rules")
def command() -> None:
    """Ask the rules."""


@command.command("evaluate")
@click.option("--org", required=True, help="Short name of the organisation.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="As at that day.")
@click.option("--json", "as_json", is_flag=True, help="Print every rule as JSON.")
def evaluate(org: str, day: datetime | None, as_json: bool) -> None:
    """Print what every rule says of an organisation on a day, with the rows that made it say so.

    A past day is answered as it was known then, with the thresholds of that day.
    """
    with application(), acting_for(org) as actor:
        found = evaluation(actor=actor, on=day.date() if day else actor.today)
        if as_json:
            click.echo(json.dumps(collect(found, org), ensure_ascii=False, indent=1))
            return
    for answer in found.answers:
        click.echo(f"{answer.rule.code}: {answer.outcome.replace('_', ' ')}")
        for finding in answer.findings:
            if finding.outcome == FIRES:
                click.echo(f"  {finding.sentence}")


def collect(found: Evaluation, org: str) -> dict[str, Any]:
    """An evaluation as plain values."""
    return {
        "org": org,
        "on": found.on.isoformat(),
        "known_at": found.known_at and found.known_at.isoformat(),
        "rules": [_rule(found, answer) for answer in found.answers],
    }


def _rule(found: Evaluation, answer: Answer) -> dict[str, Any]:
    return {
        "rule": answer.rule.code,
        "version": answer.rule.version,
        "words": answer.rule.words,
        "source": answer.rule.source,
        "suggests_monitoring": answer.rule.suggests,
        "setting": answer.used.number,
        "parameters": dict(answer.used.parameters),
        "outcome": answer.outcome,
        "findings": [_finding(found, finding) for finding in answer.findings],
    }


def _finding(found: Evaluation, finding: Finding) -> dict[str, Any]:
    return {
        "service": found.services.get(finding.service_id),
        "key": finding.key,
        "outcome": finding.outcome,
        "sentence": finding.sentence,
        "rows": [
            {
                "kind": row.kind,
                "reference": row.reference,
                "on": row.on.isoformat(),
                "id": str(row.id),
            }
            for row in finding.rows
        ],
    }

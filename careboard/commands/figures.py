"""`careboard figures`."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import click

from careboard import figures
from careboard.commands import application
from careboard.pattern_rows import patterns_found
from careboard.recovery.stories import recovery_found
from careboard.tenancy import Actor, acting_for


@click.command("figures")
@click.option("--org", required=True, help="Short name of the organisation.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="As at that day.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(org: str, day: datetime | None, as_json: bool) -> None:
    """Print an organisation's figures, with the rows that ask for work."""
    with application(), acting_for(org) as actor:
        values = collect(actor, day.date() if day else actor.today)
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False, indent=1))
        return
    linked, overdue = values["audit_risks_linked"], values["overdue_actions"]
    click.echo(
        f"Audit risks with a live action: {linked['linked']} of {linked['total']} "
        f"({linked['percent']}%, target {linked['target']}%)"
    )
    click.echo(f"Actions overdue: {overdue['count']} of {overdue['actions']}")
    for name, found in values.items():
        if name not in ("audit_risks_linked", "overdue_actions"):
            click.echo(f"{name}: {_told(found)}")


def _told(found: Any) -> Any:
    """A number as it is, a story by its service, a list by its length."""
    if found is None or isinstance(found, int):
        return found or 0
    return found["service"] if "service" in found else len(found)


def collect(actor: Actor, on: date) -> dict[str, Any]:
    """All figures by name, as plain values."""
    return {
        "audit_risks_linked": figures.audit_risks_linked(actor=actor, on=on),
        "overdue_actions": figures.overdue_actions(actor=actor, on=on),
        **patterns_found(actor=actor, on=on),
        **recovery_found(actor=actor, on=on),
    }

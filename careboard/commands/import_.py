"""`careboard import`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from careboard.commands import application
from careboard.db import db
from careboard.imports import command_line
from careboard.tenancy import acting_for


@click.command("import")
@click.option("--org", required=True, help="Short name of the organisation.")
@click.option("--feed", required=True)
@click.option(
    "--map", "map_path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A data map as JSON; without it, the remembered one or the known aliases.",
)
@click.option("--dry-run", is_flag=True, help="Check only; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole outcome as JSON.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(
    org: str, feed: str, map_path: Path | None, dry_run: bool, as_json: bool, file: Path
) -> None:
    """Load FILE into a feed of an organisation."""
    mapping = json.loads(map_path.read_text()) if map_path else None
    with application(), acting_for(org) as actor:
        outcome = command_line.run(
            actor=actor, feed=feed, path=file, mapping=mapping, dry_run=dry_run
        )
        db.session.rollback() if dry_run else db.session.commit()
    if as_json:
        click.echo(json.dumps(outcome, ensure_ascii=False, indent=1))
        return
    click.echo(f"{outcome['accepted']} rows accepted, {outcome['rejected_total']} held back.")
    for item in outcome["rejected"]:
        click.echo(f"  row {item['row']}: {item['code']} {item.get('field') or ''}")

"""`careboard import`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from careboard.commands import application
from careboard.db import db
from careboard.imports import command_line
from careboard.tenancy import acting_for

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.option("--org", required=True, help="Short name of the organisation.")
@click.option("--feed", required=True, help="What the file holds, e.g. services or incidents.")
@click.option("--map", "map_path", type=_FILE, help="A data map as JSON.")
@click.option("--source", help="The system it comes from, whose remembered data map is used.")
@click.option("--dry-run", is_flag=True, help="Check only; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole outcome as JSON.")
@click.argument("file", type=_FILE)
def command(
    org: str,
    feed: str,
    map_path: Path | None,
    source: str | None,
    dry_run: bool,
    as_json: bool,
    file: Path,
) -> None:
    """Load FILE into a feed of an organisation.

    Without --map and --source the columns are found by the titles that are known. Rows that cannot
    come in are put into quarantine; that is no failure. A file that cannot be read, or lacks a
    column that the feed needs, ends the command with code 1, and nothing is stored.
    """
    mapping = _read_map(map_path)
    with application(), acting_for(org) as actor:
        outcome = command_line.run(
            actor=actor, feed=feed, path=file, mapping=mapping, dry_run=dry_run, source=source
        )
        if not dry_run:
            db.session.commit()
    if as_json:
        click.echo(json.dumps(outcome, ensure_ascii=False, indent=1))
        return
    click.echo(f"{outcome['accepted']} rows accepted, {outcome['rejected_total']} held back.")
    for item in outcome["rejected"]:
        click.echo(f"  row {item['row']}: {item['code']} {item.get('field') or ''}".rstrip())


def _read_map(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise click.ClickException(f"{path.name} is not JSON: {error}") from error

"""`careboard restore DIR`."""

from __future__ import annotations

from pathlib import Path

import click

from careboard import backup
from careboard.commands import application
from careboard.commands.migrate import bring_up_to_date


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def command(folder: Path) -> None:
    """Bring the backup in FOLDER into an empty database and store, and verify it.

    Ends with code 1 when a chain or a file is not what it was.
    """
    with application():
        try:
            found = backup.restore(folder)
        except backup.Unfit as error:
            raise click.ClickException(str(error)) from error
        bring_up_to_date()
        same, faults = backup.verify(found)
    for fault in faults:
        click.echo(f"FAULT  {fault}")
    click.echo(
        f"{len(found.heads)} organisations, each chain walked; {same} kept files hold what they "
        f"held on {found.made_at[:10]}."
    )
    if faults:
        raise SystemExit(1)

"""`careboard backup DIR`."""

from __future__ import annotations

from pathlib import Path

import click

from careboard import backup
from careboard.commands import application


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Copy the database, every file and the signed heads into the new FOLDER.

    Ends with code 1 when the store has lost a file or holds a changed one; the backup is made
    nevertheless, of what there is.
    """
    with application():
        try:
            found, faults = backup.make(folder)
        except backup.Unfit as error:
            raise click.ClickException(str(error)) from error
    click.echo(
        f"{len(found.heads)} organisations and {len(found.files)} files, as of {found.made_at}."
    )
    for fault in faults:
        click.echo(f"FAULT  {fault}")
    if faults:
        raise SystemExit(1)

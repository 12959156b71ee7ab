"""`careboard doctor`."""

from __future__ import annotations

import click

from careboard.commands import application


@click.command("doctor")
def command() -> None:
    """Check roles, row-level security, migrations, queues, storage and mail; code 1 on a fault."""
    from careboard import checkup

    faults = 0
    with application():
        for name, check in checkup.CHECKS.items():
            fault = checkup.run(check)
            faults += fault is not None
            click.echo(f"{'FAULT' if fault else 'ok':<6} {name}{': ' + fault if fault else ''}")
    if faults:
        raise SystemExit(1)

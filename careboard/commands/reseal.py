"""`careboard reseal`."""

from __future__ import annotations

import click
from flask import current_app

from careboard.accounts import second_factor
from careboard.commands import application
from careboard.db import db


@click.command("reseal")
def command() -> None:
    """Seal second factors again under the present SECRET_KEY; code 1 if some no key opens.

    Run it once SECRET_KEY was turned, with the one of before in SECRET_KEY_FALLBACKS.
    """
    with application():
        keys = current_app.config["SETTINGS"].secrets
        resealed = second_factor.reseal(keys=keys)
        db.session.commit()
        lost = len(second_factor.sealed_before(keys=keys))
    click.echo(f"{resealed} second factors sealed under the present key.")
    if lost:
        raise click.ClickException(
            f"{lost} were sealed under a key that is not in SECRET_KEY_FALLBACKS: add it, or let "
            "their owners have them reset."
        )

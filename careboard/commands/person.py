"""`careboard person export|erase EMAIL`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from sqlalchemy import Connection, create_engine

from careboard.accounts import person_data
from careboard.commands import application


@click.group("person")
def command() -> None:
    """Tell or take away one person's account data, as the owner of the database."""


@command.command("export")
@click.argument("email")
def export(email: str) -> None:
    """Print all that is held about the person as JSON."""
    with application(), _owner() as connection:
        told = person_data.export(connection, email)
    click.echo(json.dumps(told, indent=2, default=str))


@command.command("erase")
@click.argument("email")
@click.confirmation_option(prompt="Take this person's account data away? It cannot be undone.")
def erase(email: str) -> None:
    """Take name, address, password, second factors and sign-ins away, everywhere."""
    with application(), _owner() as connection:
        number = person_data.erase(connection, email)
    click.echo(f"Erased; {number} organisations have it in their audit trail.")


@contextmanager
def _owner() -> Iterator[Connection]:
    engine = create_engine(current_app.config["OWNER_URL"])
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()

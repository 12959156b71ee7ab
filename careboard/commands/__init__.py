"""What the console commands share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from sqlalchemy import Connection, create_engine

from careboard.config import ConfigurationError
from careboard.errors import CareBoardError


@contextmanager
def application() -> Iterator[None]:
    """The application's context; a refusal ends the command with its message and code 1."""
    from careboard.app import create_app

    try:
        with create_app().app_context():
            yield
    except (CareBoardError, ConfigurationError, LookupError) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def owner() -> Iterator[Connection]:
    """A transaction as the owner of the tables, which no process but the operator's may be."""
    engine = create_engine(current_app.config["OWNER_URL"])
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()

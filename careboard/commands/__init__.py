"""What the console commands share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

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

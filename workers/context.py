"""The application for jobs: built once a process, with a fresh context for each job."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps

from flask import Flask

from careboard.app import create_app


@cache
def application() -> Flask:
    """The application of this process."""
    return create_app()


def job(function: Callable[..., None]) -> Callable[..., None]:
    """Run a job in an application context of its own, so that no session outlives it.

    A job takes ids as words, the organisation's first, and may be run twice.
    """

    @wraps(function)
    def running(*args: str) -> None:
        with application().app_context():
            function(*args)

    return running

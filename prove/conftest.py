"""The suite's own databases and world, and how a proof tells its figure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import app, database, databases, valkey, world  # noqa: F401
from tests.processes import processes, redis  # noqa: F401
from tests.reminders.conftest import catcher  # noqa: F401

_FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def figure(request) -> Callable[[str], None]:
    """Tell one figure of a proof; all are printed together at the end of the run."""
    told = request.config.stash.setdefault(_FIGURES, [])
    return lambda words: told.append(f"{request.node.name}: {words}")


def pytest_terminal_summary(terminalreporter, config) -> None:
    told = config.stash.get(_FIGURES, [])
    if told:
        terminalreporter.section("figures")
        for line in told:
            terminalreporter.line(line)

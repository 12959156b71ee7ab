"""Connections of the pool."""

from __future__ import annotations

import time

from sqlalchemy import create_engine, text

from careboard import db  # noqa: F401  (what every pool is told)

_PID = text("SELECT pg_backend_pid()")


def test_a_connection_that_the_server_closed_is_not_handed_out(app, database):
    kept = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], pool_size=1)
    with kept.connect() as connection:
        ended = connection.scalar(_PID)
    with kept.connect() as connection:
        assert connection.scalar(_PID) == ended
    other = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with other.connect() as connection:
        assert connection.scalar(text("SELECT pg_terminate_backend(:pid)"), {"pid": ended})
        while connection.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": ended}
        ):
            connection.rollback()
            time.sleep(0.01)
    with kept.connect() as connection:
        assert connection.scalar(_PID) != ended
    for engine in (kept, other):
        engine.dispose()

"""The risk board with 12 and with 300 services."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time

from flask import Flask
from sqlalchemy import event

from bench import ground
from bench.load import AGENT, requests_per_second
from bench.report import Report

_RUNS = 40


def measure(report: Report) -> None:
    """Statements, server time over its own SQL, and requests a second against a bare page."""
    from flask_migrate import upgrade

    from careboard.app import create_app

    app = create_app()
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        upgrade()
        for slug, services in (("small", 12), ("large", 300)):
            ground.organisation(slug, services)
        ground.analyse(app.config["OWNER_URL"])
    counts = {}
    for slug in ("small", "large"):
        counts[slug], ratio = server_time(app, slug)
        report.add(f"risk board, {slug}: statements", counts[slug], most=12)
        report.add(f"risk board, {slug}: server time ÷ its own SQL", ratio, most=2)
    difference = abs(counts["small"] - counts["large"])
    report.add("risk board: more statements for 300 services", difference, most=0)
    report.add("risk board, large: requests/s ÷ bare page", _throughput(app), least=0.5)


def _client(app: Flask, slug: str):
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = AGENT
    page = client.get("/login").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
    form = {
        "email": f"lead@{slug}.example",
        "password": ground.PASSWORD,
        "csrf_token": token,
    }
    assert client.post("/login", data=form).status_code == 302
    return client


def server_time(app: Flask, slug: str, page: str = "", runs: int = _RUNS) -> tuple[int, float]:
    """(statements, median of time ÷ time spent waiting for SQL) of a page made afresh."""
    from careboard.dashboards.routes import boards
    from careboard.db import db

    client, spent = _client(app, slug), []
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def begin(connection, cursor, statement, parameters, context, many):
        context.began = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def end(connection, cursor, statement, parameters, context, many):
        spent.append(time.perf_counter() - context.began)

    ratios, address = [], f"/o/{slug}/{page}"
    for _ in range(runs):
        boards.clear()
        spent.clear()
        began = time.perf_counter()
        assert client.get(address).status_code == 200
        ratios.append((time.perf_counter() - began) / sum(spent))
    event.remove(engine, "before_cursor_execute", begin)
    event.remove(engine, "after_cursor_execute", end)
    return len(spent), statistics.median(ratios)


def _throughput(app: Flask) -> float:
    client = _client(app, "large")
    body = client.get("/o/large/").data
    cookie = client.get_cookie("careboard").value
    os.environ["BENCH_BYTES"] = str(len(body))
    ours = _serve("wsgi:app", 8411, "/o/large/", f"careboard={cookie}")
    bare = _serve("bench.bare:app", 8412, "/", "")
    return ours / bare


def _serve(target: str, port: int, path: str, cookie: str) -> float:
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)),
            *("--workers", "2", "--blocking-threads", "8", "--no-ws", "--log-level", "critical"),
            target,
        ]
    )
    try:
        return requests_per_second(port, path, cookie)
    finally:
        server.terminate()
        server.wait(10)

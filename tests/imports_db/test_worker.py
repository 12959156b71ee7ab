"""Long loads: in the worker, seen while they run, once whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from careboard import jobs
from careboard.db import db
from careboard.errors import Conflict, Invalid
from careboard.imports import background, claims, loading, queries, service
from careboard.tenancy import acting_for
from tests.imports_db.making import batch, complaints, feedback, receive

ROOT = Path(__file__).parents[2]
FEW = complaints("C1,Alder House,01/10/2026,Food,Cold", "C2,Nowhere,02/10/2026,Food,Late")


def queue(world, text: str) -> UUID:
    """Receive a file and hand it to the worker, as a person does; returns the batch's id."""
    receipt = receive(world, "feedback", text)
    with world.acting("alice") as actor:
        assert service.start_load(actor=actor, batch_id=receipt.batch_id) is False
        db.session.commit()
    return receipt.batch_id


def run_job(batch_id: UUID) -> None:
    with acting_for("alder") as actor:
        background.load(actor=actor, batch_id=batch_id)


def loaded(world) -> int:
    return world.sql("SELECT count(*) FROM concern")[0][0]


@contextmanager
def worker(app, queue: str = "imports"):
    """A worker process of its own over the test's database."""
    told = {
        "DATABASE_URL": str(app.config["SQLALCHEMY_DATABASE_URI"]),
        "DATABASE_OWNER_URL": str(app.config["OWNER_URL"]),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "workers.run", queue],
        env={**os.environ, **told, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(question, *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.05)


@pytest.fixture
def threshold(monkeypatch):
    """Three rows are a long file."""
    monkeypatch.setattr(service, "INLINE_ROWS", 2)


def test_a_long_file_is_handed_to_the_worker_and_loaded_once(world, threshold):
    batch_id = queue(world, feedback(3))
    assert batch(world, batch_id).status == "queued" and loaded(world) == 0
    for _ in range(2):
        run_job(batch_id)
    after = batch(world, batch_id)
    assert (after.status, after.rows_done, loaded(world)) == ("loaded", 3, 3)
    events = world.sql("SELECT count(*) FROM audit_event WHERE tag = 'import:loaded'")
    assert events[0][0] == 1


def test_the_tick_finds_what_was_not_rung_for(world, threshold):
    batch_id = queue(world, feedback(3))
    assert [waiting for _, waiting in jobs.waiting_imports()] == [batch_id]
    db.session.remove()


def test_progress_is_seen_beside_the_load(world, threshold):
    batch_id = queue(world, feedback(200))
    seen = []

    def look(share: float) -> None:
        tell(share)
        seen.append((share, batch_in_another_thread(world, batch_id)))

    with acting_for("alder") as actor:
        tell = claims.shown_progress(actor=actor, batch_id=batch_id)
        service.load_batch(actor=actor, batch_id=batch_id, progress=look)
        db.session.commit()
    assert seen[0][0] == 0 and all(taken for _, (_, taken) in seen)
    assert batch(world, batch_id).rows_done == 200


def batch_in_another_thread(world, batch_id: UUID):
    """(rows done, taken) as another session sees it just now."""
    found = []

    def look() -> None:
        with world.app.app_context(), acting_for("alder") as actor:
            progress = queries.progress(actor=actor, batch_id=batch_id)
            found.append((progress.share, progress.taken))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(10)
    return found[0]


def test_of_two_loads_at_once_one_gives_way(world, threshold):
    batch_id = queue(world, feedback(50))
    told: list[type] = []

    def meanwhile(share: float) -> None:
        if share == 0:
            thread = threading.Thread(target=second)
            thread.start()
            thread.join(10)

    def second() -> None:
        with world.app.app_context(), acting_for("alder") as actor:
            for try_it in (service.load_batch, service.start_load, service.cancel):
                try:
                    try_it(actor=actor, batch_id=batch_id)
                except Conflict as error:
                    told.append(type(error))
                db.session.rollback()
            background.load(actor=actor, batch_id=batch_id)

    with acting_for("alder") as actor:
        service.load_batch(actor=actor, batch_id=batch_id, progress=meanwhile)
        db.session.commit()
    assert told == [Conflict] * 3 and loaded(world) == 50
    assert batch(world, batch_id).status == "loaded"


def test_a_failure_says_so_leaves_nothing_and_can_be_tried_again(world, threshold, monkeypatch):
    batch_id = queue(world, feedback(50))

    def fault(*given) -> None:
        raise OperationalError("COPY", {}, Exception("connection lost"))

    monkeypatch.setattr(loading, "_keep_losers", fault)
    with pytest.raises(OperationalError):
        run_job(batch_id)
    after = batch(world, batch_id)
    assert (after.status, after.rows_done, loaded(world)) == ("failed", 0, 0)
    assert "nothing was stored" in after.error and "connection" not in after.error
    monkeypatch.undo()
    monkeypatch.setattr(service, "INLINE_ROWS", 2)
    with world.acting("alice") as actor:
        service.start_load(actor=actor, batch_id=batch_id)
        db.session.commit()
    run_job(batch_id)
    assert (batch(world, batch_id).status, batch(world, batch_id).error) == ("loaded", "")
    assert loaded(world) == 50


def test_rows_that_contradict_the_database_are_refused_with_a_message(world, monkeypatch):
    receipt = receive(world, "complaints", FEW)

    def fault(*given) -> None:
        db.session.execute(db.text("SELECT 1 / 0"))

    monkeypatch.setattr(loading, "_keep_losers", fault)
    with world.acting("alice") as actor, pytest.raises(Invalid, match="could not be stored"):
        service.start_load(actor=actor, batch_id=receipt.batch_id)
    assert batch(world, receipt.batch_id).status == "previewed"


def test_an_import_given_up_is_not_loaded_after_all(world, threshold):
    batch_id = queue(world, feedback(3))
    with world.acting("alice") as actor:
        service.cancel(actor=actor, batch_id=batch_id)
        db.session.commit()
    run_job(batch_id)
    assert (batch(world, batch_id).status, loaded(world)) == ("cancelled", 0)


@pytest.mark.timeout(180)
def test_a_worker_killed_on_the_way_leaves_nothing_half(world, app, valkey):
    batch_id = queue(world, feedback(60_000))
    with worker(app) as process:
        wait_for(lambda: batch(world, batch_id).rows_done > 0)
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_for(lambda: not batch_in_another_thread(world, batch_id)[1])
    assert (batch(world, batch_id).status, loaded(world)) == ("queued", 0)
    org_id = world.org_id()
    assert jobs.ring("imports", "workers.imports.load", str(org_id), str(batch_id))
    with worker(app):
        wait_for(lambda: batch(world, batch_id).status == "loaded")
    assert loaded(world) == 60_000

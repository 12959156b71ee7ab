"""Real worker and clock processes, a real Redis and a real SMTP server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from careboard import embedded, jobs
from careboard.config import ROOT
from careboard.db import db
from careboard.tenancy import acting_for
from tests.reminders.making import TODAY, add_action, add_imported, mails, sweep
from workers import cron


class Processes:
    """Starts CareBoard's processes on the test's database, and stops them all at the end."""

    def __init__(self, app, catcher, home, redis_url: str) -> None:
        self.running: list[subprocess.Popen] = []
        self.environment = {
            **os.environ,
            "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
            "DATABASE_OWNER_URL": app.config["OWNER_URL"],
            "REDIS_URL": redis_url,
            "MAIL_URL": f"smtp://127.0.0.1:{catcher.port}",
            "CAREBOARD_HOME": str(home),
            "CAREBOARD_TICK_SECONDS": "1",
        }

    def start(self, module: str, *arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def stop(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait(10)


class Valkey:
    """A Valkey of the test's own, which can go away and come back empty."""

    def __init__(self, home) -> None:
        self.home = home
        self.url = f"unix://{home}/valkey/valkey.sock"
        self.process = None

    def start(self) -> None:
        self.process = embedded.start_valkey(self.home) or self.process

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            (self.home / "valkey" / "valkey.sock").unlink(missing_ok=True)
            self.process = None


@pytest.fixture
def redis(tmp_path) -> Iterator[Valkey]:
    own = Valkey(tmp_path)
    held = jobs._client
    jobs.configure(own.url)
    yield own
    own.stop()
    jobs._client = held


@pytest.fixture
def processes(app, world, catcher, redis, tmp_path) -> Iterator[Processes]:
    started = Processes(app, catcher, tmp_path, redis.url)
    yield started
    started.stop()


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def owners(world, count: int) -> None:
    """As many actions due today, each of someone else."""
    add_imported(world, owner_email="owner0@agency.example")
    with acting_for("alder"):
        db.session.execute(
            text(
                "INSERT INTO action (org_id, id, reference, service_id, title, owner_email, due_on,"
                " status, batch_id) SELECT org_id, gen_random_uuid(), 'ACT-9' || n, service_id,"
                " title, 'owner' || n || '@agency.example', due_on, status, batch_id"
                " FROM action, generate_series(1, :more) AS n"
            ),
            {"more": count - 1},
        )
        db.session.commit()


def test_five_hundred_due_reminders_arrive_once_each(world, catcher, redis, processes):
    redis.start()
    processes.start("workers.run")
    owners(world, 500)
    assert sweep().mails == 500
    wait_until(lambda: len(catcher.ids()) >= 500)
    assert sweep().mails == 0
    jobs.ring("mail", "workers.mail.drain")
    wait_until(lambda: jobs.waiting("mail") == 0)
    time.sleep(1)
    assert Counter(catcher.ids()).most_common(1)[0][1] == 1
    assert len({str(message["To"]) for message in catcher.messages()}) == 500
    assert {mail.status for mail in mails(world)} == {"sent"}


def test_killed_workers_lose_nothing_and_doubles_can_be_told(world, catcher, redis, processes):
    redis.start()
    owners(world, 200)
    sweep()
    for limit in (30, 90, 150):
        jobs.ring("mail", "workers.mail.drain")
        worker = processes.start("workers.run", "mail")
        wait_until(lambda limit=limit: len(catcher.ids()) >= limit)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(10)
        _let_leases_end()
    jobs.ring("mail", "workers.mail.drain")
    processes.start("workers.run", "mail")
    wait_until(lambda: {mail.status for mail in mails(world)} == {"sent"})
    assert set(catcher.ids()) == {mail.message_id for mail in mails(world)}
    assert len(catcher.ids()) <= 203


def _let_leases_end() -> None:
    with acting_for("alder"):
        db.session.execute(text("UPDATE outbox SET lease_until = now() WHERE status = 'sending'"))
        db.session.commit()


def test_without_redis_the_site_works_and_mail_leaves_when_it_is_back(
    world, catcher, redis, processes, monkeypatch
):
    worker, clock_ = processes.start("workers.run"), processes.start("workers.cron")
    add_action(world)
    assert world.client("rita").get("/o/alder/reminders/").status_code == 200
    sweep()
    time.sleep(4)
    assert catcher.ids() == []
    assert (worker.poll(), clock_.poll()) == (None, None)
    redis.start()
    wait_until(lambda: len(catcher.ids()) == 1, 30)
    redis.stop()
    sweep(TODAY.replace(day=27))
    time.sleep(3)
    redis.start()
    wait_until(lambda: len(catcher.ids()) > 1, 30)
    assert (worker.poll(), clock_.poll()) == (None, None)
    assert world.sql("SELECT beat_at FROM heartbeat WHERE name = 'tick'")


def test_processes_end_when_asked_with_and_without_redis(redis, processes):
    for _ in range(2):
        started = [processes.start("workers.run"), processes.start("workers.cron")]
        time.sleep(4)
        for process in started:
            process.terminate()
        for process in started:
            process.wait(15)
        redis.start()


def test_the_tick_rings_for_due_rounds_and_they_send(world, catcher, redis, processes):
    redis.start()
    processes.start("workers.run")
    add_action(world)
    assert cron.tick()
    wait_until(lambda: world.sql("SELECT FROM heartbeat WHERE name = 'tick'") != [])


def test_ticks_do_not_pile_up_while_no_worker_serves(world, redis):
    redis.start()
    assert [cron.tick() for _ in range(3)] == [True] * 3
    assert jobs.waiting("ticks") == 1


def test_without_redis_a_tick_says_so(world, redis):
    assert cron.tick() is False


def test_jobs_run_twice_have_one_effect(world, app, catcher, monkeypatch):
    from workers import context, mail, ticks

    monkeypatch.setattr(context, "application", lambda: app)
    monkeypatch.setattr(jobs, "waiting", lambda queue: 0)
    add_action(world)
    for _ in range(2):
        mail.remind(str(world.org_id("alder")))
        mail.drain()
        ticks.tick()
    assert len(catcher.ids()) == 1


def test_a_doorbell_is_not_rung_by_a_savepoint_nor_after_a_rollback(world, monkeypatch):
    rung = []
    monkeypatch.setattr(jobs, "ring", lambda *ring: rung.append(ring))
    with acting_for("alder"):
        with db.session.begin_nested():
            jobs.enqueue_after_commit("mail", "workers.mail.drain")
        assert rung == []
        db.session.commit()
        assert rung == [("mail", "workers.mail.drain")]
        jobs.enqueue_after_commit("mail", "workers.mail.drain")
        db.session.rollback()
        db.session.commit()
    assert len(rung) == 1

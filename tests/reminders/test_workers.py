"""Real worker and clock processes, a real Redis and a real SMTP server."""

from __future__ import annotations

import time
from collections import Counter

from sqlalchemy import text

from careboard import jobs
from careboard.db import db
from careboard.tenancy import acting_for
from tests.processes import wait_until
from tests.reminders.making import TODAY, add_action, add_imported, mails, sweep
from workers import cron


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
        processes.kill(worker)
        let_leases_end()
    jobs.ring("mail", "workers.mail.drain")
    processes.start("workers.run", "mail")
    wait_until(lambda: {mail.status for mail in mails(world)} == {"sent"})
    assert set(catcher.ids()) == {mail.message_id for mail in mails(world)}
    assert len(catcher.ids()) <= 203


def let_leases_end() -> None:
    with acting_for("alder"):
        db.session.execute(text("UPDATE outbox SET lease_until = now() WHERE status = 'sending'"))
        db.session.commit()


def test_without_redis_the_site_works_and_mail_leaves_when_it_is_back(
    world, valkey, catcher, redis, processes
):
    worker, clock_ = processes.start("workers.run"), processes.start("workers.cron")
    add_action(world)
    assert world.client("rita").get("/o/alder/reminders/").status_code == 200
    ready = world.client().get("/readyz")
    assert ready.status_code == 200 and ready.json["redis"].startswith("unreachable: pages work")
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

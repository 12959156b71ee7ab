"""A pack is made once, whatever happens to those who make it."""

from __future__ import annotations

import signal
import threading

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from careboard import jobs
from careboard.board_packs import lease, making, typeset
from careboard.db import db
from careboard.errors import Invalid
from tests.board_packs.packs import ask, made, pdf_of, row, run_job
from tests.imports_db.test_worker import wait_for, worker
from workers import ticks


def tags(world) -> list[str]:
    return [
        event.tag
        for event in world.sql("SELECT tag FROM audit_event WHERE tag LIKE 'board%' ORDER BY seq")
    ]


def expire_lease(world) -> None:
    with world.acting("alice"):
        db.session.execute(
            db.text("UPDATE board_pack SET lease_until = now() - interval '1 second'")
        )
        db.session.commit()


def test_a_job_run_twice_makes_one_pack(world):
    pack_id = made(world)
    first = row(world, pack_id)
    run_job(pack_id)
    assert row(world, pack_id) == first and first.status == "done"
    assert tags(world) == ["board_pack:requested", "board_pack:made"]
    assert len(world.sql("SELECT id FROM stored_file")) == 2


def test_asking_twice_at_once_is_asking_once(world):
    assert ask(world) == ask(world, "ben")
    assert len(world.sql("SELECT id FROM board_pack")) == 1


def test_of_two_workers_one_gives_way(world, monkeypatch):
    pack_id = ask(world)
    gather, second = making.gather, []

    def meanwhile(**given):
        def other() -> None:
            with world.app.app_context():
                run_job(pack_id)
                second.append(row(world, pack_id).status)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
        return gather(**given)

    monkeypatch.setattr(making, "gather", meanwhile)
    run_job(pack_id)
    assert second == ["working"] and row(world, pack_id).status == "done"
    assert tags(world).count("board_pack:made") == 1


def test_progress_is_seen_while_it_is_made(world, monkeypatch):
    pack_id, seen = ask(world), []
    teller = lease.teller

    def telling(**given):
        tell = teller(**given)

        def told(share: float, step: str) -> None:
            tell(share, step)
            now = row_beside(world, pack_id)
            seen.append((now.progress, now.step, now.status))

        return told

    monkeypatch.setattr(lease, "teller", telling)
    run_job(pack_id)
    assert [progress for progress, _, _ in seen] == sorted(progress for progress, _, _ in seen)
    assert {status for _, _, status in seen} == {"working"}
    assert "Setting the pages" in [step for _, step, _ in seen]


def row_beside(world, pack_id):
    found = []

    def look() -> None:
        with world.app.app_context():
            found.append(row(world, pack_id))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(10)
    return found[0]


def test_a_failure_says_so_and_can_be_tried_again(world, monkeypatch):
    pack_id = ask(world)

    def fault(*given) -> bytes:
        raise typeset.NotSet("secret words of a template")

    monkeypatch.setattr(making, "pdf", fault)
    with pytest.raises(typeset.NotSet):
        run_job(pack_id)
    after = row(world, pack_id)
    assert after.status == "failed" and "nothing was stored" in after.error
    assert "secret" not in after.error and world.sql("SELECT id FROM stored_file") == []
    monkeypatch.undo()
    run_job(pack_id)
    assert row(world, pack_id).status == "failed", "a failed pack waits for a person"
    assert world.client("ben").post(f"/o/alder/board-packs/{pack_id}/retrial").status_code == 303
    run_job(pack_id)
    assert row(world, pack_id).status == "done" and row(world, pack_id).error == ""


def test_the_tick_finds_what_waits_and_what_a_dead_worker_left(world):
    pack_id = ask(world)
    assert [found for _, found in jobs.waiting_packs()] == [pack_id]
    db.session.remove()
    with world.acting("alice") as actor:
        assert lease.take(actor=actor, pack_id=pack_id) is not None
    assert jobs.waiting_packs() == []
    db.session.remove()
    run_job(pack_id)
    assert row(world, pack_id).status == "working", "its lease still runs"
    expire_lease(world)
    assert [found for _, found in jobs.waiting_packs()] == [pack_id]
    db.session.remove()
    run_job(pack_id)
    assert row(world, pack_id).status == "done"


def test_a_worker_that_lost_its_lease_changes_nothing(world, monkeypatch):
    pack_id = ask(world)
    finish = making._finish

    def late(*given) -> None:
        expire_lease_beside(world)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
        finish(*given)

    def other() -> None:
        monkeypatch.setattr(making, "_finish", finish)
        with world.app.app_context():
            run_job(pack_id)

    monkeypatch.setattr(making, "_finish", late)
    run_job(pack_id)
    assert row(world, pack_id).status == "done" and row(world, pack_id).attempts == 2
    assert tags(world).count("board_pack:made") == 1
    assert len(world.sql("SELECT id FROM stored_file")) == 2


def expire_lease_beside(world) -> None:
    def expire() -> None:
        with world.app.app_context():
            expire_lease(world)

    thread = threading.Thread(target=expire)
    thread.start()
    thread.join(10)


def test_a_pack_that_stops_every_worker_is_given_up(world):
    pack_id = ask(world)
    for _ in range(lease.MOST_ATTEMPTS):
        with world.acting("alice") as actor:
            assert lease.take(actor=actor, pack_id=pack_id) is not None
        expire_lease(world)
    run_job(pack_id)
    after = row(world, pack_id)
    assert after.status == "failed" and "stopped three times" in after.error
    assert jobs.waiting_packs() == []


def test_a_finished_pack_is_kept_as_it_is(world):
    pack_id = made(world)
    with world.acting("alice"), pytest.raises(DBAPIError, match="finished board pack"):
        db.session.execute(db.text("UPDATE board_pack SET title = 'Another'"))
    with world.acting("alice"), pytest.raises(DBAPIError, match="permission denied"):
        db.session.execute(db.text("DELETE FROM board_pack"))
    with world.acting("alice") as actor, pytest.raises(Invalid, match="is finished"):
        from careboard.board_packs import service

        service.ask_again(actor=actor, pack_id=pack_id)


@pytest.mark.timeout(120)
def test_a_killed_worker_leaves_nothing_half_and_another_takes_over(world, app, valkey):
    pack_id = ask(world)
    ticks.ring_rows("packs", "workers.packs.make", jobs.waiting_packs)
    engine = create_engine(app.config["OWNER_URL"])
    with engine.connect() as owner, worker(app, "packs") as process:
        owner.execute(db.text("LOCK TABLE stored_file"))  # the worker will wait here
        wait_for(lambda: row(world, pack_id).progress == 90)
        process.send_signal(signal.SIGKILL)
        process.wait()
    engine.dispose()
    assert row(world, pack_id).status == "working" and world.sql("SELECT FROM stored_file") == []
    expire_lease(world)
    ticks.ring_rows("packs", "workers.packs.make", jobs.waiting_packs)
    with worker(app, "packs"):
        wait_for(lambda: row(world, pack_id).status == "done")
    assert pdf_of(world, pack_id).startswith(b"%PDF-")
    assert tags(world).count("board_pack:made") == 1

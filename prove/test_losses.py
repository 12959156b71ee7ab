"""What is lost when processes die, Redis forgets or PostgreSQL goes away: nothing promised.

Source: DESIGN section 9, losses.
"""

from __future__ import annotations

import random
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from http import HTTPStatus

import pytest
from sqlalchemy import text

from careboard import audit, jobs, mail_catcher
from careboard.db import db
from careboard.tenancy import acting_for
from tests.processes import wait_until
from tests.reminders.conftest import free_port
from tests.reminders.making import mails
from tests.reminders.test_workers import let_leases_end, owners

REMINDERS, INVITED = 3_000, 60
KILLS = 20  # of the worker, and as many of the web process


class Administrator(threading.Thread):
    """Invites people through the web process, which may be gone; asks again until each is there."""

    def __init__(self, world, port: int) -> None:
        super().__init__(daemon=True)
        client = world.client("adam")
        self.cookie = client.get_cookie("careboard").value
        self.address = f"http://127.0.0.1:{port}/o/alder/accounts/people/new"
        self.answers: Counter = Counter()
        self.pace = threading.Semaphore(0)

    def run(self) -> None:
        for number in range(INVITED):
            self.pace.acquire()
            while not self._invite(number):
                time.sleep(0.2)

    def _invite(self, number: int) -> bool:
        """Whether the person is there: invited now, or by a request whose answer was lost."""
        try:
            page = self._ask().read().decode()
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
            form = {
                "csrf_token": token,
                "name": f"Person {number}",
                "email": f"person{number}@agency.example",
                "roles": "contributor",
                "all_services": "y",
            }
            answer = self._ask(urllib.parse.urlencode(form).encode())
            self.answers[answer.status] += 1
            return answer.url != self.address
        except urllib.error.HTTPError as error:
            self.answers[error.code] += 1
            return error.code == HTTPStatus.UNPROCESSABLE_ENTITY
        except OSError:
            self.answers["none"] += 1
            return False

    def _ask(self, form: bytes | None = None):
        request = urllib.request.Request(self.address, form, {"Cookie": f"careboard={self.cookie}"})
        request.add_header("Referer", self.address)
        answer = urllib.request.urlopen(request, timeout=30)
        kept = re.search("careboard=([^;]+)", answer.headers.get("Set-Cookie", ""))
        self.cookie = kept[1] if kept else self.cookie
        return answer


@pytest.mark.timeout(900)
def test_reminders_survive_forty_kills_and_a_redis_that_forgets(
    world, catcher, redis, processes, figure
):
    redis.start()
    owners(world, REMINDERS)
    port, chance = free_port(), random.Random(3)
    administrator = Administrator(world, port)
    administrator.start()
    web = processes.serve(port)
    processes.start("workers.cron")
    killed = flushes = stops = 0
    for number in range(KILLS):
        worker = processes.start("workers.run", "mail", "ticks")
        for _ in range(INVITED // KILLS):
            administrator.pace.release()
        share = chance.randint(1, 2 * REMINDERS // KILLS)
        _until_caught(world, catcher, _caught(catcher) + share)
        for process in (web, worker):
            processes.kill(process)
            killed += 1
        web = processes.serve(port)
        # No other worker lives, so its leases may end now rather than five minutes later.
        let_leases_end()
        if number % 3 == 0:
            jobs.client().flushall()
            flushes += 1
        if number % 9 == 4:
            redis.stop()
            time.sleep(1)
            redis.start()
            stops += 1
    processes.start("workers.run", "mail", "ticks")
    wait_until(lambda: not administrator.is_alive(), 300)
    wait_until(lambda: _letters(world).keys() == {"sent"}, 300)
    sent, owed = Counter(catcher.ids()), {mail.message_id for mail in mails(world)}
    doubled = sum(sent.values()) - len(sent)
    figure(
        f"{len(owed)} letters, {killed} SIGKILLs of worker and web, "
        f"Redis emptied {flushes} times and stopped {stops} times: {len(owed - sent.keys())} "
        f"lost, {doubled} doubled; the web's answers {dict(administrator.answers)}"
    )
    assert sent.keys() == owed
    assert len(owed) == REMINDERS + INVITED
    assert doubled < REMINDERS / 100
    assert killed == 40


def _caught(catcher) -> int:
    """How many letters have arrived, doubles included."""
    return sum(path.suffix == ".eml" for path in mail_catcher.folder(catcher.home).iterdir())


def _letters(world) -> Counter:
    """How many letters of the outbox are in each state."""
    counted = world.sql("SELECT status, count(*) AS n FROM outbox GROUP BY status")
    return Counter({row.status: row.n for row in counted})


def _until_caught(world, catcher, count: int) -> None:
    """Ring as the clock does, until so many letters have arrived, or there are no more."""
    end, org_id = time.monotonic() + 120, str(world.org_id())
    while _caught(catcher) < count:
        assert time.monotonic() < end, "the mail stands still"
        letters = _letters(world)
        if letters["sent"] >= REMINDERS and letters["sent"] == letters.total():
            return
        if letters.total() < REMINDERS:
            jobs.ring("mail", "workers.mail.remind", org_id)
        jobs.ring("mail", "workers.mail.drain")
        time.sleep(0.2)


class Writer(threading.Thread):
    """Adds evidence again and again; remembers each answer."""

    def __init__(self, world, name: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.client, self.stop = world.client("alice"), stop
        self.form = {"kind": "audits", "source_link": "Folder 3"}
        self.name = name
        self.answers: list[tuple[float, int]] = []

    def run(self) -> None:
        while not self.stop.is_set():
            form = self.form | {"title": f"{self.name} {len(self.answers)}"}
            answer = self.client.post("/o/alder/evidence/new", data=form)
            self.answers.append((time.monotonic(), answer.status_code))


RESTARTS = 5


@pytest.mark.timeout(600)
def test_no_record_is_half_written_when_postgresql_restarts_under_load(world, databases, figure):
    stop = threading.Event()
    writers = [Writer(world, f"writer{number}", stop) for number in range(4)]
    for writer in writers:
        writer.start()
    for _ in range(RESTARTS):
        done = sum(len(writer.answers) for writer in writers)
        wait_until(lambda done=done: sum(len(w.answers) for w in writers) > done + 40, 120)
        databases.crash()
        wait_until(lambda: world.client().get("/readyz").status_code == HTTPStatus.OK)
    stop.set()
    for writer in writers:
        writer.join(60)
    answers = Counter(status for writer in writers for _, status in writer.answers)
    written = _written()
    figure(
        f"{RESTARTS} crashes of the database under {len(writers)} writers: answers "
        f"{dict(answers)}; {written['evidence']} records, each whole, the audit chain intact"
    )
    assert answers.keys() <= {HTTPStatus.SEE_OTHER, HTTPStatus.SERVICE_UNAVAILABLE}
    # A commit whose answer was lost may stand although the person was told 503; never the reverse.
    assert answers[303] <= written["evidence"] <= answers.total()
    assert len(set(written.values())) == 1
    assert world.client("alice").get("/o/alder/evidence/").status_code == HTTPStatus.OK


def _written() -> dict[str, int]:
    """How many there are of each part of a record."""
    counts = {
        "evidence": "SELECT count(*) FROM evidence",
        "numbers": "SELECT max(substr(reference, 4)::int) FROM evidence",
        "revisions": "SELECT count(*) FROM evidence_revision",
        "events": "SELECT count(*) FROM audit_event WHERE tag = 'evidence:submitted'",
    }
    with acting_for("alder") as actor:
        assert audit.verify(actor.org_id).intact
        return {name: db.session.execute(text(sql)).scalar() for name, sql in counts.items()}

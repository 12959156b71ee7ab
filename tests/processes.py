"""CareBoard's own processes, and a Redis that can go away, for tests of what losing them costs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from careboard import embedded, jobs
from careboard.config import ROOT


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

    def serve(self, port: int) -> subprocess.Popen:
        """A web process on that port, with one worker of its own."""
        listen = ("--host", "127.0.0.1", "--port", str(port), "--workers", "1")
        return self.start("granian", "--interface", "wsgi", *listen, "--no-ws", "wsgi:app")

    def kill(self, process: subprocess.Popen) -> None:
        """As when the machine goes: it and its children at once."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        for process in self.running:
            if process.poll() is None:
                self.kill(process)


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

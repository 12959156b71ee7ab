"""A real SMTP server that catches what is sent."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from careboard import mail_catcher
from tests.processes import processes, redis  # noqa: F401


class Post:
    """What arrived."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port

    def messages(self) -> list[EmailMessage]:
        """Everything caught, oldest first."""
        paths = sorted(mail_catcher.folder(self.home).glob("*.eml"))
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]

    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.messages()]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def catcher(app, tmp_path, monkeypatch) -> Iterator[Post]:
    """The application's mail goes to a catcher, which knows no gone@agency.example."""
    port = free_port()
    controller = mail_catcher.start(tmp_path, port, refused=frozenset({"gone@agency.example"}))
    monkeypatch.setattr(app.extensions["mailman"], "port", port)
    yield Post(tmp_path, port)
    controller.stop()

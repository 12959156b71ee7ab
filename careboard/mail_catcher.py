"""A mail server that keeps what it is given: `python -m careboard.mail_catcher [--port 8025]`.

For the demo and for tests. Each message becomes one .eml file in the `mail` folder of the state
directory, its name sorting by the time it came.
"""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from careboard.config import Settings
from careboard.db import new_id

PORT = 8025


def folder(home: Path) -> Path:
    """Where caught messages lie."""
    return home / "mail"


class Catcher:
    """aiosmtpd's handler. `refused` addresses are answered as if they did not exist."""

    def __init__(self, directory: Path, refused: frozenset[str] = frozenset()) -> None:
        self.directory = directory
        self.refused = refused
        directory.mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list
    ) -> str:
        if address.lower() in self.refused:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        path = self.directory / f"{new_id()}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(envelope.original_content or b"")
        draft.rename(path)
        return "250 Caught"


def start(home: Path, port: int = PORT, refused: frozenset[str] = frozenset()) -> Controller:
    """Listen on 127.0.0.1 in a thread; call `.stop()` on what is returned."""
    controller = Controller(Catcher(folder(home), refused), hostname="127.0.0.1", port=port)
    controller.start()
    return controller


def main() -> None:
    """Catch until told to stop."""
    parser = argparse.ArgumentParser(description="Catch mail into the state directory.")
    parser.add_argument("--port", type=int, default=PORT)
    controller = start(Settings.from_environment().home, parser.parse_args().port)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    stop.wait()
    controller.stop()


if __name__ == "__main__":
    main()

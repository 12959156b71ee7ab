"""Asking clamd whether content is malicious, where CAREBOARD_CLAMD names one.

`tcp://host:3310` or `unix:///run/clamav/clamd.ctl`. Without an answer nothing is called clean.
Source: DESIGN section 9, bad input; clamd(8), INSTREAM.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from careboard.config import ConfigurationError

CONNECT_SECONDS = 2
ANSWER_SECONDS = 20
_CHUNK = 64 * 1024
_url: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` as of a stored file: clean, rejected with the scanner's name for what it found, or
    quarantined with why there is no answer."""

    state: str
    finding: str = ""


CLEAN = Verdict("clean")


def configure(url: str | None) -> None:
    """Use the scanner at that address; None: there is none. Raises ConfigurationError."""
    global _url
    if url and not url.startswith(("tcp://", "unix://")):
        raise ConfigurationError("CAREBOARD_CLAMD must begin with tcp:// or unix://.")
    _url = url or None


def asked_for() -> bool:
    """Whether files are to be scanned here."""
    return _url is not None


def scan(pieces: Iterable[bytes]) -> Verdict:
    """The scanner's verdict on content in pieces; without a scanner, clean."""
    if _url is None:
        return CLEAN
    try:
        with _connected(_url) as line:
            return _verdict(_ask(line, pieces))
    except OSError as error:
        return Verdict("quarantined", f"The scanner did not answer: {type(error).__name__}")


def answers() -> bool:
    """Whether the scanner is there."""
    try:
        with _connected(_url or "") as line:
            line.sendall(b"zPING\0")
            return line.recv(16).startswith(b"PONG")
    except OSError:
        return False


def _connected(url: str) -> socket.socket:
    address = urlsplit(url)
    if address.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(CONNECT_SECONDS)
        line.connect(address.path)
    else:
        line = socket.create_connection(
            (address.hostname, address.port or 3310), timeout=CONNECT_SECONDS
        )
    line.settimeout(ANSWER_SECONDS)
    return line


def _ask(line: socket.socket, pieces: Iterable[bytes]) -> str:
    line.sendall(b"zINSTREAM\0")
    try:
        for piece in pieces:
            for start in range(0, len(piece), _CHUNK):
                part = piece[start : start + _CHUNK]
                line.sendall(struct.pack("!I", len(part)) + part)
        line.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has heard enough, and says why below
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < 4_096:
        more = line.recv(1_024)
        if not more:
            break
        answer += more
    return answer.decode(errors="replace").strip("\0\r\n ")


def _verdict(answer: str) -> Verdict:
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return CLEAN
    if said.endswith(" FOUND"):
        return Verdict("rejected", said.removesuffix(" FOUND")[:200])
    return Verdict("quarantined", f"The scanner said: {said[:200] or 'nothing'}")

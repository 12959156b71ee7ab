"""Files, kept by their content and per organisation, in a folder or any S3-compatible store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

_store: ObjectStore | None = None


class Unkept(Exception):
    """The store did not take the content: it is full, or away."""


def configure(url: str | None, home: Path) -> None:
    """Use the store at `url` (s3://…, file:///…), or a folder in the state directory."""
    global _store
    if url and not url.startswith("file://"):
        _store = from_url(url)
        return
    folder = Path(url.removeprefix("file://")) if url else home / "files"
    folder.mkdir(parents=True, exist_ok=True)
    _store = LocalStore(folder)


def _opened() -> ObjectStore:
    if _store is None:
        raise RuntimeError("storage.configure has not been called.")
    return _store


def key(org_id: UUID, sha256: str) -> str:
    """Where an organisation's content lies; content is not shared between organisations."""
    return f"org/{org_id}/sha256/{sha256[:2]}/{sha256}"


def put(org_id: UUID, content: bytes) -> str:
    """Keep the content; returns its SHA-256. Keeping the same again changes nothing.

    Raises Unkept, and then nothing of it is kept.
    """
    digest = hashlib.sha256(content).hexdigest()
    try:
        _opened().put(key(org_id, digest), content)
    except (BaseError, OSError) as error:
        raise Unkept(f"{type(error).__name__}: {error}") from error
    return digest


def get(org_id: UUID, sha256: str) -> bytes:
    """The content with that hash. Raises FileNotFoundError when it is not there, or no longer
    the same."""
    content = b"".join(stream(org_id, sha256))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileNotFoundError(sha256)
    return content


def remove(org_id: UUID, sha256: str) -> None:
    """Let go of the content; what is not there is gone already. Raises Unkept."""
    try:
        _opened().delete(key(org_id, sha256))
    except (NotFoundError, FileNotFoundError):
        return
    except (BaseError, OSError) as error:
        raise Unkept(f"{type(error).__name__}: {error}") from error


def stream(org_id: UUID, sha256: str) -> Iterator[bytes]:
    """As `get`, in pieces."""
    try:
        yield from _opened().get(key(org_id, sha256)).stream()
    except NotFoundError as error:
        raise FileNotFoundError(sha256) from error


def put_named(org_id: UUID, name: str, content: bytes) -> None:
    """Keep something of the organisation's that is found by its name, not by its content."""
    _opened().put(f"org/{org_id}/{name}", content)


def named(org_id: UUID, folder: str) -> Iterator[bytes]:
    """Everything that was kept under names in that folder, by name."""
    paths = [entry["path"] for page in _opened().list(f"org/{org_id}/{folder}") for entry in page]
    for path in sorted(paths):
        yield bytes(_opened().get(path).bytes())


def paths() -> list[str]:
    """Where everything in the store lies, of all organisations, for backup."""
    return sorted(entry["path"] for page in _opened().list() for entry in page)


def copy_out(path: str, to: Path) -> str:
    """Copy what lies there into a new file; returns its SHA-256."""
    digest = hashlib.sha256()
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("xb") as out:
        for piece in _opened().get(path).stream():
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


def copy_in(path: str, source: Path) -> None:
    """Lay the file there again, for restore."""
    _opened().put(path, source)

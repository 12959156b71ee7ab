"""Files that people send: which are taken, and how they are made safe to keep.

Extension and content must agree. A picture or document is inspected in a confined child process,
and what a scanner finds is refused; while the scanner does not answer, what was sent is kept in
quarantine. Source: DESIGN section 9, bad input; allow-list of evidence.
"""

from __future__ import annotations

import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

import structlog

from careboard import confined, inspection, scanning, storage
from careboard.db import db
from careboard.errors import Gone, Held, Invalid
from careboard.imports.models import StoredFile
from careboard.scanning import CLEAN, Verdict
from careboard.tenancy import Actor

MEGABYTE = 1024 * 1024
MOST_BYTES = 25 * MEGABYTE
MOST_NAME = 150
BOUNDS = confined.Bounds(megabytes=400, seconds=10)

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "ods": f"{_OPEN}spreadsheet",
    "odt": f"{_OPEN}text",
    "csv": "text/csv",
    "txt": "text/plain",
    "eml": "message/rfc822",
}
EVIDENCE_TYPES = frozenset(MEDIA_TYPES)
ACCEPT = ",".join(f".{extension}" for extension in MEDIA_TYPES)
NO_ROOM = "There is no room left to keep files. Nothing was stored. Tell your administrator."
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has passed: cleaned name, media type, the bytes, and what the scanner said."""

    file_name: str
    media_type: str
    content: bytes
    verdict: Verdict = CLEAN


def check(
    file_name: str,
    content: bytes,
    *,
    field: str = "file",
    allowed: frozenset[str] = EVIDENCE_TYPES,
    most_bytes: int = MOST_BYTES,
) -> Upload:
    """The file, made safe to keep. Raises Invalid, on `field`, with the reason it is refused."""
    name = clean_name(file_name)
    extension = PurePosixPath(name).suffix.lstrip(".").lower().replace("jpeg", "jpg")
    if extension not in allowed:
        kinds = ", ".join(kind for kind in MEDIA_TYPES if kind in allowed)
        raise Invalid(f"“{name}” is not of a kind that is taken here. Send one of {kinds}.", field)
    if not content:
        raise Invalid(f"“{name}” is empty. Choose the file again.", field)
    if len(content) > most_bytes:
        most = most_bytes // MEGABYTE
        raise Invalid(f"“{name}” is too large. The most is {most} MB.", field)
    refusal = _inspected(extension, content)
    if refusal in inspection.REFUSALS:
        raise Invalid(f"“{name}” {inspection.REFUSALS[refusal]}", field)
    if refusal is not None:
        raise Invalid(
            f"“{name}” is not what its name says: its content is no {extension} file. "
            "Save it again in that format, or send the original.",
            field,
        )
    return Upload(name, MEDIA_TYPES[extension], content, scanned(name, content, field=field))


def _inspected(extension: str, content: bytes) -> str | None:
    if extension in inspection.TEXTS or extension == "pdf":
        return inspection.plain(content, extension)
    with tempfile.NamedTemporaryFile(prefix="careboard-") as file:
        file.write(content)
        file.flush()
        try:
            asked = {"extension": extension}
            return confined.run("inspect", Path(file.name), asked, BOUNDS)["refusal"]
        except confined.Unbearable as error:
            log.warning("file not inspected", extension=extension, error=str(error))
            return "unpacks"


def scanned(name: str, content: bytes, *, field: str = "file") -> Verdict:
    """What the scanner says of it. Raises Invalid, on `field`, when it is malicious."""
    verdict = scanning.scan([content])
    if verdict.state == "rejected":
        message = f"“{name}” is refused: the virus scanner found {verdict.finding} in it."
        raise Invalid(message, field)
    return verdict


def received(part: Any, **rules: Any) -> Upload | None:
    """A file field's part, checked as by `check`; None when no file was chosen.

    No more is read than shows that it is too large.
    """
    if part is None or not getattr(part, "filename", ""):
        return None
    most = rules.get("most_bytes", MOST_BYTES)
    return check(part.filename, part.read(most + 1), **rules)


def clean_name(file_name: str) -> str:
    """The name without path, control or direction characters, at most 150 characters long."""
    name = unicodedata.normalize("NFC", file_name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(" " if char.isspace() else char for char in name)
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    name = " ".join(name.split()).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    extension = extension[:10]
    return (stem[: MOST_NAME - len(extension) - 1].strip() or "file") + dot + extension


def keep(*, actor: Actor, upload: Upload, field: str = "file") -> StoredFile:
    """Keep the content by its SHA-256 and add its row. The same again reuses the content.

    Raises Invalid, on `field`, when there is no room for it.
    """
    try:
        sha256 = storage.put(actor.org_id, upload.content)
    except storage.Unkept as error:
        log.error("file not kept", error=str(error))
        raise Invalid(NO_ROOM, field) from error
    row = StoredFile(
        org_id=actor.org_id,
        sha256=sha256,
        size=len(upload.content),
        media_type=upload.media_type,
        file_name=upload.file_name,
        state=upload.verdict.state,
        finding=upload.verdict.finding,
        created_by_id=actor.membership_id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def content_of(*, org_id: UUID, sha256: str) -> bytes:
    """The kept content. Raises FileNotFoundError when the store has lost it."""
    return storage.get(org_id, sha256)


def refuse_unclean(stored: StoredFile) -> None:
    """Raise Held or Gone unless the file may be handed out."""
    if stored.state == "disposed":
        raise Gone("This file was disposed of; the disposal log says when and why.")
    if stored.state == "rejected":
        raise Held(f"The virus scanner found {stored.finding} in this file; it is not handed out.")
    if stored.state != "clean":
        raise Held("This file has not been checked for viruses yet. Try again in a few minutes.")

"""Files that people send: which are taken, and how they are made safe to keep.

Extension and content must agree; a compressed document is judged by its directory and is never
unpacked here. Source: DESIGN section 9, bad input; allow-list of evidence.
"""

from __future__ import annotations

import io
import lzma
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import puremagic

from careboard import storage
from careboard.db import db
from careboard.errors import Invalid
from careboard.imports.models import StoredFile
from careboard.tenancy import Actor

MEGABYTE = 1024 * 1024
MOST_BYTES = 25 * MEGABYTE
MOST_UNPACKED = 50 * MEGABYTE
MOST_RATIO = 100
MOST_MEMBERS = 2_000
MOST_NAME = 150

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
_MAIN_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_TEXT = ("csv", "txt", "eml")
# What the library raises for archives that are damaged, encrypted or oddly packed.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    KeyError,
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has passed: cleaned name, media type by its content, and the bytes."""

    file_name: str
    media_type: str
    content: bytes


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
    if not _agrees(extension, content, name, field):
        raise Invalid(
            f"“{name}” is not what its name says: its content is no {extension} file. "
            "Save it again in that format, or send the original.",
            field,
        )
    return Upload(name, MEDIA_TYPES[extension], content)


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


def keep(*, actor: Actor, upload: Upload) -> StoredFile:
    """Keep the content by its SHA-256 and add its row. The same again reuses the content."""
    row = StoredFile(
        org_id=actor.org_id,
        sha256=storage.put(actor.org_id, upload.content),
        size=len(upload.content),
        media_type=upload.media_type,
        file_name=upload.file_name,
        created_by_id=actor.membership_id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def content_of(*, org_id: UUID, sha256: str) -> bytes:
    """The kept content. Raises FileNotFoundError when the store has lost it."""
    return storage.get(org_id, sha256)


def _agrees(extension: str, content: bytes, name: str, field: str) -> bool:
    if extension in _TEXT:
        return _is_text(extension, content)
    if extension in ("docx", "xlsx", "ods", "odt"):
        return _is_document(extension, content, name, field)
    if extension == "pdf":
        return b"%PDF-" in content[:1024]
    try:
        found = {match.extension for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        return False
    return f".{extension}" in found


def _is_text(extension: str, content: bytes) -> bool:
    if content.startswith((b"PK\x03\x04", b"%PDF-", b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0")):
        return False
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        # Windows-1252 leaves few bytes undefined; control characters tell binary from text.
        text = content.decode("cp1252", errors="replace")
    controls = sum(ord(char) < 32 and char not in "\t\n\r\f" for char in text[:65_536])
    if controls:
        return False
    return extension != "eml" or _has_mail_header(text)


def _has_mail_header(text: str) -> bool:
    head = text[:65_536].replace("\r\n", "\n").split("\n\n", 1)[0].casefold()
    starts = tuple(line.split(":", 1)[0] for line in head.split("\n") if ":" in line)
    return "from" in starts or "received" in starts


def _is_document(extension: str, content: bytes, name: str, field: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _refuse_bomb(members, name, field)
            names = {member.filename for member in members}
            if extension in _MAIN_PART:
                return {"[Content_Types].xml", _MAIN_PART[extension]} <= names
            if "mimetype" not in names or archive.getinfo("mimetype").file_size > 200:
                return False
            return archive.read("mimetype").strip() == MEDIA_TYPES[extension].encode()
    except _BROKEN:
        return False


def _refuse_bomb(members: list[zipfile.ZipInfo], name: str, field: str) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if (
        len(members) > MOST_MEMBERS
        or unpacked > MOST_UNPACKED
        or unpacked > MOST_RATIO * max(packed, 1)
    ):
        raise Invalid(f"“{name}” unpacks to far more than its size. Send it as a PDF.", field)
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0]:
            raise Invalid(f"“{name}” holds parts that point outside of it, and is refused.", field)
        if parts[-1].lower() == "vbaproject.bin":
            raise Invalid(f"“{name}” holds macros. Save it without them, or as a PDF.", field)

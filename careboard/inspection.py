"""Whether a file's content is what its extension says, and no more than it looks.

Loads nothing of the application: documents and pictures are inspected in a confined child process.
Source: DESIGN section 9, bad input.
"""

from __future__ import annotations

import lzma
import re
import struct
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

MEGABYTE = 1024 * 1024
MOST_UNPACKED = 50 * MEGABYTE
MOST_RATIO = 100
MOST_MEMBERS = 2_000
MOST_PIXELS = 50_000_000
# Reading a directory costs memory and time before its members can be counted.
_MOST_DIRECTORY = MOST_MEMBERS * 500
_END = 22

# These need a parser, and are therefore inspected in a child process.
PICTURES = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
TEXTS = ("csv", "txt", "eml")
_MAIN_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_MIME_TYPE = {
    "ods": b"application/vnd.oasis.opendocument.spreadsheet",
    "odt": b"application/vnd.oasis.opendocument.text",
}
_OTHER_KINDS = (b"PK\x03\x04", b"%PDF-", b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0", b"#!", b"{\\rtf")
_MARKUP = re.compile(rb"\s*<(!doctype html|html|head|body|script|svg|\?php|iframe)\b", re.I)
_MACROS = re.compile(r"(^|/)vbaproject\.bin$|^(basic|scripts)/", re.I)
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

# What is said of a file that is refused; its name is put in front.
NOT_WHAT_IT_SAYS = "not_what_it_says"
REFUSALS = {
    "unpacks": "unpacks to far more than its size. Send it as a PDF.",
    "outside": "holds parts that point outside of it, and is refused.",
    "macros": "holds macros. Save it without them, or as a PDF.",
    "password": "has a password. Save it without one and send it again.",
    "entities": "defines entities of its own, which no office program does, and is refused.",
    "two_kinds": "is two kinds of file at once, and is refused. Save it again, or send a PDF.",
    "pixels": f"has more than {MOST_PIXELS // 1_000_000} million pixels. Save it smaller.",
}


def work(file: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """In the child: {"refusal": code or None} for a picture or document of that extension."""
    extension = asked["extension"]
    if extension in PICTURES:
        return {"refusal": picture(file, extension)}
    return {"refusal": document(file, extension)}


def plain(content: bytes, extension: str) -> str | None:
    """Why a PDF or a text is refused (a key of REFUSALS or `not_what_it_says`); None when not."""
    if extension == "pdf":
        return _pdf(content)
    return None if _is_text(content, extension) else NOT_WHAT_IT_SAYS


def _pdf(content: bytes) -> str | None:
    before, found, _ = content[:1024].partition(b"%PDF-")
    if not found or b"%%EOF" not in content or _MARKUP.search(before):
        return NOT_WHAT_IT_SAYS
    if before.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        return "two_kinds"
    return "two_kinds" if _ends_as_archive(content) else None


def _ends_as_archive(content: bytes) -> bool:
    """Whether an archive's directory ends the content, as in a picture with a program behind it."""
    tail = content[-65_557:]
    return b"PK\x05\x06" in tail and b"PK\x01\x02" in content


def _is_text(content: bytes, extension: str) -> bool:
    if content.startswith(_OTHER_KINDS) or _MARKUP.match(
        content[:1024].removeprefix(b"\xef\xbb\xbf")
    ):
        return False
    text = text_of(content)
    if any(ord(char) < 32 and char not in "\t\n\r\f" for char in text[:65_536]):
        return False
    return extension != "eml" or _has_mail_header(text)


def text_of(content: bytes) -> str:
    """What a text file says, in the spelling that its bytes are in."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        # Windows-1252 leaves few bytes undefined; control characters tell binary from text.
        return content.decode("cp1252", errors="replace")


def _has_mail_header(text: str) -> bool:
    head = text[:65_536].replace("\r\n", "\n").split("\n\n", 1)[0].casefold()
    starts = tuple(line.split(":", 1)[0] for line in head.split("\n") if ":" in line)
    return "from" in starts or "received" in starts


def picture(file: Path, extension: str) -> str | None:
    """As `plain`, of a picture, which is decoded in full."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(file, formats=[PICTURES[extension]]) as image:
                # A JPEG is unpacked at an eighth of its size: as thorough, and light.
                image.draft("RGB", (image.width // 8 + 1, image.height // 8 + 1))
                image.load()
        except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError):
            return "pixels"
        except Exception:  # each decoder has errors of its own
            return NOT_WHAT_IT_SAYS
    return "two_kinds" if _ends_as_archive(file.read_bytes()) else None


def document(file: Path, extension: str) -> str | None:
    """As `plain`, of a compressed document: by its directory first, then part by part."""
    with file.open("rb") as opened:
        if opened.read(4) != b"PK\x03\x04":
            return NOT_WHAT_IT_SAYS
    if swollen_directory(file):
        return "unpacks"
    try:
        with zipfile.ZipFile(file) as archive:
            return _members(archive.infolist()) or _parts(archive, extension)
    except _BROKEN:
        return NOT_WHAT_IT_SAYS


def swollen_directory(file: Path) -> bool:
    """Whether an archive's directory alone is longer than so few members can need."""
    with file.open("rb") as opened:
        opened.seek(max(file.stat().st_size - _END - 65_535, 0))
        tail = opened.read()
    _, found, end = tail.rpartition(b"PK\x05\x06")
    return bool(found) and len(end) >= 18 and struct.unpack_from("<I", end, 8)[0] > _MOST_DIRECTORY


def _members(members: list[zipfile.ZipInfo]) -> str | None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    names = {member.filename for member in members}
    if (
        len(members) > MOST_MEMBERS
        or unpacked > MOST_UNPACKED
        or unpacked > MOST_RATIO * max(packed, 1)
    ):
        return "unpacks"
    for name in names:
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0]:
            return "outside"
        if _MACROS.search(name):
            return "macros"
    if any(member.flag_bits & 1 for member in members):
        return "password"
    return NOT_WHAT_IT_SAYS if len(names) != len(members) else None


def _parts(archive: zipfile.ZipFile, extension: str) -> str | None:
    names = set(archive.namelist())
    if extension in _MAIN_PART:
        if not {"[Content_Types].xml", _MAIN_PART[extension]} <= names:
            return NOT_WHAT_IT_SAYS
    elif "mimetype" not in names or archive.read("mimetype").strip() != _MIME_TYPE[extension]:
        return NOT_WHAT_IT_SAYS
    # A directory can lie about sizes: reading each part in full finds that out.
    if archive.testzip() is not None:
        return NOT_WHAT_IT_SAYS
    for name in names:
        if name.endswith((".xml", ".rels")):
            with archive.open(name) as part:
                if b"<!ENTITY" in part.read(65_536):
                    return "entities"
    return None
